"""`huoji rebuild` and `huoji retention`: the long tidying that an administrator may ask for, with progress."""

import sys
from datetime import UTC, datetime

from huoji.apps.shipments.actions import renewing, retaining


def rebuild(*, everything: bool) -> int:
    """Fold stories afresh while pages are served; stopped with Ctrl-C, the next run goes on where this one was."""
    done = 0
    for done in renewing.rebuild(everything=everything):
        if sys.stdout.isatty():
            print(f"\r{done:,} stories", end="", flush=True)
    print(f"\r{done:,} stories renewed.")
    return 0


def retention() -> int:
    """Let go what has served its time, as the worker does every night."""
    counts = retaining.retain(now=datetime.now(UTC))
    print(f"Personal data of {counts['parties']:,} parties erased, {counts['months']} months of events dropped.")
    return 0

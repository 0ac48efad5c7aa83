"""COPY of rows into the real tables: same indexes, triggers and role, nothing of ours around it."""

import time
from collections.abc import Sequence
from typing import Any


def rows_per_s(rows: Sequence[tuple[Any, ...]]) -> float:
    """Copy the rows in one transaction, commit, and return rows per second; the rows must be new to the table."""
    from django.db import transaction

    from huoji.apps.shipments.actions import ledger

    started = time.perf_counter()
    with transaction.atomic():
        ledger.copy_events(rows)
    return len(rows) / (time.perf_counter() - started)


def positions_per_s(items: Sequence[Any]) -> float:
    """Copy positions in one transaction, in the fastest way we know, commit, and return rows per second."""
    from django.db import transaction

    from huoji.apps.fleet.actions import rows

    started = time.perf_counter()
    with transaction.atomic():
        rows.copy_points(items, recorded_us=time.time_ns() // 1_000)
    return len(items) / (time.perf_counter() - started)

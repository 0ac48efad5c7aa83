"""A recording of AIS lines, read to its end and stored as history."""

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from huoji.apps.fleet.actions import ais as actions
from huoji.gateways.ais.lookout import BATCH_LINES, Line, Lookout
from huoji.kit.pulse import PULSE
from huoji.wire import ais

KIND, SOURCE = "gateway-ais", "ais-file"
FILE_BYTES = 256 * 1024
TOLD = {
    "lines": "read; each is one of these:",
    "stored": "positions",
    "duplicates": "positions that were known",
    "filtered": "positions set aside by a filter",
    "foreign": "of others' vessels and stations",
    "described": "what vessels say of themselves",
    "other": "tell no position and no name",
    "parts": "earlier lines of messages of several",
    "times": "say when the next line was heard",
    "blank": "empty, or comments",
    "odd": "not understood, by why:",
}
USED = ais.Oddity.TAG_CHECKSUM  # such a line is used all the same


class _Recording:
    """Reads and stores batch after batch, and counts what becomes of them."""

    def __init__(self, *, keep_all: bool, is_history: bool) -> None:
        self.lookout = Lookout(keep_all=keep_all)
        self.is_history = is_history
        self.counts: Counter[str] = Counter()

    def feed(self, stream: BinaryIO, *, at_s: float | None) -> None:
        while raw := stream.readlines(FILE_BYTES):
            taken_s = datetime.now(UTC).timestamp() if at_s is None else at_s
            for start in range(0, len(raw), BATCH_LINES):
                self._store([
                    Line(line[: ais.LINE_BYTES_MAX + 1], "file", taken_s) for line in raw[start : start + BATCH_LINES]
                ])  # fmt: skip

    def _store(self, batch: list[Line]) -> None:
        taken = actions.take(
            self.lookout.read(batch), source=SOURCE, keep_all=self.lookout.keep_all, history=self.is_history,
            now=datetime.now(UTC),
        )  # fmt: skip
        self.counts.update(
            stored=taken.stored.accepted, duplicates=taken.stored.duplicates, filtered=taken.stored.rejected,
            foreign=taken.foreign,
        )  # fmt: skip


def run_file(path: Path, *, keep_all: bool) -> dict[str, int]:
    """Read a recording (`-` is standard input); return what became of each line. Raises OSError when it cannot be read.

    Lines without a time of their own are taken as of the file's last change; from a pipe as of now.
    """
    is_pipe = str(path) == "-" or path.is_fifo()
    recording = _Recording(keep_all=keep_all, is_history=not is_pipe)
    PULSE.start(KIND)
    try:
        if str(path) == "-":
            recording.feed(sys.stdin.buffer, at_s=None)
        else:
            with path.open("rb") as stream:
                recording.feed(stream, at_s=None if is_pipe else path.stat().st_mtime)
    finally:
        PULSE.stop()
    recording.lookout.expire(now_s=math.inf)  # what is unfinished at the end stays so
    counts = recording.counts + recording.lookout.counts
    odd = recording.lookout.reader.odd
    return {name: counts[name] for name in TOLD} | {
        f"odd: {code}": n for code, n in sorted(odd.items()) if code != USED
    }


def say(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield the account of a recording as a person reads it; the lines below the first add up to it."""
    for name, amount in counts.items():
        yield f"{name:<20} {amount:>9}  {TOLD.get(name, '')}".rstrip()

"""From lines to what is kept: the parts of a message put together, the vessels of others left out."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from huoji.apps.fleet.actions import vessels
from huoji.apps.fleet.actions.ais import Heard
from huoji.apps.fleet.actions.vessels import Introduction
from huoji.kit import heartbeat, log, trouble
from huoji.wire import ais

ROSTER_S = 15.0
BATCH_LINES = 4_000
COUNTED = ("lines", "odd", "foreign")  # for operators; the rest accounts for a recording


class Line(NamedTuple):
    """A line, the feed it came by, and when (seconds since 1970)."""

    data: bytes
    feed: str
    at_s: float


class Lookout:
    """Reads batches of lines, one after the other; knows from the database, as of some seconds ago, which vessels are ours."""

    def __init__(self, *, keep_all: bool) -> None:
        self.keep_all = keep_all
        self.reader = ais.Reader(wanted=self._wants)
        self.roster: vessels.Roster | None = None
        self.counts: Counter[str] = Counter()
        self._look_s = 0.0

    def _wants(self, mmsi: str, kind: int) -> bool:
        if self.keep_all or self.roster is None or mmsi in self.roster.vessels or mmsi.startswith(ais.BEACONS):
            return True
        return kind == ais.VOYAGE and bool(self.roster.by_imo)

    def read(self, batch: Sequence[Line]) -> list[Heard | Introduction]:
        """Read a batch. Raises an error of the database while it has never been known which vessels are ours; nothing has been read then."""
        self._look_up()
        told: list[Heard | Introduction] = []
        counts: Counter[str] = Counter(lines=len(batch))
        for line in batch:
            before = self.reader.lines, self.reader.clocks
            heard = self.reader.feed(line.data, source=line.feed, now_s=line.at_s)
            counts.update(self._sorted(heard, before))
            for each in heard:
                match each:
                    case ais.Position():
                        told.append(Heard(each, line.at_s))
                    case ais.Static():
                        told.append(Introduction(each, line.at_s))
                        if self.roster and each.imo in self.roster.by_imo:
                            self._look_s = 0.0  # now that its MMSI is known it will be ours
                    case _:
                        pass
        self._count(counts)
        if batch:
            self.expire(now_s=batch[-1].at_s)
        return told

    def expire(self, *, now_s: float) -> None:
        """Give up messages whose other parts did not come."""
        self._count(Counter(_given_up(self.reader.expire(now_s=now_s))))

    def _sorted(self, heard: Sequence[ais.Heard], before: tuple[int, int]) -> dict[str, int]:
        """Tell what one line was, so that each counts once: a message of several by its last, the others as parts."""
        counts = _given_up(heard)
        whole = [each for each in heard if not _is_incomplete(each)]
        name = self._name(whole[0]) if whole else self._name_of_none(before)
        if name:
            counts[name] = counts.get(name, 0) + 1
        return counts

    def _name(self, heard: ais.Heard) -> str:
        """Return how a message is counted; a position is counted by what became of it."""
        match heard:
            case ais.Position():
                return ""
            case ais.Static():
                return "described"
            case ais.Odd():
                return "odd"
            case ais.Other(mmsi=mmsi, type=kind):
                return "other" if self._wants(mmsi, kind) else "foreign"

    def _name_of_none(self, before: tuple[int, int]) -> str:
        if self.reader.clocks > before[1]:
            return "times"
        return "parts" if self.reader.lines > before[0] else "blank"

    def _look_up(self) -> None:
        now = datetime.now(UTC)
        if self.keep_all or now.timestamp() < self._look_s:
            return
        try:
            self.roster = vessels.muster(now=now)
        except trouble.ERRORS:
            if self.roster is None:
                raise
            log.KIT.warning("AIS goes on with the vessels that it knew")
        self._look_s = now.timestamp() + ROSTER_S

    def _count(self, added: Counter[str]) -> None:
        self.counts.update(added)
        for name in COUNTED:
            heartbeat.count(f"huoji_ais_{name}_total", max(0, added[name]))


def _is_incomplete(heard: ais.Heard) -> bool:
    return isinstance(heard, ais.Odd) and heard.code is ais.Oddity.INCOMPLETE


def _given_up(heard: Sequence[ais.Heard]) -> dict[str, int]:
    """Return how many lines that were counted as parts belong to nothing."""
    lines = sum(each.parts for each in heard if isinstance(each, ais.Odd) and _is_incomplete(each))
    return {"odd": lines, "parts": -lines} if lines else {}

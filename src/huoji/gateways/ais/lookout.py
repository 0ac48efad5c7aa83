"""From lines to what is kept: the parts of a message put together, the vessels of others left out."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from huoji.apps.fleet.actions import vessels
from huoji.apps.fleet.actions.ais import Heard
from huoji.apps.fleet.actions.vessels import Introduction
from huoji.gateways.keeping import AWAY
from huoji.kit import heartbeat, log
from huoji.wire import ais

ROSTER_S = 15.0
BATCH_LINES = 4_000


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
        """Read a batch. Raises one of AWAY while it has never been known which vessels are ours; nothing has been read then."""
        self._look_up()
        told: list[Heard | Introduction] = []
        odd, foreign = self.reader.odd.total(), 0
        for line in batch:
            for each in self.reader.feed(line.data, source=line.feed, now_s=line.at_s):
                match each:
                    case ais.Position():
                        told.append(Heard(each, line.at_s))
                    case ais.Static():
                        told.append(Introduction(each, line.at_s))
                        if self.roster and each.imo in self.roster.by_imo:
                            self._look_s = 0.0  # now that its MMSI is known it will be ours
                    case ais.Other(mmsi=mmsi, type=kind) if not self._wants(mmsi, kind):
                        foreign += 1
                    case _:
                        pass
        if batch:
            self.reader.expire(now_s=batch[-1].at_s)
        self._count(lines=len(batch), odd=self.reader.odd.total() - odd, foreign=foreign)
        return told

    def _look_up(self) -> None:
        now = datetime.now(UTC)
        if self.keep_all or now.timestamp() < self._look_s:
            return
        try:
            self.roster = vessels.muster(now=now)
        except AWAY:
            if self.roster is None:
                raise
            log.KIT.warning("AIS goes on with the vessels that it knew")
        self._look_s = now.timestamp() + ROSTER_S

    def _count(self, **added: int) -> None:
        for name, amount in added.items():
            self.counts[name] += amount
            heartbeat.count(f"huoji_ais_{name}_total", amount)

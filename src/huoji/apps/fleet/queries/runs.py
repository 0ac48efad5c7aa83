"""Read runs: the trip or voyage under way, its stops, and what is expected of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from huoji.apps.fleet.models import Run, RunStop
from huoji.apps.places import queries as places
from huoji.core.fleet import RunState
from huoji.core.place import Place

STOPS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLine:
    """One stop of a run: planned, true, expected."""

    seq: int
    site_id: int
    site: Place | None
    planned_arrives_at: datetime | None
    arrived_at: datetime | None
    departed_at: datetime | None
    eta_early_at: datetime | None
    eta_at: datetime | None
    eta_late_at: datetime | None
    eta_reason: dict[str, Any]
    risk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A trip or a voyage as pages show it; the path in WGS-84 microdegrees."""

    unit_id: int
    number: str
    state: RunState
    starts_at: datetime
    off_route_since: datetime | None
    corridor_m: int
    path: list[list[int]] = field(default_factory=list)
    stops: list[StopLine] = field(default_factory=list)

    @property
    def ahead(self) -> list[StopLine]:
        """Return the stops that it has not left yet."""
        return [stop for stop in self.stops if stop.departed_at is None]


def under_way(conveyance_id: int) -> RunLine | None:
    """Return the run that a conveyance is on, with its stops in order."""
    row = Run.objects.filter(conveyance_id=conveyance_id, state=RunState.UNDER_WAY.value).first()
    if row is None:
        return None
    atlas = places.places()
    return RunLine(
        unit_id=row.unit_id,
        number=row.number,
        state=RunState(row.state),
        starts_at=row.starts_at,
        off_route_since=row.off_route_since,
        corridor_m=row.corridor_m,
        path=row.path,
        stops=[_stop(stop, atlas.get(stop.site_id)) for stop in row.stops.order_by("seq")[:STOPS_MAX]],
    )


def conveyance_on(unit_ids: Iterable[int]) -> int | None:
    """Return the conveyance whose run under way one of these units is."""
    rows = Run.objects.filter(unit_id__in=list(unit_ids), state=RunState.UNDER_WAY.value)
    return rows.values_list("conveyance_id", flat=True).first()


def _stop(row: RunStop, site: Place | None) -> StopLine:
    return StopLine(
        seq=row.seq,
        site_id=row.site_id,
        site=site,
        planned_arrives_at=row.planned_arrives_at,
        arrived_at=row.arrived_at,
        departed_at=row.departed_at,
        eta_early_at=row.eta_early_at,
        eta_at=row.eta_at,
        eta_late_at=row.eta_late_at,
        eta_reason=row.eta_reason,
        risk=row.risk,
    )

"""Drive the vehicles of a demonstration: each reports now and then where its run would have brought it, by the way of all terminals."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Exists, OuterRef
from msgspec.structs import replace

from huoji.apps.fleet.actions import storing
from huoji.apps.fleet.actions.alarming import FROM_TERMINAL
from huoji.apps.fleet.actions.storing import DRIVER, PointIn, Stored
from huoji.apps.fleet.models import Alarm, LastPosition, Run, RunStop
from huoji.core.alarm import KINDS
from huoji.core.demo.movement import is_silent
from huoji.core.fleet import ConveyanceKind, RunState, TerminalKind
from huoji.core.geo import MICRO, Path, bearing_deg, to_e6
from huoji.core.position import Point
from huoji.core.vessel import Nav

FIXED_AND_ON, FULL = 0b11, 0b11 << 8
AHEAD_M, PARKED_EVERY = 2_000, timedelta(minutes=2)
FASTEST_MS = {ConveyanceKind.VEHICLE: 25.0, ConveyanceKind.VESSEL: 10.0}


def drive(dataset: str, *, now: datetime, part: int, parts: int) -> Stored:
    """Let one part of the fleet report; whoever calls takes the parts in turn."""
    points = list(_points(dataset, now=now, part=part, parts=parts))
    return storing.store(_warning(points), source=DRIVER, now=now)


def _warning(points: list[PointIn]) -> list[PointIn]:
    """Let each terminal go on to tell the alarms that it told: what it warned of has not gone away by itself."""
    ids = [item.terminal_id for item in points]
    rows = Alarm.objects.filter(terminal_id__in=ids, source=FROM_TERMINAL, cleared_at=None, kind__in=KINDS)
    bits: dict[int | None, int] = {}
    for terminal_id, kind in rows.values_list("terminal_id", "kind"):
        bits[terminal_id] = bits.get(terminal_id, 0) | 1 << KINDS.index(kind)
    return [
        replace(item, point=replace(item.point, alarm=bits[item.terminal_id])) if item.terminal_id in bits else item
        for item in points
    ]


def _points(dataset: str, *, now: datetime, part: int, parts: int) -> Iterator[PointIn]:
    """Yield a point of each that nobody else moves: neither its own device, nor another one of the same conveyance."""
    others = LastPosition.objects.filter(conveyance_id=OuterRef("conveyance_id"), terminal__driven=False)
    rows = (
        LastPosition.objects.filter(~Exists(others), dataset=dataset, terminal__driven=True)
        .defer("memory")
        .select_related("terminal__conveyance")
        .order_by("terminal_id")
    )
    mine = [row for row in rows if row.terminal_id % parts == part and not is_silent(row.terminal.number)]
    runs = {
        run.conveyance_id: run
        for run in Run.objects.filter(
            conveyance_id__in=[row.conveyance_id for row in mine], state=RunState.UNDER_WAY.value
        ).prefetch_related("stops")
    }
    for row in mine:
        run = runs.get(row.conveyance_id or 0)
        leg = _leg(list(run.stops.all()), now=now) if run else None
        if run is None or leg is None:
            if now - row.at >= PARKED_EVERY:
                yield _item(
                    row.terminal_id,
                    now,
                    (row.lat / MICRO, row.lon / MICRO),
                    speed=0.0,
                    course=row.course or 0,
                    nav=_nav(row, 0.0),
                )
            continue
        yield _driven(row, run, *leg, now=now)


def _leg(stops: list[RunStop], *, now: datetime) -> tuple[RunStop, RunStop] | None:
    """Return the stop that was left and the one ahead."""
    stops.sort(key=lambda stop: stop.seq)
    for here, there in pairwise(stops):
        left, due = here.departed_at or here.planned_departs_at, there.eta_at or there.planned_arrives_at
        if there.arrived_at is None and left and due and left <= now:
            return here, there
    return None


def _driven(row: LastPosition, run: Run, here: RunStop, there: RunStop, *, now: datetime) -> PointIn:
    """Go on from where it is, as fast as it must to arrive when it is expected, or as it can."""
    path = Path((lat / MICRO, lon / MICRO) for lat, lon in run.path)
    start, end = _reach(path, here), _reach(path, there)
    was = path.locate((row.lat / MICRO, row.lon / MICRO), between_m=(start, end)).along_m
    due = there.eta_at or there.planned_arrives_at
    assert due is not None
    fastest = FASTEST_MS[ConveyanceKind(row.terminal.conveyance.kind)] if row.terminal.conveyance else 0.0
    speed = min(fastest, max(0.0, end - was) / max((due - row.at).total_seconds(), 1.0))
    along = min(end, was + speed * max(0.0, (now - row.at).total_seconds()))
    place, ahead = path.at_m(along), path.at_m(min(path.length_m, along + AHEAD_M))
    course = round(bearing_deg(place, ahead)) % 360 if ahead != place else 0
    load = FULL if row.terminal.kind == TerminalKind.JT808 and speed else 0
    return _item(row.terminal_id, now, place, speed=speed * 3.6, course=course, load=load, nav=_nav(row, speed))


def _nav(row: LastPosition, speed: float) -> int | None:
    """Return what a ship says that it does; a lorry says nothing of the kind."""
    if row.terminal.kind != TerminalKind.AIS:
        return None
    return Nav.UNDER_WAY if speed else Nav.MOORED


def _reach(path: Path, stop: RunStop) -> float:
    """Return how far along the path a stop lies."""
    site = stop.site
    if site.lat is None or site.lon is None:
        return 0.0 if stop.seq == 1 else path.length_m
    return path.locate((site.lat, site.lon)).along_m


def _item(
    terminal_id: int,
    now: datetime,
    place: tuple[float, float],
    *,
    speed: float,
    course: int,
    nav: int | None,
    load: int = 0,
) -> PointIn:
    at = int(now.timestamp())
    digest = hashlib.blake2b(f"{terminal_id} {at}".encode(), digest_size=8).digest()
    wobble = digest[0] / 255 - 0.5
    point = Point(
        at=at, lat_e6=to_e6(place[0]), lon_e6=to_e6(place[1]), speed_dkmh=max(0, round((speed + (wobble * 8 if speed else 0)) * 10)),
        course_deg=course, status=(FIXED_AND_ON if speed else 0b10) | load,
    )  # fmt: skip
    return PointIn(
        terminal_id=terminal_id, point=point, digest=int.from_bytes(digest, "big", signed=True), raw=b"demo", nav=nav
    )

"""What an estimate of a run's arrivals is made of: its stops and path, where its conveyance is, and what past legs have taught."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.db import connection
from django.db.models import F, Q

from huoji.apps.fleet.models import Learnt, Run, RunStop
from huoji.apps.fleet.queries.grounds import Paths
from huoji.apps.places import queries as places
from huoji.core.eta import Facts, Leg
from huoji.core.eta_history import DayPace, Halts, History, Levels, history_keys
from huoji.core.fleet import ConveyanceKind, RunState
from huoji.core.geo import MICRO, OnPath, Path, distance_m
from huoji.core.milestone import Mode
from huoji.core.place import Place, offset_min

MODES = {ConveyanceKind.VEHICLE: Mode.ROAD, ConveyanceKind.VESSEL: Mode.SEA}
OWN = "own"  # whose conveyances teach: the carrier's, for the fleet knows no other
PATHS = Paths()
DECODED_MAX = 500  # histories that are kept read, some 40 kB each
_decoders: dict[type, msgspec.msgpack.Decoder[Any]] = {
    kind: msgspec.msgpack.Decoder(kind) for kind in (History, Halts, DayPace, Levels)
}

_SEEN = """
SELECT unit_id, extract(epoch FROM at)::bigint, lat, lon, extract(epoch FROM stopped_since)::bigint
FROM run_position WHERE unit_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """The names under which a leg teaches and is estimated."""

    legs: tuple[str, ...]
    halts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """One leg ahead without what was learnt: `seq` and `site_id` are those of the stop it leads to."""

    seq: int
    site_id: int
    mode: Mode
    departs: int
    arrives: int
    halt_s: int
    distance_m: int
    lesson: Lesson


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAhead:
    """A run under way as far as an estimate needs it; `done_m` of `length_m` of its path lies behind it."""

    run_id: int
    mode: Mode
    ahead: tuple[Ahead, ...]
    departed: int
    came: int
    left_m: int
    seen: int
    standing_s: int
    off_route_m: int
    done_m: int
    length_m: int
    offset_min: int
    untouched: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    at: int
    lat_e6: int
    lon_e6: int
    stopped_since: int


def epoch(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


def due(*, now: datetime, limit: int) -> list[int]:
    """Return the runs whose arrivals are to be estimated, the longest due first."""
    due_now = Q(forecast_due_at__lte=now) | Q(forecast_due_at=None)
    rows = Run.objects.filter(due_now, state=RunState.UNDER_WAY.value)
    rows = rows.order_by(F("forecast_due_at").asc(nulls_first=True))
    return list(rows.values_list("unit_id", flat=True)[:limit])


_ESTIMATED = """
SELECT r.unit_id FROM run r WHERE r.unit_id = ANY(%s) AND r.state = %s AND (
    SELECT count(*) > 1 AND bool_or(s.seq = (SELECT max(seq) FROM run_stop WHERE run_id = r.unit_id)
        AND s.arrived_at IS NULL AND s.departed_at IS NULL) FROM run_stop s WHERE s.run_id = r.unit_id
)
"""


def estimated(unit_ids: Iterable[int]) -> set[int]:
    """Return those of these units that are runs under way with a stop ahead: those that `runs_ahead` returns when due."""
    with connection.cursor() as cursor:
        cursor.execute(_ESTIMATED, [list(set(unit_ids)), RunState.UNDER_WAY.value])
        return {row[0] for row in cursor.fetchall()}


def runs_ahead(run_ids: Collection[int], *, now: datetime) -> dict[int, RunAhead]:
    """Return the runs that have a stop ahead."""
    rows = Run.objects.filter(pk__in=list(run_ids)).select_related("conveyance").prefetch_related("stops")
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [list(run_ids)])
        seen = {row[0]: _Seen(row[1], row[2], row[3], row[4] or 0) for row in cursor.fetchall()}
    found = (_ahead(row, seen.get(row.pk), now=int(now.timestamp())) for row in rows)
    return {each.run_id: each for each in found if each is not None}


def seen_at(run_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return where these runs under way were seen last, in microdegrees."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [list(run_ids)])
        return {row[0]: (row[2], row[3]) for row in cursor.fetchall()}


def path_of(row: Run) -> Path | None:
    """Return the planned path of a run, if it has one."""
    points = tuple((lat, lon) for lat, lon in row.path)
    return PATHS.of(row.pk, hash(points), lambda: points)


def _ahead(row: Run, seen: _Seen | None, *, now: int) -> RunAhead | None:
    stops = sorted(row.stops.all(), key=lambda stop: stop.seq)
    if not stops:
        return None
    mode, path, atlas = MODES[ConveyanceKind(row.conveyance.kind)], path_of(row), places.places()
    sites = [atlas.get(stop.site_id) for stop in stops]
    along = along_path(path, sites)
    on = path.locate((seen.lat_e6 / MICRO, seen.lon_e6 / MICRO)) if path and seen else None
    last = next((number for number in range(len(stops) - 1, -1, -1) if _is_visited(stops[number])), -1)  # fmt: skip
    start = max(last, 0)
    if start + 1 >= len(stops):
        return None
    departed, came = _departed(row, stops[start])
    legs = tuple(
        _leg(stops[number - 1], stops[number], sites[number - 1], sites[number], mode, _between(along, sites, number))
        for number in range(start + 1, len(stops))
    )
    return RunAhead(
        run_id=row.pk, mode=mode, ahead=legs, departed=departed, came=came,
        left_m=_left(on, along[start + 1]) if departed else -1, seen=seen.at if seen else 0,
        standing_s=max(0, now - seen.stopped_since) if seen and seen.stopped_since and departed else 0,
        off_route_m=round(on.off_m) if on and on.off_m > row.corridor_m else 0,
        done_m=round(on.along_m) if on and departed else round(along[start] or 0), length_m=round(path.length_m) if path else 0,
        offset_min=offset_min(sites[start], datetime.fromtimestamp(now, UTC)),
    )  # fmt: skip


def along_path(path: Path | None, sites: Sequence[Place | None]) -> list[float | None]:
    """Return how far along the path each stop lies, never before the stop ahead of it."""
    found: list[float | None] = []
    reached = 0.0
    for site in sites:
        if path is None or site is None or site.lat is None or site.lon is None:
            found.append(None)
            continue
        reached = path.locate((site.lat, site.lon), between_m=(reached, path.length_m)).along_m
        found.append(reached)
    return found


def _is_visited(stop: RunStop) -> bool:
    return bool(stop.arrived_at or stop.departed_at)


def _departed(row: Run, stop: RunStop) -> tuple[int, int]:
    """Return when the leg under way began, or else when it came to the stop that it starts from.

    Of one that was passed unseen it is reckoned from when it was to leave.
    """
    if stop.departed_at:
        return epoch(stop.departed_at), 0
    if stop.arrived_at:
        return 0, epoch(stop.arrived_at)
    if stop.passed:
        return epoch(max(row.starts_at, stop.planned_departs_at or row.starts_at)), 0
    return 0, 0


def _left(on: OnPath | None, end_m: float | None) -> int:
    return max(0, round(end_m - on.along_m)) if on and end_m is not None else -1


def _between(along: Sequence[float | None], sites: Sequence[Place | None], number: int) -> int:
    """Return the length of the leg to a stop: along the path, else in a straight line, 0 where nobody knows."""
    one, other = along[number - 1], along[number]
    if one is not None and other is not None and other > one:
        return round(other - one)
    return straight_m(sites[number - 1], sites[number])


def straight_m(one: Place | None, other: Place | None) -> int:
    """Return the distance between two sites, 0 where one has no position."""
    if one is None or other is None or one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return 0
    return round(distance_m((one.lat, one.lon), (other.lat, other.lon)))


def _leg(before: RunStop, stop: RunStop, one: Place | None, other: Place | None, mode: Mode, length_m: int) -> Ahead:
    departs, arrives = epoch(before.planned_departs_at), epoch(stop.planned_arrives_at)
    came = epoch(before.planned_arrives_at)
    return Ahead(
        seq=stop.seq, site_id=stop.site_id, mode=mode, departs=departs, arrives=arrives,
        halt_s=max(0, departs - came) if departs and came else 0, distance_m=length_m,
        lesson=lesson(one, other, mode=mode, length_m=length_m),
    )  # fmt: skip


def lesson(one: Place | None, other: Place | None, *, mode: Mode, length_m: int) -> Lesson:
    """Return under which names a leg between two sites teaches and is estimated."""
    origin, destination = one.code if one else "", other.code if other else ""
    return Lesson(
        legs=history_keys(mode=mode, origin=origin, destination=destination, carrier=OWN, distance_m=length_m),
        halts=(f"halts/{origin}", f"halts/{mode}"),
    )


def pace_key(mode: Mode) -> str:
    return f"pace/{mode}"


def levels_key(mode: Mode) -> str:
    return f"levels/{mode}"


def learnt(keys: Iterable[str]) -> dict[str, bytes]:
    """Return what is known under these names, packed."""
    rows = Learnt.objects.filter(pk__in=set(keys)).values_list("key", "body")
    return {key: bytes(body) for key, body in rows}


def unpacked(known: Mapping[str, bytes], key: str, kind: type) -> Any:
    """Return what is known under a name; an empty one where nothing is, or where an older version packed it."""
    try:
        return _decoded(known[key], kind) if key in known else kind()
    except msgspec.DecodeError:
        return kind()


@lru_cache(maxsize=DECODED_MAX)
def _decoded(body: bytes, kind: type) -> Any:
    """Return what was packed, and the same again for the same, with all that it has worked out: many ask for a mode's."""
    return _decoders[kind].decode(body)


def keys_of(legs: Iterable[Ahead]) -> set[str]:
    """Return every name that an estimate of these legs asks for."""
    found: set[str] = set()
    for leg in legs:
        found |= {*leg.lesson.legs, *leg.lesson.halts, pace_key(leg.mode), levels_key(leg.mode)}
    return found


def facts(run: RunAhead, legs: Sequence[Ahead], known: Mapping[str, bytes]) -> Facts:
    """Return what core.eta estimates from: the legs of the run, or those and more behind them."""
    first = legs[0].mode
    pace: DayPace = unpacked(known, pace_key(first), DayPace)
    return Facts(
        legs=tuple(leg_of(leg, known) for leg in legs), departed=run.departed, came=run.came, left_m=run.left_m,
        seen=run.seen, standing_s=run.standing_s, off_route_m=run.off_route_m, factors=pace.factors(),
        levels=unpacked(known, levels_key(first), Levels), offset_min=run.offset_min, untouched=run.untouched,
    )  # fmt: skip


def leg_of(leg: Ahead, known: Mapping[str, bytes]) -> Leg:
    """Return one leg with what was learnt of it."""
    return Leg(
        stop=str(leg.site_id), mode=leg.mode, departs=leg.departs, arrives=leg.arrives, halt_s=leg.halt_s,
        distance_m=leg.distance_m, history=tuple(unpacked(known, key, History) for key in leg.lesson.legs),
        halts=tuple(unpacked(known, key, Halts) for key in leg.lesson.halts),
    )  # fmt: skip

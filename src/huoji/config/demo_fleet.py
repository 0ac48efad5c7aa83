"""The fleet of the demonstration: load it with its runs and its last day on the road, and let it go on driving while somebody looks."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, close_old_connections

from huoji.apps.fleet.actions import contacts, driving, loading
from huoji.apps.fleet.actions.alarming import FROM_RULE, FROM_TERMINAL, Raise
from huoji.apps.fleet.actions.conveyances import ConveyanceDraft
from huoji.apps.fleet.actions.loading import FleetDraft, Loaded, RunLoad, StopLoad
from huoji.apps.fleet.actions.rows import Place, PointIn
from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import units
from huoji.core.alarm import OFFLINE
from huoji.core.conveyance import PlateColour
from huoji.core.demo import World
from huoji.core.demo.dice import Dice
from huoji.core.demo.model import Passage
from huoji.core.demo.movement import FIXED, Course, CourseStop, Journey, courses, is_silent, journeys
from huoji.core.fleet import ConveyanceKind, RunState, TerminalKind
from huoji.core.geo import LatLon, to_e6
from huoji.core.permission import Actor
from huoji.core.position import Point
from huoji.core.vessel import Nav

TRACK = timedelta(hours=24)
OFFLINE_S, OFFLINE_STEP_S = 2 * 3_600, 70
RUNS_BACK = timedelta(days=8)
LATE_S, VERY_LATE_S = 15 * 60, 60 * 60
ROAD_CORRIDOR_M, SEA_CORRIDOR_M = 5_000, 60_000
DRIVE_PARTS, DRIVE_EVERY_S = 12, 3.0
TERMINAL_ALARMS = ("overspeed", "low_voltage", "fatigue", "parking", "antenna_open")
ALARM_EVERY = 37
PARKED_E6 = 4_000  # some 400 m about a hub


def load(world: World, *, actor: Actor, dataset: str, now: datetime) -> int:
    """Load vehicles, vessels, runs, tracks and alarms; return how many points."""
    atlas = {site.code: (site.lat, site.lon) for site in world.sites if site.lat is not None and site.lon is not None}
    kinds = dict.fromkeys(world.trucks, ConveyanceKind.VEHICLE)
    kinds |= {vessel.name_en.replace(" ", ""): ConveyanceKind.VESSEL for vessel in world.vessels}
    ways = journeys(world.passages, atlas, kinds)
    drafts = _drafts(world)
    loaded = loading.load_fleet(drafts, dataset=dataset, now=now)
    _load_runs(world, ways, loaded, atlas, actor=actor, dataset=dataset, now=now)
    ends = {draft.name: _heard_until(index, draft.terminal_number, now) for index, draft in enumerate(drafts)}
    count = loading.load_tracks(_points(ways, loaded, ends), now=now)
    loading.load_places([*_places(ways, loaded, ends, dataset), *_parked(ways, loaded, ends, atlas, dataset)], now=now)
    loading.load_alarms(list(_alarms(ways, loaded, ends, dataset, now)))
    return count


def _drafts(world: World) -> list[FleetDraft]:
    trucks = [
        FleetDraft(
            name=plate, conveyance=ConveyanceDraft(
                kind=ConveyanceKind.VEHICLE, plate=plate, plate_colour=PlateColour.YELLOW, name=f"{index} 号车"
            ),
            terminal_kind=TerminalKind.JT808, terminal_number=f"1000000{index:04d}", maker="DEMO", model="HJ-808",
            firmware="1.4.2", version=2019 if index % 3 else 2013,
        )
        for index, plate in enumerate(world.trucks, 1)
    ]  # fmt: skip
    ships = [
        FleetDraft(
            name=vessel.name_en.replace(" ", ""), conveyance=ConveyanceDraft(
                kind=ConveyanceKind.VESSEL, name=vessel.name, name_en=vessel.name_en, imo=vessel.imo, mmsi=vessel.mmsi
            ),
            terminal_kind=TerminalKind.AIS, terminal_number=vessel.mmsi,
        )
        for vessel in world.vessels
    ]  # fmt: skip
    return [*trucks, *ships]


def _load_runs(
    world: World,
    ways: Mapping[str, Journey],
    loaded: Mapping[str, Loaded],
    atlas: Mapping[str, LatLon],
    *,
    actor: Actor,
    dataset: str,
    now: datetime,
) -> None:
    """Make a run of every trip and voyage, so that each is known as what it is."""
    now_s, since = int(now.timestamp()), int((now - RUNS_BACK).timestamp())
    journeyed = [course for journey in ways.values() for course in courses(journey, atlas, since=since, now=now_s)]
    begun = {(each.kind, each.number): each for each in world.passages if each.departs <= now_s}
    ids = units.make(begun.keys(), owner=actor.principal, dataset=dataset)
    sites = {place.code: place.id for place in places.places().values()}
    runs: dict[int, RunLoad] = {}
    busy: set[str] = set()
    for course in sorted(journeyed, key=lambda course: -course.starts):
        is_over = course.ends <= now_s or course.conveyance in busy
        busy |= set() if is_over else {course.conveyance}
        unit_id = ids[course.kind, course.number]
        runs[unit_id] = _run(course, unit_id, loaded[course.conveyance], sites, is_over=is_over, now=now)
    # Of the others only that they are over: else their numbers would be taken for trips that begin now.
    for key, passage in begun.items():
        if ids[key] not in runs and passage.conveyance in loaded:
            runs[ids[key]] = _over(passage, ids[key], loaded[passage.conveyance], now_s=now_s)
    loading.load_runs(list(runs.values()), dataset=dataset, now=now)


def _over(passage: Passage, unit_id: int, whose: Loaded, *, now_s: int) -> RunLoad:
    return RunLoad(
        unit_id=unit_id,
        number=passage.number,
        conveyance_id=whose.conveyance_id,
        state=RunState.ENDED,
        starts_at=_time(passage.departs),
        ends_at=_time(min(passage.arrives, now_s)),
        path=(),
        corridor_m=ROAD_CORRIDOR_M,
        stops=(),
    )


def _run(
    course: Course, unit_id: int, whose: Loaded, sites: Mapping[str, int], *, is_over: bool, now: datetime
) -> RunLoad:
    return RunLoad(
        unit_id=unit_id,
        number=course.number,
        conveyance_id=whose.conveyance_id,
        state=RunState.ENDED if is_over else RunState.UNDER_WAY,
        starts_at=_time(course.starts),
        ends_at=_time(max(course.starts, min(course.ends, int(now.timestamp())))) if is_over else None,
        path=course.path,
        corridor_m=SEA_CORRIDOR_M if course.kind == "voyage" else ROAD_CORRIDOR_M,
        stops=tuple(_stop(stop, sites[stop.site], now=now) for stop in course.stops),
    )


def _stop(stop: CourseStop, site_id: int, *, now: datetime) -> StopLoad:
    """Return a stop as it stands: what lies ahead is expected when it will be, as well as anybody can know."""
    now_s = int(now.timestamp())
    is_ahead = stop.arrives > now_s
    late_s = stop.arrives - stop.planned_arrives if stop.planned_arrives else 0
    risk = ("high" if late_s > VERY_LATE_S else "low" if late_s > LATE_S else "none") if is_ahead else ""
    return StopLoad(
        site_id=site_id,
        planned_arrives_at=_maybe(stop.planned_arrives),
        planned_departs_at=_maybe(stop.planned_departs),
        arrived_at=None if is_ahead else _time(stop.arrives),
        departed_at=_maybe(stop.departs) if stop.departs and stop.departs <= now_s else None,
        eta_at=_time(stop.arrives) if is_ahead else None,
        eta_spread=timedelta(seconds=max(900, (stop.arrives - now_s) // 12)),
        risk=risk,
    )


def _heard_until(index: int, terminal_number: str, now: datetime) -> int:
    """Return until when a terminal was heard: a few have been silent for hours."""
    now_s = int(now.timestamp())
    return now_s - OFFLINE_S - index * OFFLINE_STEP_S if is_silent(terminal_number) else now_s


def _points(ways: Mapping[str, Journey], loaded: Mapping[str, Loaded], ends: Mapping[str, int]) -> Iterator[PointIn]:
    for name, journey in ways.items():
        since = ends[name] - int(TRACK.total_seconds())
        for point in journey.track(since, ends[name]):
            yield _item(loaded[name].terminal_id, point, journey)
        yield _item(loaded[name].terminal_id, journey.at(ends[name]), journey)


def _item(terminal_id: int, point: Point, journey: Journey | None = None) -> PointIn:
    sails = journey is not None and journey.kind is ConveyanceKind.VESSEL
    nav = (Nav.UNDER_WAY if point.speed_dkmh > 0 else Nav.MOORED) if sails else None
    return PointIn(terminal_id=terminal_id, point=point, digest=point.at, raw=b"demo", nav=nav)


def _places(
    ways: Mapping[str, Journey], loaded: Mapping[str, Loaded], ends: Mapping[str, int], dataset: str
) -> Iterator[Place]:
    for name, journey in ways.items():
        until, whose = ends[name], loaded[name]
        passage = journey.under_way(until)
        yield Place(
            terminal_id=whose.terminal_id,
            conveyance_id=whose.conveyance_id,
            item=_item(whose.terminal_id, journey.at(until), journey),
            moving_since=passage.departs if passage else 0,
            stopped_since=0 if passage else until,
            site_id=None,
            memory=b"",
            dataset=dataset,
        )


def _parked(
    ways: Mapping[str, Journey],
    loaded: Mapping[str, Loaded],
    ends: Mapping[str, int],
    atlas: Mapping[str, LatLon],
    dataset: str,
) -> Iterator[Place]:
    """Place what has nothing to do at one of the hubs."""
    hubs = [code for code in atlas if code.endswith("-HUB")]
    for name, whose in loaded.items():
        if name not in ways:
            dice = Dice(f"parked {name}")
            lat, lon = (to_e6(part) + dice.between(-PARKED_E6, PARKED_E6) for part in atlas[dice.pick(hubs)])
            point = Point(at=ends[name], lat_e6=lat, lon_e6=lon, speed_dkmh=0, status=FIXED)
            yield Place(
                terminal_id=whose.terminal_id,
                conveyance_id=whose.conveyance_id,
                item=_item(whose.terminal_id, point),
                moving_since=0,
                stopped_since=ends[name],
                site_id=None,
                memory=b"",
                dataset=dataset,
            )


def _alarms(
    ways: Mapping[str, Journey], loaded: Mapping[str, Loaded], ends: Mapping[str, int], dataset: str, now: datetime
) -> Iterator[Raise]:
    for index, (name, journey) in enumerate(ways.items()):
        if journey.kind is not ConveyanceKind.VEHICLE:
            continue
        at = journey.at(ends[name])
        kind, source = "", FROM_TERMINAL
        if ends[name] < int(now.timestamp()):
            kind, source = OFFLINE, FROM_RULE
        elif index % ALARM_EVERY == 0:
            kind = TERMINAL_ALARMS[index // ALARM_EVERY % len(TERMINAL_ALARMS)]
        if kind:
            yield Raise(
                terminal_id=loaded[name].terminal_id, conveyance_id=loaded[name].conveyance_id, kind=kind, source=source,
                at=_time(at.at), lat=at.lat_e6, lon=at.lon_e6, dataset=dataset,
            )  # fmt: skip


def _time(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _maybe(at: int | None) -> datetime | None:
    return None if at is None else _time(at)


def drive(dataset: str) -> int:
    """Let the vehicles report now and then, until the process is told to stop; at first all of them, for they may have rested for days."""
    part, parts = 0, 1
    while True:
        began = time.monotonic()
        try:
            driving.drive(dataset, now=datetime.now(UTC), part=part, parts=parts)
            contacts.flush()  # else they would be missed: there is no heartbeat here that does it
        except DatabaseError:
            close_old_connections()  # it comes back, or this process is ended with it
        part, parts = (part + 1) % DRIVE_PARTS, DRIVE_PARTS
        time.sleep(max(0.0, began + DRIVE_EVERY_S - time.monotonic()))

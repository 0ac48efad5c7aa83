"""Runs: what a trip's or voyage's number says of its conveyance, the path it is planned along, and how a run begins and ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from huoji.core.fleet import RunState
from huoji.core.geo import MICRO, LatLon, distance_m, simplify_to

STOPS_MAX = 40
PATH_POINTS_MAX = 2_000
CORRIDOR_M_MIN, CORRIDOR_M_MAX = 100, 500_000
CORRIDOR_M_DEFAULT = 3_000
BEND_SHARE = 0.3  # how far roads and lanes at sea bend from the straight line, as a part of the longest edge
BEND_M_MIN = 20_000
PATH_TOLERANCE_M = 30
LEFT_M = 3_000  # so much further along than it was seen before, a run has begun, whatever fences said
ENDS_AFTER = timedelta(hours=12)  # past its last planned time a run no longer keeps its vehicle from the next

_IMO = re.compile(r"(?:IMO)?(\d{7})")


class RunRefusedError(ValueError):
    """A plan or step that cannot be; `code` says why, `field` where."""

    def __init__(self, code: str, *, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDraft:
    """One planned stop."""

    site_id: int
    arrives_at: datetime | None = None
    departs_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDraft:
    """A run as planned; an empty `path` goes straight through the stops. Path in WGS-84 microdegrees."""

    unit_id: int
    number: str
    conveyance_id: int
    starts_at: datetime
    stops: tuple[StopDraft, ...] = ()
    path: tuple[tuple[int, int], ...] = ()
    corridor_m: int = 0  # 0: as fits the path
    dataset: str = field(default="", compare=False)


class Named(NamedTuple):
    """What the number of a trip or voyage says of its conveyance: a plate, an IMO number, or a vessel's name."""

    plate: str = ""
    imo: str = ""
    name: str = ""


def named(kind: str, number: str) -> Named:
    """Read `plate/…` of a trip, `IMO…/voyage` or `name/voyage` of a voyage; nothing when there is no slash."""
    head, slash, _ = number.partition("/")
    head = head.strip()
    if not slash or not head:
        return Named()
    if kind == "trip":
        return Named(plate=head)
    found = _IMO.fullmatch(head)
    return Named(imo=found[1]) if found else Named(name=head)


def check(draft: RunDraft) -> RunDraft:
    """Return the draft, or raise RunRefusedError naming its first faulty field."""
    if len(draft.stops) > STOPS_MAX:
        raise RunRefusedError("too_many_stops", field="stops")
    if len(draft.path) > PATH_POINTS_MAX:
        raise RunRefusedError("too_many_points", field="path")
    if any(abs(lat) > 90 * MICRO or abs(lon) > 180 * MICRO for lat, lon in draft.path):
        raise RunRefusedError("not_on_earth", field="path")
    if draft.corridor_m and not CORRIDOR_M_MIN <= draft.corridor_m <= CORRIDOR_M_MAX:
        raise RunRefusedError("invalid_corridor", field="corridor_m")
    times = [at for stop in draft.stops for at in (stop.arrives_at, stop.departs_at) if at is not None]
    if any(later < earlier for earlier, later in pairwise(times)):
        raise RunRefusedError("times_disorder", field="stops")
    return draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The planned path and how far off it is still on it."""

    path: tuple[tuple[int, int], ...]
    corridor_m: int


def route(draft: RunDraft, sites: Sequence[LatLon]) -> Route:
    """Return the path as given, thinned, or else straight through the sites with room for how roads bend."""
    if draft.path:
        places = [(lat / MICRO, lon / MICRO) for lat, lon in draft.path]
        kept = simplify_to(places, count_max=PATH_POINTS_MAX, tolerance_m=PATH_TOLERANCE_M)
        return Route(
            path=tuple(draft.path[number] for number in kept), corridor_m=draft.corridor_m or CORRIDOR_M_DEFAULT
        )
    longest = max((distance_m(one, other) for one, other in pairwise(sites)), default=0.0)
    bend = min(CORRIDOR_M_MAX, max(BEND_M_MIN, round(longest * BEND_SHARE)))
    points = tuple((round(lat * MICRO), round(lon * MICRO)) for lat, lon in sites)
    return Route(path=points if len(points) > 1 else (), corridor_m=draft.corridor_m or bend)


class Begun(NamedTuple):
    """How near the beginning of its path a run was seen at least, and whether it has left its first stop behind unseen."""

    nearest_m: int
    is_passed: bool


def begun(nearest_m: int | None, along_m: float) -> Begun:
    """Judge by one more sight of a run that never was at its first stop, `along_m` behind that stop.

    Far along alone says nothing: a lorry may come from there to load. Further than it once was, it goes its way.
    """
    nearest = round(along_m) if nearest_m is None else min(nearest_m, round(along_m))
    return Begun(nearest, along_m - nearest >= LEFT_M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Another run of the same conveyance that is under way: whether it reached its last stop, and when it was to."""

    unit_id: int
    has_arrived: bool
    planned_end: datetime | None
    starts_at: datetime


def gives_way(rival: Rival, *, now: datetime) -> bool:
    """Tell whether a run under way is over in all but name, so that the next of its conveyance may begin."""
    return rival.has_arrived or (rival.planned_end or rival.starts_at) + ENDS_AFTER < now


def may_replan(state: RunState, *, same_conveyance: bool) -> None:
    """Refuse to change a plan that is history, or the vehicle under a trip that is on its way."""
    match state:
        case RunState.ENDED:
            raise RunRefusedError("run_ended")
        case RunState.UNDER_WAY if not same_conveyance:
            raise RunRefusedError("vehicle_changed", field="conveyance")
        case RunState.UNDER_WAY | RunState.PLANNED:
            return

"""Fences of sites: which ones a position is in, and when a vehicle has arrived or left, without flapping at the border.

A vehicle arrives by several slow points or some time inside, and leaves by several points or some time well outside: between
the border and the outer line nothing changes. Points older than what was seen change nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil, cos, floor, hypot, inf, radians

import msgspec

from huoji.core.geo import DEGREE_M, HALF_TURN_E6, MICRO, TURN_E6, LatLon, quick_m, to_e6
from huoji.core.position import Point

CELL_E6 = 100_000  # a tenth of a degree: some 11 km
ROW = TURN_E6 // CELL_E6  # cells around the earth
RADIUS_MIN_M, RADIUS_MAX_M = 20, 50_000
CORNERS_MIN, CORNERS_MAX = 3, 200
EXTENT_MAX_E6 = 2 * MICRO  # of a polygon
VISITS_MAX = 16  # of one vehicle at one time, in fences that lie over each other


class FenceError(ValueError):
    """The fence is too small, too large or no area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A fence around a site; degrees WGS-84."""

    id: int
    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """A fence along the border of a yard or port; corners in order, the last joins the first."""

    id: int
    corners: tuple[LatLon, ...]


Fence = Circle | Polygon


class FenceLimits(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """When a vehicle has arrived or left."""

    arrive_points: int = 3
    arrive_s: int = 120
    passing_dkmh: int = 400  # faster points count by time alone: the road may lead through the fence
    depart_points: int = 3
    depart_s: int = 180
    exit_factor: float = 1.25  # the outer line of a circle
    exit_m_min: int = 100  # and what it is at least away; the outer line of a polygon


DEFAULT_LIMITS = FenceLimits()


class _Area:
    """A fence prepared for questions: metres on a plane about its middle, which is exact enough for its size."""

    __slots__ = ("corners", "east_m", "fence", "lat_e6", "lon_e6", "radius_m", "reach_e6")

    lat_e6: int
    lon_e6: int
    radius_m: float
    reach_e6: tuple[int, int]
    corners: tuple[tuple[float, float], ...]  # metres north and east of the first; of a circle none

    def __init__(self, fence: Fence) -> None:
        self.fence = fence
        match fence:
            case Circle():
                self._circle(fence)
            case Polygon():
                self._polygon(fence)

    def _circle(self, fence: Circle) -> None:
        if not RADIUS_MIN_M <= fence.radius_m <= RADIUS_MAX_M:
            raise FenceError(f"a radius lies between {RADIUS_MIN_M} m and {RADIUS_MAX_M} m")
        self.lat_e6, self.lon_e6, self.radius_m, self.corners = to_e6(fence.lat), to_e6(fence.lon), fence.radius_m, ()
        north = ceil(fence.radius_m / DEGREE_M * MICRO)
        self.reach_e6 = north, ceil(north / max(0.01, cos(radians(min(90, abs(fence.lat) + north / MICRO)))))

    def _polygon(self, fence: Polygon) -> None:
        if not CORNERS_MIN <= len(fence.corners) <= CORNERS_MAX:
            raise FenceError(f"a polygon has {CORNERS_MIN} to {CORNERS_MAX} corners")
        self.lat_e6, self.lon_e6 = to_e6(fence.corners[0][0]), to_e6(fence.corners[0][1])
        self.radius_m = 0.0
        self.east_m = DEGREE_M * cos(radians(fence.corners[0][0]))
        self.corners = tuple(self._plane(to_e6(lat), to_e6(lon)) for lat, lon in fence.corners)
        north = max(abs(y) for y, _ in self.corners) / DEGREE_M * MICRO
        east = max(abs(x) for _, x in self.corners) / max(1.0, self.east_m) * MICRO
        if max(north, east) > EXTENT_MAX_E6:
            raise FenceError("a polygon reaches at most 2 degrees from its first corner")
        self.reach_e6 = ceil(north) + 1, ceil(east) + 1

    def _plane(self, lat_e6: int, lon_e6: int) -> tuple[float, float]:
        east = (lon_e6 - self.lon_e6 + HALF_TURN_E6) % TURN_E6 - HALF_TURN_E6
        return (lat_e6 - self.lat_e6) * DEGREE_M / MICRO, east * self.east_m / MICRO

    def outside_m(self, lat_e6: int, lon_e6: int) -> float:
        """Return how far outside the border a position is; 0 inside."""
        if not self.corners:
            return max(0.0, quick_m(lat_e6, lon_e6, self.lat_e6, self.lon_e6) - self.radius_m)
        y, x = self._plane(lat_e6, lon_e6)
        return 0.0 if self._covers(y, x) else self._border_m(y, x)

    def _covers(self, y: float, x: float) -> bool:
        inside = False
        for (y1, x1), (y2, x2) in pairwise((*self.corners, self.corners[0])):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                inside = not inside
        return inside

    def _border_m(self, y: float, x: float) -> float:
        nearest = inf
        for (y1, x1), (y2, x2) in pairwise((*self.corners, self.corners[0])):
            dy, dx = y2 - y1, x2 - x1
            length2 = dy * dy + dx * dx
            share = 0.0 if length2 == 0 else max(0.0, min(1.0, ((y - y1) * dy + (x - x1) * dx) / length2))
            nearest = min(nearest, hypot(y - y1 - share * dy, x - x1 - share * dx))
        return nearest

    def is_beyond(self, lat_e6: int, lon_e6: int, limits: FenceLimits) -> bool:
        """Tell whether a position is outside the outer line."""
        band = max(limits.exit_m_min, self.radius_m * (limits.exit_factor - 1))
        return self.outside_m(lat_e6, lon_e6) > band


def _cells(area: _Area) -> Iterable[int]:
    north, east = area.reach_e6
    rows = range(floor((area.lat_e6 - north) / CELL_E6), floor((area.lat_e6 + north) / CELL_E6) + 1)
    first, last = floor((area.lon_e6 - east) / CELL_E6), floor((area.lon_e6 + east) / CELL_E6)
    columns = range(first, min(last, first + ROW - 1) + 1)
    return (row * ROW + column % ROW for row in rows for column in columns)


class FenceIndex:
    """All fences of the carrier on a grid."""

    __slots__ = ("_areas", "_grid")

    def __init__(self, fences: Iterable[Fence]) -> None:
        self._areas = {fence.id: _Area(fence) for fence in fences}
        grid: dict[int, list[_Area]] = {}
        for area in self._areas.values():
            for cell in _cells(area):
                grid.setdefault(cell, []).append(area)
        self._grid = {cell: tuple(areas) for cell, areas in grid.items()}

    def at(self, lat_e6: int, lon_e6: int) -> tuple[int, ...]:
        """Return the fences around a position in microdegrees, smallest number first."""
        areas = self._grid.get(lat_e6 // CELL_E6 * ROW + lon_e6 // CELL_E6 % ROW)
        if areas is None:
            return ()
        return tuple(sorted(area.fence.id for area in areas if area.outside_m(lat_e6, lon_e6) <= 0))

    def area(self, fence_id: int) -> _Area | None:
        return self._areas.get(fence_id)


class Visit(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One vehicle in or near one fence: since when, by how many slow points, and since when well outside again."""

    fence: int
    since: int
    arrived: bool = False
    points: int = 0
    out_since: int = 0
    out_points: int = 0


class FenceState(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """What is remembered of one vehicle."""

    at: int = 0
    visits: tuple[Visit, ...] = ()

    @property
    def inside(self) -> tuple[int, ...]:
        """The fences it has arrived in and not left."""
        return tuple(visit.fence for visit in self.visits if visit.arrived)


NEW = FenceState()


class ChangeKind(StrEnum):
    """What a vehicle did at a fence."""

    ARRIVED = "arrived"
    DEPARTED = "departed"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An arrival or departure; `at` is the first point inside or the first well outside, not the one that settled it."""

    kind: ChangeKind
    fence: int
    at: int


def step(
    state: FenceState, point: Point, index: FenceIndex, *, limits: FenceLimits = DEFAULT_LIMITS
) -> tuple[FenceState, tuple[Change, ...]]:
    """Let one point that stands move a vehicle in and out of fences; a fence that is no longer known is forgotten silently."""
    if point.at < state.at:
        return state, ()
    around = index.at(point.lat_e6, point.lon_e6)
    if not around and not state.visits:
        return FenceState(at=point.at), ()
    visits: list[Visit] = []
    changes: list[Change] = []
    for visit in state.visits:
        area = index.area(visit.fence)
        if area is None:
            continue
        after: Visit | None
        if visit.fence in around:
            after = _inside(visit, point, limits)
        elif area.is_beyond(point.lat_e6, point.lon_e6, limits):
            after = _outside(visit, point, limits)
        else:
            after = visit
        changes += _told(visit, after, point.at)
        visits += [after] if after is not None else []
    known = {visit.fence for visit in state.visits}
    for fence in around:
        if fence not in known and len(visits) < VISITS_MAX:
            before = Visit(fence=fence, since=point.at)
            visits.append(_inside(before, point, limits))
            changes += _told(before, visits[-1], point.at)
    return FenceState(at=point.at, visits=tuple(visits)), tuple(changes)


def _inside(visit: Visit, point: Point, limits: FenceLimits) -> Visit:
    points = visit.points + (point.speed_dkmh <= limits.passing_dkmh)
    arrived = visit.arrived or points >= limits.arrive_points or point.at - visit.since >= limits.arrive_s
    return Visit(fence=visit.fence, since=visit.since, arrived=arrived, points=0 if arrived else points)


def _outside(visit: Visit, point: Point, limits: FenceLimits) -> Visit | None:
    """Return the visit with one more point outside, or nothing when it is over."""
    since, points = visit.out_since or point.at, visit.out_points + 1
    if not visit.arrived or points >= limits.depart_points or point.at - since >= limits.depart_s:
        return None
    return Visit(fence=visit.fence, since=visit.since, arrived=True, out_since=since, out_points=points)


def _told(before: Visit, after: Visit | None, at: int) -> list[Change]:
    if after is None:
        left = Change(kind=ChangeKind.DEPARTED, fence=before.fence, at=before.out_since or at)
        return [left] if before.arrived else []
    if after.arrived and not before.arrived:
        return [Change(kind=ChangeKind.ARRIVED, fence=after.fence, at=after.since)]
    return []

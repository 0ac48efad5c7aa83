"""Geometry on the sphere: distances, courses, and where a position lies along a path. All angles WGS-84 degrees, all lengths metres.

A position is `(lat, lon)`. Everything goes over the antimeridian without being told, and no edge may be half the earth long.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

LatLon = tuple[float, float]
Vector = tuple[float, float, float]

EARTH_M = 6_371_008.8  # mean radius; the ellipsoid differs by at most 0.6 %
DEGREE_M = radians(1) * EARTH_M
MICRO = 1_000_000
HALF_TURN_E6, TURN_E6 = 180 * MICRO, 360 * MICRO
NEAR_ZERO = 1e-12  # of a radian: a few micrometres


def to_e6(degrees_: float) -> int:
    """Return microdegrees, as they are stored."""
    return round(degrees_ * MICRO)


def from_e6(microdegrees: int) -> float:
    return microdegrees / MICRO


def wrap_lon(lon: float) -> float:
    """Return the longitude in [-180, 180)."""
    return (lon + 180) % 360 - 180


def distance_m(one: LatLon, other: LatLon) -> float:
    """Return the great-circle distance."""
    lat1, lat2 = radians(one[0]), radians(other[0])
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(radians(other[1] - one[1]) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def quick_m(lat1_e6: int, lon1_e6: int, lat2_e6: int, lon2_e6: int) -> float:
    """Return the distance of two near points in microdegrees: within 1 % up to 100 km below 70° of latitude, and cheap."""
    east = (lon2_e6 - lon1_e6 + HALF_TURN_E6) % TURN_E6 - HALF_TURN_E6
    return hypot(lat2_e6 - lat1_e6, east * cos(radians((lat1_e6 + lat2_e6) / (2 * MICRO)))) * (DEGREE_M / MICRO)


def bearing_deg(one: LatLon, other: LatLon) -> float:
    """Return the course at the start of the great circle from one to the other, 0 north, clockwise, below 360."""
    lat1, lat2, east = radians(one[0]), radians(other[0]), radians(other[1] - one[1])
    course = degrees(atan2(sin(east) * cos(lat2), cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(east)))
    return course % 360 % 360  # twice: the remainder of a tiny negative course rounds up to the whole turn


def destination(start: LatLon, *, bearing: float, distance: float) -> LatLon:
    """Return where one comes by setting out on a course (degrees) for so many metres."""
    lat, course, angle = radians(start[0]), radians(bearing), distance / EARTH_M
    north = sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(course)
    lat2 = asin(max(-1.0, min(1.0, north)))
    east = atan2(sin(course) * sin(angle) * cos(lat), cos(angle) - sin(lat) * north)
    return degrees(lat2), wrap_lon(start[1] + degrees(east))


def vector(at: LatLon) -> Vector:
    """Return the unit vector from the centre of the earth."""
    lat, lon = radians(at[0]), radians(at[1])
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _angle(a: Vector, b: Vector) -> float:
    """Return the angle between unit vectors; by the chord, which is exact where they are close."""
    return 2 * asin(min(1.0, sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) / 2))


class _Edge:
    """One great-circle edge, prepared for many questions."""

    __slots__ = ("ahead", "angle", "end", "pole", "start")

    def __init__(self, start: Vector, end: Vector) -> None:
        self.start, self.end = start, end
        self.angle = _angle(self.start, self.end)
        pole = _cross(self.start, self.end)
        length = sqrt(_dot(pole, pole))
        self.pole = (0.0, 0.0, 0.0) if length < NEAR_ZERO else (pole[0] / length, pole[1] / length, pole[2] / length)
        self.ahead = _cross(self.pole, self.start)  # the direction of travel at the start

    def nearest(self, at: Vector) -> tuple[float, float]:
        """Return the distance and the way along the edge to its nearest point, both as angles."""
        along = atan2(_dot(self.ahead, at), _dot(self.start, at))
        if 0 < along < self.angle:
            return abs(asin(max(-1.0, min(1.0, _dot(self.pole, at))))), along
        to_start, to_end = _angle(self.start, at), _angle(self.end, at)
        return (to_start, 0.0) if to_start <= to_end else (to_end, self.angle)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPath:
    """Where a position lies: how far along the path its nearest point is, how far off it, and how much is left."""

    along_m: float
    off_m: float
    left_m: float


class Path:
    """A polyline of at least one position, prepared for many questions."""

    __slots__ = ("_edges", "points", "reached_m")

    def __init__(self, points: Iterable[LatLon]) -> None:
        self.points = tuple(points)
        if not self.points:
            raise ValueError("a path needs at least one position")
        ends = self.points if len(self.points) > 1 else self.points * 2
        self._edges = [_Edge(one, other) for one, other in pairwise([vector(end) for end in ends])]
        self.reached_m = tuple(accumulate((edge.angle * EARTH_M for edge in self._edges), initial=0.0))

    @property
    def length_m(self) -> float:
        return self.reached_m[-1]

    def locate(self, at: LatLon, *, between_m: tuple[float, float] | None = None) -> OnPath:
        """Return where a position lies on the path; `between_m` looks at that part of the way alone.

        A path that crosses itself or returns needs `between_m`, or the answer may lie on the other arm. Of equally near
        places the first counts.
        """
        where = vector(at)
        first, last = 0, len(self._edges)
        if between_m is not None:
            first = max(0, min(bisect_right(self.reached_m, between_m[0]) - 1, last - 1))
            last = max(first + 1, min(bisect_right(self.reached_m, between_m[1]), last))
        off, along = 4.0, 0.0  # more than half a turn
        for number in range(first, last):
            distance, way = self._edges[number].nearest(where)
            if distance < off - NEAR_ZERO:
                off, along = distance, self.reached_m[number] + way * EARTH_M
        return OnPath(along_m=along, off_m=off * EARTH_M, left_m=max(0.0, self.length_m - along))

    def at_m(self, along_m: float) -> LatLon:
        """Return the position so far along; before the start and past the end, the end itself."""
        number = max(0, min(bisect_right(self.reached_m, along_m) - 1, len(self._edges) - 1))
        edge = self._edges[number]
        angle = max(0.0, min(edge.angle, along_m / EARTH_M - self.reached_m[number] / EARTH_M))
        x, y, z = (s * cos(angle) + a * sin(angle) for s, a in zip(edge.start, edge.ahead, strict=True))
        return degrees(atan2(z, hypot(x, y))), degrees(atan2(y, x))


def simplify(points: Sequence[LatLon], *, tolerance_m: float) -> list[int]:
    """Return the indexes of the points to keep, so that none left out lies further than the tolerance from what is drawn.

    Douglas-Peucker; the first and the last are always kept.
    """
    if not points:
        return []
    vectors = [vector(point) for point in points]
    kept = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        edge = _Edge(vectors[first], vectors[last])
        far, farthest = tolerance_m / EARTH_M, 0
        for number in range(first + 1, last):
            off = edge.nearest(vectors[number])[0]
            if off > far:
                far, farthest = off, number
        if farthest:
            kept.add(farthest)
            spans += (first, farthest), (farthest, last)
    return sorted(kept)


def simplify_to(points: Sequence[LatLon], *, count_max: int, tolerance_m: float) -> list[int]:
    """Return at most so many indexes: the tolerance is doubled until they suffice, the ends always stay."""
    kept = list(range(len(points)))
    while len(kept) > max(count_max, 2):
        kept = [kept[number] for number in simplify([points[number] for number in kept], tolerance_m=tolerance_m)]
        tolerance_m *= 2
    return kept

"""A track made of positions: pieces that were seen, gaps that were not, stops, and how far and how long it went.

A gap is never filled in: nothing is drawn, counted or guessed between its two ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from huoji.core.geo import LatLon, from_e6, quick_m, simplify_to
from huoji.core.position import UNKNOWN, Point

DRAWN_TOLERANCE_M = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackLimits:
    """What is a gap and what is a stop."""

    gap_s: int = 900  # longer than a parked vehicle keeps silent
    stop_s: int = 300
    stop_m: int = 120
    stop_dkmh: int = 80  # a stop does not begin with a faster point


DEFAULT_LIMITS = TrackLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Between two points nothing is known; `distance_m` is the straight line, not the way."""

    at: int
    until: int
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The vehicle stood about one place."""

    at: int
    until: int
    lat_e6: int
    lon_e6: int

    @property
    def dwell_s(self) -> int:
        return self.until - self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """`pieces[n]` and `pieces[n + 1]` have `gaps[n]` between them; distance and times are of the pieces alone."""

    pieces: tuple[tuple[Point, ...], ...]
    gaps: tuple[Gap, ...]
    stops: tuple[Stop, ...]
    distance_m: int
    moving_s: int
    stopped_s: int

    def lines(self, *, count_max: int) -> tuple[tuple[LatLon, ...], ...]:
        """Return one line a piece for the map: at most so many positions in all, or two a piece where that is more."""
        total = sum(len(piece) for piece in self.pieces)
        spare = max(0, count_max - 2 * len(self.pieces))
        return tuple(_line(piece, 2 + spare * len(piece) // total) for piece in self.pieces)


def _line(piece: Sequence[Point], count_max: int) -> tuple[LatLon, ...]:
    places = [(from_e6(point.lat_e6), from_e6(point.lon_e6)) for point in piece]
    return tuple(places[number] for number in simplify_to(places, count_max=count_max, tolerance_m=DRAWN_TOLERANCE_M))


def build(points: Iterable[Point], *, limits: TrackLimits = DEFAULT_LIMITS) -> Track:
    """Make a track of points that stand, in any order; of points at one time the first told counts."""
    rows = sorted({point.at: point for point in reversed([*points])}.values(), key=lambda point: point.at)
    pieces = tuple(_pieces(rows, limits.gap_s))
    stops = tuple(stop for piece in pieces for stop in _stops(piece, limits))
    stopped_s = sum(stop.dwell_s for stop in stops)
    return Track(
        pieces=pieces,
        gaps=tuple(_gap(before[-1], after[0]) for before, after in pairwise(pieces)),
        stops=stops,
        distance_m=round(sum(_driven_m(piece, stops) for piece in pieces)),
        moving_s=sum(piece[-1].at - piece[0].at for piece in pieces) - stopped_s,
        stopped_s=stopped_s,
    )


def _pieces(rows: Sequence[Point], gap_s: int) -> Iterator[tuple[Point, ...]]:
    first = 0
    for number in range(1, len(rows) + 1):
        if number == len(rows) or rows[number].at - rows[number - 1].at > gap_s:
            yield tuple(rows[first:number])
            first = number


def _between_m(one: Point, other: Point) -> float:
    return quick_m(one.lat_e6, one.lon_e6, other.lat_e6, other.lon_e6)


def _gap(before: Point, after: Point) -> Gap:
    return Gap(at=before.at, until=after.at, distance_m=round(_between_m(before, after)))


def _stops(piece: Sequence[Point], limits: TrackLimits) -> Iterator[Stop]:
    """Walk through a piece; a stop lasts while the points stay about the one it began with."""
    first: Point | None = None
    last = piece[0]
    for point in piece:
        if first is not None and _between_m(first, point) > limits.stop_m:
            yield from _stop(first, last, limits)
            first = None
        if first is None and (point.speed_dkmh == UNKNOWN or point.speed_dkmh <= limits.stop_dkmh):
            first = point
        last = point
    if first is not None:
        yield from _stop(first, last, limits)


def _stop(first: Point, last: Point, limits: TrackLimits) -> Iterator[Stop]:
    if last.at - first.at >= limits.stop_s:
        yield Stop(at=first.at, until=last.at, lat_e6=first.lat_e6, lon_e6=first.lon_e6)


def _driven_m(piece: Sequence[Point], stops: Sequence[Stop]) -> float:
    """Sum up the way of a piece; what the receiver jitters during a stop is no way."""
    spans = iter(stops)
    stop = next(spans, None)
    total = 0.0
    for before, after in pairwise(piece):
        while stop is not None and stop.until <= before.at:
            stop = next(spans, None)
        if stop is None or not (stop.at <= before.at and after.at <= stop.until):
            total += _between_m(before, after)
    return total

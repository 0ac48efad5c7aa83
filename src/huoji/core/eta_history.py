"""What past legs and halts teach: the last ones of a lane, of its carrier, of its mode, small enough for one row each.

A history is a window of the latest outcomes, so it follows what changes by itself. Where a narrow one is thin, the share of the
next wider one grows, down to a guess for the mode (`mixed`). Times in epoch seconds UTC, lengths in seconds.

When a leg ends: `past_leg(...)` goes into the `History` of each of `history_keys(...)` and into the `DayPace` of its mode; the interval
that was told when it departed goes into the `Levels` of its mode. When a halt ends: a `Halt` goes into the `Halts` of its stop and of its
mode. A `Past` whose marks are of another number than MARKS counts as one without.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeVar

import msgspec

from huoji.core.milestone import Mode

HOUR_S, DAY_S = 3600, 86_400
KEPT_MAX = 200  # outcomes of one history
LEARNT_FROM = 10  # outcomes that weigh as much as all that is known of the wider histories
HALF_LIFE_S = 60 * DAY_S  # an outcome so old weighs half of a new one
MARKS = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.95, 0.99)  # parts of the way at which the time is kept
MILLE = 1000
FACTOR_MIN, FACTOR_MAX = 0.6, 1.8  # of one hour of the day against all
PACE_TRUST_S = 20 * HOUR_S  # driven in an hour of the day before half of what it shows is believed
MISS = 0.1  # what an interval should miss to each side
LEVEL_MIN, LEVEL_MAX = 0.02, 0.15
LEVEL_STEP = 0.01  # moved by one miss; a tenth of it back by one hit
HALT_SHARE = 0.6  # of a planned halt that handling needs when a vehicle is late

Weighted = tuple[float, float]  # value, weight


class Past(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One leg that was made. `planned_s` 0 when no planned length is known, and then only `late_s` teaches.

    `paced_s` is the planned length by the hours of the day it was driven in; `marks` the time to each of MARKS in thousandths of
    `actual_s`, empty without positions.
    """

    at: int  # when it ended
    late_s: int  # behind the plan at its end; early is negative
    planned_s: int = 0
    paced_s: int = 0
    actual_s: int = 0
    marks: tuple[int, ...] = ()


class Halt(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One halt at a stop on the way: how late it came, how late it left, and how long the plan let it stay."""

    at: int  # when it left
    planned_s: int
    came_late_s: int
    left_late_s: int


T = TypeVar("T", Past, Halt)


class Outcomes(NamedTuple):
    """What a window says of one thing: values with weights that sum to 1, and how many outcomes it was worth when the last came."""

    values: tuple[Weighted, ...] = ()
    worth: float = 0.0
    at: int = 0


def outcomes(window: Sequence[T], value: Callable[[T], float | None]) -> Outcomes:
    """Weigh the values of a window by their age against its last; those that say nothing are left out."""
    last = max((each.at for each in window), default=0)
    found = [(told, 0.5 ** ((last - each.at) / HALF_LIFE_S)) for each in window if (told := value(each)) is not None]
    worth = sum(weight for _, weight in found)
    return Outcomes(tuple((told, weight / worth) for told, weight in found), worth, last) if worth > 0 else Outcomes()


def ratio(past: Past) -> float | None:
    """Return how many times as long as it ought to a leg took."""
    return past.actual_s / past.paced_s if past.paced_s else None


class History(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """The latest legs of one lane, carrier or mode, oldest first. It outlives many estimates, so it keeps what all of them ask."""

    past: tuple[Past, ...] = ()

    @cached_property
    def ratios(self) -> Outcomes:
        return outcomes(self.past, ratio)

    def learn(self, past: Past) -> "History":
        """Return the history with one more leg; the oldest goes when there are too many."""
        return History(_kept(self.past, past))


class Halts(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """The latest halts at one stop, or of one mode, oldest first."""

    halts: tuple[Halt, ...] = ()

    @cached_property
    def excesses(self) -> Outcomes:
        return outcomes(self.halts, halt_excess)

    def learn(self, halt: Halt) -> "Halts":
        return Halts(_kept(self.halts, halt))


def _kept(old: tuple[T, ...], new: T) -> tuple[T, ...]:
    rows = list(old)
    rows.insert(bisect_right([each.at for each in old], new.at), new)
    return tuple(rows[-KEPT_MAX:])


class DayPace(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How quick each hour of the local day is for a mode: seconds planned and seconds needed, by hour."""

    planned: tuple[float, ...] = (0.0,) * 24
    actual: tuple[float, ...] = (0.0,) * 24

    def factors(self) -> tuple[float, ...]:
        """Return how much longer than on the average of the day the way takes, by hour."""
        planned, actual = sum(self.planned), sum(self.actual)
        whole = actual / planned if planned and actual else 1.0
        return tuple(
            min(FACTOR_MAX, max(FACTOR_MIN, (took / whole + PACE_TRUST_S) / (ought + PACE_TRUST_S)))
            for ought, took in zip(self.planned, self.actual, strict=True)
        )

    def learn(self, *, departed: int, planned_s: int, past: Past, offset_min: int) -> "DayPace":
        """Return the pace with one more leg, which needs marks."""
        if len(past.marks) != len(MARKS) or planned_s <= 0:
            return self
        planned, actual = list(self.planned), list(self.actual)
        edges = [0.0, *(mark * past.actual_s / MILLE for mark in past.marks), float(past.actual_s)]
        for (share0, share1), (from_s, to_s) in zip(pairwise((0, *MARKS, 1)), pairwise(edges), strict=True):
            for hour, part_s in _hours(departed + from_s, to_s - from_s, offset_min):
                actual[hour] += part_s
                planned[hour] += planned_s * (share1 - share0) * part_s / (to_s - from_s)
        aged = 1 - min(0.5, past.actual_s / (60 * DAY_S))  # what was learnt long ago fades
        return DayPace(tuple(s * aged for s in planned), tuple(s * aged for s in actual))


def _hours(start: float, length: float, offset_min: int) -> Iterable[tuple[int, float]]:
    """Cut a span into hours of the local day."""
    at, end = start + offset_min * 60, start + offset_min * 60 + length
    while at < end:
        until = min(end, (at // HOUR_S + 1) * HOUR_S)
        yield int(at // HOUR_S % 24), until - at
        at = until


def paced(planned_s: float, *, start: float, offset_min: int, factors: Sequence[float]) -> float:
    """Return how long a planned length takes when set out on at a time of day."""
    left, took, hour_at = planned_s, 0.0, start + offset_min * 60
    if left > DAY_S:  # whole days at once, however many a plan has
        a_day = sum(HOUR_S / factor for factor in factors)
        days = left // a_day
        left, took = left - days * a_day, days * DAY_S
    while left > 0:
        factor = factors[int(hour_at // HOUR_S % 24)]
        span = HOUR_S - hour_at % HOUR_S
        if left * factor <= span:
            return took + left * factor
        left -= span / factor
        took += span
        hour_at += span
    return took


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """Four of five times it comes between `early` and `late`, and as often before `likely` as after."""

    early: int
    likely: int
    late: int


class Levels(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How much to leave out at each end of what is thought possible, so that the interval misses as often as it says.

    It learns from intervals told and what came: too many misses to one side widen that side, too few narrow it a little.
    """

    low: float = MISS
    high: float = MISS

    @property
    def cautious(self) -> "Levels":
        """The same, never narrower than nominal: for what no longer goes by plan."""
        return Levels(min(self.low, MISS), min(self.high, MISS))

    def learn(self, told: Interval, *, actual: int) -> "Levels":
        """Return the levels after an interval proved right or wrong; one told at the start of each leg is enough."""
        return Levels(_moved(self.low, missed=actual < told.early), _moved(self.high, missed=actual > told.late))


def _moved(level: float, *, missed: bool) -> float:
    return min(LEVEL_MAX, max(LEVEL_MIN, level + LEVEL_STEP * (MISS - missed)))


NOMINAL = Levels()
FLAT = (1.0,) * 24


def mark_shares(progress: Sequence[tuple[int, float]], *, departed: int, arrived: int) -> tuple[int, ...]:
    """Return the marks of a leg from when it was seen how far along (epoch s, part of the way), or none when too little was seen."""
    seen = sorted({(departed, 0.0), *(each for each in progress if departed < each[0] < arrived), (arrived, 1.0)})
    reached = list(accumulate((share for _, share in seen), max))  # a position may jitter back, the way does not
    if len(seen) < len(MARKS) or arrived <= departed:
        return ()
    return tuple(round((_when(seen, reached, mark) - departed) / (arrived - departed) * MILLE) for mark in MARKS)


def _when(seen: Sequence[tuple[int, float]], reached: Sequence[float], mark: float) -> float:
    after = min(bisect_right(reached, mark), len(seen) - 1)
    (at0, at1), (share0, share1) = (seen[after - 1][0], seen[after][0]), (reached[after - 1], reached[after])
    return at1 if share1 <= share0 else at0 + (at1 - at0) * (mark - share0) / (share1 - share0)


def elapsed_share(past: Past, progress: float) -> float:
    """Return the part of its time a past leg had used when it was so far along."""
    if len(past.marks) != len(MARKS):
        return progress
    number = bisect_right(MARKS, progress)
    way0, way1 = (0.0, *MARKS)[number], (*MARKS, 1.0)[number]
    time0, time1 = (0, *past.marks)[number] / MILLE, (*past.marks, MILLE)[number] / MILLE
    return time0 + (time1 - time0) * (progress - way0) / (way1 - way0)


def halt_excess(halt: Halt) -> float:
    """Return how much later it left than it could have: by plan, or after handling when it came late."""
    return halt.left_late_s - max(0.0, halt.came_late_s + halt.planned_s * (HALT_SHARE - 1))


class Guess(msgspec.Struct, frozen=True, gc=False):
    """What is believed of a mode before anything was learnt: the ratio of actual to planned length, and speed door to door."""

    ratios: tuple[float, ...]
    late_s: tuple[float, ...]
    halt_late_s: tuple[float, ...]
    kmh: float


def _h(*hours: float) -> tuple[float, ...]:
    return tuple(hour * HOUR_S for hour in hours)


_HOURS = _h(-0.5, -0.2, 0, 0.1, 0.3, 0.8, 2)
_DAYS = _h(-12, -4, 0, 2, 6, 18, 48)
_SLOW = _h(-36, -12, 0, 0, 8, 30, 96)
GUESSES: Mapping[Mode, Guess] = {
    Mode.ROAD: Guess((0.85, 0.93, 1.0, 1.03, 1.1, 1.25, 1.6), _h(-3, -1, 0, 0, 1, 3, 8), _HOURS, 55),
    Mode.SEA: Guess((0.9, 0.96, 1.0, 1.02, 1.06, 1.15, 1.4), _SLOW, _DAYS, 28),
    Mode.AIR: Guess((0.9, 0.97, 1.0, 1.0, 1.05, 1.15, 1.5), _h(-24, -6, 0, 0, 2, 12, 48), _HOURS, 700),
    Mode.RAIL: Guess((0.9, 0.96, 1.0, 1.02, 1.1, 1.25, 1.6), _h(-12, -3, 0, 0, 3, 12, 48), _HOURS, 45),
    Mode.INLAND_WATER: Guess((0.85, 0.95, 1.0, 1.03, 1.1, 1.3, 1.7), _SLOW, _DAYS, 12),
    Mode.UNKNOWN: Guess((0.85, 0.93, 1.0, 1.03, 1.1, 1.25, 1.6), _SLOW, _HOURS, 45),
}


def mixed(
    windows: Iterable[Sequence[T]], value: Callable[[T], float | None], *, prior: Sequence[float], now: int
) -> tuple[list[Weighted], float]:
    """Mix what windows say of one thing, as `blended` does."""
    return blended([outcomes(window, value) for window in windows], prior=prior, now=now)


def blended(found: Iterable[Outcomes], *, prior: Sequence[float], now: int) -> tuple[list[Weighted], float]:
    """Blend outcomes, the narrowest first, into weighted values; return them and how many outcomes the narrower are worth.

    Each takes the part of what is left that it deserves; the prior takes the rest. The weights sum to 1.
    """
    rest, known = 1.0, 0.0
    values: list[Weighted] = []
    for each in found:
        worth = each.worth * 0.5 ** (max(0, now - each.at) / HALF_LIFE_S)
        if worth <= 0:
            continue
        share = rest * worth / (worth + LEARNT_FROM)
        values += [(told, share * weight) for told, weight in each.values]
        known += share * worth
        rest -= share
    values += [(guess, rest / len(prior)) for guess in prior]
    return values, known


BANDS_KM = (100, 300, 800, 2000)


def history_keys(*, mode: Mode, origin: str, destination: str, carrier: str, distance_m: float) -> tuple[str, ...]:
    """Return the names of the histories that a leg is estimated from and teaches, narrowest first."""
    band = bisect_right(BANDS_KM, distance_m / 1000)
    return (
        f"lane/{mode}/{origin}/{destination}",
        f"carrier/{mode}/{carrier}/{band}",
        f"mode/{mode}/{band}",
    )


def past_leg(
    *,
    planned: tuple[int, int],
    actual: tuple[int, int],
    progress: Sequence[tuple[int, float]],
    factors: Sequence[float],
    offset_min: int,
) -> Past:
    """Return what a finished leg teaches; `planned` and `actual` are departure and arrival, 0 for unknown, the arrivals are known."""
    (left, due), (departed, arrived) = planned, actual
    planned_s = max(0, due - left) if left and departed else 0
    return Past(
        at=arrived,
        late_s=arrived - due if due else 0,
        planned_s=planned_s,
        paced_s=round(paced(planned_s, start=departed, offset_min=offset_min, factors=factors)) if planned_s else 0,
        actual_s=max(0, arrived - departed) if departed else 0,
        marks=mark_shares(progress, departed=departed, arrived=arrived) if planned_s else (),
    )

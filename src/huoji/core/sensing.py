"""Limits of what sensors measure: excursions, minutes outside, mean kinetic temperature; from the set of readings alone.

Between two readings a value is taken to move in a straight line. Where they lie further apart than `gap_s` nothing is known of
what lies between: a gap counts neither as outside nor as measured, and an excursion that spans it stays open across it.
The fold takes readings in the order of their time; a late reading means folding the span afresh.
"""

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import msgspec

MINUTE_S = 60
GAP_S = 45 * MINUTE_S  # sensors in cold boxes report every 1 to 15 minutes
GAP_MIN_S, GAP_MAX_S = MINUTE_S, 24 * 3_600
EXCURSIONS_MAX = 200  # kept of one watch, the latest
ALLOWED_MIN_MAX = 7 * 24 * 60
# Activation energy over the gas constant, 83.144 kJ/mol by 8.3144 J/(mol K): the usual one of the pharmacopoeias.
ACTIVATION_K = 10_000.0
KELVIN = 273.15


class Side(StrEnum):
    """Where a value lies."""

    INSIDE = "inside"
    HIGH = "high"
    LOW = "low"


class Sample(NamedTuple):
    """One reading: epoch seconds and the value in the unit of its metric."""

    at: int
    value: float


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What is allowed: between `low` and `high` (either may be open), and for so many seconds outside of them.

    An excursion ends only when the value is back by `margin`, so that one that plays around a limit is one excursion.
    """

    low: float | None = None
    high: float | None = None
    allowed_s: int = 0
    margin: float = 0.0
    gap_s: int = GAP_S


class LimitRefusedError(ValueError):
    """A limit that allows nothing or everything; `code` says why: limit_missing, limit_crossed, limit_margin, limit_span."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check(limit: Limit) -> Limit:
    """Return the limit, or raise what is wrong with it."""
    if limit.low is None and limit.high is None:
        raise LimitRefusedError("limit_missing")
    if limit.low is not None and limit.high is not None:
        if limit.low >= limit.high:
            raise LimitRefusedError("limit_crossed")
        if 2 * limit.margin > limit.high - limit.low:
            raise LimitRefusedError("limit_margin")  # no value would ever count as back
    if limit.margin < 0:
        raise LimitRefusedError("limit_margin")
    if not (0 <= limit.allowed_s <= ALLOWED_MIN_MAX * MINUTE_S and GAP_MIN_S <= limit.gap_s <= GAP_MAX_S):
        raise LimitRefusedError("limit_span")
    return limit


class Excursion(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """A stretch outside: since when, since when too long (0: not yet), until when (0: still), how long outside, and how far."""

    side: Side
    began_at: int
    opened_at: int = 0
    ended_at: int = 0
    outside_s: float = 0.0
    extreme: float
    extreme_at: int


class Course(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """What is known after the readings so far; sums are in seconds and in value times seconds."""

    last_at: int = 0
    last: float = 0.0
    count: int = 0
    low: float = 0.0
    high: float = 0.0
    above_s: float = 0.0
    below_s: float = 0.0
    measured_s: int = 0
    gap_s: int = 0
    area: float = 0.0
    heat: float = 0.0  # of the mean kinetic temperature
    current: Excursion | None = None
    past: tuple[Excursion, ...] = ()  # only those that lasted too long

    @property
    def excursions(self) -> tuple[Excursion, ...]:
        """Those that lasted longer than allowed, the earliest first; the last one may still be open."""
        if self.current is not None and self.current.opened_at:
            return (*self.past, self.current)
        return self.past

    @property
    def is_out(self) -> bool:
        """Whether an excursion is open now."""
        return self.current is not None and bool(self.current.opened_at)

    @property
    def mean(self) -> float | None:
        if not self.count:
            return None
        return self.area / self.measured_s if self.measured_s else self.last

    @property
    def kinetic_mean(self) -> float | None:
        """The mean kinetic temperature in degrees Celsius: what constant warmth would have done the same harm."""
        if not self.count:
            return None
        if not self.measured_s or self.heat <= 0:
            return self.last
        return ACTIVATION_K / -math.log(self.heat / self.measured_s) - KELVIN


NEW = Course()


def side_of(value: float, limit: Limit) -> Side:
    """Tell on which side of the limits a value lies; a limit itself is allowed."""
    if limit.high is not None and value > limit.high:
        return Side.HIGH
    if limit.low is not None and value < limit.low:
        return Side.LOW
    return Side.INSIDE


def course(samples: Iterable[Sample], limit: Limit) -> Course:
    """Fold readings in any order; of two at one moment the higher value counts, whichever came first."""
    by_time: dict[int, float] = {}
    for at, value in samples:
        known = by_time.get(at)
        by_time[at] = value if known is None else max(known, value)
    found = NEW
    for each in sorted(by_time.items()):
        found = step(found, Sample(*each), limit)
    return found


def step(before: Course, sample: Sample, limit: Limit) -> Course:
    """Add the next reading; it must be later than the last."""
    assert sample.at > before.last_at or not before.count, "a late reading means folding afresh"
    span = sample.at - before.last_at if before.count else 0
    is_gap = span > limit.gap_s
    above, below = (0.0, 0.0) if is_gap or not span else _outside(before.last, sample.value, span, limit)
    current, past = _turn(before, sample, limit, above=above, below=below, known=bool(span) and not is_gap)
    middle = (before.last + sample.value) / 2
    covered = 0 if is_gap else span
    return Course(
        last_at=sample.at, last=sample.value, count=before.count + 1,
        low=min(before.low, sample.value) if before.count else sample.value,
        high=max(before.high, sample.value) if before.count else sample.value,
        above_s=before.above_s + above, below_s=before.below_s + below,
        measured_s=before.measured_s + covered, gap_s=before.gap_s + span - covered,
        area=before.area + middle * covered, heat=before.heat + _heat(middle) * covered, current=current, past=past,
    )  # fmt: skip


def _outside(first: float, second: float, span: int, limit: Limit) -> tuple[float, float]:
    """Return for how many seconds a straight line lies above and below the limits."""
    top, bottom = max(first, second), min(first, second)
    above = _share(top - limit.high, top - bottom) if limit.high is not None else 0.0
    below = _share(limit.low - bottom, top - bottom) if limit.low is not None else 0.0
    return above * span, below * span


def _share(part: float, whole: float) -> float:
    if part <= 0:
        return 0.0
    return 1.0 if part >= whole else part / whole


def _turn(
    before: Course, sample: Sample, limit: Limit, *, above: float, below: float, known: bool
) -> tuple[Excursion | None, tuple[Excursion, ...]]:
    """Carry the excursion on, end it, begin one; `known` says that what lies between the two readings was measured."""
    current, past = before.current, before.past
    side = side_of(sample.value, limit)
    if current is not None:
        outside_s = current.outside_s + (above if current.side is Side.HIGH else below)
        current = _carry(current, sample, side, outside_s, limit)
        if side is not current.side and _is_back(sample.value, current.side, limit):
            if current.opened_at:
                past = (*past, msgspec.structs.replace(current, ended_at=sample.at))[-EXCURSIONS_MAX:]
            current = None
    if current is None and side is not Side.INSIDE:
        outside_s = above if side is Side.HIGH else below
        began_at = sample.at - int(outside_s) if known else sample.at
        new = Excursion(side=side, began_at=began_at, extreme=sample.value, extreme_at=sample.at)
        current = _carry(new, sample, side, outside_s, limit)
    return current, past


def _carry(current: Excursion, sample: Sample, side: Side, outside_s: float, limit: Limit) -> Excursion:
    is_worse = side is current.side and (
        sample.value > current.extreme if side is Side.HIGH else sample.value < current.extreme
    )
    lasts_too_long = outside_s > limit.allowed_s or not limit.allowed_s
    return msgspec.structs.replace(
        current, outside_s=outside_s, opened_at=current.opened_at or (sample.at if lasts_too_long else 0),
        extreme=sample.value if is_worse else current.extreme, extreme_at=sample.at if is_worse else current.extreme_at,
    )  # fmt: skip


def _is_back(value: float, side: Side, limit: Limit) -> bool:
    if side is Side.HIGH:
        return limit.high is not None and value <= limit.high - limit.margin
    return limit.low is not None and value >= limit.low + limit.margin


def _heat(celsius: float) -> float:
    kelvin = celsius + KELVIN
    return math.exp(-ACTIVATION_K / kelvin) if kelvin > 0 else 0.0

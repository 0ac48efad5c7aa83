"""When a run arrives at each stop ahead: an interval, what is most likely, how sure that is, and why.

Past legs are put through the same formula as the running one, and what the formula missed by then is the uncertainty now.
The outcome is carried from leg to leg as equally likely samples. Nothing is promised where nothing is known: such a stop
has no interval. Pure and deterministic; times in epoch seconds UTC, 0 for unknown; lengths in seconds and metres.
"""

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate
from math import floor

import msgspec

from huoji.core.eta_history import (
    DAY_S,
    FLAT,
    GUESSES,
    HALT_SHARE,
    HOUR_S,
    MARKS,
    NOMINAL,
    Halts,
    History,
    Interval,
    Levels,
    Past,
    Weighted,
    blended,
    elapsed_share,
    halt_excess,
    mixed,
    paced,
    ratio,
)  # fmt: skip
from huoji.core.milestone import Mode
from huoji.core.moment import CHINA_MIN

SAMPLES = 101
MIDDLE = 50  # of the samples
# Pairs the samples of one leg with those of the next as if by lot; 101 is prime, so that any stride visits all.
STRIDE = 38
LEGS_MAX = 40
AHEAD_S_MAX = 5 * 365 * DAY_S  # a plan that leads farther names a wrong year, and what follows fits no calendar

PACE_TRUST = 0.35  # how much of the pace so far goes on, late on the way
PACE_FROM = 0.4  # part of the way after which half of that is believed
RATIO_MIN, RATIO_MAX = 0.3, 4.0
# What is overdue goes on for so many times as long again.
TAIL = (0.05, 0.15, 0.4, 0.8, 1.5, 3.0, 7.0, 16.0)
FRESH_S = 1800
WIDEN_PER_H, WIDEN_MAX = 0.15, 4.0  # by hours of silence beyond fresh
STANDING_S = 3600  # longer than a rest
LAST, GATE = (
    0.005,
    0.02,
)  # part of the way that is left until the arrival is told, and where a stand is a queue and no rest
NOTABLE_S = 900  # a departure so late is worth a word
SURE, DOUBTFUL = 0.3, 1.0  # width of the interval against the time that is left
SURE_S = 1800
LEARNT_MIN = 5


class Leg(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The way to one stop. `halt_s` is the planned halt before it; histories narrowest first (`eta_history.history_keys`).

    `measure_s` is what past ways were measured by where nothing was planned: of use only with a history.
    """

    stop: str
    mode: Mode
    departs: int = 0
    arrives: int = 0
    halt_s: int = 0
    distance_m: int = 0
    measure_s: int = 0
    history: tuple[History, ...] = ()
    halts: tuple[Halts, ...] = ()  # of the stop it starts from


class Facts(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """All that an estimate is made of. `legs[0]` is under way or about to begin.

    `departed` on it, or else `came` to the stop it starts from; `left_m` to its end along the planned path, as `seen` last.
    `untouched` tells that nobody has had it in hands yet, and then it came when it was told of.
    `factors` are `DayPace.factors()` and `levels` the levels learnt for the mode of the first leg.
    """

    legs: tuple[Leg, ...]
    departed: int = 0
    came: int = 0
    left_m: int = -1
    seen: int = 0
    standing_s: int = 0
    off_route_m: int = 0
    untouched: bool = False
    factors: tuple[float, ...] = FLAT
    levels: Levels = NOMINAL
    offset_min: int = CHINA_MIN


class Confidence(StrEnum):
    """How much an estimate can be relied on."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


class ReasonCode(StrEnum):
    """What an estimate rests on, or what troubles it; the value's unit stands beside."""

    POSITION = "position"  # m left
    SILENT = "silent"  # s
    DEPARTED_LATE = "departed_late"  # s
    HALTING = "halting"  # s
    NOT_BEGUN = "not_begun"  # s
    STANDING = "standing"  # s
    OFF_ROUTE = "off_route"  # m
    OVERDUE = "overdue"  # s
    LANE_HISTORY = "lane_history"  # legs
    WIDER_HISTORY = "wider_history"  # legs
    PLAN_ONLY = "plan_only"
    NO_PLAN = "no_plan"  # m
    UNKNOWN = "unknown"


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """One reason with its figure."""

    code: ReasonCode
    value: int = 0


class StopEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """When it comes to one stop; no interval means that nobody can tell."""

    stop: str
    planned: int
    interval: Interval | None


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """The stops ahead in order, the last is the end of the run."""

    at: int
    stops: tuple[StopEstimate, ...]
    confidence: Confidence
    because: tuple[Because, ...]

    @property
    def final(self) -> StopEstimate:
        return self.stops[-1]


Samples = list[float]


def estimate(facts: Facts, *, now: int) -> Estimate:
    """Estimate every stop ahead; a run of no legs is refused."""
    if not 0 < len(facts.legs) <= LEGS_MAX:
        raise ValueError(f"a run has 1 to {LEGS_MAX} legs")
    samples: Samples | None = None
    levels = facts.levels.cautious if 0 < facts.legs[0].arrives < now else facts.levels
    stops: list[StopEstimate] = []
    learnt = 0.0
    for number, leg in enumerate(facts.legs):
        if number == 0:
            samples, learnt = _current(facts, leg, now)
        elif samples is not None:
            samples = _onward(samples, leg, number, facts, now)
        stops.append(StopEstimate(stop=leg.stop, planned=leg.arrives, interval=_interval(samples, levels, now)))
    first = stops[0].interval
    return Estimate(
        at=now,
        stops=tuple(stops),
        confidence=_confidence(first, facts, learnt, now),
        because=_because(facts, first, now),
    )


def _interval(samples: Samples | None, levels: Levels, now: int) -> Interval | None:
    if samples is None:
        return None
    rows = sorted(samples)
    low, high = floor(levels.low * SAMPLES), SAMPLES - 1 - floor(levels.high * SAMPLES)
    if rows[high] > now + AHEAD_S_MAX:
        return None
    return Interval(early=round(rows[low]), likely=round(rows[MIDDLE]), late=round(rows[high]))


def _planned_s(leg: Leg) -> float:
    """Return how long a leg ought to take; without a plan by its length and the mode's usual speed; 0 when nobody knows."""
    if 0 < leg.departs < leg.arrives:
        return leg.arrives - leg.departs
    if leg.measure_s:
        return leg.measure_s
    return leg.distance_m / 1000 / GUESSES[leg.mode].kmh * HOUR_S


def _current(facts: Facts, leg: Leg, now: int) -> tuple[Samples | None, float]:
    """Return when the first leg may end, as samples, and how many past legs that rests on."""
    planned_s = _planned_s(leg)
    if facts.departed and planned_s and facts.left_m >= 0 and leg.distance_m:
        return _moving(facts, leg, planned_s, now)
    past = [each.past for each in leg.history]
    guess = GUESSES[leg.mode]
    if facts.departed and planned_s:
        base_s = paced(planned_s, start=facts.departed, offset_min=facts.offset_min, factors=facts.factors)
        ahead = _Ahead(start=facts.departed, length=base_s, floor=now)
        values, learnt = mixed(past, lambda each: ahead.of(ratio(each)), prior=ahead.prior(guess.ratios), now=now)
        return _spread(values), learnt
    if facts.came and planned_s:
        values, learnt = blended([each.ratios for each in leg.history], prior=guess.ratios, now=now)
        return _driven(_leaving_now(facts.came, leg, now), values, planned_s, 1, facts), learnt
    if leg.arrives:
        ahead = _Ahead(start=leg.arrives, length=1, floor=now)
        values, learnt = mixed(past, lambda each: ahead.of(each.late_s), prior=ahead.prior(guess.late_s), now=now)
        return _spread(values), learnt
    return None, 0.0


class _Ahead(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Turns a length into a moment, if that is still to come."""

    start: float
    length: float
    floor: float

    def of(self, value: float | None) -> float | None:
        at = None if value is None else self.start + self.length * value
        return None if at is None or at <= self.floor else at

    def prior(self, guesses: Sequence[float]) -> list[float]:
        """Return what is guessed; where guesses have passed, that it goes on by multiples of what it is overdue."""
        ahead = [at for guess in guesses if (at := self.of(guess)) is not None]
        gone = len(guesses) - len(ahead)
        usual, late = guesses[len(guesses) // 2], guesses[-2]
        scale = max(self.floor - self.start - self.length * usual, self.length * (late - usual))
        return ahead + [self.floor + scale * TAIL[(2 * each + 1) * len(TAIL) // (2 * gone)] for each in range(gone)]


def _moving(facts: Facts, leg: Leg, planned_s: float, now: int) -> tuple[Samples, float]:
    """Return when a leg ends of which is known how far it has come."""
    left = min(1.0, max(LAST, (facts.left_m + facts.off_route_m) / leg.distance_m))
    done = 1 - left
    seen = max(facts.departed, facts.seen)
    base_s = paced(planned_s * left, start=seen, offset_min=facts.offset_min, factors=facts.factors)
    ought_s = paced(planned_s * done, start=facts.departed, offset_min=facts.offset_min, factors=facts.factors)
    pace = _bounded((seen - facts.departed) / ought_s) if ought_s > 0 else 1.0
    trust = PACE_TRUST * done / (done + PACE_FROM)
    shift = trust * (pace - 1)
    ahead = _Ahead(start=seen, length=base_s, floor=now)

    def again(past: Past) -> float | None:
        """Return when it would arrive if the formula missed by as much as it did for that past leg at that part of the way."""
        if not past.paced_s:
            return None
        whole = past.actual_s / past.paced_s
        if done <= 0 or len(past.marks) != len(MARKS):
            return ahead.of(max(RATIO_MIN, whole + shift))
        used = elapsed_share(past, done)
        so_far, then = whole * used / done, whole * (1 - used) / left
        return ahead.of(max(RATIO_MIN, then - trust * (so_far - 1) + shift))

    guesses = [max(RATIO_MIN, ratio + shift) for ratio in GUESSES[leg.mode].ratios]
    values, learnt = mixed([each.past for each in leg.history], again, prior=ahead.prior(guesses), now=now)
    rest_s = 0 if left < GATE else STANDING_S
    return _troubled(_spread(values), facts, now, rest_s=rest_s), learnt


def _bounded(ratio: float) -> float:
    return max(RATIO_MIN, min(RATIO_MAX, ratio))


def _troubled(samples: Samples, facts: Facts, now: int, *, rest_s: int) -> Samples:
    """Widen by silence, and put off by a stand that is longer than a rest."""
    silent_s = max(0, now - facts.seen - FRESH_S)
    wide = min(WIDEN_MAX, 1 + WIDEN_PER_H * silent_s / HOUR_S)
    middle = samples[MIDDLE]
    more_s = max(0, facts.standing_s - rest_s)
    return [
        max(now, middle + (value - middle) * wide) + more_s * TAIL[(number * STRIDE) % SAMPLES * len(TAIL) // SAMPLES]
        for number, value in enumerate(samples)
    ]


def _onward(came: Samples, leg: Leg, number: int, facts: Facts, now: int) -> Samples | None:
    """Return when the leg after the ones before may end."""
    planned_s = _planned_s(leg)
    if not planned_s:
        return None
    guess = GUESSES[leg.mode]
    excess, _ = blended([each.excesses for each in leg.halts], prior=guess.halt_late_s, now=now)
    later = _spread(excess)
    departs = [max(at, _ready(at, leg) + later[_paired(row, 1)]) for row, at in enumerate(sorted(came))]
    ratios, _ = blended([each.ratios for each in leg.history], prior=guess.ratios, now=now)
    return _driven(departs, ratios, planned_s, 2 * number + 1, facts)


def _ready(came: float, leg: Leg) -> float:
    """Return when it could leave: by plan, or after handling when it comes late."""
    return max(float(leg.departs), came + leg.halt_s * HALT_SHARE)


def _leaving_now(came: int, leg: Leg, now: int) -> Samples:
    """Return when it may leave the stop where it stands."""
    ahead = _Ahead(start=_ready(came, leg), length=1, floor=now)
    prior = ahead.prior(GUESSES[leg.mode].halt_late_s)
    values, _ = mixed(
        [each.halts for each in leg.halts], lambda halt: ahead.of(halt_excess(halt)), prior=prior, now=now
    )
    return _spread(values)


def _driven(departs: Samples, ratios: list[Weighted], planned_s: float, salt: int, facts: Facts) -> Samples:
    base_s = paced(planned_s, start=departs[MIDDLE], offset_min=facts.offset_min, factors=facts.factors)
    spread = _spread(ratios)
    return [at + base_s * max(RATIO_MIN, spread[_paired(number, salt)]) for number, at in enumerate(departs)]


def _paired(number: int, salt: int) -> int:
    return (number * (STRIDE + salt) + salt) % SAMPLES


def _spread(values: Sequence[Weighted]) -> Samples:
    """Return equally likely samples of weighted values, ascending; each is one of the values."""
    rows = sorted(values)
    reached = list(accumulate(weight for _, weight in rows))
    whole, last = reached[-1], len(rows) - 1
    return [rows[min(last, bisect_right(reached, whole * (number + 0.5) / SAMPLES))][0] for number in range(SAMPLES)]


def _confidence(first: Interval | None, facts: Facts, learnt: float, now: int) -> Confidence:
    if first is None:
        return Confidence.NONE
    silent = facts.left_m >= 0 and now - facts.seen > 2 * FRESH_S
    width, left_s = first.late - first.early, max(1, first.likely - now)
    if silent or width > max(SURE_S, DOUBTFUL * left_s):
        return Confidence.LOW
    if learnt < LEARNT_MIN or width > max(SURE_S, SURE * left_s):
        return Confidence.MEDIUM
    return Confidence.HIGH


def _because(facts: Facts, first: Interval | None, now: int) -> tuple[Because, ...]:
    """Return what the estimate of the first stop rests on, what troubles it first."""
    leg = facts.legs[0]
    if first is None:
        return (Because(code=ReasonCode.UNKNOWN),)
    counts = [len(each.past) for each in leg.history]
    own, wider = (counts[0], max(counts[1:], default=0)) if counts else (0, 0)
    silent_s = now - facts.seen
    told = (
        (leg.arrives and now > leg.arrives, ReasonCode.OVERDUE, now - leg.arrives),
        (facts.left_m >= 0 and silent_s > FRESH_S, ReasonCode.SILENT, silent_s),
        (facts.off_route_m > 0, ReasonCode.OFF_ROUTE, facts.off_route_m),
        (facts.standing_s > STANDING_S, ReasonCode.STANDING, facts.standing_s),
        (facts.departed and leg.departs and facts.departed - leg.departs > NOTABLE_S, ReasonCode.DEPARTED_LATE, facts.departed - leg.departs),
        (facts.untouched and 0 < leg.departs < now, ReasonCode.NOT_BEGUN, now - leg.departs),
        (not facts.departed and facts.came and not facts.untouched, ReasonCode.HALTING, now - facts.came),
        (facts.left_m >= 0 and silent_s <= FRESH_S, ReasonCode.POSITION, facts.left_m),
        (not (leg.arrives or leg.measure_s), ReasonCode.NO_PLAN, leg.distance_m),
        (own >= LEARNT_MIN, ReasonCode.LANE_HISTORY, own),
        (own < LEARNT_MIN <= wider, ReasonCode.WIDER_HISTORY, wider),
        (leg.arrives and max(own, wider) < LEARNT_MIN, ReasonCode.PLAN_ONLY, 0),
    )  # fmt: skip
    return tuple(Because(code=code, value=value) for holds, code, value in told if holds)

"""How far cargo has come along its plan by what was told of it, what is still ahead, and what a way that ended teaches.

A run has positions; a parcel has scans, and a container the events of its carrier. Both are estimated by `core/eta.py`: here
events become what that asks for. Pure; sites by their ids, times in epoch seconds UTC, 0 for unknown.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from huoji.core.eta import LEARNT_MIN, Confidence, Estimate, Leg
from huoji.core.eta_history import BANDS_KM, DAY_S, GUESSES, HOUR_S, History, Past
from huoji.core.milestone import Line, Milestone, Mode
from huoji.core.timeline import (
    ACTUAL,
    DAY,
    MILESTONE_CODE,
    MODES,
    PLANNED,
    STAGE_OF,
    STATUS_OF,
    Fact,
    is_ancient,
    live,
    ordered,
)

MODE_OF = {Line.ROAD: Mode.ROAD, Line.EXPRESS: Mode.ROAD, Line.OCEAN: Mode.SEA}
HANDLING_S = (
    DAY_S // 2
)  # from door to door besides the way itself; past ways are measured by it, so it need not be true
PLACES_MAX = 8  # of one way that teach
# An interval wider than that says no more than that nobody knows.
USEFUL_S = {Line.ROAD: 30 * DAY_S, Line.EXPRESS: 30 * DAY_S, Line.OCEAN: 90 * DAY_S}

_LEFT = frozenset(
    MILESTONE_CODE[m] for m in (Milestone.DEPARTED, Milestone.GATE_OUT, Milestone.IN_TRANSIT, Milestone.FORWARDED)
)
_ARRIVED = MILESTONE_CODE[Milestone.ARRIVED]
_ARRIVALS = frozenset(MILESTONE_CODE[m] for m in (Milestone.ARRIVED, Milestone.ARRIVED_DEST))
_DEPARTED = MILESTONE_CODE[Milestone.DEPARTED]
_DELIVERED = MILESTONE_CODE[Milestone.DELIVERED]


class Stretch(NamedTuple):
    """One planned leg between known sites."""

    start: int
    end: int
    mode: Mode
    departs: int
    arrives: int
    is_estimate: bool = False  # its arrival is no plan any more


class Standing(NamedTuple):
    """Where on its plan cargo is: at the start of leg `number` since `came`, or on it since `departed`; past the last: at the end."""

    number: int = 0
    departed: int = 0
    came: int = 0


class Done(NamedTuple):
    """A leg that was made: its number in the plan, and when it truly began and ended (0: nobody told)."""

    number: int
    departed: int
    arrived: int


def told_plan(facts: Sequence[Fact]) -> tuple[Stretch, ...]:
    """Return the legs that departures and planned or estimated arrivals at known sites add up to.

    A departure that has taken place begins a leg as well as a planned one: carriers by sea tell no more than that and the
    next port.
    """
    calls = _calls(facts)
    for fact in _seen(facts):
        if fact.milestone == _DEPARTED and isinstance(fact.place, int):
            calls.setdefault((True, fact.place), fact)
    rows = sorted(calls.items(), key=lambda row: (row[1].at, row[0]))
    return tuple(
        Stretch(start, end, MODES[one.mode], one.at, other.at, other.classifier != PLANNED)
        for ((leaves, start), one), ((leaves_too, end), other) in pairwise(rows)
        if leaves and not leaves_too and start != end
    )


def revised(plan: Sequence[Stretch], facts: Sequence[Fact]) -> tuple[Stretch, ...]:
    """Return the plan with what was estimated of its arrivals since."""
    told = {place: fact.at for (leaves, place), fact in _calls(facts).items() if not leaves and fact.classifier != PLANNED}  # fmt: skip
    return tuple(
        each._replace(arrives=told[each.end], is_estimate=True) if told.get(each.end, 0) > each.departs else each
        for each in plan
    )


def _calls(facts: Sequence[Fact]) -> dict[tuple[bool, int], Fact]:
    """Return the newest plan or estimate of each departure (True) and arrival (False) at a known site."""
    calls: dict[tuple[bool, int], Fact] = {}
    for fact in sorted(live(facts), key=lambda each: (each.recorded, each.classifier, each.at, each.key)):
        leaves = fact.milestone == _DEPARTED
        if fact.classifier != ACTUAL and isinstance(fact.place, int) and (leaves or fact.milestone in _ARRIVALS):
            calls[leaves, fact.place] = fact
    return calls


def walk(plan: Sequence[Stretch], facts: Sequence[Fact]) -> tuple[Standing, tuple[Done, ...]]:
    """Follow actual events along the plan; return where it stands now and the legs that were made.

    A place that is no stop of the plan says only that it has left the stop before. A stop that is passed unseen is passed.
    """
    number, departed, came = 0, 0, 0
    done: list[Done] = []
    for fact in _seen(facts):
        stop = _stop(plan, number, fact.place)
        leaves = fact.milestone in _LEFT
        if stop is None:
            if came and not departed and number < len(plan):
                departed = min(fact.at, max(came, plan[number].departs))
        elif stop > number:
            done.append(Done(stop - 1, departed if stop == number + 1 else 0, 0 if leaves else fact.at))
            number, departed, came = stop, fact.at if leaves else 0, fact.at
        elif leaves:
            departed = fact.at
        elif fact.milestone == _ARRIVED:
            departed, came = 0, came or fact.at
        else:
            came = came or fact.at
    return Standing(number, departed, came), tuple(done)


def _seen(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Yield what truly happened to the cargo at known sites, from when we have it."""
    for fact in ordered(fact for fact in live(facts) if fact.classifier == ACTUAL and not is_ancient(fact)):
        status = STATUS_OF[fact.milestone]
        if isinstance(fact.place, int) and status >= 0 and STAGE_OF[status] >= 0:
            yield fact


def _stop(plan: Sequence[Stretch], number: int, place: int | str | None) -> int | None:
    """Return the next stop of the plan at a place: 0 is its start, and from there the end of each leg."""
    for stop in range(number, len(plan) + 1):
        if (stop < len(plan) and plan[stop].start == place) or (stop and plan[stop - 1].end == place):
            return stop
    return None


def promise(facts: Sequence[Fact], planned: int) -> int:
    """Return until when the first promise is kept: one for a day has all of it."""
    by_day = any(fact.at == planned and fact.precision == DAY and fact.classifier == PLANNED for fact in facts)
    return planned + DAY_S - 1 if planned and by_day else planned


def since_here(facts: Sequence[Fact]) -> tuple[int, int]:
    """Return the known site where it was seen last and since when it is there, zeros for nowhere."""
    here, since = 0, 0
    for fact in _seen(facts):
        assert isinstance(fact.place, int)
        if fact.place != here:
            here, since = fact.place, fact.at
    return here, since


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """The rest of a way from where it is to its delivery: the names under which such ones taught, and what they are measured by.

    The first name of each is the lane's, "" for a lane that is not known.
    """

    line: Line
    since: int
    measure_s: int
    ways: tuple[str, ...]
    promises: tuple[str, ...]


def rest_of(*, line: Line, here: str, origin: str, destination: str, since: int, distance_m: int) -> Rest:
    """Name the rest of a way; places by their codes, "" for unknown ones."""
    band = bisect_right(BANDS_KM, distance_m / 1000) if distance_m or here == destination != "" else "-"
    lane = f"way/{line}/{here}/{destination}" if here and destination else ""
    promised = f"promise/{line}/{origin}/{destination}" if origin and destination else ""
    return Rest(
        line=line, since=since, measure_s=round(HANDLING_S + distance_m / 1000 / GUESSES[MODE_OF[line]].kmh * HOUR_S),
        ways=(lane, f"way/{line}/{band}"), promises=(promised, f"promise/{line}"),
    )  # fmt: skip


def rest_leg(
    rest: Rest, *, arrives: int, ways: Sequence[History], promises: Sequence[History]
) -> tuple[Leg, int] | None:
    """Return the rest of a way as a leg, and since when it is under way; None where nothing is known.

    The lane's own past from this very place says more than a date; a date with its usual delay says more than all ways
    of such a length; without any of these nobody knows.
    """
    own = len(ways[0].past) >= LEARNT_MIN
    alike = any(len(each.past) >= LEARNT_MIN for each in ways)
    if rest.since and (own or (alike and not arrives)):
        mode = MODE_OF[rest.line]
        return Leg(stop="", mode=mode, measure_s=rest.measure_s, history=tuple(ways)), rest.since
    if arrives:
        return Leg(stop="", mode=MODE_OF[rest.line], arrives=arrives, history=tuple(promises)), 0
    return None


def told_of(made: Estimate, line: Line) -> Estimate:
    """Return an estimate as it is told of cargo: one whose end may be anywhere tells no time, only what troubles it."""
    interval = made.final.interval
    if interval is None or interval.late - interval.early <= USEFUL_S[line]:
        return made
    end = msgspec.structs.replace(made.final, interval=None)
    return msgspec.structs.replace(made, stops=(*made.stops[:-1], end), confidence=Confidence.NONE)


def delivered_at(facts: Sequence[Fact]) -> int:
    """Return when the newest delivery that stands took place."""
    return max(
        (fact.at for fact in live(facts) if fact.classifier == ACTUAL and fact.milestone == _DELIVERED), default=0
    )


def places_passed(facts: Sequence[Fact], *, until: int) -> dict[int, int]:
    """Return the sites on the way to a delivery, each with when it came there; the last PLACES_MAX of them."""
    found: dict[int, int] = {}
    here = 0
    for fact in _seen(facts):
        assert isinstance(fact.place, int)
        if fact.at >= until or fact.milestone == _DELIVERED:
            continue
        if fact.place != here:
            here = fact.place
            found[here] = fact.at
    return dict(list(found.items())[-PLACES_MAX:])


def way_past(*, since: int, until: int, measure_s: int) -> Past:
    """Return what the rest of a way from one place teaches."""
    return Past(at=until, late_s=0, planned_s=measure_s, paced_s=measure_s, actual_s=max(0, until - since))


def promise_past(*, until: int, promised: int) -> Past:
    return Past(at=until, late_s=until - promised)

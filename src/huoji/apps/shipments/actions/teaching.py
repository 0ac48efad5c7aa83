"""Learn from cargo that was delivered without a run of ours: each leg of its plan, its halts, and its way as a whole."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from huoji.apps.fleet.actions import forecasting as fleet
from huoji.apps.fleet.queries import plans
from huoji.apps.shipments.queries.onward import Cargo
from huoji.core import way
from huoji.core.eta_history import FLAT, Halt, Past, past_leg

Lesson = tuple[str, Past | Halt]


def teach(cargo: Sequence[Cargo], *, now: datetime) -> None:
    """Learn from delivered waybills. What a run carried taught when the run arrived."""
    if not cargo:
        return
    runs = plans.known_of({leg.carrier_id for each in cargo for leg in each.legs if leg.carrier_id})
    lessons: dict[str, list[Past | Halt]] = {}
    for each in cargo:
        for key, lesson in (*_of_legs(each, runs), *_of_halts(each), *_of_way(each)):
            if key:
                lessons.setdefault(key, []).append(lesson)
    fleet.learn_all(lessons, now=now)


def _of_legs(cargo: Cargo, runs: set[int]) -> Iterator[Lesson]:
    for done in cargo.done:
        leg = cargo.legs[done.number]
        if not done.arrived or not leg.arrives or leg.is_estimate or leg.carrier_id in runs:
            continue
        past = past_leg(
            planned=(leg.departs, leg.arrives), actual=(done.departed, done.arrived), progress=(), factors=FLAT, offset_min=0
        )  # fmt: skip
        yield from ((key, past) for key in cargo.lesson_of(done.number).legs)


def _of_halts(cargo: Cargo) -> Iterator[Lesson]:
    for before, after in pairwise(cargo.done):
        came, left = cargo.legs[before.number], cargo.legs[after.number]
        is_known = before.arrived and after.departed and came.arrives and left.departs
        if after.number != before.number + 1 or not is_known or came.is_estimate:
            continue
        halt = Halt(
            at=after.departed, planned_s=max(0, left.departs - came.arrives), came_late_s=before.arrived - came.arrives,
            left_late_s=after.departed - left.departs,
        )  # fmt: skip
        yield from ((key, halt) for key in cargo.lesson_of(after.number).halts)


def _of_way(cargo: Cargo) -> Iterator[Lesson]:
    until = way.delivered_at(cargo.facts)
    if cargo.promise:
        past = way.promise_past(until=until, promised=cargo.promise)
        yield from ((key, past) for key in cargo.rest_from(0, 0).promises)
    for here, since in way.places_passed(cargo.facts, until=until).items():
        rest = cargo.rest_from(here, since)
        past = way.way_past(since=since, until=until, measure_s=rest.measure_s)
        yield from ((key, past) for key in rest.ways)

"""A network of lorries, vessels, trains and flights on invented timetables between real places, asked along the way.

What happens to the runs is `bench.noise`; here one learns and asks in the order of time, as the product does.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import pairwise
from random import Random

from bench.eta_score import Answer, usual_late_s
from bench.noise import DAY, HOUR, MINUTE, MadeLeg, PlannedLeg, PlannedRun, Truth
from huoji.core.cities import CITIES, PORTS
from huoji.core.demo.network import ROAD_FACTOR, drive_s
from huoji.core.eta import Facts, Leg, estimate
from huoji.core.eta_history import FLAT, DayPace, Halt, Halts, History, Interval, Levels, history_keys, past_leg
from huoji.core.geo import distance_m
from huoji.core.milestone import Mode

START = 1_782_000_000 // DAY * DAY  # midnight UTC of a day in 2026
WARM_DAYS, ASKED_DAYS = 60, 60
LANES = {Mode.ROAD: 36, Mode.SEA: 14, Mode.RAIL: 10, Mode.AIR: 12}
EVERY_DAYS = {Mode.ROAD: 1, Mode.SEA: 4, Mode.RAIL: 2, Mode.AIR: 1}
CARRIERS = 5
QUESTIONS = 5  # of one run
KMH = {Mode.SEA: 30, Mode.RAIL: 55, Mode.AIR: 600}
LEADS_H = ((1, "0-1 h"), (3, "1-3 h"), (6, "3-6 h"), (12, "6-12 h"), (24, "12-24 h"), (72, "1-3 d"))
BEYOND = "> 3 d"


@dataclass(slots=True)
class Learnt:
    """What the product would keep in its rows."""

    legs: dict[str, History] = field(default_factory=lambda: defaultdict(History))
    halts: dict[str, Halts] = field(default_factory=lambda: defaultdict(Halts))
    pace: dict[Mode, DayPace] = field(default_factory=lambda: defaultdict(DayPace))
    levels: dict[Mode, Levels] = field(default_factory=lambda: defaultdict(Levels))
    kept: dict[tuple[str, int], Interval] = field(default_factory=dict)  # the first told of each leg

    def factors(self, mode: Mode) -> tuple[float, ...]:
        return self.pace[mode].factors() if mode is Mode.ROAD else FLAT


def timetable(seed: int) -> Iterator[PlannedRun]:
    """Make the runs of all lanes; half of the lorries and vessels call at one or two stops on the way."""
    dice = Random(f"timetable/{seed}")
    places = {Mode.SEA: [(port.locode, port.lat, port.lon) for port in PORTS]}
    cities = [(city.code, city.lat, city.lon) for city in CITIES]
    for mode, count in LANES.items():
        for lane in range(count):
            calls = dice.choice((2, 2, 3, 4)) if mode in (Mode.ROAD, Mode.SEA) else 2
            stops = dice.sample(places.get(mode, cities), calls)
            hour, carrier = dice.uniform(0, 24), f"C{dice.randrange(CARRIERS)}"
            for day in range(dice.randrange(EVERY_DAYS[mode]), WARM_DAYS + ASKED_DAYS, EVERY_DAYS[mode]):
                legs = tuple(_legs(mode, stops, round(START + day * DAY + hour * HOUR)))
                yield PlannedRun(number=f"{mode}{lane}/{day}", carrier=carrier, mode=mode, legs=legs)


def _legs(mode: Mode, stops: list[tuple[str, float, float]], departs: int) -> Iterator[PlannedLeg]:
    for one, other in pairwise(stops):
        way_m = max(20_000, round(distance_m(one[1:], other[1:]) * ROAD_FACTOR))
        length_s = drive_s(way_m / 1000) if mode is Mode.ROAD else way_m / 1000 / KMH[mode] * HOUR + 2 * HOUR
        arrives = departs + round(length_s / MINUTE) * MINUTE
        yield PlannedLeg(origin=one[0], destination=other[0], departs=departs, arrives=arrives, distance_m=way_m)
        departs = arrives + (18 * HOUR if mode is Mode.SEA else 2 * HOUR)


Moment = tuple[int, int, str, int, int]  # when, order of kinds at one time, kind, run, leg


def ask(seed: int) -> Iterator[tuple[str, Answer]]:
    """Go through time; yield the answers about the next stop and about the end of the run."""
    truth, learnt, dice = Truth(seed), Learnt(), Random(f"questions/{seed}")
    runs = sorted(timetable(seed), key=lambda run: run.legs[0].departs)
    made = [truth.drive(run) for run in runs]
    told: list[Moment] = []
    asked: list[Moment] = []
    for number, legs in enumerate(made):
        for leg, way in enumerate(legs):
            told.append((way.arrived, 0, "arrived", number, leg))
            told += [(way.departed, 0, "left", number, leg)] if leg else []
        if legs[0].departed < START + WARM_DAYS * DAY:
            continue
        begin, end = legs[0].departed - 2 * HOUR, legs[-1].arrived
        asked += [(dice.randrange(begin, end), 1, "ask", number, -1) for _ in range(QUESTIONS)]
    for at, _, kind, number, leg in merge(sorted(told), sorted(asked)):
        match kind:
            case "arrived":
                _learn_leg(learnt, runs[number], leg, made[number][leg])
            case "left":
                _learn_halt(learnt, runs[number], leg, made[number])
            case _:
                yield from _answers(learnt, runs[number], made[number], at)


def _keys(run: PlannedRun, leg: PlannedLeg) -> tuple[str, ...]:
    return history_keys(
        mode=run.mode, origin=leg.origin, destination=leg.destination, carrier=run.carrier, distance_m=leg.distance_m
    )


def _halt_keys(run: PlannedRun, leg: PlannedLeg) -> tuple[str, str]:
    return f"{run.mode}/{leg.origin}", str(run.mode)


def _learn_leg(learnt: Learnt, run: PlannedRun, number: int, made: MadeLeg) -> None:
    leg = run.legs[number]
    seen = (at for at in range(made.departed, made.arrived, max(made.every_s, (made.arrived - made.departed) // 200)))
    progress = [(at, made.share(at)) for at in seen if not any(a <= at < b for a, b in made.silent)]
    past = past_leg(
        planned=(leg.departs, leg.arrives), actual=(made.departed, made.arrived), progress=progress,
        factors=learnt.factors(run.mode), offset_min=480,
    )  # fmt: skip
    if told := learnt.kept.pop((run.number, number), None):
        learnt.levels[run.mode] = learnt.levels[run.mode].learn(told, actual=made.arrived)
    for key in _keys(run, leg):
        learnt.legs[key] = learnt.legs[key].learn(past)
    pace = learnt.pace[run.mode]
    learnt.pace[run.mode] = pace.learn(
        departed=made.departed, planned_s=leg.arrives - leg.departs, past=past, offset_min=480
    )


def _learn_halt(learnt: Learnt, run: PlannedRun, number: int, made: list[MadeLeg]) -> None:
    before, leg = run.legs[number - 1], run.legs[number]
    halt = Halt(
        at=made[number].departed, planned_s=leg.departs - before.arrives,
        came_late_s=made[number - 1].arrived - before.arrives, left_late_s=made[number].departed - leg.departs,
    )  # fmt: skip
    for key in _halt_keys(run, leg):
        learnt.halts[key] = learnt.halts[key].learn(halt)


def _answers(learnt: Learnt, run: PlannedRun, made: list[MadeLeg], now: int) -> Iterator[tuple[str, Answer]]:
    current = next(number for number, way in enumerate(made) if now < way.arrived)
    facts, known_late_s = facts_of(learnt, run, made, current, now)
    told = estimate(facts, now=now)
    if facts.departed and told.stops[0].interval:
        learnt.kept.setdefault((run.number, current), told.stops[0].interval)
    for which, offset in (("next", 0), ("final", len(facts.legs) - 1)):
        interval, leg = told.stops[offset].interval, run.legs[current + offset]
        if interval is None or (which == "final" and not offset):
            continue
        lead_h = (interval.likely - now) / HOUR
        yield which, Answer(
            mode=run.mode.value, lead=next((name for most, name in LEADS_H if lead_h < most), BEYOND), year=2026, now=now,
            actual=made[current + offset].arrived, told=interval, confidence=told.confidence, plan=leg.arrives,
            last_known=leg.arrives + known_late_s,
            usual=leg.arrives + usual_late_s(facts.legs[offset].history), early=made[current + offset].arrived < leg.arrives,
        )  # fmt: skip


def facts_of(learnt: Learnt, run: PlannedRun, made: list[MadeLeg], current: int, now: int) -> tuple[Facts, int]:
    """Return what the product would know at a time, and the delay that was known last."""
    ahead = tuple(_leg(learnt, run, number) for number in range(current, len(run.legs)))
    way, plan = made[current], run.legs[current]
    departed = way.departed if way.departed <= now else 0
    came = made[current - 1].arrived if current and not departed else 0
    late_s = way.departed - plan.departs if departed else came - run.legs[current - 1].arrives if came else 0
    seen = way.last_seen(now) if departed else 0
    facts = Facts(
        legs=ahead, departed=departed, came=came, factors=learnt.factors(run.mode), levels=learnt.levels[run.mode]
    )
    if not seen:
        return facts, late_s
    share = way.share(seen)
    stood = next((seen - at for at, told in reversed(way.way) if at <= seen and told < share - 1e-9), 0.0)
    return Facts(
        legs=ahead, departed=departed, seen=round(seen), left_m=round((1 - share) * plan.distance_m),
        standing_s=round(stood) if way.share(seen - 600) >= share - 1e-9 else 0, factors=facts.factors, levels=facts.levels,
    ), late_s  # fmt: skip


def _leg(learnt: Learnt, run: PlannedRun, number: int) -> Leg:
    leg = run.legs[number]
    halt_s = leg.departs - run.legs[number - 1].arrives if number else 0
    return Leg(
        stop=leg.destination, mode=run.mode, departs=leg.departs, arrives=leg.arrives, halt_s=halt_s, distance_m=leg.distance_m,
        history=tuple(learnt.legs[key] for key in _keys(run, leg)), halts=tuple(learnt.halts[key] for key in _halt_keys(run, leg)),
    )  # fmt: skip

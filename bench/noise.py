"""What really happens to planned runs: delays, traffic, weather, rests, queues, silent terminals.

Whoever tunes `core/eta` does not read this module: constants are chosen by scores on the train seeds alone, and reported on a seed
that was not used for it. Replace it, or its seed, to try the estimates on another world: `Truth(seed).drive(run)` is all there is.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from random import Random

from huoji.core.milestone import Mode

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """One leg by the timetable; epoch seconds and metres."""

    origin: str
    destination: str
    departs: int
    arrives: int
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A run of one vehicle by the timetable."""

    number: str
    carrier: str
    mode: Mode
    legs: tuple[PlannedLeg, ...]


@dataclass(slots=True, kw_only=True)
class MadeLeg:
    """A leg as it went: `way` is (time, part of the way) at its bends, `silent` the spans in which nobody heard of it."""

    departed: int
    arrived: int
    way: list[tuple[float, float]]
    silent: list[tuple[float, float]] = field(default_factory=list)
    every_s: int = 60

    def share(self, at: float) -> float:
        """Return how far along it was."""
        after = bisect_right(self.way, at, key=lambda bend: bend[0])
        if after == 0:
            return 0.0
        if after == len(self.way):
            return 1.0
        (at0, share0), (at1, share1) = self.way[after - 1], self.way[after]
        return share0 + (share1 - share0) * (at - at0) / (at1 - at0)

    def last_seen(self, now: float) -> float:
        """Return when it was heard of last, 0 for never on this leg."""
        at = self.departed + (now - self.departed) // self.every_s * self.every_s
        for begin, end in reversed(self.silent):
            if begin <= at < end:
                at = begin
        return at if at > self.departed else 0


class Truth:
    """One world; everything in it follows from the seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.lanes: dict[tuple[str, str, Mode], tuple[float, int, int, float]] = {}
        self.days: dict[tuple[str, int], float] = {}

    def drive(self, run: PlannedRun) -> list[MadeLeg]:
        """Return how the legs of a run went."""
        dice = Random(f"{self.seed}/{run.number}")
        driver = dice.lognormvariate(0, 0.04)
        made: list[MadeLeg] = []
        for number, leg in enumerate(run.legs):
            if number == 0:
                departed = leg.departs + self._start_late(run.mode, dice)
            else:
                planned_s = leg.departs - run.legs[number - 1].arrives
                departed = self._leave(run, leg, made[-1].arrived, planned_s, dice)
            made.append(self._go(run, leg, round(departed), driver, dice))
        return made

    def _start_late(self, mode: Mode, dice: Random) -> float:
        match mode:
            case Mode.ROAD:
                return dice.gauss(0, 6 * MINUTE) + (dice.expovariate(1 / (50 * MINUTE)) if dice.random() < 0.3 else 0)
            case Mode.SEA:
                return dice.gauss(0, 2 * HOUR) + (dice.expovariate(1 / (20 * HOUR)) if dice.random() < 0.35 else 0)
            case Mode.AIR:
                late = dice.expovariate(1 / (35 * MINUTE)) - 8 * MINUTE
                return late + (DAY if dice.random() < 0.03 else 0)
            case _:
                return dice.expovariate(1 / (25 * MINUTE)) + (4 * HOUR if dice.random() < 0.05 else 0)

    def _leave(self, run: PlannedRun, leg: PlannedLeg, came: int, planned_s: float, dice: Random) -> float:
        busy = self._day(leg.origin, came // DAY)
        handling = planned_s * 0.55 * busy * dice.lognormvariate(0, 0.3)
        early = 5 * MINUTE if run.mode is Mode.ROAD else 0
        return max(leg.departs - early + dice.expovariate(1 / (6 * MINUTE)), came + handling)

    def _lane(self, leg: PlannedLeg, mode: Mode) -> tuple[float, int, int, float]:
        """Return the lane's own factor, and the span of days with works on it and how much they cost."""
        key = (leg.origin, leg.destination, mode)
        if key not in self.lanes:
            dice = Random(f"{self.seed}/lane/{key}")
            begin = leg.departs // DAY + dice.randrange(10, 120)
            cost = dice.uniform(1.1, 1.35) if dice.random() < 0.25 else 1.0
            self.lanes[key] = dice.lognormvariate(0.02, 0.06), begin, begin + dice.randrange(10, 45), cost
        return self.lanes[key]

    def _day(self, place: str, day: int) -> float:
        """Return how slow a day is at a place: weather and crowds, that last for some days."""
        key = (place[:1], day)
        if key not in self.days:
            dice = Random(f"{self.seed}/day/{key}")
            before = self.days.get((place[:1], day - 1), 1.0)
            shock = dice.uniform(0.15, 0.6) if dice.random() < 0.06 else 0.0
            self.days[key] = min(1.8, 1 + 0.6 * (before - 1) + shock + abs(dice.gauss(0, 0.03)))
        return self.days[key]

    def _go(self, run: PlannedRun, leg: PlannedLeg, departed: int, driver: float, dice: Random) -> MadeLeg:
        own, begin, end, cost = self._lane(leg, run.mode)
        works = cost if begin <= departed // DAY < end else 1.0
        planned_s = leg.arrives - leg.departs
        match run.mode:
            case Mode.ROAD:
                way = self._road(leg, departed, planned_s * own * works * driver * 0.93, dice)
            case Mode.SEA:
                way = self._sea(leg, departed, planned_s * own * 0.97, dice)
            case _:
                slow = (
                    own * dice.lognormvariate(0, 0.03) * (1 + 0.3 * (self._day(leg.destination, departed // DAY) - 1))
                )
                wait = dice.expovariate(1 / (20 * MINUTE)) if run.mode is Mode.AIR else dice.expovariate(1 / HOUR)
                way = [
                    (departed, 0.0),
                    (departed + planned_s * slow * 0.97, 0.99),
                    (departed + planned_s * slow + wait, 1.0),
                ]
        made = MadeLeg(departed=departed, arrived=round(way[-1][0]), way=way)
        self._silence(run.mode, made, dice)
        return made

    def _road(self, leg: PlannedLeg, departed: int, moving_s: float, dice: Random) -> list[tuple[float, float]]:
        at, share, since_rest = float(departed), 0.0, 0.0
        way = [(at, share)]
        rest_after = dice.uniform(3.4, 4.6) * HOUR
        sleeps = leg.distance_m > 600_000 and dice.random() < 0.2
        per_step = 10 * MINUTE
        while share < 1:
            hour = (at / HOUR + 8) % 24
            crowd = 1.0
            if 7 <= hour < 9.5 or 16.5 <= hour < 19.5:
                crowd = 1.18 + (0.25 if share < 0.08 or share > 0.92 else 0)
            elif hour < 5:
                crowd = 0.94
            slow = (
                crowd
                * self._day(leg.origin if share < 0.5 else leg.destination, int(at // DAY))
                * dice.lognormvariate(0, 0.08)
            )
            share = min(1.0, share + per_step / (moving_s * slow))
            at += per_step
            since_rest += per_step
            way.append((at, share))
            stand = 0.0
            if since_rest > rest_after and share < 0.97:
                stand, since_rest, rest_after = dice.uniform(18, 50) * MINUTE, 0.0, dice.uniform(3.4, 4.6) * HOUR
            if sleeps and share > 0.45:
                stand, sleeps = stand + dice.uniform(4, 7) * HOUR, False
            chance = per_step / (moving_s * slow) * leg.distance_m / 1e6
            if dice.random() < 0.45 * chance:
                stand += dice.expovariate(1 / (55 * MINUTE))
            if dice.random() < 0.02 * chance:
                stand += dice.uniform(3, 10) * HOUR
            if stand and share < 1:
                at += stand
                way.append((at, share))
        return way

    def _sea(self, leg: PlannedLeg, departed: int, moving_s: float, dice: Random) -> list[tuple[float, float]]:
        at, share, voyage = float(departed), 0.0, dice.lognormvariate(0, 0.03)
        way = [(at, share)]
        weather = 1.0
        while share < 0.99:
            weather = 1 + 0.8 * (weather - 1) + (dice.uniform(0.1, 0.5) if dice.random() < 0.03 else 0)
            share = min(0.99, share + 3 * HOUR / (moving_s * voyage * weather))
            at += 3 * HOUR
            way.append((at, share))
        crowded = self._day(leg.destination, int(at // DAY))
        if dice.random() < 0.3 * crowded:
            at += dice.expovariate(1 / (14 * HOUR)) * crowded
            way.append((at, 0.99))
        way.append((at + dice.uniform(1, 4) * HOUR, 1.0))
        return way

    def _silence(self, mode: Mode, made: MadeLeg, dice: Random) -> None:
        length = made.arrived - made.departed
        match mode:
            case Mode.ROAD:
                if dice.random() < 0.02:
                    made.silent.append((made.departed, made.arrived))
                elif dice.random() < 0.1:
                    begin = made.departed + dice.random() * length
                    made.silent.append((begin, begin + dice.uniform(0.4, 3) * HOUR))
            case Mode.SEA:
                made.every_s = 600
                made.silent = [
                    (made.departed + length * a, made.departed + length * b)
                    for a, b in ((0.1, 0.3), (0.4, 0.6), (0.65, 0.85))
                ]
            case _:
                made.silent.append((made.departed, made.arrived))

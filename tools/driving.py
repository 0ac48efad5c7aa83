"""A believable drive between two points: a truck that speeds up, slows down for turns, waits at lights, and arrives."""

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

EARTH_M = 6_371_008.8
CRUISE_MS = (15.0, 25.0)  # 54 to 90 km/h
SPEED_UP_MS2, SLOW_DOWN_MS2 = 0.7, 1.2
TURN_MS = 7.0  # speed at a sharp corner
SHARP_DEG = 35.0
STOP_CHANCE, STOP_S = 0.25, (10, 60)  # at each corner: a light
LEG_M = 1_500.0  # between corners, about
MIN_LEGS = 3
WANDER = 0.12  # how far corners lie beside the straight line, as a part of a leg
NOISE_M = 2.5  # of the receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where the truck is: degrees WGS-84, metres a second, degrees from north."""

    latitude: float
    longitude: float
    speed_ms: float
    direction: float
    driven_m: float


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Measure the way between two points (haversine)."""
    lat1, lat2 = math.radians(one[0]), math.radians(other[0])
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def bearing(one: tuple[float, float], other: tuple[float, float]) -> float:
    lat1, lat2, turn = math.radians(one[0]), math.radians(other[0]), math.radians(other[1] - one[1])
    east = math.sin(turn) * math.cos(lat2)
    north = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(turn)
    return math.degrees(math.atan2(east, north)) % 360


def _corners(start: tuple[float, float], end: tuple[float, float], dice: random.Random) -> list[tuple[float, float]]:
    """Lay corners beside the straight line, as roads do."""
    legs = max(MIN_LEGS, round(metres(start, end) / LEG_M))
    north, east = end[0] - start[0], end[1] - start[1]
    between = []
    for leg in range(1, legs):
        aside = dice.uniform(-WANDER, WANDER) / legs
        between.append((start[0] + north * leg / legs + east * aside, start[1] + east * leg / legs - north * aside))
    return [start, *between, end]


def drive(
    start: tuple[float, float], end: tuple[float, float], *, seed: int = 0, step_s: float = 1.0
) -> Iterator[Moment]:
    """Drive from start to end and give a moment for every step; the last one stands still at the end."""
    dice = random.Random(seed)
    corners = _corners(start, end, dice)
    speed = driven = 0.0
    for index, (here, there) in enumerate(itertools.pairwise(corners)):
        length, course = metres(here, there), bearing(here, there)
        after = bearing(there, corners[index + 2]) if index + 2 < len(corners) else None
        turn = abs((after - course + 180) % 360 - 180) if after is not None else 180.0
        stops = after is None or dice.random() < STOP_CHANCE
        leave_at = 0.0 if stops else (TURN_MS if turn > SHARP_DEG else CRUISE_MS[0])
        cruise, gone = dice.uniform(*CRUISE_MS), 0.0
        while gone < length:
            left = length - gone
            may = math.sqrt(leave_at**2 + 2 * SLOW_DOWN_MS2 * left)
            speed = max(min(speed + SPEED_UP_MS2 * step_s, cruise, may), 1.0)
            gone += speed * step_s
            driven += speed * step_s
            part = min(gone / length, 1.0)
            at = (here[0] + (there[0] - here[0]) * part, here[1] + (there[1] - here[1]) * part)
            yield _seen(at, speed, course, driven, dice)
        if stops:
            speed = 0.0
            for _ in range(round(dice.uniform(*STOP_S) / step_s) if after is not None else 1):
                yield _seen(there, 0.0, course, driven, dice)


def _seen(at: tuple[float, float], speed: float, course: float, driven: float, dice: random.Random) -> Moment:
    """Give the moment as a receiver sees it, a little beside the truth."""
    north, east = dice.gauss(0, NOISE_M), dice.gauss(0, NOISE_M)
    return Moment(
        latitude=at[0] + math.degrees(north / EARTH_M),
        longitude=at[1] + math.degrees(east / EARTH_M / math.cos(math.radians(at[0]))),
        speed_ms=max(speed + dice.gauss(0, 0.15), 0.0) if speed else 0.0,
        direction=(course + dice.gauss(0, 1.5)) % 360,
        driven_m=driven,
    )

"""The ways of the demonstration: how a road bends between two towns, and round which capes a ship sails."""

from collections.abc import Mapping, Sequence
from math import cos, pi, radians, sin

from huoji.core.demo.dice import Dice
from huoji.core.geo import LatLon, distance_m

BEND_EVERY_M = 40_000
BENDS_MIN, BENDS_MAX = 3, 40

_CHINA_SEA: tuple[LatLon, ...] = (
    (27.0, 121.8), (24.4, 119.4), (21.8, 116.5), (17.5, 113.8), (12.0, 111.5), (7.0, 107.5), (2.5, 105.3), (1.28, 104.45),
)  # fmt: skip
_SUEZ: tuple[LatLon, ...] = (
    (1.18, 103.7), (1.3, 103.2), (2.8, 101.0), (4.0, 99.8), (6.0, 97.3), (6.2, 94.5), (5.6, 80.5), (8.0, 72.5), (12.4, 52.0), (12.3, 45.0),
    (12.6, 43.3), (15.5, 41.6), (20.0, 38.6), (27.5, 34.3), (29.9, 32.55), (31.3, 32.35), (33.6, 26.0), (35.4, 19.0), (36.4, 14.2),
    (37.2, 11.2), (37.6, 4.0), (36.2, -2.5), (35.95, -5.6), (36.6, -9.4), (43.5, -9.9), (48.7, -6.0), (50.1, -1.5), (51.05, 1.5), (51.98, 3.7),
)  # fmt: skip
_GULF: tuple[LatLon, ...] = ((8.2, 106.7), (8.0, 104.3), (9.5, 102.3), (12.5, 100.6))
# Only between the calls of the six ships; the way back is the same.
SEA: Mapping[tuple[str, str], tuple[LatLon, ...]] = {
    ("CNSHA", "KRPUS"): ((31.2, 122.6), (32.6, 126.0), (34.2, 128.5)),
    ("KRPUS", "USLAX"): (
        (35.4, 130.4), (38.5, 135.6), (41.2, 139.6), (41.5, 140.5), (41.6, 141.8), (45.0, 155.0), (48.5, 172.0), (48.8, -172.0), (46.0, -150.0),
        (40.0, -132.0), (34.1, -121.0), (33.6, -118.7),
    ),
    ("CNSHA", "USLAX"): (
        (31.2, 122.5), (31.0, 125.0), (30.0, 130.0), (31.0, 134.0), (34.5, 145.0), (40.0, 165.0), (42.0, -178.0), (41.0, -155.0), (37.0, -135.0),
        (33.6, -119.6),
    ),
    ("CNNGB", "SGSIN"): ((29.8, 122.7), *_CHINA_SEA),
    ("SGSIN", "MYTPP"): ((1.18, 103.72), (1.22, 103.58)),
    ("CNNGB", "MYTPP"): ((29.8, 122.7), *_CHINA_SEA, (1.2, 103.85), (1.2, 103.62)),
    ("CNYTN", "VNSGN"): ((22.2, 114.5), (19.0, 113.0), (15.5, 110.6), (12.0, 110.0), (10.0, 108.0), (10.25, 107.05)),
    ("VNSGN", "THLCH"): ((10.25, 107.05), *_GULF),
    ("CNYTN", "THLCH"): ((22.2, 114.5), (19.0, 113.0), (15.5, 110.6), (12.0, 110.0), (10.2, 108.8), *_GULF),
    ("CNTAO", "JPTYO"): (
        (35.8, 120.8), (34.0, 123.5), (31.6, 128.0), (30.05, 130.0), (31.0, 133.0), (33.3, 137.2), (34.5, 138.9), (34.95, 139.72), (35.25, 139.75),
    ),
    ("CNSHA", "SGSIN"): ((31.0, 122.7), *_CHINA_SEA),
    ("SGSIN", "NLRTM"): _SUEZ,
    ("CNSHA", "NLRTM"): ((31.0, 122.7), *_CHINA_SEA, (1.2, 103.85), *_SUEZ),
    ("CNXMN", "CNNSA"): ((24.2, 118.4), (22.9, 117.2), (22.05, 114.7), (21.85, 113.85), (22.4, 113.75)),
    ("CNNSA", "IDJKT"): (
        (22.4, 113.75), (21.7, 113.8), (17.5, 113.8), (12.0, 111.5), (7.0, 108.0), (2.0, 106.5), (-0.6, 106.9), (-2.8, 107.1), (-4.5, 106.9),
        (-5.9, 106.9),
    ),
    ("CNXMN", "IDJKT"): (
        (24.2, 118.4), (21.8, 116.5), (17.5, 113.8), (12.0, 111.5), (7.0, 108.0), (2.0, 106.5), (-0.6, 106.9), (-2.8, 107.1), (-4.5, 106.9),
        (-5.9, 106.9),
    ),
}  # fmt: skip


def way(here: str, there: str, places: Mapping[str, LatLon]) -> list[LatLon]:
    """Return the way between two sites, both ends included."""
    start, end = places[here], places[there]
    if (here, there) in SEA:
        return [start, *SEA[here, there], end]
    if (there, here) in SEA:
        return [start, *reversed(SEA[there, here]), end]
    return road(here, there, start, end)


def road(here: str, there: str, start: LatLon, end: LatLon) -> list[LatLon]:
    """Return a road that bends as roads do, the same between two towns in either direction."""
    if here > there:
        return road(there, here, end, start)[::-1]
    dice = Dice(f"road {here} {there}")
    bends = [(waves, dice.between(-70, 70) / 1_000 / waves) for waves in (1, 2, 7)]
    count = max(BENDS_MIN, min(BENDS_MAX, round(distance_m(start, end) / BEND_EVERY_M)))
    north, east, shrink = end[0] - start[0], end[1] - start[1], cos(radians(start[0]))
    line = [start]
    for step in range(1, count):
        part = step / count
        side = sum(width * sin(waves * pi * part) for waves, width in bends)
        line.append((start[0] + north * part + east * shrink * side, start[1] + east * part - north / shrink * side))
    return [*line, end]


def joined(ways: Sequence[Sequence[LatLon]]) -> list[LatLon]:
    """Return several ways, each beginning where the one before ends, as one."""
    whole: list[LatLon] = []
    for each in ways:
        whole += each if not whole else each[1:]
    return whole

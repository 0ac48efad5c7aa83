"""Map datums for display: WGS-84, in which all is kept, to the shifted GCJ-02 and BD-09 of mainland base maps, and back.

What leaves here says which datum it is in, so that nothing is shifted twice. The area below tells where the shift of the
mainland's base maps applies, coarsely and rather too small than too large; it says nothing about any border.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import atan2, cos, hypot, pi, radians, sin, sqrt

from huoji.core.geo import LatLon

AXIS_M = 6_378_245.0  # Krasovsky 1940, of which GCJ-02 is made
ECCENTRICITY_2 = 0.00669342162296594323
BD_TURN = pi * 3000 / 180
INVERSE_STEPS_MAX = 12
INVERSE_DEG = 1e-11  # a micrometre

# (lat, lon), clockwise from the mouth of the Yalu; on the coast some 20 km off it.
MAINLAND: tuple[LatLon, ...] = (
    (39.60, 124.10), (39.95, 124.27), (40.10, 124.375), (40.20, 124.47), (40.47, 124.88), (40.75, 125.55), (40.92, 125.98), (41.09, 126.15), (41.35, 126.50),
    (41.70, 126.92), (41.48, 127.25), (41.41, 128.10), (41.413, 128.24), (41.58, 128.30), (42.00, 128.10), (42.04, 129.00), (42.45, 129.35),
    (42.44, 129.72), (42.78, 129.77), (42.97, 129.87), (42.93, 130.12), (42.60, 130.43), (42.42, 130.60), (42.70, 130.75), (42.88, 130.87),
    (43.45, 131.28), (44.05, 131.26), (44.42, 131.20), (44.85, 131.05), (45.05, 131.65), (45.25, 132.90), (45.80, 133.42), (46.80, 133.90),
    (47.70, 134.60), (48.33, 134.70), (48.40, 134.35), (48.25, 133.60), (47.90, 132.60), (47.72, 131.10), (48.30, 130.72), (48.85, 130.35), (49.45, 129.00),
    (49.60, 127.85), (50.10, 127.52), (50.255, 127.515), (50.35, 127.30), (51.20, 126.88), (52.10, 126.40), (52.80, 125.60), (53.10, 124.40), (53.45, 122.90), (53.28, 121.40),
    (53.20, 120.20), (52.65, 120.10), (52.10, 120.70), (51.35, 119.90), (50.35, 119.20), (49.95, 118.50), (49.62, 117.80), (49.61, 117.37),
    (49.55, 117.00), (49.83, 116.70), (48.90, 116.05), (47.90, 115.60), (47.70, 116.50), (47.90, 117.80), (47.98, 118.55), (46.85, 119.70),
    (46.65, 118.00), (46.35, 116.60), (45.75, 115.70), (45.40, 114.60), (44.90, 113.60), (45.05, 112.40), (44.40, 111.60), (43.69, 111.98),
    (43.40, 111.20), (42.65, 109.90), (42.40, 107.50), (41.70, 105.10), (41.85, 103.40), (42.55, 101.90), (42.65, 100.00), (42.70, 97.10),
    (42.80, 96.30), (44.20, 95.40), (44.90, 93.40), (45.00, 91.60), (45.45, 90.80), (46.40, 90.95), (47.70, 90.20), (48.10, 88.80),
    (48.70, 87.90), (49.08, 87.30), (48.95, 86.70), (48.40, 85.80), (47.15, 85.55), (46.95, 84.90), (46.95, 83.90), (45.60, 82.40),
    (45.20, 82.50), (45.05, 82.15), (45.25, 80.90), (44.85, 79.95), (44.22, 80.40), (43.20, 80.75), (42.75, 80.30), (42.10, 80.15), (41.65, 79.10), (41.00, 78.10),
    (41.00, 76.90), (40.45, 76.45), (40.30, 75.50), (39.85, 74.00), (39.50, 73.75), (38.55, 73.95), (37.50, 74.95), (37.05, 75.20),
    (36.75, 75.85), (35.90, 76.30), (35.50, 77.90), (34.60, 78.95), (33.55, 78.85), (32.60, 78.85), (31.50, 78.90), (31.00, 79.45),
    (30.30, 81.15), (30.10, 82.20), (29.30, 83.70), (28.95, 84.20), (28.60, 85.10), (28.28, 85.40), (27.965, 85.975), (28.10, 86.20),
    (27.95, 87.20), (27.88, 88.20), (28.05, 88.75), (27.50, 88.78), (27.32, 88.92), (27.50, 88.98), (28.10, 89.50), (28.25, 90.60), (27.95, 91.60), (27.75, 91.70),
    (28.05, 92.70), (28.65, 93.50), (29.20, 94.50), (29.25, 95.80), (28.75, 96.30), (28.35, 97.30), (28.15, 98.10), (27.50, 98.50),
    (25.85, 98.70), (25.25, 98.10), (24.75, 97.55), (23.95, 97.72), (24.00, 97.83), (24.04, 97.95), (23.95, 98.60), (23.15, 98.90), (22.15, 99.30), (22.00, 99.95),
    (21.50, 100.25), (21.55, 101.10), (21.20, 101.30), (21.172, 101.69), (21.175, 101.75), (21.65, 101.82), (22.40, 101.65), (22.50, 102.30), (22.80, 102.50), (22.55, 103.10),
    (22.80, 103.45), (22.52, 103.94), (22.55, 104.03), (22.82, 104.30), (22.80, 104.80), (23.20, 105.35), (22.95, 105.90), (22.95, 106.75),
    (22.45, 106.60), (22.00, 106.72), (21.65, 107.10), (21.60, 107.60), (21.539, 107.90), (21.539, 107.985), (21.42, 108.10), (21.10, 108.30), (20.30, 109.20),
    (19.20, 108.35), (18.20, 108.50), (17.95, 109.50), (18.25, 110.40), (19.40, 111.15), (20.40, 111.20), (21.10, 111.60), (21.50, 112.70),
    (21.80, 113.30), (21.85, 114.20), (22.10, 114.90), (22.50, 115.60), (22.70, 116.60), (23.20, 117.30), (24.15, 118.40), (24.75, 119.15),
    (25.35, 120.00), (26.30, 120.30), (27.10, 120.75), (27.90, 121.40), (28.60, 122.00), (29.30, 122.40), (29.90, 122.90), (30.90, 122.95),
    (31.80, 122.30), (33.20, 121.10), (34.40, 120.60), (35.20, 119.90), (35.90, 120.60), (36.60, 121.70), (36.85, 122.75), (37.50, 122.90),
    (37.80, 121.80), (38.50, 120.90), (38.60, 121.30), (38.85, 122.00), (39.20, 123.10),
)  # fmt: skip
# Within or beside it, on base maps that are not shifted.
UNSHIFTED: tuple[tuple[LatLon, ...], ...] = (
    (  # Hong Kong
        (22.42, 113.86), (22.475, 113.96), (22.505, 114.02), (22.513, 114.07), (22.531, 114.11), (22.543, 114.15), (22.548, 114.225),
        (22.562, 114.24), (22.562, 114.43), (22.44, 114.47), (22.33, 114.50), (22.13, 114.50), (22.13, 113.83), (22.20, 113.83),
    ),
    ((22.217, 113.533), (22.217, 113.553), (22.21, 113.61), (22.10, 113.61), (22.10, 113.553), (22.17, 113.540)),  # Macau
    ((24.38, 118.21), (24.46, 118.21), (24.525, 118.33), (24.535, 118.42), (24.48, 118.52), (24.38, 118.50)),  # Kinmen
    ((26.08, 119.88), (26.28, 119.94), (26.28, 120.10), (26.40, 120.30), (26.40, 120.55), (26.08, 120.30)),  # Matsu
)  # fmt: skip


class Datum(StrEnum):
    """What a pair of degrees refers to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"  # 高德, 腾讯
    BD09 = "bd09"  # 百度


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A position for a base map, and the datum it is really in: outside the mainland it stays WGS-84."""

    lat: float
    lon: float
    datum: Datum


def is_shifted(lat: float, lon: float) -> bool:
    """Tell whether base maps are shifted there (WGS-84)."""
    return _within(lat, lon, MAINLAND) and not any(_within(lat, lon, area) for area in UNSHIFTED)


def show(lat: float, lon: float, *, datum: Datum) -> Shown:
    """Return a kept position for a base map of that datum."""
    if datum is Datum.WGS84 or not is_shifted(lat, lon):
        return Shown(lat=lat, lon=lon, datum=Datum.WGS84)
    lat, lon = _gcj(lat, lon)
    if datum is Datum.BD09:
        lat, lon = _bd(lat, lon)
    return Shown(lat=lat, lon=lon, datum=datum)


def keep(shown: Shown) -> LatLon:
    """Return the WGS-84 position of what is shown, within a millimetre."""
    if shown.datum is Datum.WGS84:
        return shown.lat, shown.lon
    lat, lon = shown.lat, shown.lon
    if shown.datum is Datum.BD09:
        lat, lon = _inverse(lat, lon, of=Datum.BD09)
    return _inverse(lat, lon, of=Datum.GCJ02)


def _inverse(lat: float, lon: float, *, of: Datum) -> LatLon:
    forward = _gcj if of is Datum.GCJ02 else _bd
    guess_lat, guess_lon = lat, lon
    for _ in range(INVERSE_STEPS_MAX):
        there_lat, there_lon = forward(guess_lat, guess_lon)
        guess_lat, guess_lon = guess_lat + lat - there_lat, guess_lon + lon - there_lon
        if abs(lat - there_lat) + abs(lon - there_lon) < INVERSE_DEG:
            break
    return guess_lat, guess_lon


def _waves(value: float, *, big: float, small: float) -> float:
    return 20 * sin(value * pi) + 40 * sin(value * pi / 3) + big * sin(value * pi / 12) + small * sin(value * pi / 30)


def _gcj(lat: float, lon: float) -> LatLon:
    """Shift WGS-84 to GCJ-02, by the public constants."""
    x, y = lon - 105, lat - 35
    fine = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    mixed = 0.1 * x * y
    north = (
        -100 + 2 * x + 3 * y + 0.2 * y * y + mixed + 0.2 * sqrt(abs(x)) + (fine + _waves(y, big=160, small=320)) * 2 / 3
    )
    east = 300 + x + 2 * y + 0.1 * x * x + mixed + 0.1 * sqrt(abs(x)) + (fine + _waves(x, big=150, small=300)) * 2 / 3
    bent = 1 - ECCENTRICITY_2 * sin(radians(lat)) ** 2
    metres_north = AXIS_M * (1 - ECCENTRICITY_2) / (bent * sqrt(bent)) * pi / 180
    metres_east = AXIS_M / sqrt(bent) * cos(radians(lat)) * pi / 180
    return lat + north / metres_north, lon + east / metres_east


def _bd(lat: float, lon: float) -> LatLon:
    """Shift GCJ-02 to BD-09, by the public constants."""
    length = hypot(lon, lat) + 0.00002 * sin(lat * BD_TURN)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * BD_TURN)
    return length * sin(angle) + 0.006, length * cos(angle) + 0.0065


def _within(lat: float, lon: float, area: tuple[LatLon, ...]) -> bool:
    inside = False
    for (lat1, lon1), (lat2, lon2) in pairwise((*area, area[0])):
        if (lat1 > lat) != (lat2 > lat) and lon < lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1):
            inside = not inside
    return inside

"""Where the cargo is by its vehicle or vessel, cut to what a reader may know: a lorry's place is a driver's, a ship's is public."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from huoji.core.answer import Audience
from huoji.core.cities import CITIES, PORTS
from huoji.core.fleet import ConveyanceKind
from huoji.core.freshness import LIVE
from huoji.core.geo import MICRO, quick_m
from huoji.core.sight import Whereabouts

GRID_E6 = 50_000  # 0.05 degrees, about 5 km: what the public is told of a lorry
GRID_M = 5_000
PLACES = (
    *((city.name, city.name_en, city.lat, city.lon) for city in CITIES),
    *((port.name, port.name_en, port.lat, port.lon) for port in PORTS),
)
NEAR_M = 80_000  # further than that nothing is near
MINUTE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The last position of what carries the cargo, as it was told; WGS-84 microdegrees, speed in 0.1 km/h."""

    kind: ConveyanceKind
    at: int
    lat_e6: int
    lon_e6: int
    speed_dkmh: int
    course: int | None
    nav: int | None
    source: str


def may_see_exactly(kind: ConveyanceKind, audience: Audience, *, sees_fleet: bool) -> bool:
    """Tell whether a reader is told the place as it was: of a vessel everybody, of a vehicle only staff who see the fleet."""
    return kind is ConveyanceKind.VESSEL or (audience is Audience.STAFF and sees_fleet)


def cut(seen: Seen, *, audience: Audience, sees_fleet: bool, now: int) -> Whereabouts:
    """Return what a reader may know of a position."""
    exact = may_see_exactly(seen.kind, audience, sees_fleet=sees_fleet)
    lat_e6 = seen.lat_e6 if exact else _coarse(seen.lat_e6)
    lon_e6 = seen.lon_e6 if exact else _coarse(seen.lon_e6)
    at = seen.at if exact else seen.at // MINUTE_S * MINUTE_S
    return Whereabouts(
        kind=seen.kind, at=at, age_s=max(0, now - at), is_stale=now - seen.at > LIVE[seen.kind].total_seconds(),
        lat=lat_e6 / MICRO, lon=lon_e6 / MICRO, precision_m=0 if exact else GRID_M,
        near=near(_coarse(lat_e6), _coarse(lon_e6)),
        speed_kmh=seen.speed_dkmh / 10 if exact and seen.speed_dkmh >= 0 else None,
        course=seen.course if exact else None, nav=seen.nav if exact else None, source=seen.source,
    )  # fmt: skip


def coarse(degrees: float) -> float:
    """Return a degree of a vehicle's place as exactly as those may know it who do not see the fleet."""
    return _coarse(round(degrees * MICRO)) / MICRO


def cut_told(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a position that was rendered for somebody who sees the fleet as anybody else may read it."""
    if told["kind"] == ConveyanceKind.VESSEL or told["precision_m"]:
        return dict(told)
    exact = {"lat": coarse(told["lat"]), "lon": coarse(told["lon"]), "precision_m": GRID_M}
    return {**told, **exact, "speed_kmh": None, "course": None, "nav_status": None}


def _coarse(e6: int) -> int:
    return round(e6 / GRID_E6) * GRID_E6


@lru_cache(maxsize=10_000)
def near(lat_e6: int, lon_e6: int) -> tuple[str, str]:
    """Return the nearest city or port in Chinese and English, or nothing when none is near."""
    best, names = float(NEAR_M), ("", "")
    for name, name_en, lat, lon in PLACES:
        distance = quick_m(lat_e6, lon_e6, round(lat * MICRO), round(lon * MICRO))
        if distance < best:
            best, names = distance, (name, name_en)
    return names

"""Places of the carrier: sites, how their names are compared, and what makes a site's data wrong."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from huoji.core.moment import CHINA_MIN
from huoji.core.numbers import half_width
from huoji.core.wording import Lang

CODE_LENGTH_MAX = 20
NAME_LENGTH_MAX = 80
ALIAS_LENGTH_MAX = 120
PHONE_LENGTH_MAX = 40

CODE_SHAPE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,19}")
LOCODE_SHAPE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
AREA_SHAPE = re.compile(r"[1-9]\d{5}")
LATITUDE_MAX = 90
LONGITUDE_MAX = 180


class SiteKind(StrEnum):
    """What a site is for."""

    OUTLET = "outlet"  # 网点
    HUB = "hub"  # 分拨中心
    PORT = "port"
    WAREHOUSE = "warehouse"
    AIRPORT = "airport"
    PICKUP_POINT = "pickup_point"  # 驿站


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDraft:
    """What somebody says of a site. `area` is a GB/T 2260 code, `lat` and `lon` are WGS-84 degrees."""

    code: str
    name: str
    name_en: str = ""
    kind: SiteKind
    locode: str = ""
    area: str = ""
    lat: float | None = None
    lon: float | None = None
    time_zone: str = "Asia/Shanghai"
    phone: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site as every reader of the process knows it."""

    id: int
    code: str
    name: str
    name_en: str
    kind: SiteKind
    locode: str
    area: str
    lat: float | None
    lon: float | None
    time_zone: str
    phone: str
    active: bool

    def name_in(self, lang: Lang) -> str:
        """Return the name for a reader; the Chinese one when there is no other."""
        return (self.name_en if lang is Lang.EN else "") or self.name


class SiteRefusedError(ValueError):
    """The draft is no site; `field` names what is wrong with it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def check_site(draft: SiteDraft) -> SiteDraft:
    """Return the draft, or raise SiteRefusedError naming its first faulty field."""
    rules = {
        "code": CODE_SHAPE.fullmatch(draft.code),
        "name": 0 < len(draft.name.strip()) <= NAME_LENGTH_MAX,
        "name_en": len(draft.name_en) <= NAME_LENGTH_MAX,
        "locode": not draft.locode or LOCODE_SHAPE.fullmatch(draft.locode),
        "area": not draft.area or AREA_SHAPE.fullmatch(draft.area),
        "lat": draft.lat is None or abs(draft.lat) <= LATITUDE_MAX,
        "lon": draft.lon is None or abs(draft.lon) <= LONGITUDE_MAX,
        "position": (draft.lat is None) == (draft.lon is None),
        "time_zone": is_time_zone(draft.time_zone),
        "phone": len(draft.phone) <= PHONE_LENGTH_MAX,
    }
    for field, holds in rules.items():
        if not holds:
            raise SiteRefusedError(field)
    return draft


def offset_min(place: Place | None, at: datetime) -> int:
    """Return by how many minutes the clocks of a site are ahead of UTC at a moment; China's where the site is not known."""
    zone = _zone(place.time_zone) if place else None
    ahead = at.astimezone(zone).utcoffset() if zone else None
    return CHINA_MIN if ahead is None else int(ahead.total_seconds()) // 60


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def place_key(text: str) -> str:
    """Return the form in which texts of places are compared: half-width, one case, letters, digits and Han alone."""
    return "".join(char for char in half_width(text).casefold() if char.isalnum())

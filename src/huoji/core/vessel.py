"""What a vessel's own report means to us: navigational status, emergencies, units, and the year that AIS leaves out of an arrival."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from huoji.core.alarm import AGROUND, NOT_UNDER_COMMAND, SART
from huoji.core.position import UNKNOWN

KM_PER_NM = 1.852
SART_HEARD_M = 18_520  # ten nautical miles: about as far as a distress beacon on the water is heard by a vessel
SART_SILENT = timedelta(minutes=30)
ETA_BACK, ETA_AHEAD = timedelta(days=180), timedelta(days=185)
NAV_SHIFT = 32  # above the 32 bits that road terminals use


class Nav(IntEnum):
    """Navigational status, ITU-R M.1371-5 table 45."""

    UNDER_WAY = 0
    AT_ANCHOR = 1
    NOT_UNDER_COMMAND = 2
    RESTRICTED = 3
    CONSTRAINED = 4
    MOORED = 5
    AGROUND = 6
    FISHING = 7
    SAILING = 8
    RESERVED_HSC = 9
    RESERVED_WIG = 10
    TOWING_ASTERN = 11
    PUSHING_AHEAD = 12
    RESERVED = 13
    SART = 14
    UNDEFINED = 15


EMERGENCIES: Mapping[int, str] = {
    Nav.NOT_UNDER_COMMAND: NOT_UNDER_COMMAND,
    Nav.AGROUND: AGROUND,
    Nav.SART: SART,
}
"""Status to the kind of alarm it raises."""


def emergency_of(nav: int | None) -> str:
    """Return the kind of alarm that a status raises, or nothing."""
    return EMERGENCIES.get(nav, "") if nav is not None else ""


def speed_dkmh(sog_dkn: int | None) -> int:
    """Return tenths of a knot as tenths of km/h; what is not known stays unknown."""
    return UNKNOWN if sog_dkn is None else round(sog_dkn * KM_PER_NM)


def course_deg(cog_ddeg: int | None) -> int:
    """Return tenths of a degree as whole degrees from 0 to 359."""
    return UNKNOWN if cog_ddeg is None else round(cog_ddeg / 10) % 360


def status_of(nav: int | None) -> int:
    """Return the status word of a point: another navigational status is something new, also of a vessel that lies still."""
    return 0 if nav is None else (nav + 1) << NAV_SHIFT


def arrival(*, month: int, day: int, hour: int, minute: int, told_at: datetime) -> datetime | None:
    """Return the arrival with its year: the one that lies nearest to when it was told; None for a day that no month has."""
    for year in (told_at.year, told_at.year + 1, told_at.year - 1):
        try:
            at = datetime(year, month, day, hour, minute, tzinfo=UTC)
        except ValueError:
            continue
        if told_at - ETA_BACK <= at < told_at + ETA_AHEAD:
            return at
    return None

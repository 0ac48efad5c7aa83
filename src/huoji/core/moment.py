"""A moment as it was told to us: an instant with its precision and offset, kept honest about what was assumed."""

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from functools import cache

import msgspec

CHINA_MIN = 480  # minutes east: the zone of what is told without one, where no source, site or setting names another


class Precision(IntEnum):
    """How exactly the source told the time."""

    DAY = 0
    MINUTE = 1
    SECOND = 2


class Moment(msgspec.Struct, frozen=True, order=True, gc=False):
    """An instant in UTC, how precise it was, its offset in minutes east, and whether that offset was only assumed.

    A day-precise moment stands at the start of that local day.
    """

    at: datetime
    precision: Precision = Precision.SECOND
    offset_min: int = CHINA_MIN
    offset_assumed: bool = False

    @property
    def local(self) -> datetime:
        return self.at.astimezone(zone_of(self.offset_min))


@cache
def zone_of(offset_min: int) -> timezone:
    """Return the fixed zone so many minutes east."""
    return timezone(timedelta(minutes=offset_min))


YEARS = range(2, 9_999)  # one to spare at each end, so that every zone can show it
OFFSET_MAX_MIN = 18 * 60  # wider than any zone that ever was


class MomentError(ValueError):
    """The text is no date or time that we can read."""


SHAPE = re.compile(
    r"(?P<y>\d{4})[-/.年]?(?P<m>\d{1,2})[-/.月]?(?P<d>\d{1,2})日?"
    r"(?:[T\s]*(?P<H>\d{1,2}):?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:[.,]\d+)?)?)?"
    r"\s*(?P<z>Z|z|[+-]\d{2}(?::?\d{2})?)?",
)


def parse(text: str, *, assumed_offset_min: int) -> Moment:
    """Read an ISO 8601 or Chinese style date or time; raise MomentError otherwise.

    Without an offset the given one (minutes east of UTC) is used and marked as assumed. Fractions of a second are dropped.
    """
    found = SHAPE.fullmatch(text.strip())
    if found is None:
        raise MomentError(text[:40])
    part = found.groupdict()
    offset_min, assumed = assumed_offset_min, True
    if zone := part["z"]:
        digits = zone[1:].replace(":", "")
        offset_min = 0 if zone in "Zz" else int(zone[0] + "1") * (int(digits[:2]) * 60 + int(digits[2:4] or 0))
        assumed = False
        if abs(offset_min) > OFFSET_MAX_MIN:
            raise MomentError(text[:40])
    precision = Precision.DAY if part["H"] is None else Precision.MINUTE if part["S"] is None else Precision.SECOND
    try:
        local = datetime(
            int(part["y"]), int(part["m"]), int(part["d"]),
            int(part["H"] or 0), int(part["M"] or 0), int(part["S"] or 0),
            tzinfo=timezone(timedelta(minutes=offset_min)),
        )  # fmt: skip
        if local.year not in YEARS:
            raise MomentError(text[:40])
        return Moment(local.astimezone(UTC), precision, offset_min, assumed)
    except (ValueError, OverflowError) as error:
        raise MomentError(text[:40]) from error

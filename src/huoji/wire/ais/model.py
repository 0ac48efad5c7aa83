"""What AIS tells, after reading: where a station is, what it is called, and lines that are odd.

ITU-R M.1371-5. What the sender does not know (SOG 102.3, COG 360, heading 511, latitude 91) is None here, never a number.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Station(StrEnum):
    """What kind of station speaks; told by the type of the message, and by the MMSI for distress beacons."""

    CLASS_A = "class_a"  # types 1, 2, 3, 5
    CLASS_B = "class_b"  # types 18, 19, 24
    LONG_RANGE = "long_range"  # type 27, heard by satellites
    BASE = "base"  # types 4, 11
    ATON = "aton"  # type 21, a buoy or a light
    AIRCRAFT = "aircraft"  # type 9, search and rescue
    BEACON = "beacon"  # MMSI 970 AIS-SART, 972 man overboard, 974 EPIRB


LAT_UNKNOWN_E6, LON_UNKNOWN_E6 = 91_000_000, 181_000_000


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a station was. Microdegrees WGS-84, tenths of a knot, tenths of a degree.

    `at_s` is the time given with the line (tag block, Gatehouse sentence or trailing field), seconds since 1970; `second` is the
    second of the UTC minute in which the position was taken. A station in distress may not know where it is: see `is_placed`.
    """

    mmsi: str
    station: Station
    type: int
    lat_e6: int
    lon_e6: int
    sog_dkn: int | None = None
    cog_ddeg: int | None = None
    heading: int | None = None
    nav: int | None = None
    second: int | None = None
    accurate: bool = False
    at_s: float | None = None

    @property
    def is_placed(self) -> bool:
        return self.lat_e6 != LAT_UNKNOWN_E6


@dataclass(frozen=True, slots=True, kw_only=True)
class Eta:
    """When the crew means to arrive, in UTC; AIS gives no year."""

    month: int
    day: int
    hour: int
    minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """What a station is called and where it is bound; a field is None when this message does not carry or not know it."""

    mmsi: str
    station: Station
    type: int
    imo: str | None = None
    name: str | None = None
    call_sign: str | None = None
    ship_type: int | None = None
    length_m: int | None = None
    beam_m: int | None = None
    draught_dm: int | None = None
    destination: str | None = None
    eta: Eta | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A sound message that tells us nothing: binary data, acknowledgements, a ship without a fix, one that is not wanted."""

    mmsi: str
    type: int


class Oddity(StrEnum):
    """Why a line was set aside."""

    NOT_NMEA = "not_nmea"
    TOO_LONG = "too_long"
    NOT_AIS = "not_ais"  # another NMEA sentence
    CHECKSUM = "checksum"
    TAG_CHECKSUM = "tag_checksum"  # of the tag block; the sentence behind it is used
    FIELDS = "fields"
    FRAGMENT = "fragment"  # its number does not fit its total
    EMPTY = "empty"
    UNKNOWN_TYPE = "unknown_type"
    TRUNCATED = "truncated"
    VALUE = "value"  # says what cannot be, such as 95° north
    INCOMPLETE = "incomplete"  # parts of a message that did not all come in time


@dataclass(frozen=True, slots=True)
class Odd:
    """A line that was set aside, with its code; `parts` is how many lines it stands for."""

    code: Oddity
    parts: int = 1


Heard = Position | Static | Other | Odd

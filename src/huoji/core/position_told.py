"""A position as a program tells it over HTTP: what it must say, and the point in WGS-84 that it means."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

import msgspec

from huoji.core import conveyance, datum
from huoji.core.datum import Datum
from huoji.core.geo import to_e6
from huoji.core.items import ItemError
from huoji.core.moment import MomentError, parse
from huoji.core.position import UNKNOWN, Point

TEXT_LENGTH_MAX = 40
LAT_MAX, LON_MAX, COURSE_MAX = 90, 180, 360
SPEED_KMH_MAX, ALTITUDE_M_MAX, MILEAGE_KM_MAX = 2_000, 20_000, 100_000_000
FIXED = 0b10  # the status bit of JT/T 808 by which a point says that the receiver had a fix


LOAD_BIT = 8  # of two


class Load(StrEnum):
    """How full a vehicle is."""

    UNKNOWN = ""
    EMPTY = "empty"
    HALF = "half"
    FULL = "full"


LOAD_BITS = {Load.UNKNOWN: 0, Load.EMPTY: 0, Load.HALF: 1, Load.FULL: 3}  # as JT/T 808 has them


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One position; it names its device, or the plate, IMO number or MMSI of what it is on."""

    at: str
    lat: float
    lon: float
    device: str = ""
    plate: str = ""
    imo: str = ""
    mmsi: str = ""
    datum: Datum = Datum.WGS84
    speed_kmh: float | None = None
    course: float | None = None
    altitude_m: float | None = None
    mileage_km: float | None = None
    load: Load = Load.UNKNOWN
    fixed: bool = True
    history: bool = False


class By(StrEnum):
    """By what a position says whose it is."""

    DEVICE = "device"
    PLATE = "plate"
    IMO = "imo"
    MMSI = "mmsi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A position that was understood: whose it is, and the point."""

    by: By
    number: str
    point: Point

    @property
    def digest(self) -> int:
        """Return what tells this point from others of the same terminal and time."""
        point = self.point
        content = (
            point.at, point.lat_e6, point.lon_e6, point.speed_dkmh, point.course_deg, point.altitude_m, point.mileage_hm,
            point.status, point.history,
        )  # fmt: skip
        hashed = hashlib.blake2b(repr(content).encode(), digest_size=8).digest()
        return int.from_bytes(hashed, "big", signed=True)


class PositionError(ItemError):
    """The position cannot be taken."""


def check(told: Told) -> Placed:
    """Return what the position means; raise PositionError otherwise."""
    by, number = _named(told)
    lat, lon = _place(told)
    return Placed(
        by=by,
        number=number,
        point=Point(
            at=_instant(told.at),
            lat_e6=to_e6(lat),
            lon_e6=to_e6(lon),
            speed_dkmh=_tenths(told.speed_kmh, most=SPEED_KMH_MAX, name="speed_kmh"),
            course_deg=UNKNOWN if told.course is None else round(_within(told.course, COURSE_MAX, "course")) % 360,
            altitude_m=_altitude(told.altitude_m),
            mileage_hm=_tenths(told.mileage_km, most=MILEAGE_KM_MAX, name="mileage_km"),
            status=(FIXED if told.fixed else 0) | LOAD_BITS[told.load] << LOAD_BIT,
            history=told.history,
            fixed=told.fixed,
        ),
    )


def _named(told: Told) -> tuple[By, str]:
    given = {
        By.DEVICE: told.device.strip(),
        By.PLATE: conveyance.plate(told.plate),
        By.IMO: conveyance.digits(told.imo),
        By.MMSI: conveyance.digits(told.mmsi),
    }
    named = [(by, text) for by, text in given.items() if text]
    if len(named) != 1:
        raise PositionError("unnamed_position", "Give exactly one of `device`, `plate`, `imo` and `mmsi`.")
    by, text = named[0]
    if len(text) > TEXT_LENGTH_MAX or not text.isprintable():
        raise PositionError("unnamed_position", f"`{by}` has at most {TEXT_LENGTH_MAX} printable characters.")
    return by, text


def _instant(text: str) -> int:
    try:
        moment = parse(text, assumed_offset_min=0)
    except MomentError as error:
        raise PositionError("invalid_time", "`at` must be ISO 8601, such as 2026-11-23T14:05:00+08:00.") from error
    if moment.offset_assumed:
        raise PositionError("invalid_time", "`at` must say its offset: 2026-11-23T14:05:00+08:00 or …Z.")
    return int(moment.at.timestamp())


def _place(told: Told) -> tuple[float, float]:
    """Return the place in WGS-84: shifted coordinates are shifted back here, once, and nowhere else."""
    if not (isfinite(told.lat) and isfinite(told.lon) and abs(told.lat) <= LAT_MAX and abs(told.lon) <= LON_MAX):
        raise PositionError("invalid_place", "`lat` is within ±90 degrees and `lon` within ±180.")
    if told.datum is Datum.WGS84:
        return told.lat, told.lon
    lat, lon = datum.keep(datum.Shown(lat=told.lat, lon=told.lon, datum=told.datum))
    # Maps are shifted on the mainland alone: a provider's GCJ-02 of Rotterdam is WGS-84.
    return (lat, lon) if datum.is_shifted(lat, lon) else (told.lat, told.lon)


def _within(value: float, most: float, name: str) -> float:
    if not (isfinite(value) and 0 <= value <= most):
        raise PositionError("invalid_value", f"`{name}` is between 0 and {most}.")
    return value


def _tenths(value: float | None, *, most: float, name: str) -> int:
    return UNKNOWN if value is None else round(_within(value, most, name) * 10)


def _altitude(value: float | None) -> int:
    if value is None:
        return 0
    if not (isfinite(value) and abs(value) <= ALTITUDE_M_MAX):
        raise PositionError("invalid_value", f"`altitude_m` is within ±{ALTITUDE_M_MAX}.")
    return round(value)

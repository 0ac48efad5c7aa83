"""The six-bit payload of an AIS message, unpacked by pyais, as what we know of a station."""

from collections.abc import Callable, Mapping
from typing import Any

from pyais.bit_vector import bit_vector
from pyais.exceptions import AISBaseException
from pyais.messages import MSG_CLASS

from huoji.wire.ais.model import (
    LAT_UNKNOWN_E6,
    LON_UNKNOWN_E6,
    Eta,
    Heard,
    Odd,
    Oddity,
    Other,
    Position,
    Static,
    Station,
)

MICRO = 1_000_000
LAT_MAX_E6, LON_MAX_E6 = 90 * MICRO, 180 * MICRO
SOG_UNKNOWN_DKN, SOG_UNKNOWN_LONG_RANGE_KN = 1_023, 63
COG_MAX_DDEG = 3_599  # 360.0 is not known; 511 in type 27
HEADING_MAX = 359
SECONDS = range(60)  # 60 not known, 61 typed in, 62 dead reckoning, 63 no fix
MMSI_MAX = 999_999_999
HEAD_BITS = 38
IMO_DIGITS = 7
MONTHS, DAYS, HOURS, MINUTES = range(1, 13), range(1, 32), range(24), range(60)
# So many bits must be there for what is read; the radio status behind them may be cut off.
NEEDED_BITS: Mapping[int, int] = {
    1: 143, 2: 143, 3: 143, 4: 134, 5: 422, 9: 134, 11: 134, 18: 139, 19: 301, 21: 219, 24: 132, 27: 94
}  # fmt: skip
NAME_BITS_24A = 160
BEACONS = ("970", "972", "974")
STATIONS: Mapping[int, Station] = {
    1: Station.CLASS_A, 2: Station.CLASS_A, 3: Station.CLASS_A, 4: Station.BASE, 5: Station.CLASS_A, 9: Station.AIRCRAFT,
    11: Station.BASE, 18: Station.CLASS_B, 19: Station.CLASS_B, 21: Station.ATON, 24: Station.CLASS_B, 27: Station.LONG_RANGE,
}  # fmt: skip
CLASS_A_REPORTS = (1, 2, 3)
DISTRESS = frozenset({2, 6, 14})  # not under command, aground, SART: told also by who does not know where he is
VOYAGE, AIRCRAFT, LONG_RANGE = 5, 9, 27


def read(payload: bytes, fill: int, *, at_s: float | None, wanted: Callable[[str, int], bool]) -> tuple[Heard, ...]:
    """Unpack one whole payload; a type 19 tells both a place and a name."""
    bits = bit_vector(payload, fill)
    kind, number = bits.get(0, 6), bits.get(8, 30)
    if odd := _fault(kind, number, len(bits)):
        return (Odd(odd),)
    mmsi = f"{number:09d}"
    if kind not in STATIONS or not wanted(mmsi, kind):
        return (Other(mmsi=mmsi, type=kind),)
    try:
        message = MSG_CLASS[kind].from_vector(bits)
    except (AISBaseException, ValueError, TypeError, LookupError, ArithmeticError):
        return (Odd(Oddity.VALUE),)
    return _tell(message, mmsi, kind, len(bits), at_s)


def _fault(kind: int, number: int, length: int) -> Oddity | None:
    if length < max(HEAD_BITS, NEEDED_BITS.get(kind, 0)):
        return Oddity.TRUNCATED
    if kind not in MSG_CLASS or not kind:
        return Oddity.UNKNOWN_TYPE
    return Oddity.VALUE if number > MMSI_MAX else None


def _tell(message: Any, mmsi: str, kind: int, length: int, at_s: float | None) -> tuple[Heard, ...]:
    station = Station.BEACON if mmsi.startswith(BEACONS) else STATIONS[kind]
    match kind:
        case 5:  # VOYAGE
            return (_voyage(message, mmsi, station, at_s),)
        case 24:
            return (_static_b(message, mmsi, length, at_s),)
        case 19:
            name = _text(message.shipname)
            named = Static(
                mmsi=mmsi, station=station, type=kind, name=name, ship_type=int(message.ship_type) or None, at_s=at_s
            )
            return (_place(message, mmsi, kind, station, at_s), named)
        case _:
            return (_place(message, mmsi, kind, station, at_s),)


def _place(message: Any, mmsi: str, kind: int, station: Station, at_s: float | None) -> Heard:
    lat_e6, lon_e6 = round(message.lat * MICRO), round(message.lon * MICRO)
    nav = int(message.status) if kind in CLASS_A_REPORTS or kind == LONG_RANGE else None
    if lat_e6 == LAT_UNKNOWN_E6 or lon_e6 == LON_UNKNOWN_E6:
        if nav not in DISTRESS:
            return Other(mmsi=mmsi, type=kind)
        lat_e6, lon_e6 = LAT_UNKNOWN_E6, LON_UNKNOWN_E6
    elif abs(lat_e6) > LAT_MAX_E6 or abs(lon_e6) > LON_MAX_E6:
        return Odd(Oddity.VALUE)
    second = getattr(message, "second", None) if station is not Station.BASE else None
    return Position(
        mmsi=mmsi,
        station=station,
        type=kind,
        lat_e6=lat_e6,
        lon_e6=lon_e6,
        sog_dkn=_speed(message, kind),
        cog_ddeg=_course(message),
        heading=_at_most(getattr(message, "heading", None), HEADING_MAX),
        nav=nav,
        second=second if second in SECONDS else None,
        accurate=bool(message.accuracy),
        at_s=at_s,
    )


def _speed(message: Any, kind: int) -> int | None:
    if (speed := getattr(message, "speed", None)) is None:
        return None
    if kind == LONG_RANGE:
        return None if speed == SOG_UNKNOWN_LONG_RANGE_KN else int(speed) * 10
    if kind == AIRCRAFT:
        return None if speed == SOG_UNKNOWN_DKN else int(speed) * 10
    tenths = round(speed * 10)
    return None if tenths == SOG_UNKNOWN_DKN else tenths


def _course(message: Any) -> int | None:
    if (course := getattr(message, "course", None)) is None:
        return None
    return _at_most(round(course * 10), COG_MAX_DDEG)


def _at_most(value: int | None, limit: int) -> int | None:
    return value if value is not None and value <= limit else None


def _voyage(message: Any, mmsi: str, station: Station, at_s: float | None) -> Static:
    imo = f"{message.imo:07d}" if message.imo else None
    return Static(
        mmsi=mmsi,
        station=station,
        type=5,
        imo=imo if imo and len(imo) == IMO_DIGITS else None,
        name=_text(message.shipname),
        call_sign=_text(message.callsign),
        ship_type=int(message.ship_type) or None,
        length_m=(message.to_bow + message.to_stern) or None,
        beam_m=(message.to_port + message.to_starboard) or None,
        draught_dm=round(message.draught * 10) or None,
        destination=_text(message.destination),
        eta=_eta(message),
        at_s=at_s,
    )


def _static_b(message: Any, mmsi: str, length: int, at_s: float | None) -> Heard:
    if message.partno == 0:
        if length < NAME_BITS_24A:
            return Odd(Oddity.TRUNCATED)
        return Static(mmsi=mmsi, station=Station.CLASS_B, type=24, name=_text(message.shipname), at_s=at_s)
    return Static(
        mmsi=mmsi,
        station=Station.CLASS_B,
        type=24,
        call_sign=_text(message.callsign),
        ship_type=int(message.ship_type or 0) or None,
        length_m=((getattr(message, "to_bow", None) or 0) + (getattr(message, "to_stern", None) or 0)) or None,
        beam_m=((getattr(message, "to_port", None) or 0) + (getattr(message, "to_starboard", None) or 0)) or None,
        at_s=at_s,
    )


def _eta(message: Any) -> Eta | None:
    """Month 0, day 0, hour 24 and minute 60 are not known; an arrival needs at least its day."""
    if message.month not in MONTHS or message.day not in DAYS:
        return None
    known = message.hour in HOURS and message.minute in MINUTES
    return Eta(
        month=message.month, day=message.day, hour=message.hour if known else 0, minute=message.minute if known else 0
    )


def _text(sixbit: str | None) -> str | None:
    """Return the text before the first `@`, which ends it, without the spaces that fill it up."""
    return " ".join((sixbit or "").partition("@")[0].split()) or None

"""A position report: 28 fixed bytes and the items behind them, with a digest by which the same report is known again."""

import struct
from hashlib import blake2b

import msgspec

from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.fields import read_time, write_time

FIXED_BYTES = 28
SOUTH, WEST = 0x4, 0x8  # bits of the status word
_FIXED = struct.Struct(">IIIIHHH6s")


class Position(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where a terminal says it is. The numbers are as they came: whether they can be true is not decided here."""

    alarm: int  # bits: alarm.Alarm
    status: int  # bits: alarm.Status
    latitude: int  # micro-degrees, south negative
    longitude: int  # micro-degrees, west negative
    altitude: int  # metres
    speed: int  # 0.1 km/h
    direction: int  # degrees from north, clockwise
    time: int | None  # seconds since 1970 UTC; None when the terminal named no possible time
    raw: bytes  # all bytes: the fixed ones and the items

    @property
    def items(self) -> bytes:
        """The bytes behind the fixed ones: `items.read_items` reads them."""
        return self.raw[FIXED_BYTES:]

    @property
    def positioned(self) -> bool:
        return bool(self.status & 0x2)

    @property
    def digest(self) -> int:
        return digest(self.raw)


def digest(raw: bytes) -> int:
    """Name the content of a position by 63 bits: the same report, sent again or in a batch, has the same name."""
    return int.from_bytes(blake2b(raw, digest_size=8).digest()) >> 1


def read_position(raw: bytes) -> Position:
    if len(raw) < FIXED_BYTES:
        raise MessageError(Code.TOO_SHORT, f"a position needs {FIXED_BYTES} bytes, there are {len(raw)}")
    alarm, status, latitude, longitude, altitude, speed, direction, time = _FIXED.unpack_from(raw)
    return Position(
        alarm=alarm,
        status=status,
        latitude=-latitude if status & SOUTH else latitude,
        longitude=-longitude if status & WEST else longitude,
        altitude=altitude,
        speed=speed,
        direction=direction,
        time=read_time(time),
        raw=raw,
    )


def write_position(
    *,
    alarm: int,
    status: int,
    latitude: int,
    longitude: int,
    altitude: int,
    speed: int,
    direction: int,
    time: int | None,
    items: bytes = b"",
) -> Position:
    """Make a position from numbers; the status bits of hemisphere follow the signs."""
    status = status & ~(SOUTH | WEST) | (SOUTH if latitude < 0 else 0) | (WEST if longitude < 0 else 0)
    try:
        fixed = _FIXED.pack(
            alarm, status, abs(latitude), abs(longitude), altitude, speed, direction, write_time(time)
        )  # fmt: skip
    except struct.error as error:
        raise MessageError(Code.UNWRITABLE, f"a position cannot hold these numbers: {error}") from error
    return read_position(fixed + items)

"""Fields of JT/T 808 messages: numbers big-endian, BCD digits, GBK texts, local times; a reader that never runs past the end."""

import struct
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from huoji.wire.jt808.faults import Code, MessageError

CHINA_OFFSET_S = 8 * 3600  # terminals speak GMT+8, wherever they are
DAY_S = 86_400
DAYS_CACHED = 4_096  # eleven years: as many as a fleet with wrong clocks ever names
TIME_BYTES = 6
PADDING = b"\x00\xff "
BYTE_MAX = 0xFF
YEARS = range(2000, 2100)  # that two digits can name
HOURS, SIXTY = range(24), range(60)

_WORD = struct.Struct(">H")
_DWORD = struct.Struct(">I")


class Reader:
    """Walk over a body; whoever asks for more than there is gets a typed error that says where."""

    __slots__ = ("_data", "at")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self.at

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self._data):
            raise MessageError(
                Code.TOO_SHORT, f"needs {size} more bytes, {self.left} are left", where=f"byte {self.at}"
            )
        found = self._data[self.at : end]
        self.at = end
        return found

    def byte(self) -> int:
        return self.take(1)[0]

    def word(self) -> int:
        found: int = _WORD.unpack(self.take(2))[0]
        return found

    def dword(self) -> int:
        found: int = _DWORD.unpack(self.take(4))[0]
        return found

    def text(self, size: int) -> str:
        return read_text(self.take(size))

    def rest(self) -> bytes:
        return self.take(self.left)


def read_text(data: bytes) -> str:
    """Read GBK (GB 18030 is its superset): padding of any kind goes, broken bytes become U+FFFD, nothing raises."""
    until_end = data.lstrip(PADDING).partition(b"\x00")[0].rstrip(PADDING)
    return until_end.decode("gb18030", "replace")


def write_text(text: str) -> bytes:
    return text.encode("gb18030", "replace")


def write_padded(text: str, *, size: int, what: str) -> bytes:
    """Write a field of fixed length, filled up with NUL."""
    data = write_text(text)
    if len(data) > size:
        raise MessageError(Code.UNWRITABLE, f"{text!r} has more than {size} bytes", where=what)
    return data.ljust(size, b"\x00")


def write_counted(text: str, *, what: str) -> bytes:
    """Write a text behind one byte that says its length."""
    data = write_text(text)
    if len(data) > BYTE_MAX:
        raise MessageError(Code.UNWRITABLE, f"{text!r} has more than 255 bytes", where=what)
    return bytes([len(data)]) + data


def write_bcd(digits: str, *, size: int, what: str) -> bytes:
    """Write digits as BCD, filled up with zeros in front; letters a to f are taken, because terminals have them."""
    try:
        data = bytes.fromhex(digits.rjust(size * 2, "0"))
    except ValueError:
        raise MessageError(Code.UNWRITABLE, f"{digits!r} is not made of digits", where=what) from None
    if len(data) != size:
        raise MessageError(Code.UNWRITABLE, f"{digits!r} has more than {size * 2} digits", where=what)
    return data


@lru_cache(maxsize=DAYS_CACHED)
def _day(yymmdd: str) -> int | None:
    """Work out the second at which a day begins, or None when there is no such day."""
    try:
        day = datetime(YEARS.start + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]), tzinfo=UTC)
    except ValueError:
        return None
    return int(day.timestamp())


def read_time(data: bytes, *, offset_s: int = CHINA_OFFSET_S) -> int | None:
    """Read BCD YYMMDDhhmmss, in GMT+8 unless told otherwise, as seconds since 1970 UTC; None when there is no such time."""
    digits = data.hex()
    if not digits.isdecimal():
        return None
    day = _day(digits[:6])
    hour, minute, second = int(digits[6:8]), int(digits[8:10]), int(digits[10:])
    if day is None or hour not in HOURS or minute not in SIXTY or second not in SIXTY:
        return None
    return day - offset_s + hour * 3600 + minute * 60 + second


def write_time(moment: int | None, *, offset_s: int = CHINA_OFFSET_S) -> bytes:
    """Write seconds since 1970 as BCD; None becomes zeros, which is how terminals say that they do not know."""
    if moment is None:
        return bytes(TIME_BYTES)
    local = datetime.fromtimestamp(moment, tz=UTC) + timedelta(seconds=offset_s)
    if local.year not in YEARS:
        raise MessageError(Code.UNWRITABLE, f"the year {local.year} has no place in a time of six digits", where="time")
    return bytes.fromhex(local.strftime("%y%m%d%H%M%S"))

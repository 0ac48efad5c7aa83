"""NMEA 0183 lines that carry AIS: tag block, sentence, checksum, and the time that some feeds write behind it."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from huoji.wire.ais.model import Odd, Oddity

LINE_BYTES_MAX = 1_024  # NMEA says 82; tag blocks, Gatehouse and generous encoders need more
PARTS_MAX = 9
FILL_MAX = 5
MILLISECONDS_FROM = 10**11  # a tag block's time of so many digits is in milliseconds
EPOCH_DIGITS_MAX = 15
YEAR_2000_S, YEAR_2100_S = 946_684_800, 4_102_444_800

AIS_TYPES = (b"VDM", b"VDO")
TAG_FIELD = re.compile(rb"([a-z]):([^,]*)")
GROUP = re.compile(rb"(\d{1,2})-(\d{1,2})-(\d{1,9})")
EPOCH = re.compile(rb"\d{9,11}")
CHECKSUM = re.compile(rb"[0-9A-Fa-f]{1,2}")  # two by the standard; some stations leave out a leading 0
FOLDS_BITS = (64, 32, 16, 8)


class Sentence(NamedTuple):
    """One AIS sentence, or one part of a message that needs several. `group` is the key that its parts share.

    `tag_broken` says that its tag block was damaged and left aside: the sentence has a checksum of its own.
    """

    total: int
    number: int
    group: bytes
    payload: bytes
    fill: int
    at_s: float | None
    tag_broken: bool


class Clock(NamedTuple):
    """A Gatehouse sentence: the time of the AIS sentence behind it."""

    at_s: float


class Tag(NamedTuple):
    """A tag block: the group its line belongs to, the station that heard it, and when."""

    group: bytes
    at_s: float | None
    broken: bool = False


NO_TAG = Tag(b"", None)
BROKEN_TAG = Tag(b"", None, broken=True)


def read(line: bytes) -> Sentence | Clock | Odd | None:
    """Read one line; None for an empty line or a comment."""
    line = line.strip()
    if not line or line[:1] == b"#":
        return None
    if len(line) > LINE_BYTES_MAX:
        return Odd(Oddity.TOO_LONG)
    tag = NO_TAG
    if line[:1] == b"\\":
        inside, _, line = line[1:].partition(b"\\")
        tag = _tag(inside)
    if line[:1] == b"$":
        return _gatehouse(line) if line.startswith(b"$PGHP,") else Odd(Oddity.NOT_AIS)
    if line[:1] != b"!" or not line.isascii():
        return Odd(Oddity.NOT_NMEA)
    return _sentence(line, tag) if line[3:6] in AIS_TYPES else Odd(Oddity.NOT_AIS)


def checksum(body: bytes) -> int:
    """Return all bytes joined by exclusive or, halves at a time: a few operations on a large number instead of one a byte."""
    folded = int.from_bytes(body)
    width = 8 * len(body)
    while width > 2 * FOLDS_BITS[0]:
        half = (width + 15) // 16 * 8
        folded = (folded >> half) ^ (folded & ((1 << half) - 1))
        width = half
    for shift in FOLDS_BITS:
        folded ^= folded >> shift
    return folded & 0xFF


def _sums(body: bytes, stated: bytes) -> bool:
    return CHECKSUM.fullmatch(stated) is not None and int(stated, 16) == checksum(body)


def _tag(inside: bytes) -> Tag:
    body, star, stated = inside.rpartition(b"*")
    if not star or not _sums(body, stated):
        return BROKEN_TAG
    fields = dict(TAG_FIELD.findall(body))
    group = GROUP.fullmatch(fields.get(b"g", b""))
    # Parts of one group share its id; the station is told only with the first of them.
    return Tag(b"g" + group[3] if group else b"", _epoch(fields.get(b"c", b"")))


def _epoch(digits: bytes) -> float | None:
    """Read seconds or milliseconds since 1970; what lies outside this century is a wrong clock, and no time at all."""
    if not digits.isdigit() or len(digits) > EPOCH_DIGITS_MAX:
        return None
    value = int(digits)
    seconds = value / 1_000 if value >= MILLISECONDS_FROM else float(value)
    return seconds if YEAR_2000_S <= seconds < YEAR_2100_S else None


def _gatehouse(line: bytes) -> Clock | Odd:
    """Read `$PGHP,1,year,month,day,hour,minute,second,millisecond,…`."""
    body, _, stated = line[1:].rpartition(b"*")
    if not _sums(body, stated):
        return Odd(Oddity.CHECKSUM)
    try:
        year, month, day, hour, minute, second, milli = (int(each) for each in body.split(b",")[2:9])
        return Clock(datetime(year, month, day, hour, minute, second, milli * 1_000, UTC).timestamp())
    except (ValueError, OverflowError):
        return Odd(Oddity.FIELDS)


def _sentence(line: bytes, tag: Tag) -> Sentence | Odd:
    body, star, rest = line[1:].partition(b"*")
    stated, _, trailing = rest.partition(b",")
    if not star or not _sums(body, stated):
        return Odd(Oddity.CHECKSUM)
    try:
        talker, total, number, sequence, channel, payload, fill = body.split(b",")
    except ValueError:
        return Odd(Oddity.FIELDS)
    if not (total.isdigit() and number.isdigit() and fill.isdigit() and int(fill) <= FILL_MAX):
        return Odd(Oddity.FIELDS)
    parts = max(1, int(total))  # some stations write 0 for the only part
    if not 1 <= int(number) <= parts <= PARTS_MAX:
        return Odd(Oddity.FRAGMENT)
    if not payload:
        return Odd(Oddity.EMPTY)
    return Sentence(
        total=parts,
        number=int(number),
        group=tag.group or b",".join((talker, total, sequence, channel)),
        payload=payload,
        fill=int(fill),
        at_s=tag.at_s if tag.at_s is not None else _trailing_time(trailing),
        tag_broken=tag.broken,
    )


def _trailing_time(trailing: bytes) -> float | None:
    """Read the time of feeds that write `,station,1247096400` behind the checksum."""
    last = trailing.rpartition(b",")[2]
    return _epoch(last) if EPOCH.fullmatch(last) else None

"""What travels in the stream: points of one partition, the door they came through, and a name by which a repetition is known."""

import zlib
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from huoji.apps.fleet.actions.rows import PointIn

PARTITIONS = 16  # for good: a terminal's points must stay in one partition
EDITION = 1
POINTS_MAX = 500  # in one parcel, far below the megabyte that a server takes


class Parcel(msgspec.Struct, frozen=True, array_like=True):
    """Points of one partition, in the order in which they came."""

    edition: int
    source: str
    points: list[PointIn]


class UnreadableError(ValueError):
    """A message that is no parcel, and never will be."""


class TooNewError(ValueError):
    """A parcel of a gateway that is newer than this writer."""


_ENCODER = msgspec.msgpack.Encoder()
_EDITION = msgspec.msgpack.Decoder(list)
_DECODER = msgspec.msgpack.Decoder(Parcel)


def partition_of(terminal_id: int) -> int:
    return zlib.crc32(terminal_id.to_bytes(8)) % PARTITIONS


def pack(points: Sequence[PointIn], *, source: str) -> bytes:
    return _ENCODER.encode(Parcel(EDITION, source, list(points)))


def name_of(parcel: bytes) -> str:
    """Name a parcel by its content: the server drops one that it has seen lately."""
    return blake2b(parcel, digest_size=16).hexdigest()


def unpack(data: bytes) -> Parcel:
    """Read a parcel. Its first field is its edition, also in editions to come."""
    try:
        edition = next(iter(_EDITION.decode(data)), None)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise UnreadableError(f"no parcel: {wrong}") from wrong
    if isinstance(edition, int) and edition > EDITION:
        raise TooNewError(f"a parcel of edition {edition}; this is edition {EDITION}")
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise UnreadableError(f"no parcel: {wrong}") from wrong

"""What travels in the stream: things of one kind and partition, the door they came through, and a name by which a repetition is known."""

import zlib
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

import msgspec

from huoji.gateways.kinds import Kind
from huoji.gateways.kinds.every import BY_NAME

PARTITIONS = 16  # for good: what has one key must stay in one partition
EDITION = 1
ITEMS_MAX = 500  # in one parcel
BYTES_MAX = 500_000  # half of what a server takes

T = TypeVar("T")


class Parcel(NamedTuple):
    """Things of one kind and partition, in the order in which they came."""

    kind: Kind[Any]
    source: str
    items: list[Any]


class UnreadableError(ValueError):
    """A message that is no parcel, and never will be."""


class TooNewError(ValueError):
    """A parcel of a gateway that is newer than this writer."""


def _list_of(kind: Kind[Any]) -> type[list[Any]]:
    return list[kind.item]  # type: ignore[name-defined]  # a type that is known at run time


_ENCODER = msgspec.msgpack.Encoder()
_FIELDS = msgspec.msgpack.Decoder(list[msgspec.Raw])
_HEAD = msgspec.msgpack.Decoder(tuple[int, str, str, msgspec.Raw])
_ITEMS = {name: msgspec.msgpack.Decoder(_list_of(kind)) for name, kind in BY_NAME.items()}


def partition_of(key: bytes) -> int:
    return zlib.crc32(key) % PARTITIONS


def pack(kind: Kind[T], items: Sequence[T], *, source: str) -> bytes:
    return _ENCODER.encode((EDITION, kind.name, source, items))


def name_of(parcel: bytes) -> str:
    """Name a parcel by its content: the server drops one that it has seen lately."""
    return blake2b(parcel, digest_size=16).hexdigest()


def unpack(data: bytes) -> Parcel:
    """Read a parcel. Its first field is its edition, also in editions to come."""
    try:
        edition = next((msgspec.msgpack.decode(each) for each in _FIELDS.decode(data)[:1]), None)
        if isinstance(edition, int) and edition > EDITION:
            raise TooNewError(f"a parcel of edition {edition}; this is edition {EDITION}")
        _, kind, source, items = _HEAD.decode(data)
        if kind not in BY_NAME:
            raise TooNewError(f"a parcel of a kind that is not known here: {kind[:40]!r}")
        return Parcel(BY_NAME[kind], source, _ITEMS[kind].decode(items))
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise UnreadableError(f"no parcel: {wrong}") from wrong

"""The items behind a position: standard ones by name, those of a maker by a dialect, all others kept as they came."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from huoji.wire.jt808.dialect import Dialect, VendorItem
from huoji.wire.jt808.faults import Code, MessageError

HEAD_BYTES = 2  # id and length
TYRES = 30
NEGATIVE, MAGNITUDE = 0x8000, 0x7FFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Overspeed:
    """Where the speed was too high. `kind`: 0 nowhere special, 1 circle, 2 rectangle, 3 polygon, 4 segment."""

    kind: int
    area_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """An area or route that was entered (0) or left (1). `kind`: 1 circle, 2 rectangle, 3 polygon, 4 route."""

    kind: int
    area_id: int
    direction: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTime:
    """A segment that was driven in too short (0) or too long (1) a time."""

    segment_id: int
    seconds: int
    result: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What a terminal adds to a position. None: not told."""

    mileage: int | None = None  # 0.1 km
    fuel: int | None = None  # 0.1 litre
    recorder_speed: int | None = None  # 0.1 km/h
    alarm_event: int | None = None  # to be confirmed by a person
    tyres: tuple[int, ...] | None = None  # pressures, one for each position
    temperature: int | None = None  # of the cargo box, degrees Celsius
    overspeed: Overspeed | None = None
    crossing: Crossing | None = None
    segment_time: SegmentTime | None = None
    signals: int | None = None  # bits of lamps, brakes, doors
    inputs: int | None = None  # bits: 0 deep sleep, 1 sleep
    analog: tuple[int, int] | None = None
    network: int | None = None  # strength of the radio signal
    satellites: int | None = None
    vendor: tuple[VendorItem, ...] = ()
    unknown: tuple[tuple[int, bytes], ...] = ()
    trailing: bytes = b""  # what is no item any more


def _number(data: bytes) -> int:
    return int.from_bytes(data)


def _temperature(data: bytes) -> int:
    """Read a signed word. The standard sets the highest bit for the sign, most makers write two's complement: the smaller fits."""
    word = _number(data)
    if not word & NEGATIVE:
        return word
    return max(-(word & MAGNITUDE), word - 2 * NEGATIVE)


def _overspeed(data: bytes) -> Overspeed:
    return Overspeed(kind=data[0], area_id=_number(data[1:]) if len(data) > 1 else None)


def _crossing(data: bytes) -> Crossing:
    kind, area, direction = struct.unpack(">BIB", data)
    return Crossing(kind=kind, area_id=area, direction=direction)


def _segment_time(data: bytes) -> SegmentTime:
    segment, seconds, result = struct.unpack(">IHB", data)
    return SegmentTime(segment_id=segment, seconds=seconds, result=result)


def _analog(data: bytes) -> tuple[int, int]:
    return _number(data[2:]), _number(data[:2])


# id: name, the lengths it may have, how it is read
STANDARD: dict[int, tuple[str, tuple[int, ...], Callable[[bytes], Any]]] = {
    0x01: ("mileage", (4,), _number),
    0x02: ("fuel", (2,), _number),
    0x03: ("recorder_speed", (2,), _number),
    0x04: ("alarm_event", (2,), _number),
    0x05: ("tyres", (TYRES,), tuple),
    0x06: ("temperature", (2,), _temperature),
    0x11: ("overspeed", (1, 5), _overspeed),
    0x12: ("crossing", (6,), _crossing),
    0x13: ("segment_time", (7,), _segment_time),
    0x25: ("signals", (4,), _number),
    0x2A: ("inputs", (2,), _number),
    0x2B: ("analog", (4,), _analog),
    0x30: ("network", (1,), _number),
    0x31: ("satellites", (1,), _number),
}


def read_items(data: bytes, *, dialects: Sequence[Dialect] = ()) -> Items:
    """Read the items of a position. Nothing in them is ever a fault: what does not fit is kept as it is."""
    named: dict[str, Any] = {}
    vendor: list[VendorItem] = []
    unknown: list[tuple[int, bytes]] = []
    at = 0
    while at + HEAD_BYTES <= len(data):
        item_id, size = data[at], data[at + 1]
        value = data[at + HEAD_BYTES : at + HEAD_BYTES + size]
        if len(value) < size:
            break
        at += HEAD_BYTES + size
        name, sizes, read = STANDARD.get(item_id, ("", (), _number))
        if size in sizes and name not in named:
            named[name] = read(value)
        elif (found := _by_dialect(item_id, value, dialects)) is not None:
            vendor.append(found)
        else:
            unknown.append((item_id, value))
    return Items(**named, vendor=tuple(vendor), unknown=tuple(unknown), trailing=data[at:])


def _by_dialect(item_id: int, value: bytes, dialects: Sequence[Dialect]) -> VendorItem | None:
    return next((found for each in dialects if (found := each.read(item_id, value)) is not None), None)


def _encoded(items: Items) -> list[tuple[int, bytes]]:
    """List the standard items that are set, in the order of their ids."""
    words = struct.Struct(">H").pack
    dwords = struct.Struct(">I").pack
    writers: dict[int, Callable[[Any], bytes]] = {
        0x01: dwords,
        0x02: words,
        0x03: words,
        0x04: words,
        0x05: bytes,
        0x06: struct.Struct(">h").pack,
        0x11: lambda it: bytes([it.kind]) + (b"" if it.area_id is None else dwords(it.area_id)),
        0x12: lambda it: struct.pack(">BIB", it.kind, it.area_id, it.direction),
        0x13: lambda it: struct.pack(">IHB", it.segment_id, it.seconds, it.result),
        0x25: dwords,
        0x2A: words,
        0x2B: lambda it: struct.pack(">HH", it[1], it[0]),
        0x30: lambda it: bytes([it]),
        0x31: lambda it: bytes([it]),
    }
    values = ((item_id, getattr(items, STANDARD[item_id][0])) for item_id in STANDARD)
    return [(item_id, writers[item_id](value)) for item_id, value in values if value is not None]


def write_items(items: Items) -> bytes:
    try:
        every = [*_encoded(items), *((each.item_id, each.data) for each in items.vendor), *items.unknown]
        return b"".join(bytes([item_id, len(value)]) + value for item_id, value in every) + items.trailing
    except (struct.error, ValueError) as error:
        raise MessageError(Code.UNWRITABLE, f"an item cannot hold its value: {error}", where="items") from error

"""A maker's own items, described by a data file, so that a new terminal needs no new code.

A dialect is a JSON document: `name`, `title`, `source`, and `items` by their hexadecimal id. An item has a `name` and
`fields`; a field has a `name` and a `type`, and may have a `scale` and a `unit`. Types: u8 u16 u32 i8 i16 i32 (numbers,
big-endian), bcd6 (a time in GMT+8), text7 or hex16 (so many bytes), text and hex (all that is left), and list (`of`:
fields that repeat until the end). An item whose length does not fit is none of this dialect.
"""

import re
import struct
from dataclasses import dataclass
from typing import Any

from huoji.wire import Fault, FormatError, Node, load
from huoji.wire.jt808.fields import TIME_BYTES, read_text, read_time

MAX_DIALECT_BYTES = 256 * 1024
MAX_ITEMS = 256
MAX_FIELDS = 64

_NUMBERS = {"u8": ">B", "u16": ">H", "u32": ">I", "i8": ">b", "i16": ">h", "i32": ">i"}
_SIZED = re.compile(r"(text|hex)(\d{1,3})?", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_ID = re.compile(r"[0-9A-Fa-f]{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value of an item; `size` None means all that is left."""

    name: str
    kind: str
    size: int | None
    scale: float = 1
    unit: str = ""
    of: tuple["Field", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorItem:
    """An item that a dialect could read; its bytes are kept beside what they mean."""

    item_id: int
    dialect: str
    name: str
    values: dict[str, Any]
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The items of one maker or regional standard."""

    name: str
    title: str
    source: str
    items: dict[int, tuple[str, tuple[Field, ...]]]

    def read(self, item_id: int, data: bytes) -> VendorItem | None:
        """Read an item of this dialect; None when it is none, or its length does not fit."""
        if item_id not in self.items:
            return None
        name, fields = self.items[item_id]
        try:
            values, end = _read(fields, data, 0)
        except IndexError:
            return None
        if end != len(data):
            return None
        return VendorItem(item_id=item_id, dialect=self.name, name=name, values=values, data=data)


def _read(fields: tuple[Field, ...], data: bytes, at: int) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    for field in fields:
        if field.kind == "list":
            rows = []
            while at < len(data):
                row, at = _read(field.of, data, at)
                rows.append(row)
            values[field.name] = rows
            continue
        end = len(data) if field.size is None else at + field.size
        if end > len(data):
            raise IndexError(field.name)
        values[field.name] = _value(field, data[at:end])
        at = end
    return values, at


def _value(field: Field, data: bytes) -> int | float | str | None:
    match field.kind:
        case "text":
            return read_text(data)
        case "hex":
            return data.hex()
        case "bcd6":
            return read_time(data)
        case number:
            (value,) = struct.unpack(_NUMBERS[number], data)
            whole: int = value
            return whole if field.scale == 1 else round(whole * field.scale, 6)


def read_dialect(document: bytes) -> Dialect:
    """Read the description of a dialect; a fault names its place."""
    root = load(document, limit_bytes=MAX_DIALECT_BYTES)
    items: dict[int, tuple[str, tuple[Field, ...]]] = {}
    described = root.need("items")
    if len(described.object()) > MAX_ITEMS:
        described.refuse("too_many", f"has more than {MAX_ITEMS} items")
    for key in described.object():
        item = described.need(key)
        if _ID.fullmatch(key) is None:
            item.refuse("value", "must be named by two hexadecimal digits")
        items[int(key, 16)] = (item.need("name").matching(_NAME, what="name"), _fields(item.need("fields")))
    return Dialect(
        name=root.need("name").matching(_NAME, what="name"),
        title=root.need("title").text(),
        source=root.need("source").text(),
        items=items,
    )


def _fields(node: Node, *, nested: bool = False) -> tuple[Field, ...]:
    fields = tuple(_field(each, nested=nested) for each in node.items(limit=MAX_FIELDS))
    if not fields:
        node.refuse("value", "must have a field")
    if any(each.size is None for each in fields[:-1]):
        node.refuse("value", "has a field behind one that takes all that is left")
    return fields


def _field(node: Node, *, nested: bool) -> Field:
    name = node.need("name").matching(_NAME, what="name")
    told = node.need("type")
    kind, size = _kind(told)
    scale = node.maybe("scale")
    unit = node.maybe("unit")
    of = _fields(node.need("of"), nested=True) if kind == "list" else ()
    if nested and size is None:
        told.refuse("value", "must have a length inside of a list")
    return Field(
        name=name,
        kind=kind,
        size=size,
        scale=1 if scale is None else scale.number(),
        unit="" if unit is None else unit.text(),
        of=of,
    )


def _kind(node: Node) -> tuple[str, int | None]:
    told = node.text()
    if told in _NUMBERS:
        return told, struct.calcsize(_NUMBERS[told])
    if told == "bcd6":
        return told, TIME_BYTES
    if told == "list":
        return told, None
    sized = _SIZED.fullmatch(told)
    if sized is None:
        raise FormatError(Fault(node.path, "value", f"{told!r} is no type of a field"))
    if sized[2] is not None and int(sized[2]) == 0:
        node.refuse("value", "must have at least one byte")
    return sized[1], None if sized[2] is None else int(sized[2])

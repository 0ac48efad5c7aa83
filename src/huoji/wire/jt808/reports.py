"""Positions on their way up: one, one that was asked for, and batches of them."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

import msgspec

from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.fields import Reader
from huoji.wire.jt808.header import Version
from huoji.wire.jt808.position import FIXED_BYTES, Position, read_position

SIZE_BYTES = 2  # before each item of a batch
NORMAL, HISTORY = 0, 1  # kinds of a batch: HISTORY was collected without a connection and is no live news


class PositionReport(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """0x0200."""

    ID: ClassVar[int] = 0x0200
    position: Position

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        return cls(position=read_position(body))

    def write(self, _version: Version) -> bytes:
        return self.position.raw


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionAnswer:
    """0x0201: the position that 0x8201 asked for."""

    ID: ClassVar[int] = 0x0201
    answer_serial: int
    position: Position

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(answer_serial=reader.word(), position=read_position(reader.rest()))

    def write(self, _version: Version) -> bytes:
        return struct.pack(">H", self.answer_serial) + self.position.raw


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBatch:
    """0x0704. The items decide, not the count in front; an item too short to be a position is kept aside as `broken`."""

    ID: ClassVar[int] = 0x0704
    kind: int
    count: int  # as the terminal says
    positions: tuple[Position, ...]
    broken: tuple[bytes, ...] = ()

    @property
    def is_history(self) -> bool:
        return self.kind == HISTORY

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        count, kind = reader.word(), reader.byte()
        positions: list[Position] = []
        broken: list[bytes] = []
        while reader.left >= SIZE_BYTES:
            size = reader.word()
            item = reader.take(min(size, reader.left))
            if len(item) < max(size, FIXED_BYTES):
                broken.append(item)
            else:
                positions.append(read_position(item))
        if reader.left:
            broken.append(reader.rest())
        return cls(kind=kind, count=count, positions=tuple(positions), broken=tuple(broken))

    def write(self, _version: Version) -> bytes:
        if self.broken:
            raise MessageError(Code.UNWRITABLE, "broken items are never sent", where="broken")
        items = (struct.pack(">H", len(each.raw)) + each.raw for each in self.positions)
        return struct.pack(">HB", self.count, self.kind) + b"".join(items)

"""General answers of both sides, and requests for what was lost on the way."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.fields import BYTE_MAX, Reader
from huoji.wire.jt808.header import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    ID: ClassVar[int]
    answer_serial: int
    answer_id: int
    result: int  # message.Result, and what makers add to it

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(answer_serial=reader.word(), answer_id=reader.word(), result=reader.byte())

    def write(self, _version: Version) -> bytes:
        return struct.pack(">HHB", self.answer_serial, self.answer_id, self.result)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalAnswer(_Answer):
    """0x0001: the terminal received a message of ours."""

    ID: ClassVar[int] = 0x0001


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAnswer(_Answer):
    """0x8001: we received a message of the terminal."""

    ID: ClassVar[int] = 0x8001


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resend:
    ID: ClassVar[int]
    first_serial: int  # of the first sub-package
    indices: tuple[int, ...]

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        """Read either width of the count: 2013 has a byte, 2019 a word, and the length tells which."""
        reader = Reader(body)
        first = reader.word()
        count = reader.word() if reader.left % 2 == 0 else reader.byte()
        if reader.left != count * 2:
            raise MessageError(Code.LENGTH, f"counts {count} sub-packages and lists {reader.left // 2}")
        return cls(first_serial=first, indices=tuple(reader.word() for _ in range(count)))

    def write(self, version: Version) -> bytes:
        count = len(self.indices)
        if version is not Version.V2019 and count > BYTE_MAX:
            raise MessageError(Code.UNWRITABLE, f"{count} sub-packages do not fit into one request", where="indices")
        start = struct.pack(">HH" if version is Version.V2019 else ">HB", self.first_serial, count)
        return start + struct.pack(f">{count}H", *self.indices)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalResend(_Resend):
    """0x0005 (2019): the terminal lacks sub-packages of ours."""

    ID: ClassVar[int] = 0x0005


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformResend(_Resend):
    """0x8003: we lack sub-packages of the terminal's."""

    ID: ClassVar[int] = 0x8003

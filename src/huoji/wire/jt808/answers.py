"""General answers of both sides, and requests for what was lost on the way."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.fields import BYTE_MAX, Reader
from huoji.wire.jt808.frame import FLAG, xor
from huoji.wire.jt808.header import Header, Version
from huoji.wire.jt808.header_bytes import write_header

_BODY_BYTES, _SERIAL_BYTES = 5, 2
_REST = struct.Struct(">HHHB")  # own serial, then the body


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


class GeneralAnswers:
    """Write the general answers to one terminal as frames. All but seven bytes are the same in each and are worked out once."""

    __slots__ = ("_check", "_start", "version")

    def __init__(self, *, version: Version, terminal: str) -> None:
        header = Header(message_id=PlatformAnswer.ID, version=version, terminal=terminal, serial=0)
        self.version = version
        self._start = write_header(header, body_bytes=_BODY_BYTES)[:-_SERIAL_BYTES]
        self._check = xor(self._start)

    def write(self, *, serial: int, answer_serial: int, answer_id: int, result: int) -> bytes:
        rest = _REST.pack(serial, answer_serial, answer_id, result)
        check = self._check
        for byte in rest:
            check ^= byte
        whole = self._start + rest + check.to_bytes(1)
        if b"\x7d" in whole or FLAG in whole:
            whole = whole.replace(b"\x7d", b"\x7d\x01").replace(FLAG, b"\x7d\x02")
        return FLAG + whole + FLAG


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

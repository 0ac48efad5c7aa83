"""Short orders to a terminal: where are you, follow, confirm an alarm, show a text."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from huoji.wire.jt808.fields import Reader, read_text, write_text
from huoji.wire.jt808.header import Version
from huoji.wire.jt808.message import Empty

MAX_TEXT_BYTES = 1_000  # GBK; leaves room in one frame
TEXT_URGENT, TEXT_DISPLAY, TEXT_SPEAK, TEXT_ADVERTISE = 0x01, 0x04, 0x08, 0x10
TEXT_NOTICE, TEXT_SERVICE = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAttributes(Empty):
    """0x8107: what are you; answered by 0x0107."""

    ID: ClassVar[int] = 0x8107


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPosition(Empty):
    """0x8201: where are you; answered by 0x0201."""

    ID: ClassVar[int] = 0x8201


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTest(Empty):
    """0x8204 (2019): are you there; answered by 0x0001."""

    ID: ClassVar[int] = 0x8204


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """0x8202: report every `interval_s` seconds for `valid_s` seconds; an interval of 0 ends it."""

    ID: ClassVar[int] = 0x8202
    interval_s: int
    valid_s: int = 0

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(interval_s=reader.word(), valid_s=reader.dword() if reader.left else 0)

    def write(self, _version: Version) -> bytes:
        return struct.pack(">HI", self.interval_s, self.valid_s) if self.interval_s else struct.pack(">H", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmAlarm:
    """0x8203: a person has seen these alarms (bits of the alarm word) of the message with that serial; 0 for all."""

    ID: ClassVar[int] = 0x8203
    alarm_serial: int
    alarms: int

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(alarm_serial=reader.word(), alarms=reader.dword())

    def write(self, _version: Version) -> bytes:
        return struct.pack(">HI", self.alarm_serial, self.alarms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """0x8300: a text for the driver. `kind` is told since 2019."""

    ID: ClassVar[int] = 0x8300
    flags: int
    text: str
    kind: int = TEXT_NOTICE

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        reader = Reader(body)
        flags = reader.byte()
        kind = reader.byte() if version is Version.V2019 else TEXT_NOTICE
        return cls(flags=flags, kind=kind, text=read_text(reader.rest()))

    def write(self, version: Version) -> bytes:
        kind = bytes([self.kind]) if version is Version.V2019 else b""
        return bytes([self.flags]) + kind + write_text(self.text)

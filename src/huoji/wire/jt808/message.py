"""What every body has in common: its message id, the way it is written, and the answer codes both sides use."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Protocol, Self

from huoji.wire.jt808.header import Version


class Result(IntEnum):
    """How a message was received (0x0001, 0x8001)."""

    OK = 0
    FAILED = 1
    BAD = 2
    UNSUPPORTED = 3
    ALARM_CONFIRMED = 4


class Content(Protocol):
    """The body of a message: read and written by the class that names its fields."""

    ID: ClassVar[int]

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self: ...

    def write(self, version: Version) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """A body without fields; whatever a maker puts there is not looked at."""

    ID: ClassVar[int]

    @classmethod
    def read(cls, _body: bytes, _version: Version) -> Self:
        return cls()

    def write(self, _version: Version) -> bytes:
        return b""

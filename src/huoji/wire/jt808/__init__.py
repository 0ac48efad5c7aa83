"""JT/T 808 (2011, 2013, 2019): the protocol of road terminals, both ways, from bytes to dataclasses and back."""

from huoji.wire.jt808.answers import PlatformAnswer, PlatformResend, TerminalAnswer, TerminalResend
from huoji.wire.jt808.codec import Message, Part, Unknown, decode, decode_body, encode
from huoji.wire.jt808.faults import AssemblyError, Code, MessageError
from huoji.wire.jt808.frame import Frame, Framer, Noise
from huoji.wire.jt808.header import Header, Version
from huoji.wire.jt808.message import Content, Result
from huoji.wire.jt808.position import Position, digest, write_position
from huoji.wire.jt808.reports import PositionAnswer, PositionBatch, PositionReport
from huoji.wire.jt808.session import (
    Attributes,
    Authentication,
    Heartbeat,
    Registration,
    RegistrationAnswer,
    ServerTime,
    TimeQuery,
    Unregistration,
)

__all__ = [
    "AssemblyError",
    "Attributes",
    "Authentication",
    "Code",
    "Content",
    "Frame",
    "Framer",
    "Header",
    "Heartbeat",
    "Message",
    "MessageError",
    "Noise",
    "Part",
    "PlatformAnswer",
    "PlatformResend",
    "Position",
    "PositionAnswer",
    "PositionBatch",
    "PositionReport",
    "Registration",
    "RegistrationAnswer",
    "Result",
    "ServerTime",
    "TerminalAnswer",
    "TerminalResend",
    "TimeQuery",
    "Unknown",
    "Unregistration",
    "Version",
    "decode",
    "decode_body",
    "digest",
    "encode",
    "write_position",
]

"""Messages from frames and frames from messages: the table of all bodies, and the two functions that use it."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

import msgspec

from huoji.wire.jt808 import answers, areas, cargo, commands, media, parameters, reports, session
from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.frame import MAX_BODY_BYTES, Frame, enclose
from huoji.wire.jt808.header import Header, Version
from huoji.wire.jt808.header_bytes import read_header, write_header
from huoji.wire.jt808.message import Content

SERIALS = 0x1_0000
MAX_PARTS = 0xFFFF

_CONTENTS: tuple[type[Content], ...] = (
    answers.TerminalAnswer,
    answers.PlatformAnswer,
    answers.TerminalResend,
    answers.PlatformResend,
    session.Heartbeat,
    session.Unregistration,
    session.TimeQuery,
    session.ServerTime,
    session.Registration,
    session.RegistrationAnswer,
    session.Authentication,
    session.Attributes,
    reports.PositionReport,
    reports.PositionAnswer,
    reports.PositionBatch,
    cargo.Waybill,
    cargo.Driver,
    media.MediaEvent,
    media.Media,
    media.MediaAnswer,
    media.Shoot,
    parameters.SetParameters,
    parameters.QueryParameters,
    parameters.QueryTheseParameters,
    parameters.ParametersAnswer,
    commands.QueryAttributes,
    commands.QueryPosition,
    commands.LinkTest,
    commands.Track,
    commands.ConfirmAlarm,
    commands.Text,
    areas.SetCircles,
    areas.SetRectangles,
    areas.SetPolygon,
    areas.SetRoute,
    areas.DeleteCircles,
    areas.DeleteRectangles,
    areas.DeletePolygons,
    areas.DeleteRoutes,
)
CONTENTS = {each.ID: each for each in _CONTENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A body nobody here reads: another message id, or one that is encrypted. Its bytes are kept."""

    ID: ClassVar[int] = -1
    data: bytes

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        return cls(data=body)

    def write(self, _version: Version) -> bytes:
        return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One sub-package of a body: `parts.Assembler` puts them together."""

    ID: ClassVar[int] = -1
    data: bytes

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        return cls(data=body)

    def write(self, _version: Version) -> bytes:
        return self.data


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A header and what its body says."""

    header: Header
    content: Content


def decode(frame: Frame, *, forced: Version | None = None) -> Message:
    """Read a frame. A `MessageError` carries the header as soon as that was readable."""
    header, body = read_header(frame.data, forced=forced)
    return decode_body(header, body)


def decode_body(header: Header, body: bytes) -> Message:
    """Read the body of a whole message, also of one put together from sub-packages."""
    if header.total > 1:
        return Message(header=header, content=Part(data=body))
    if header.encryption:
        return Message(header=header, content=Unknown(data=body))
    kind = CONTENTS.get(header.message_id, Unknown)
    try:
        return Message(header=header, content=kind.read(body, header.version))
    except MessageError as error:
        error.header = header
        raise


def encode(
    content: Content, *, version: Version, terminal: str, serial: int, message_id: int | None = None
) -> tuple[bytes, ...]:
    """Write a message as frames: one, or sub-packages that use up as many serial numbers."""
    try:
        body = content.write(version)
    except (struct.error, ValueError, OverflowError) as error:
        if isinstance(error, MessageError):
            raise
        raise MessageError(Code.UNWRITABLE, f"a number does not fit its field: {error}") from error
    pieces = [body[at : at + MAX_BODY_BYTES] for at in range(0, len(body), MAX_BODY_BYTES)] or [b""]
    if len(pieces) > MAX_PARTS:
        raise MessageError(Code.UNWRITABLE, f"{len(body)} bytes need more than {MAX_PARTS} sub-packages")
    total = len(pieces) if len(pieces) > 1 else 0
    frames = []
    for index, piece in enumerate(pieces):
        header = Header(
            message_id=content.ID if message_id is None else message_id,
            version=version,
            terminal=terminal,
            serial=(serial + index) % SERIALS,
            total=total,
            index=index + 1 if total else 0,
        )
        frames.append(enclose(write_header(header, body_bytes=len(piece)) + piece))
    return tuple(frames)

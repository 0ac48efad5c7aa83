"""Pictures, sound and film from a terminal, and what is asked and answered about them."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.fields import BYTE_MAX, Reader
from huoji.wire.jt808.header import Version
from huoji.wire.jt808.position import FIXED_BYTES, Position, read_position

KINDS = ("image", "audio", "video")
FORMATS = ("jpeg", "tif", "mp3", "wav", "wmv")
JPEG_START = b"\xff\xd8\xff"
HEAD_BYTES = 8

_HEAD = struct.Struct(">IBBBB")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaEvent:
    """0x0800: something was recorded."""

    ID: ClassVar[int] = 0x0800
    media_id: int
    kind: int  # index into KINDS
    format: int  # index into FORMATS
    event: int  # 0 ordered, 1 by time, 2 robbery, 3 collision, 4 door open, 5 door closed, 6 …
    channel: int

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        media_id, kind, form, event, channel = _HEAD.unpack(Reader(body).take(HEAD_BYTES))
        return cls(media_id=media_id, kind=kind, format=form, event=event, channel=channel)

    def write(self, _version: Version) -> bytes:
        return _HEAD.pack(self.media_id, self.kind, self.format, self.event, self.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """0x0801: the recording itself, mostly put together from sub-packages. `position` is where it began, unless 2011."""

    ID: ClassVar[int] = 0x0801
    media_id: int
    kind: int
    format: int
    event: int
    channel: int
    position: Position | None
    data: bytes

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        reader = Reader(body)
        media_id, kind, form, event, channel = _HEAD.unpack(reader.take(HEAD_BYTES))
        plain = version is Version.V2011 or reader.left < FIXED_BYTES or body[HEAD_BYTES:].startswith(JPEG_START)
        return cls(
            media_id=media_id,
            kind=kind,
            format=form,
            event=event,
            channel=channel,
            position=None if plain else read_position(reader.take(FIXED_BYTES)),
            data=reader.rest(),
        )

    def write(self, _version: Version) -> bytes:
        head = _HEAD.pack(self.media_id, self.kind, self.format, self.event, self.channel)
        return head + (b"" if self.position is None else self.position.raw[:FIXED_BYTES]) + self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaAnswer:
    """0x8800: received; `missing` sub-packages are asked for again. Without any the count is left out: cameras refuse a zero."""

    ID: ClassVar[int] = 0x8800
    media_id: int
    missing: tuple[int, ...] = ()

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        media_id = reader.dword()
        count = reader.byte() if reader.left else 0
        return cls(media_id=media_id, missing=tuple(reader.word() for _ in range(count)))

    def write(self, _version: Version) -> bytes:
        count = len(self.missing)
        if count > BYTE_MAX:
            raise MessageError(Code.UNWRITABLE, f"{count} sub-packages do not fit into one answer", where="missing")
        listed = struct.pack(f">B{count}H", count, *self.missing) if self.missing else b""
        return struct.pack(">I", self.media_id) + listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Shoot:
    """0x8801: take pictures (or film, with `command` 0xFFFF) now."""

    ID: ClassVar[int] = 0x8801
    channel: int
    command: int  # 0 stop, 0xFFFF film, else how many pictures
    interval_s: int
    keep: bool  # on the terminal; otherwise it is sent at once
    resolution: int  # 1 320x240, 2 640x480, 3 800x600, 4 1024x768 …
    quality: int  # 1 best … 10
    brightness: int
    contrast: int
    saturation: int
    chroma: int

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        channel, command, interval, keep, resolution, quality, *picture = _SHOOT.unpack(Reader(body).take(_SHOOT.size))
        brightness, contrast, saturation, chroma = picture
        return cls(
            channel=channel,
            command=command,
            interval_s=interval,
            keep=bool(keep),
            resolution=resolution,
            quality=quality,
            brightness=brightness,
            contrast=contrast,
            saturation=saturation,
            chroma=chroma,
        )

    def write(self, _version: Version) -> bytes:
        picture = (self.brightness, self.contrast, self.saturation, self.chroma)
        return _SHOOT.pack(
            self.channel, self.command, self.interval_s, self.keep, self.resolution, self.quality, *picture
        )


_SHOOT = struct.Struct(">BHHBBBBBBB")

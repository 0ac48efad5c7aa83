"""What a driver enters or inserts: the electronic waybill and the card of the driver."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from huoji.wire.jt808.fields import (
    TIME_BYTES,
    Reader,
    read_text,
    read_time,
    write_bcd,
    write_counted,
    write_padded,
    write_time,
)
from huoji.wire.jt808.header import Version

CARD_IN, CARD_OUT = 1, 2
CARD_READ = 0
CERTIFICATE_BYTES, CERTIFICATE_BYTES_2011 = 20, 40
IDENTITY_BYTES = 20
FACE_BYTES = 21  # the match and the UID of the identity card, which 2019 added later


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """0x0701: the electronic waybill, whose inside the standard leaves to the carrier; `text` is one reading of it."""

    ID: ClassVar[int] = 0x0701
    data: bytes

    @property
    def text(self) -> str:
        return read_text(self.data)

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        """Read the content behind its length; where the length lies, what is there counts."""
        reader = Reader(body)
        size = reader.dword()
        return cls(data=reader.take(min(size, reader.left)))

    def write(self, _version: Version) -> bytes:
        return struct.pack(">I", len(self.data)) + self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """0x0702: who drives. Up to 2011 it says only who; later also when the card came and went, and whether it could be read.

    Personal data: name, identity and certificate numbers.
    """

    ID: ClassVar[int] = 0x0702
    layout: Version
    status: int | None = None  # CARD_IN, CARD_OUT
    time: int | None = None
    result: int | None = None  # CARD_READ, or why the card could not be read
    name: str = ""
    identity: str = ""  # 2011, 2019
    certificate: str = ""
    issuer: str = ""
    valid_until: str = ""  # YYYYMMDD
    face_match: int | None = None  # percent (2019)
    card_uid: str = ""  # 2019

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        if version is Version.V2011 or (version is Version.V2013 and not _has_card(body)):
            return cls._read_2011(body)
        reader = Reader(body)
        status = reader.byte()
        time = read_time(reader.take(TIME_BYTES))
        if status != CARD_IN or not reader.left:
            return cls(layout=version, status=status, time=time)
        result = reader.byte()
        if result != CARD_READ or not reader.left:
            return cls(layout=version, status=status, time=time, result=result)
        name, certificate, issuer = (
            reader.text(reader.byte()),
            reader.text(CERTIFICATE_BYTES),
            reader.text(reader.byte()),
        )
        valid_until = reader.take(4).hex()
        identity = reader.text(IDENTITY_BYTES) if version is Version.V2019 and reader.left >= IDENTITY_BYTES else ""
        has_face = version is Version.V2019 and reader.left >= FACE_BYTES
        return cls(
            layout=version,
            status=status,
            time=time,
            result=result,
            name=name,
            certificate=certificate,
            issuer=issuer,
            valid_until=valid_until,
            identity=identity,
            face_match=reader.byte() if has_face else None,
            card_uid=reader.text(FACE_BYTES - 1) if has_face else "",
        )

    @classmethod
    def _read_2011(cls, body: bytes) -> Self:
        reader = Reader(body)
        return cls(
            layout=Version.V2011,
            name=reader.text(reader.byte()),
            identity=reader.text(IDENTITY_BYTES),
            certificate=reader.text(CERTIFICATE_BYTES_2011),
            issuer=reader.text(reader.byte()),
        )

    def write(self, _version: Version) -> bytes:
        if self.layout is Version.V2011:
            return (
                write_counted(self.name, what="name")
                + write_padded(self.identity, size=IDENTITY_BYTES, what="identity")
                + write_padded(self.certificate, size=CERTIFICATE_BYTES_2011, what="certificate")
                + write_counted(self.issuer, what="issuer")
            )
        start = bytes([self.status or 0]) + write_time(self.time)
        if self.result is None:
            return start
        start += bytes([self.result])
        return start + self._written_card() if self.result == CARD_READ else start

    def _written_card(self) -> bytes:
        card = (
            write_counted(self.name, what="name")
            + write_padded(self.certificate, size=CERTIFICATE_BYTES, what="certificate")
            + write_counted(self.issuer, what="issuer")
            + write_bcd(self.valid_until, size=4, what="valid_until")
        )
        if self.layout is not Version.V2019:
            return card
        card += write_padded(self.identity, size=IDENTITY_BYTES, what="identity")
        if self.face_match is None:
            return card
        return card + bytes([self.face_match]) + write_padded(self.card_uid, size=FACE_BYTES - 1, what="card_uid")


def _has_card(body: bytes) -> bool:
    """Tell a body that begins with card and time from one that begins with a name, which old headers do not tell."""
    return len(body) > TIME_BYTES and body[0] in {CARD_IN, CARD_OUT} and body[1 : 1 + TIME_BYTES].hex().isdecimal()

"""Messages by which a terminal comes, proves itself, stays and goes."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from huoji.wire.jt808.fields import (
    PADDING,
    TIME_BYTES,
    Reader,
    read_text,
    read_time,
    write_bcd,
    write_counted,
    write_padded,
    write_text,
    write_time,
)
from huoji.wire.jt808.header import Version
from huoji.wire.jt808.message import Empty

PLATE_COLOURS = frozenset({0, 1, 2, 3, 4, 5, 9, 91, 92, 93, 94})  # JT/T 697.7; 0: no plate, the vehicle's VIN instead
PLACE_BYTES = 4  # province and city
FIRST_PRINTABLE = 0x20
IMEI_BYTES = 15
SOFTWARE_BYTES = 20

# bytes of maker, model and terminal id
_WIDTHS = {Version.V2011: (5, 8, 7), Version.V2013: (5, 20, 7), Version.V2019: (11, 30, 30)}
_ATTRIBUTE_WIDTHS = {Version.V2011: (5, 20, 7), Version.V2013: (5, 20, 7), Version.V2019: (5, 30, 30)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """0x0002. Empty by the standard; what makers put into it is kept."""

    ID: ClassVar[int] = 0x0002
    data: bytes = b""

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        return cls(data=body)

    def write(self, _version: Version) -> bytes:
        return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistration(Empty):
    """0x0003."""

    ID: ClassVar[int] = 0x0003


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeQuery(Empty):
    """0x0004 (2019): the terminal asks for the time."""

    ID: ClassVar[int] = 0x0004


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTime:
    """0x8004 (2019): the only time of the protocol that is written in UTC."""

    ID: ClassVar[int] = 0x8004
    time: int | None

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        return cls(time=read_time(Reader(body).take(TIME_BYTES), offset_s=0))

    def write(self, _version: Version) -> bytes:
        return write_time(self.time, offset_s=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """0x0100. `layout` is the edition whose field widths the body has, which old headers do not tell."""

    ID: ClassVar[int] = 0x0100
    layout: Version
    province: int  # GB/T 2260, first two digits
    city: int  # GB/T 2260, last four digits
    maker: str
    model: str
    terminal_id: str
    plate_colour: int
    plate: str

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        layout = _layout(body, version)
        maker, model, terminal = _WIDTHS[layout]
        reader = Reader(body)
        return cls(
            layout=layout,
            province=reader.word(),
            city=reader.word(),
            maker=reader.text(maker),
            model=reader.text(model),
            terminal_id=reader.text(terminal),
            plate_colour=reader.byte(),
            plate=read_text(reader.rest()),
        )

    def write(self, _version: Version) -> bytes:
        maker, model, terminal = _WIDTHS[self.layout]
        return (
            struct.pack(">HH", self.province, self.city)
            + write_padded(self.maker, size=maker, what="maker")
            + write_padded(self.model, size=model, what="model")
            + write_padded(self.terminal_id, size=terminal, what="terminal_id")
            + bytes([self.plate_colour])
            + write_text(self.plate)
        )


def _layout(body: bytes, version: Version) -> Version:
    """Find the layout that has a colour and a text where they belong, the header's own first.

    Old headers do not tell 2011 from 2013, and some new ones stand before old bodies.
    """
    candidates = {
        Version.V2019: (Version.V2019, Version.V2013, Version.V2011),
        Version.V2013: (Version.V2013, Version.V2011, Version.V2019),
        Version.V2011: (Version.V2011, Version.V2013, Version.V2019),
    }[version]
    long_enough = [layout for layout in candidates if len(body) > _colour_at(layout)]
    for layout in long_enough:
        colour, plate = body[_colour_at(layout)], body[_colour_at(layout) + 1 :].rstrip(PADDING)
        if colour in PLATE_COLOURS and all(each >= FIRST_PRINTABLE for each in plate):
            return layout
    return long_enough[0] if long_enough else version


def _colour_at(layout: Version) -> int:
    return PLACE_BYTES + sum(_WIDTHS[layout])


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationAnswer:
    """0x8100: 0 accepted (with the code), 1 vehicle known already, 2 no such vehicle, 3 terminal known already, 4 no such terminal."""

    ID: ClassVar[int] = 0x8100
    answer_serial: int
    result: int
    code: str = ""

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(answer_serial=reader.word(), result=reader.byte(), code=read_text(reader.rest()))

    def write(self, _version: Version) -> bytes:
        return struct.pack(">HB", self.answer_serial, self.result) + write_text(self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """0x0102. Up to 2013 the code is the whole body; 2019 counts it and adds IMEI and software version."""

    ID: ClassVar[int] = 0x0102
    layout: Version
    code: str
    imei: str = ""
    software: str = ""

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        code_end = 1 + body[0] if body else 0
        if version is not Version.V2019 or not body or code_end > len(body) or 0 < len(body) - code_end < IMEI_BYTES:
            return cls(layout=version if version is not Version.V2019 else Version.V2013, code=read_text(body))
        reader = Reader(body)
        code = reader.text(reader.byte())
        imei = reader.text(IMEI_BYTES) if reader.left else ""
        return cls(layout=Version.V2019, code=code, imei=imei, software=read_text(reader.rest()))

    def write(self, _version: Version) -> bytes:
        if self.layout is not Version.V2019:
            return write_text(self.code)
        return (
            write_counted(self.code, what="code")
            + write_padded(self.imei, size=IMEI_BYTES, what="imei")
            + write_padded(self.software, size=SOFTWARE_BYTES, what="software")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """0x0107: what a terminal is (answer to 0x8107)."""

    ID: ClassVar[int] = 0x0107
    kind: int  # bits: 0 coach, 1 dangerous goods, 2 freight, 3 taxi, 6 disk recorder, 7 split unit, 8 trailer (2019)
    maker: str
    model: str
    terminal_id: str
    iccid: str
    hardware: str
    firmware: str
    gnss: int  # bits: 0 GPS, 1 BeiDou, 2 GLONASS, 3 Galileo
    radio: int  # bits: 0 GPRS, 1 CDMA, 2 TD-SCDMA, 3 WCDMA, 4 CDMA2000, 5 TD-LTE, 7 other

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        maker, model, terminal = _ATTRIBUTE_WIDTHS[version]
        reader = Reader(body)
        return cls(
            kind=reader.word(),
            maker=reader.text(maker),
            model=reader.text(model),
            terminal_id=reader.text(terminal),
            iccid=reader.take(10).hex(),
            hardware=reader.text(reader.byte()),
            firmware=reader.text(reader.byte()),
            gnss=reader.byte(),
            radio=reader.byte(),
        )

    def write(self, version: Version) -> bytes:
        maker, model, terminal = _ATTRIBUTE_WIDTHS[version]
        return (
            struct.pack(">H", self.kind)
            + write_padded(self.maker, size=maker, what="maker")
            + write_padded(self.model, size=model, what="model")
            + write_padded(self.terminal_id, size=terminal, what="terminal_id")
            + write_bcd(self.iccid, size=10, what="iccid")
            + write_counted(self.hardware, what="hardware")
            + write_counted(self.firmware, what="firmware")
            + bytes([self.gnss, self.radio])
        )

"""Headers as bytes: the editions are told apart by where the body must begin, not by the version bit alone."""

import struct

from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.fields import write_bcd
from huoji.wire.jt808.frame import MAX_BODY_BYTES
from huoji.wire.jt808.header import Header, Version

LENGTH_BITS = 0x03FF
ENCRYPTION_SHIFT, ENCRYPTION_BITS = 10, 0x07
PARTED = 0x2000
VERSIONED = 0x4000
PROTOCOL_2019 = 1  # the protocol version byte of JT/T 808-2019, first edition
PARTS_BYTES = 4

_OLD = struct.Struct(">HH6sH")
_NEW = struct.Struct(">HHB10sH")
_PARTS = struct.Struct(">HH")


def read_header(data: bytes, *, forced: Version | None = None) -> tuple[Header, bytes]:
    """Split a message into header and body.

    The length in the header leaves room for exactly one header: 12 bytes (16 with sub-package numbers) for 2011 and 2013,
    17 (21) for 2019. That decides, because there are devices that set the version bit and send the old header, and the
    other way round. A version that is forced must fit.
    """
    if len(data) < _OLD.size:
        raise MessageError(Code.TOO_SHORT, f"a header needs {_OLD.size} bytes, there are {len(data)}")
    message_id, properties, *_ = _OLD.unpack_from(data)
    size = len(data) - (properties & LENGTH_BITS)
    new = _is_new(size, properties, forced=forced)
    if new is None:
        raise _wrong_length(data, properties, size)
    if new:
        _, _, protocol, number, serial = _NEW.unpack_from(data)
        plain = _NEW.size
    else:
        _, _, number, serial = _OLD.unpack_from(data)
        protocol, plain = 0, _OLD.size
    total = index = 0
    if size > plain:
        total, index = _PARTS.unpack_from(data, plain)
    header = Header(
        message_id=message_id,
        version=(forced or Version.V2019) if new else (forced or Version.V2013),
        terminal=number.hex().lstrip("0") or "0",
        serial=serial,
        encryption=(properties >> ENCRYPTION_SHIFT) & ENCRYPTION_BITS,
        total=total,
        index=index,
        protocol=protocol,
    )
    if size > plain and not 1 <= index <= total:
        raise MessageError(Code.PARTS, f"sub-package {index} of {total}", header=header)
    return header, data[size:]


def _is_new(size: int, properties: int, *, forced: Version | None) -> bool | None:
    """Tell a header of 2019 by its size; None when no header has that size."""
    extra = PARTS_BYTES if properties & PARTED else 0
    # a device that marks whole messages as parted, without the numbers, is taken at its size too
    old = size in {_OLD.size, _OLD.size + extra}
    new = size in {_NEW.size, _NEW.size + extra}
    if forced is not None:
        new, old = new and forced is Version.V2019, old and forced is not Version.V2019
    return new if new or old else None


def _wrong_length(data: bytes, properties: int, size: int) -> MessageError:
    """Tell a wrong length, with the header as its version bit says, so that the sender can be answered."""
    new = bool(properties & VERSIONED) and len(data) >= _NEW.size
    number, serial = (_NEW.unpack_from(data)[3:]) if new else (_OLD.unpack_from(data)[2:])
    header = Header(
        message_id=int.from_bytes(data[:2]),
        version=Version.V2019 if new else Version.V2013,
        terminal=number.hex().lstrip("0") or "0",
        serial=serial,
        protocol=data[4] if new else 0,
    )
    told = properties & LENGTH_BITS
    message = f"says {told} bytes of body, which leaves {size} for the header: no edition has that"
    return MessageError(Code.LENGTH, message, header=header)


def write_header(header: Header, *, body_bytes: int) -> bytes:
    """Write the header of a body of that length in the header's own version."""
    if body_bytes > MAX_BODY_BYTES:
        raise MessageError(Code.UNWRITABLE, f"a body of {body_bytes} bytes must be sent in sub-packages", header=header)
    properties = body_bytes | (header.encryption << ENCRYPTION_SHIFT) | (PARTED if header.total else 0)
    if header.version is Version.V2019:
        number = write_bcd(header.terminal, size=10, what="terminal")
        protocol = header.protocol or PROTOCOL_2019
        start = _NEW.pack(header.message_id, properties | VERSIONED, protocol, number, header.serial)
    else:
        number = write_bcd(header.terminal, size=6, what="terminal")
        start = _OLD.pack(header.message_id, properties, number, header.serial)
    return start + (_PARTS.pack(header.total, header.index) if header.total else b"")

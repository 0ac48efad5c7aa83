"""Frames between flags: find them in any split or glue of bytes, undo the escapes, hold the check byte against them."""

from dataclasses import dataclass

import msgspec

from huoji.wire.jt808.faults import Code

FLAG = b"\x7e"
MAX_BODY_BYTES = 1_023  # ten bits of the header
MAX_HEADER_BYTES = 21
MAX_FRAME_BYTES = 2 * (MAX_HEADER_BYTES + MAX_BODY_BYTES + 1)  # every byte escaped
MIN_MESSAGE_BYTES = 12  # the shortest header
BYTE_BITS = 8
SAMPLE_BYTES = 64  # of noise, to show what it was


class Frame(msgspec.Struct, frozen=True, gc=False):
    """Header and body of one message, unescaped, the check byte verified and removed."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Bytes that are no frame: how many pieces in a row for one reason, how many bytes, and how they began."""

    code: Code
    pieces: int
    size: int
    sample: bytes


class Framer:
    """Cut a stream into frames. It keeps at most one unfinished frame; a flag is an end and a beginning at once.

    One flag between two frames, two, or a dozen, a frame that was never closed, garbage between frames: the next whole
    frame is always found, because whatever stands between two flags is tried by itself.
    """

    __slots__ = ("_inside", "_rest", "noise_bytes")

    def __init__(self) -> None:
        self._rest = b""
        self._inside = False  # has a flag been seen, so that what follows may be a frame?
        self.noise_bytes = 0  # since the beginning, so that a connection that is nothing but noise can be ended

    @property
    def pending(self) -> int:
        """Tell how many bytes of an unfinished frame are held."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[Frame | Noise]:
        """Take what came in and hand out what is whole."""
        found: list[Frame | Noise] = []
        pieces = (self._rest + data).split(FLAG)
        if not self._inside:
            self._note(found, Code.NO_FRAME, pieces[0])
            pieces[0] = b""
        self._inside = self._inside or len(pieces) > 1
        self._rest = pieces.pop()
        for piece in pieces:
            if piece:
                self._take(found, piece)
        if len(self._rest) > MAX_FRAME_BYTES:
            self._note(found, Code.TOO_LONG, self._rest)
            self._rest = b""
            self._inside = False
        return found

    def _take(self, found: list[Frame | Noise], piece: bytes) -> None:
        message = piece
        if b"\x7d" in piece:  # in this order: an escaped 7D may be followed by a plain 02
            message = piece.replace(b"\x7d\x02", FLAG).replace(b"\x7d\x01", b"\x7d")
        if len(message) <= MIN_MESSAGE_BYTES:
            self._note(found, Code.TOO_SHORT, piece)
        elif len(message) > MAX_HEADER_BYTES + MAX_BODY_BYTES + 1:
            self._note(found, Code.TOO_LONG, piece)
        elif xor(message):
            self._note(found, Code.CHECK_SUM, piece)
        else:
            found.append(Frame(message[:-1]))

    def _note(self, found: list[Frame | Noise], code: Code, piece: bytes) -> None:
        """Note bytes that are no frame, as one with those just before, so that a flood of them stays one object."""
        if not piece:
            return
        self.noise_bytes += len(piece)
        last = found[-1] if found else None
        if isinstance(last, Noise) and last.code is code:
            found[-1] = Noise(code=code, pieces=last.pieces + 1, size=last.size + len(piece), sample=last.sample)
        else:
            found.append(Noise(code=code, pieces=1, size=len(piece), sample=piece[:SAMPLE_BYTES]))


def xor(data: bytes) -> int:
    """Combine all bytes by exclusive or; halves are folded onto each other, which takes ten steps instead of a thousand."""
    folded = int.from_bytes(data)
    shift = BYTE_BITS << max(len(data) - 1, 1).bit_length()
    while shift > BYTE_BITS:
        shift >>= 1
        folded ^= folded >> shift
    return folded & 0xFF


def enclose(message: bytes) -> bytes:
    """Add the check byte, escape, and put flags around."""
    whole = message + bytes([xor(message)])
    return FLAG + whole.replace(b"\x7d", b"\x7d\x01").replace(FLAG, b"\x7d\x02") + FLAG

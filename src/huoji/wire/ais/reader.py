"""Lines of any feed to what they tell: parts are put together by the feed they came from, within limits; no line raises."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from huoji.wire.ais import payload, sentence
from huoji.wire.ais.model import Heard, Odd, Oddity
from huoji.wire.ais.sentence import Clock, Sentence

PENDING_MAX = 2_000  # unfinished messages held at once
PART_WAIT_S = 20.0
LINE_END = b"\n"
BUFFER_BYTES_MAX = 64 * 1024  # of a feed that sends no line end


def everyone(_mmsi: str, _type: int) -> bool:
    return True


@dataclass(slots=True)
class _Pending:
    since_s: float
    parts: list[Sentence | None]


@dataclass(slots=True)
class Reader:
    """Reads the lines of many feeds. `wanted` decides by MMSI and type whether a message is worth unpacking whole; else it is `Other`.

    `odd` counts lines set aside, and under `tag_checksum` lines that are used without their damaged tag block.
    """

    wanted: Callable[[str, int], bool] = everyone
    lines: int = 0  # without empty ones and comments
    clocks: int = 0  # of these the ones that tell when the next was heard
    odd: Counter[Oddity] = field(default_factory=Counter)
    _pending: dict[tuple[str, bytes], _Pending] = field(default_factory=dict)
    _clocks: dict[str, float] = field(default_factory=dict)

    def feed(self, line: bytes, *, source: str, now_s: float) -> tuple[Heard, ...]:
        """Read one line of a feed; what it completes is returned. Odd lines are returned and counted."""
        read = sentence.read(line)
        if read is None:
            return ()
        self.lines += 1
        match read:
            case Odd():
                return (self._note(read),)
            case Clock(at_s):
                self.clocks += 1
                self._clocks.pop(source, None)
                self._clocks[source] = at_s
                if len(self._clocks) > PENDING_MAX:  # the oldest belongs to a feed that said no more
                    del self._clocks[next(iter(self._clocks))]
                return ()
            case Sentence():
                if read.tag_broken:
                    self.odd[Oddity.TAG_CHECKSUM] += 1
                clock_s = self._clocks.pop(source, None)
                told = read._replace(at_s=clock_s) if read.at_s is None and clock_s is not None else read
                return self._single(told) if told.total == 1 else self._part(told, source, now_s)

    def expire(self, *, now_s: float) -> tuple[Odd, ...]:
        """Give up messages whose other parts did not come; they are in order of their first part."""
        dropped = []
        while self._pending:
            key, first = next(iter(self._pending.items()))
            if len(self._pending) <= PENDING_MAX and now_s - first.since_s <= PART_WAIT_S:
                break
            dropped.append(self._give_up(key))
        return tuple(dropped)

    def _single(self, one: Sentence) -> tuple[Heard, ...]:
        return self._unpack(one.payload, one.fill, one.at_s)

    def _part(self, one: Sentence, source: str, now_s: float) -> tuple[Heard, ...]:
        odd = self.expire(now_s=now_s)
        key = (source, one.group)
        pending = self._pending.get(key)
        if pending is not None and (len(pending.parts) != one.total or pending.parts[one.number - 1] is not None):
            odd += (self._give_up(key),)  # the number is used again: the parts before belong to another message
            pending = None
        if pending is None:
            pending = self._pending[key] = _Pending(now_s, [None] * one.total)
        pending.parts[one.number - 1] = one
        parts = [part for part in pending.parts if part is not None]
        if len(parts) < one.total:
            return odd
        del self._pending[key]
        at_s = next((part.at_s for part in parts if part.at_s is not None), None)
        return odd + self._unpack(b"".join(part.payload for part in parts), parts[-1].fill, at_s)

    def _unpack(self, raw: bytes, fill: int, at_s: float | None) -> tuple[Heard, ...]:
        heard = payload.read(raw, fill, at_s=at_s, wanted=self.wanted)
        for each in heard:
            if isinstance(each, Odd):
                self.odd[each.code] += 1
        return heard

    def _give_up(self, key: tuple[str, bytes]) -> Odd:
        held = self._pending.pop(key)
        return self._note(Odd(Oddity.INCOMPLETE, sum(part is not None for part in held.parts)))

    def _note(self, odd: Odd) -> Odd:
        self.odd[odd.code] += odd.parts
        return odd


@dataclass(slots=True)
class Lines:
    """Cuts a stream of bytes into lines, whatever way it comes in pieces; a line without end is dropped at a limit."""

    _rest: bytes = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        whole, mark, rest = (self._rest + data).rpartition(LINE_END)
        self._rest = rest if len(rest) <= BUFFER_BYTES_MAX else b""
        if mark:
            yield from whole.split(LINE_END)

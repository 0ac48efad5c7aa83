"""Sub-packages put together: in any order, with some missing and asked for again, within limits that have names."""

from collections import OrderedDict
from dataclasses import dataclass

from msgspec.structs import replace

from huoji.wire.jt808.faults import AssemblyError, Code
from huoji.wire.jt808.header import Header

SERIALS = 0x1_0000
Key = tuple[str, int, int, int]  # terminal, message id, total, serial before the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one connection may have in pieces."""

    parts: int = 8_192  # of one message
    bytes: int = 16 * 1024 * 1024  # of all messages together
    messages: int = 32
    ask_after_s: float = 5  # of silence
    asks: int = 3
    ask_parts: int = 125  # in one request
    give_up_s: float = 120  # since the first part


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A message with all of its parts; the header is that of the first, without sub-package numbers."""

    header: Header
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Parts that did not come: ask for them by 0x8003, naming the serial of the first part."""

    header: Header
    first_serial: int
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A message that is given up, and why: it waited too long, or a limit needed its room."""

    header: Header
    parts: int
    reason: str


class _Pending:
    __slots__ = ("asked", "began", "changed", "header", "parts", "serials", "size")

    def __init__(self, header: Header, now: float) -> None:
        self.header = header
        self.parts: dict[int, bytes] = {}
        self.serials: set[int] = set()
        self.size = 0
        self.began = self.changed = now
        self.asked = 0

    def lacks(self) -> tuple[int, ...]:
        return tuple(index for index in range(1, self.header.total + 1) if index not in self.parts)


class Assembler:
    """Collect the parts of all messages of one connection, which may carry many terminals."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._pending: OrderedDict[Key, _Pending] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Tell how many bytes are held."""
        return self._size

    def add(self, header: Header, body: bytes, *, now: float) -> tuple[Whole | None, tuple[Lost, ...]]:
        """Take a part. The message comes out with its last one; messages that had to make room for it are told."""
        if not 1 <= header.index <= header.total:
            raise AssemblyError(Code.PARTS, f"sub-package {header.index} of {header.total}")
        if header.total > self._limits.parts:
            raise AssemblyError(Code.TOO_LONG, f"{header.total} sub-packages are more than {self._limits.parts}")
        key = self._key(header)
        pending = self._pending.get(key)
        if pending is None:
            pending = self._pending[key] = _Pending(header, now)
        if header.index not in pending.parts:
            pending.parts[header.index] = body
            pending.serials.add(header.serial)
            pending.size += len(body)
            pending.changed = now
            self._size += len(body)
            self._pending.move_to_end(key)
        if len(pending.parts) < header.total:
            return None, self._make_room(key)
        self._drop(key)
        first = replace(pending.header, total=0, index=0, serial=(key[3] + 1) % SERIALS)
        return Whole(header=first, body=b"".join(pending.parts[index] for index in sorted(pending.parts))), ()

    def _key(self, header: Header) -> Key:
        """Find the message that a part belongs to. By the standard its serials count on from the first part.

        There are terminals that give every part the same serial, and some that send asked parts with new serials: these
        join the message that lacks them.
        """
        own = (header.terminal, header.message_id, header.total, (header.serial - header.index) % SERIALS)
        if own in self._pending:
            return own
        for key, pending in self._pending.items():
            if key[:3] == own[:3] and (header.index not in pending.parts):
                same_serial = pending.serials == {header.serial}
                if same_serial or pending.asked:
                    return key
        return own

    def _make_room(self, keep: Key) -> tuple[Lost, ...]:
        lost = []
        while len(self._pending) > self._limits.messages or self._size > self._limits.bytes:
            oldest = next((key for key in self._pending if key != keep), keep)
            lost.append(self._lose(oldest, "no room"))
        return tuple(lost)

    def _lose(self, key: Key, reason: str) -> Lost:
        pending = self._drop(key)
        return Lost(header=pending.header, parts=len(pending.parts), reason=reason)

    def _drop(self, key: Key) -> _Pending:
        pending = self._pending.pop(key)
        self._size -= pending.size
        return pending

    def overdue(self, *, now: float) -> tuple[Missing | Lost, ...]:
        """Say what to ask for again, and what is given up. Call it now and then."""
        found: list[Missing | Lost] = []
        for key, pending in list(self._pending.items()):
            if now - pending.began >= self._limits.give_up_s or pending.asked > self._limits.asks:
                found.append(self._lose(key, "too late"))
            elif now - pending.changed >= self._limits.ask_after_s:
                pending.asked += 1
                pending.changed = now
                if pending.asked <= self._limits.asks:
                    indices = pending.lacks()[: self._limits.ask_parts]
                    first = (key[3] + 1) % SERIALS
                    found.append(Missing(header=pending.header, first_serial=first, indices=indices))
        return tuple(found)

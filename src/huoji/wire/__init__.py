"""Formats that are not ours, and what all of them share: a fault that names its place, and a cursor that walks JSON strictly."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

MAX_DEPTH = 64  # levels of nesting in a JSON document
MAX_TEXT_CHARS = 2_048  # one text field, unless the format says otherwise
MAX_FAULTS = 50  # reported for one document; the rest is cut

RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
YEARS = range(2, 9_999)  # one to spare at each end, so that every zone can show it
PLAIN_NAME = re.compile(r"[A-Za-z_@][\w@-]*", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where: a JSON path (`$.epcisBody.eventList[1].bizStep`), a row (`row 7`), or `$` for the whole."""

    path: str
    code: str
    message: str


class FormatError(ValueError):
    """A document that breaks the rules of its own format; it has at least one fault, the first one is the headline."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults[:MAX_FAULTS]
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in self.faults[:3]))

    @property
    def path(self) -> str:
        return self.faults[0].path

    @property
    def code(self) -> str:
        return self.faults[0].code


class Node:
    """A value of a JSON document that knows its path, and refuses to be read as what it is not."""

    __slots__ = ("key", "parent", "value")

    def __init__(self, value: Any, *, parent: "Node | None" = None, key: str | int = "$") -> None:
        self.value = value
        self.parent = parent
        self.key = key

    @property
    def path(self) -> str:
        """Write the JSON path; worked out only when there is a fault to tell."""
        if self.parent is None:
            return "$"
        return self.parent.path + _step(self.key)

    def refuse(self, code: str, message: str) -> NoReturn:
        raise FormatError(Fault(self.path, code, message))

    def maybe(self, name: str) -> "Node | None":
        """Step into a field, or None when it is absent or null."""
        value = self.object().get(name)
        return None if value is None else Node(value, parent=self, key=name)

    def need(self, name: str) -> "Node":
        found = self.maybe(name)
        return found if found is not None else Node(None, parent=self, key=name).refuse("missing", "is required")

    def object(self) -> Mapping[str, Any]:
        if isinstance(self.value, dict):
            return self.value
        self.refuse("type", "must be an object")
        return None

    def items(self, *, limit: int) -> "Iterator[Node]":
        """Walk an array of at most `limit` items."""
        if not isinstance(self.value, list):
            self.refuse("type", "must be an array")
        if len(self.value) > limit:
            self.refuse("too_many", f"has {len(self.value)} items, the limit is {limit}")
        return (Node(item, parent=self, key=index) for index, item in enumerate(self.value))

    def text(self, *, limit: int = MAX_TEXT_CHARS) -> str:
        if not isinstance(self.value, str):
            self.refuse("type", "must be a text")
        if not self.value.strip():
            self.refuse("value", "must not be empty")
        if len(self.value) > limit:
            self.refuse("too_long", f"has {len(self.value)} characters, the limit is {limit}")
        if CONTROL.search(self.value):
            self.refuse("value", "holds control characters")
        return self.value

    def word(self, allowed: "frozenset[str]", *, what: str) -> str:
        text = self.text()
        if text not in allowed:
            self.refuse("value", f"{text[:60]!r} is no {what}")
        return text

    def matching(self, pattern: re.Pattern[str], *, what: str) -> str:
        text = self.text()
        if pattern.fullmatch(text) is None:
            self.refuse("value", f"{text[:60]!r} is no {what}")
        return text

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.refuse("type", "must be a number")
        try:
            return float(self.value)
        except OverflowError:
            self.refuse("value", "is too large a number")

    def whole(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.refuse("type", "must be a whole number")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.refuse("type", "must be true or false")
        return self.value

    def time(self) -> datetime:
        """Read an RFC 3339 time, which always carries its offset."""
        text = self.text()
        if RFC3339.fullmatch(text) is None:
            self.refuse("time", f"{text[:40]!r} is no date and time with an offset (RFC 3339)")
        try:
            moment = datetime.fromisoformat(text.upper())
            moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.refuse("time", f"{text[:40]!r} is no possible date and time")
        if moment.year not in YEARS:
            self.refuse("time", f"{text[:40]!r} lies where no calendar of ours reaches")
        return moment


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if PLAIN_NAME.fullmatch(key) else f"[{key[:80]!r}]"


def load(data: bytes, *, limit_bytes: int) -> Node:
    """Decode a JSON document (UTF-8, with or without a byte order mark) of limited size and depth; text must be storable (no NUL)."""
    if len(data) > limit_bytes:
        raise FormatError(Fault("$", "too_large", f"has {len(data)} bytes, the limit is {limit_bytes}"))
    try:
        value = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise FormatError(Fault("$", "too_deep", f"is nested deeper than {MAX_DEPTH} levels")) from None
    except (msgspec.DecodeError, UnicodeError, ValueError) as error:
        raise FormatError(Fault("$", "json", f"is no JSON: {error}")) from error
    root = Node(value)
    _inspect(root)
    return root


def _inspect(root: Node) -> None:
    """Refuse what is nested too deep, and NUL characters, anywhere (also in the parts that are kept raw)."""
    level = [root]
    for _ in range(MAX_DEPTH):
        below: list[Node] = []
        for node in level:
            match node.value:
                case dict() as fields:
                    if any("\x00" in name for name in fields):
                        node.refuse("value", "has a field name with a NUL character")
                    below += [Node(value, parent=node, key=name) for name, value in fields.items() if _worth(value)]
                case list() as items:
                    below += [Node(value, parent=node, key=index) for index, value in enumerate(items) if _worth(value)]
                case _:
                    node.refuse("value", "holds a NUL character")
        if not below:
            return
        level = below
    raise FormatError(Fault("$", "too_deep", f"is nested deeper than {MAX_DEPTH} levels"))


def _worth(value: object) -> bool:
    """Say whether a value needs a look of its own: a container, or a text with a NUL character."""
    return isinstance(value, dict | list) or (isinstance(value, str) and "\x00" in value)

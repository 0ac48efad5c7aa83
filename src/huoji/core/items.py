"""Items of a batch: cut apart without reading what stands in their strings, so that one bad string spoils one item alone."""

import re
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MARK = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)
_OPEN, _CLOSE = (b"[", b"{"), (b"]", b"}")
_skeletons = msgspec.json.Decoder(list[msgspec.Raw])


class ItemError(ValueError):
    """The item cannot be taken; `code` is stable, `detail` says what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class ItemDecoder(Generic[T]):
    """Reads one item of a body; where a field holds a word that we do not know, the refusal names those that we do."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._words = {
            f"`$.{field.encode_name}`": (field.encode_name, [each.value for each in field.type])
            for field in msgspec.structs.fields(kind)
            if isinstance(field.type, type) and issubclass(field.type, StrEnum)
        }

    def decode(self, raw: msgspec.Raw) -> T:
        """Return the item, or raise ItemError where it is no such item, msgspec's own errors where it is no JSON."""
        try:
            return self._decoder.decode(raw)
        except msgspec.ValidationError as error:
            detail = str(error)
            if detail.startswith("Invalid enum value"):
                name, known = self._words.get(detail.rpartition(" ")[2], ("", []))
                detail = f"`{name}` must be one of {', '.join(word for word in known if word)}." if known else detail
            raise ItemError("invalid_item", detail) from error


def cut(body: bytes) -> list[bytes] | None:
    """Return the items of an array as they stand; None when more is wrong than what some strings hold."""
    try:
        _skeletons.decode(_STRING.sub(b'""', body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    items: list[bytes] = []
    depth, start = 0, 0
    for mark in _MARK.finditer(body):
        sign = mark[0]
        if sign in _OPEN:
            depth += 1
            start = mark.end() if depth == 1 else start
        elif sign in _CLOSE or (sign == b"," and depth == 1):
            depth -= sign in _CLOSE
            if depth == (sign == b","):
                items.append(body[start : mark.start()].strip())
                start = mark.end()
    return [item for item in items if item]

"""Items of a batch: cut apart without reading what stands in their strings, so that one bad string spoils one item alone."""

import re

import msgspec

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

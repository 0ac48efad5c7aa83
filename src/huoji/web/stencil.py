"""A template rendered once for each shape of what it shows: its words are filled in afterwards, which takes a hundredth of the time.

Most pages of numbers differ in words alone. What decides how a page looks (which parts are there, how many of them, in
which colours) is its shape; every other text leaves a hole. The template stays the one place that says how it looks.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from html import escape
from itertools import count
from operator import attrgetter
from typing import Any, NamedTuple, cast

import msgspec
from django.utils.safestring import SafeString

KEPT = frozenset({"css", "tone", "icon", "stages"})  # fields whose text decides how a page looks, or is one of a few
STENCILS_MAX = 1_000  # about 10 kB each; the oldest goes first

# No text that anybody sends can look like a hole: nobody knows this word, and it is another one in each process.
_WORD = f"hole{secrets.token_hex(8)}"
_HOLES = re.compile(rf"{_WORD}n(\d+)n")
_stencils: dict[Hashable, "Stencil"] = {}


class Stencil:
    """A rendered text with holes."""

    __slots__ = ("_holes", "_texts")

    def __init__(self, text: str) -> None:
        pieces = _HOLES.split(text)
        self._texts, self._holes = pieces[::2], [int(number) for number in pieces[1::2]]

    def fill(self, words: list[str]) -> SafeString:
        filled = [self._texts[0]]
        for hole, text in zip(self._holes, self._texts[1:], strict=True):
            filled += (words[hole], text)
        return SafeString("".join(filled))


def fill(shown: Mapping[str, object], *, render: Callable[[Mapping[str, Any]], str], key: Hashable) -> SafeString:
    """Return what `render` gives for what is shown; it is called only for a shape that was not seen before.

    `key` tells apart what else it depends on, such as the language.
    """
    words: list[str] = []
    shape = (key, *shown, shape_of(shown.values(), words))
    stencil = _stencils.get(shape)
    if stencil is None:
        numbers = count()
        stencil = Stencil(render({name: with_holes(value, numbers) for name, value in shown.items()}))
        while len(_stencils) >= STENCILS_MAX:
            _stencils.pop(next(iter(_stencils)), None)
        _stencils[shape] = stencil
    return stencil.fill(words)


def forget() -> None:
    """Render every shape afresh."""
    _stencils.clear()


def shape_of(values: Iterable[object], words: list[str]) -> tuple[Hashable, ...]:
    """Return what decides how these look, and append their words, escaped, in the order of their holes."""
    shape: list[Hashable] = []
    for value in values:
        kind: type = type(value)
        if isinstance(value, str) and not isinstance(value, Enum):
            shape.append(... if value else "")
            if value:
                words.append(value if isinstance(value, SafeString) else escape(value))
        elif isinstance(value, tuple):
            shape.append(shape_of(value, words))
        elif parts := _parts(kind):
            shape += [kind, parts.kept(value), shape_of(parts.free(value), words)]
        else:
            assert isinstance(value, Hashable), value
            shape.append(value)
    return tuple(shape)


def with_holes(value: object, numbers: Iterator[int]) -> object:
    """Return the same with a hole for each word."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return f"{_WORD}n{next(numbers)}n" if value else value
    if isinstance(value, tuple):
        return tuple(with_holes(each, numbers) for each in value)
    kind: type = type(value)
    parts = _parts(kind)
    if parts is None:
        return value
    return msgspec.structs.replace(
        cast("Any", value), **{name: with_holes(getattr(value, name), numbers) for name in parts.names}
    )


class _Parts(NamedTuple):
    """The fields of a struct: names of those that leave holes, and what reads them and the others."""

    names: tuple[str, ...]
    free: Callable[[object], tuple[object, ...]]
    kept: Callable[[object], Hashable]


@cache
def _parts(kind: type) -> _Parts | None:
    """Return the parts of a struct, None of anything else."""
    if not issubclass(kind, msgspec.Struct):
        return None
    names = kind.__struct_fields__
    free = tuple(name for name in names if name not in KEPT)
    return _Parts(free, _reader(free), _reader(tuple(name for name in names if name in KEPT)))


def _reader(names: tuple[str, ...]) -> Callable[[object], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)

"""Find what fails among many by trying all at once, then halves: what is well is done in few steps and suffers from nothing beside it."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Halving(Generic[T]):
    """What is still to be tried. Ask for the `next`, try it, and say what stood in the way; go on until there is no next."""

    def __init__(self, items: Sequence[T]) -> None:
        self._parts: list[tuple[int, Sequence[T]]] = [(0, items)] if items else []
        self._refused: dict[int, Exception] = {}

    def next(self) -> Sequence[T]:
        """Return what is to be tried now, in the order of the items; nothing when all were."""
        return self._parts[-1][1] if self._parts else ()

    def told(self, wrong: Exception | None) -> None:
        """Take what stood in the way of the last part, or that nothing did."""
        first, some = self._parts.pop()
        if wrong is None:
            return
        if len(some) == 1:
            self._refused[first] = wrong
            return
        middle = len(some) // 2
        self._parts += [(first + middle, some[middle:]), (first, some[:middle])]

    @property
    def refused(self) -> Mapping[int, Exception]:
        """What failed alone, by its place, with the reason."""
        return self._refused

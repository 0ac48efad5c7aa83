"""Chance that repeats: the same seed gives the same throws on every machine (splitmix64)."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
MASK = (1 << 64) - 1


class Dice:
    """A stream of throws."""

    __slots__ = ("state",)

    def __init__(self, seed: int | str) -> None:
        digest = blake2b(str(seed).encode(), digest_size=8).digest()
        self.state = int.from_bytes(digest, "big")

    def throw(self) -> int:
        """Return 64 bits."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)

    def below(self, count: int) -> int:
        return self.throw() % count

    def between(self, low: int, high: int) -> int:
        """Return an integer from low to high, both possible."""
        return low + self.throw() % (high - low + 1)

    def chance(self, percent: float) -> bool:
        return self.throw() % 10_000 < percent * 100

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.throw() % len(choices)]

"""Rows that every database must hold: idempotent functions run after each migration, and after each test that empties the tables."""

from collections.abc import Callable

_seeds: dict[str, Callable[[], None]] = {}


def register(seed: Callable[[], None]) -> Callable[[], None]:
    """Add a function that puts its rows in place and changes nothing when they are there; call it in AppConfig.ready()."""
    _seeds[f"{seed.__module__}.{seed.__qualname__}"] = seed
    return seed


def run() -> None:
    """Put all seeded rows in place, in the order in which they were registered (lower apps first)."""
    for seed in _seeds.values():
        seed()

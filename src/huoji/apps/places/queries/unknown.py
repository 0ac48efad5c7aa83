"""Texts of places in events that mean no site yet: shipments counts them, because only it may read its events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from huoji.apps.places.queries.atlas import atlas
from huoji.core.place import place_key

UNKNOWN_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A text that events named as their place, how often, and when last."""

    text: str
    events: int
    last_at: datetime | None = None


Counter = Callable[[int], Sequence[Unknown]]

_counters: list[Counter] = []


def count_unknown_texts_with(counter: Counter) -> None:
    """Let a higher app count: given a limit, it returns its most frequent texts; call it in AppConfig.ready()."""
    if counter not in _counters:
        _counters.append(counter)


def unknown_texts(*, limit: int = UNKNOWN_MAX) -> list[Unknown]:
    """Return the most frequent texts that still mean no site."""
    known = atlas().by_key
    found = (row for counter in _counters for row in counter(limit) if place_key(row.text))
    waiting = [row for row in found if place_key(row.text) not in known]
    return sorted(waiting, key=lambda row: (-row.events, row.text))[:limit]

"""Closed vocabularies of the core as the choices of a column."""

from enum import StrEnum


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Return each word as its own label: people read it through core/wording.py."""
    return [(word.value, word.value) for word in words]

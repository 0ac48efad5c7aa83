"""Reads what both editions share: texts, codes, places by UN/LOCODE, coordinates, references."""

from collections.abc import Iterable

from huoji.wire import Node
from huoji.wire.dcsa import codes
from huoji.wire.dcsa.model import Reference

MAX_REFERENCES = 500  # of one event
MAX_CODE_CHARS = 100


def text(node: Node, name: str, *, limit: int = MAX_CODE_CHARS) -> str:
    found = node.maybe(name)
    return "" if found is None or found.value == "" else found.text(limit=limit).strip()


def code(node: Node, name: str, *, allowed: frozenset[str], what: str) -> str:
    """Read an optional code of a closed list."""
    found = node.maybe(name)
    return "" if found is None else found.word(allowed, what=what)


def un_location(node: Node, name: str) -> str:
    """Read a UN/LOCODE; its country must exist, its place need not be known here."""
    found = node.maybe(name)
    if found is None:
        return ""
    location = found.matching(codes.UN_LOCATION, what="UN/LOCODE")
    if location[:2] not in codes.COUNTRIES:
        found.refuse("value", f"{location!r} is no UN/LOCODE: there is no country {location[:2]}")
    return location


def degrees(node: Node, name: str, *, most: float) -> float | None:
    """Read a latitude or longitude, which DCSA writes as a text."""
    found = node.maybe(name)
    if found is None:
        return None
    try:
        value = float(found.text(limit=20)) if isinstance(found.value, str) else found.number()
    except ValueError:
        found.refuse("value", "is no number of degrees")
    if not -most <= value <= most:
        found.refuse("value", f"is not between -{most:g} and {most:g}")
    return value


def once(references: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple(dict.fromkeys(references))


def refined(*words: str) -> str:
    """Join a code and what refines it, up to the first that is not told."""
    told: list[str] = []
    for word in words:
        if not word:
            break
        told.append(word)
    return "/".join(told)

"""Gives an event without an id a name made of its content; our own canonical form, not the CBV hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from huoji.wire.epcis.epc import identify
from huoji.wire.epcis.model import Event

PREFIX = "urn:huoji:epcis:sha256:"
OMITTED = frozenset({"content_id", "event_id", "record_time", "error", "raw", "path"})
UNORDERED = frozenset(
    [
        "epcs",
        "quantities",
        "children",
        "child_quantities",
        "inputs",
        "input_quantities",
        "outputs",
        "output_quantities",
        "dispositions_set",
        "dispositions_unset",
        "transactions",
        "sources",
        "destinations",
        "certifications",
    ]
)
NAMES = frozenset(
    ["epcs", "parent_id", "children", "inputs", "outputs", "read_point", "biz_location", "epc_class", "id"]
)


def with_content_id(event: Event) -> Event:
    """Add the digest of what the event says happened; key order, list order of sets, URN or Digital Link and offset notation do not count."""
    canonical = msgspec.json.encode(_canonical(event), order="sorted")
    return replace(event, content_id=PREFIX + hashlib.sha256(canonical).hexdigest())


def _canonical(value: Any, name: str = "") -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, str):
        return identify(value).canonical if name in NAMES else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return _inside(value, name)


def _inside(value: Any, name: str) -> Any:
    """Go into what holds other things; a list whose order says nothing is sorted."""
    if is_dataclass(value):
        told = {item.name: getattr(value, item.name) for item in fields(value) if item.name not in OMITTED}
        return {key: _canonical(found, key) for key, found in told.items() if found not in ("", None, (), {})}
    if isinstance(value, tuple | list):
        items = [_canonical(item, name) for item in value]
        return sorted(items, key=lambda item: msgspec.json.encode(item, order="sorted")) if name in UNORDERED else items
    if isinstance(value, Mapping):
        return {key: _canonical(found) for key, found in value.items()}
    return value

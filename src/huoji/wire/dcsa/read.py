"""Reads Track & Trace documents: a list, an object or {"events": []}; the edition is told by the shape of each event."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from huoji.wire import Fault, FormatError, Node, load
from huoji.wire.dcsa import v22, v30
from huoji.wire.dcsa.model import Document, Event, Retraction

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
MAX_EVENTS = 5_000  # in one call

PREFIX = "urn:huoji:dcsa:sha256:"
NOT_CONTENT = frozenset(
    {"eventID", "eventCreatedDateTime", "eventUpdatedDateTime", "eventRouting", "isRetracted", "metadata"}
)


def decode(data: bytes) -> Document:
    """Read all events of a call; raise FormatError with the first fault of every faulty one."""
    document, faults = decode_partly(data)
    if faults:
        raise FormatError(*faults)
    return document


def decode_partly(data: bytes) -> tuple[Document, tuple[Fault, ...]]:
    """Read what can be read: the sound events and the faults of the others; a fault of the whole is still raised."""
    items: list[Event | Retraction] = []
    faults: list[Fault] = []
    for node in _event_nodes(load(data, limit_bytes=MAX_DOCUMENT_BYTES)):
        try:
            items.append(read_event(node))
        except FormatError as error:
            faults += error.faults
    return Document(items=tuple(items)), tuple(faults)


def _event_nodes(root: Node) -> Iterator[Node]:
    if isinstance(root.value, list):
        return root.items(limit=MAX_EVENTS)
    if isinstance(root.value, dict) and "events" in root.value:
        return root.need("events").items(limit=MAX_EVENTS)
    return iter((root,))


def read_event(node: Node) -> Event | Retraction:
    """Read one event of either edition; raise FormatError at its first fault."""
    told = node.object()
    reader: Callable[[Node, str], Event | Retraction]
    if "eventClassification" in told or "isRetracted" in told:
        reader = v30.read
    elif "eventType" in told:
        reader = v22.read
    else:
        node.refuse("unknown_shape", "is no Track & Trace event: neither eventType (2.2) nor eventClassification (3.0)")
    return reader(node, _digest(told))


def _digest(told: Any) -> str:
    content = {name: value for name, value in told.items() if name not in NOT_CONTENT}
    return PREFIX + hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()

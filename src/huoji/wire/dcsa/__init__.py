"""DCSA Track & Trace 2.2 and 3.0: documents to frozen events and retractions."""

from huoji.wire.dcsa.model import (
    Document,
    Event,
    EventType,
    Party,
    Place,
    Reference,
    Retraction,
    TransportCall,
    Version,
)
from huoji.wire.dcsa.read import MAX_DOCUMENT_BYTES, MAX_EVENTS, decode, decode_partly

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "MAX_EVENTS",
    "Document",
    "Event",
    "EventType",
    "Party",
    "Place",
    "Reference",
    "Retraction",
    "TransportCall",
    "Version",
    "decode",
    "decode_partly",
]

"""EPCIS 2.0 in JSON / JSON-LD (ISO/IEC 19987:2024): capture documents to frozen events."""

from huoji.wire.epcis.epc import Epc, identify
from huoji.wire.epcis.model import (
    Action,
    Document,
    ErrorDeclaration,
    Event,
    EventType,
    Quantity,
    Reference,
    SensorElement,
    SensorReport,
)
from huoji.wire.epcis.read import MAX_DOCUMENT_BYTES, MAX_EVENTS, decode, decode_partly
from huoji.wire.epcis.units import Containment, Transformation, containment, subjects, transformation

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "MAX_EVENTS",
    "Action",
    "Containment",
    "Document",
    "Epc",
    "ErrorDeclaration",
    "Event",
    "EventType",
    "Quantity",
    "Reference",
    "SensorElement",
    "SensorReport",
    "Transformation",
    "containment",
    "decode",
    "decode_partly",
    "identify",
    "subjects",
    "transformation",
]

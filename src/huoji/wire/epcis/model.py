"""What an EPCIS 2.0 capture document says, as frozen facts; foreign words stay foreign."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Raw = Mapping[str, Any]  # extensions and master data: kept, never understood


class EventType(StrEnum):
    """The five kinds of EPCIS event."""

    OBJECT = "ObjectEvent"
    AGGREGATION = "AggregationEvent"
    TRANSACTION = "TransactionEvent"
    TRANSFORMATION = "TransformationEvent"
    ASSOCIATION = "AssociationEvent"


class Action(StrEnum):
    """How an event bears on the life of its objects, or on what a unit holds."""

    ADD = "ADD"
    OBSERVE = "OBSERVE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """So much of a class of objects; no `amount` means some, no `uom` means pieces."""

    epc_class: str
    amount: float | None = None
    uom: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A typed link: a business transaction, a source or a destination."""

    type: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorReport:
    """One reading; `told` holds it whole, with everything that has no field here."""

    type: str = ""
    exception: str = ""
    component: str = ""
    uom: str = ""
    value: float | None = None
    value_min: float | None = None
    value_max: float | None = None
    value_mean: float | None = None
    string_value: str = ""
    boolean_value: bool | None = None
    time: datetime | None = None
    told: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorElement:
    """Readings of one device at one time or over one span."""

    reports: tuple[SensorReport, ...]
    time: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    device_id: str = ""
    metadata: Raw = field(default_factory=dict)
    extensions: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDeclaration:
    """The event is declared wrong; `corrective_event_ids` name what holds instead, if anything does."""

    declared_at: datetime
    reason: str = ""
    corrective_event_ids: tuple[str, ...] = ()
    extensions: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One EPCIS event. `event_time` is aware, `event_offset_min` the local offset at the place in minutes east.

    `content_id` is a digest of what happened (not of ids, record time or error declaration), so that the same event told again, or told
    again to declare it wrong, has the same one.
    """

    type: EventType
    event_time: datetime
    event_offset_min: int
    content_id: str
    event_id: str = ""
    record_time: datetime | None = None
    action: Action | None = None
    epcs: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    parent_id: str = ""
    children: tuple[str, ...] = ()
    child_quantities: tuple[Quantity, ...] = ()
    inputs: tuple[str, ...] = ()
    input_quantities: tuple[Quantity, ...] = ()
    outputs: tuple[str, ...] = ()
    output_quantities: tuple[Quantity, ...] = ()
    transformation_id: str = ""
    biz_step: str = ""
    disposition: str = ""
    dispositions_set: tuple[str, ...] = ()
    dispositions_unset: tuple[str, ...] = ()
    read_point: str = ""
    biz_location: str = ""
    transactions: tuple[Reference, ...] = ()
    sources: tuple[Reference, ...] = ()
    destinations: tuple[Reference, ...] = ()
    sensors: tuple[SensorElement, ...] = ()
    error: ErrorDeclaration | None = None
    certifications: tuple[str | Raw, ...] = ()
    ilmd: Raw = field(default_factory=dict)
    extensions: Raw = field(default_factory=dict)
    raw: Raw = field(default_factory=dict, compare=False)
    path: str = field(default="$", compare=False)

    @property
    def id(self) -> str:
        """Name the event: the id its source gave, else the digest of its content."""
        return self.event_id or self.content_id

    @property
    def code(self) -> str:
        """Write step and disposition as one code: `shipping`, `receiving/damaged`, `/in_transit`, or nothing."""
        return f"{self.biz_step}/{self.disposition}" if self.disposition else self.biz_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The events of one capture, in the order of the document."""

    events: tuple[Event, ...]
    created: datetime | None = None
    id: str = ""
    sender: str = ""
    receiver: str = ""

"""What a DCSA Track & Trace event says, as frozen facts, alike for versions 2.2 and 3.0; foreign codes stay foreign."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Raw = Mapping[str, Any]


class Version(StrEnum):
    """The two editions of the standard that are spoken in the field."""

    V22 = "2.2"
    V30 = "3.0"


class EventType(StrEnum):
    """What an event is about: papers, the means of transport, the box, its door and place, its cold."""

    SHIPMENT = "SHIPMENT"
    TRANSPORT = "TRANSPORT"
    EQUIPMENT = "EQUIPMENT"
    IOT = "IOT"
    REEFER = "REEFER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A number the event is tied to, with its DCSA type: BKG and CBR booking, TRD transport document (B/L), EQ container, FF, SI, PO, CR, AAO…"""

    type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it happened, as far as told; degrees are WGS-84."""

    name: str = ""
    un_location_code: str = ""
    facility_code: str = ""
    facility_list: str = ""  # SMDG or BIC
    facility_type: str = ""  # POTE port terminal, DEPO depot, …
    city: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportCall:
    """One call of a vessel, train or truck at one place."""

    id: str = ""
    sequence: int | None = None
    mode: str = ""  # VESSEL, BARGE, RAIL, TRUCK, MULTIMODAL
    service: str = ""
    export_voyage: str = ""
    import_voyage: str = ""
    vessel_imo: str = ""
    vessel_name: str = ""
    vessel_flag: str = ""
    call_sign: str = ""
    operator: str = ""
    vehicle: str = ""  # licence plate or rail car


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who published the event; part of its identity in 3.0."""

    code: str
    list_provider: str = ""
    list_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. `code` is refined by what changes its meaning: `GTIN/EMPTY/EXPORT`, `CONF/BKG`, `DETC/DRO`.

    `updated_at` orders the versions of one event. `content_id` is a digest of what happened, for a source that gives no id.
    """

    version: Version
    type: EventType
    code: str
    classifier: str  # PLN, EST or ACT
    event_time: datetime
    updated_at: datetime
    content_id: str
    event_id: str = ""
    originator: Party | None = None
    document: Reference | None = None  # the paper a shipment event is about
    references: tuple[Reference, ...] = ()  # all numbers, the document and the container among them, each once
    equipment: str = ""
    equipment_type: str = ""  # ISO 6346 size and type
    empty: str = ""  # EMPTY or LADEN
    movement: str = ""  # IMPORT, EXPORT or TRANSSHIPMENT
    place: Place = field(default_factory=Place)
    call: TransportCall | None = None
    delay_reasons: tuple[str, ...] = ()  # SMDG codes: WEA weather, …
    remark: str = ""
    reefer: Raw = field(default_factory=dict)
    raw: Raw = field(default_factory=dict, compare=False)
    path: str = field(default="$", compare=False)

    @property
    def id(self) -> str:
        """Name the event: the id its publisher gave, else the digest of its content."""
        return self.event_id or self.content_id

    def numbers(self, *types: str) -> tuple[str, ...]:
        """List the values of the references of these types."""
        return tuple(reference.value for reference in self.references if reference.type in types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """The publisher takes back every version of an event (3.0 `isRetracted`)."""

    event_id: str
    updated_at: datetime | None = None
    originator: Party | None = None
    path: str = field(default="$", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The events and retractions of one call, in the order of the document."""

    items: tuple[Event | Retraction, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(item for item in self.items if isinstance(item, Event))

    @property
    def retractions(self) -> tuple[Retraction, ...]:
        return tuple(item for item in self.items if isinstance(item, Retraction))

"""What the demonstration consists of; sites and shipments are in the shapes that the doors take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from huoji.core.draft import Draft
from huoji.core.milestone import Mode
from huoji.core.place import SiteDraft
from huoji.core.report import Report

WAYBILLS = 5_000
DAYS = 30
TRUCKS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneFacts:
    """A way between two sites, by their codes."""

    origin: str
    destination: str
    mode: Mode
    planned_min: int
    distance_km: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vessel:
    """An invented ship."""

    name: str
    name_en: str
    imo: str
    mmsi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    """An invented customer."""

    code: str
    name: str
    contact: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFacts:
    """An invented member of staff; `sites` are codes of where he works."""

    number: str
    name: str
    role: str
    department: str
    sites: tuple[str, ...] = ()


class Placed(NamedTuple):
    """A shipment and when it was ordered (epoch seconds)."""

    at: int
    draft: Draft


class ToldAt(NamedTuple):
    """An event and when its source told it (epoch seconds): a plan is told long before its time."""

    at: int
    report: Report


class Handled(NamedTuple):
    """What a warehouse did with a shipment and when (epoch seconds): in, put on a shelf, or out."""

    at: int
    verb: str
    number: str
    site: str
    location: str = ""


class Passage(NamedTuple):
    """A trip or a leg of a voyage between two sites, as it truly goes (epoch seconds), and when it was to arrive."""

    kind: str
    number: str
    here: str
    there: str
    departs: int
    arrives: int
    planned: int

    @property
    def conveyance(self) -> str:
        """By what the number names its lorry or ship."""
        return self.number.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All of the demonstration, in the order in which it came about."""

    sites: tuple[SiteDraft, ...]
    aliases: Mapping[str, str]
    lanes: tuple[LaneFacts, ...]
    trucks: tuple[str, ...]
    vessels: tuple[Vessel, ...]
    customers: tuple[CustomerFacts, ...]
    staff: tuple[StaffFacts, ...]
    voyages: Mapping[str, str]  # number to label
    shipments: tuple[Placed, ...]
    reports: tuple[ToldAt, ...]
    handled: tuple[Handled, ...]
    passages: tuple[Passage, ...] = ()

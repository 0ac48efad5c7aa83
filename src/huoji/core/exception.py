"""Exceptions as facts with a life: what kinds there are, how grave they are, why they came, and what an event opens or clears."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from huoji.core.milestone import Line, Milestone, Reason
from huoji.core.timeline import ACTUAL, MILESTONES, REASONS, Fact, live, ordered


class ExceptionKind(StrEnum):
    """What has gone wrong with a unit or its vehicle; one kind is open at most once per subject."""

    DELAY = "delay"
    OFF_ROUTE = "off_route"
    STALLED = "stalled"
    DAMAGE = "damage"
    SHORTAGE = "shortage"
    LOSS = "loss"
    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    PRESSURE = "pressure"
    DOOR = "door"
    SHOCK = "shock"
    OFFLINE = "offline"
    EMERGENCY = "emergency"


class Severity(StrEnum):
    """How grave it is; the first stands on top of the worklist."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class ExceptionState(StrEnum):
    """Where an exception stands in its life; acknowledged means that a person has taken it up."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class CauseCode(StrEnum):
    """Why it came, as a person has found out."""

    WEATHER = "weather"
    TRAFFIC = "traffic"
    VEHICLE = "vehicle"
    VESSEL = "vessel"
    PORT = "port"
    CUSTOMS = "customs"
    HANDLING = "handling"
    PACKAGING = "packaging"
    EQUIPMENT = "equipment"
    PLANNING = "planning"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    FORCE_MAJEURE = "force_majeure"
    FALSE_ALARM = "false_alarm"
    OTHER = "other"


class Step(StrEnum):
    """One step in the life of an exception, as its log keeps it."""

    OPENED = "opened"
    RAISED = "raised"  # it became graver
    ACKNOWLEDGED = "acknowledged"
    CAUSE = "cause"
    CLEARED = "cleared"


SEVERITY: Mapping[ExceptionKind, Severity] = {
    ExceptionKind.DELAY: Severity.MINOR,
    ExceptionKind.OFF_ROUTE: Severity.MAJOR,
    ExceptionKind.STALLED: Severity.MINOR,
    ExceptionKind.DAMAGE: Severity.MAJOR,
    ExceptionKind.SHORTAGE: Severity.MAJOR,
    ExceptionKind.LOSS: Severity.CRITICAL,
    ExceptionKind.TEMPERATURE: Severity.MAJOR,
    ExceptionKind.HUMIDITY: Severity.MAJOR,
    ExceptionKind.PRESSURE: Severity.MAJOR,
    ExceptionKind.DOOR: Severity.MAJOR,
    ExceptionKind.SHOCK: Severity.MAJOR,
    ExceptionKind.OFFLINE: Severity.MINOR,
    ExceptionKind.EMERGENCY: Severity.CRITICAL,
}
"""How grave a kind is unless whoever opens it says otherwise."""

LINE_OF_UNIT: Mapping[str, Line] = {"trip": Line.ROAD} | dict.fromkeys(
    ("voyage", "container", "booking", "bill"), Line.OCEAN
)
"""The business line of units that are no waybills, where their kind tells it."""

HANDLED = frozenset({ExceptionKind.DAMAGE, ExceptionKind.SHORTAGE, ExceptionKind.LOSS, ExceptionKind.EMERGENCY})
"""Kinds that a person may clear only after saying the cause; the source that reported one may take it back itself."""

_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def rank(severity: Severity) -> int:
    """Return the place of a severity in the order of a worklist: 0 is the gravest."""
    return _RANK[severity]


def graver(one: Severity, other: Severity) -> Severity:
    """Return the graver of two severities: while an exception is open it only gets graver."""
    return min(one, other, key=rank)


class ExceptionRefusedError(ValueError):
    """A step that an exception cannot take; `code` says why: exception_cleared, cause_missing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Where an exception stands, as the rules see it."""

    kind: ExceptionKind
    is_acknowledged: bool = False
    is_cleared: bool = False
    cause: CauseCode | None = None

    @property
    def state(self) -> ExceptionState:
        if self.is_cleared:
            return ExceptionState.CLEARED
        return ExceptionState.ACKNOWLEDGED if self.is_acknowledged else ExceptionState.OPEN


def may_acknowledge(life: Life) -> bool:
    """Tell whether acknowledging changes anything; raise when the exception is over."""
    if life.is_cleared:
        raise ExceptionRefusedError("exception_cleared")
    return not life.is_acknowledged


def may_clear(life: Life, *, by_person: bool) -> bool:
    """Tell whether clearing changes anything; raise when a person must first say why damage or loss came about."""
    if life.is_cleared:
        return False
    if by_person and life.kind in HANDLED and life.cause is None:
        raise ExceptionRefusedError("cause_missing")
    return True


_OPENS: Mapping[Reason, ExceptionKind] = {
    Reason.DAMAGED: ExceptionKind.DAMAGE,
    Reason.SHORTAGE: ExceptionKind.SHORTAGE,
    Reason.LOST: ExceptionKind.LOSS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An exception that the events of a unit report now: since when, and where."""

    kind: ExceptionKind
    at: int
    place: int | str | None = None


def may_matter(fact: Fact) -> bool:
    """Tell cheaply whether a new fact can open or clear an exception: most events cannot."""
    return bool(fact.voids) or REASONS[fact.reason] in _OPENS or MILESTONES[fact.milestone] is Milestone.RESOLVED


def reported(facts: Sequence[Fact]) -> list[Reported]:
    """Return the exceptions that a unit's own events report and have not resolved, the earliest first.

    A later "resolved" ends all of them; an event that was taken back reports nothing.
    """
    found: dict[ExceptionKind, Reported] = {}
    for fact in ordered(live(facts)):
        if fact.classifier != ACTUAL or fact.via:
            continue
        if MILESTONES[fact.milestone] is Milestone.RESOLVED:
            found.clear()
        elif kind := _OPENS.get(REASONS[fact.reason]):
            found.setdefault(kind, Reported(kind=kind, at=fact.at, place=fact.place))
    return sorted(found.values(), key=lambda each: each.at)


REPORTED_KINDS = frozenset(_OPENS.values())

"""The journey of one shipment: its legs with the gaps of what carried it, and how its transport state came about."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from huoji.apps.fleet.queries.gaps import gaps_of
from huoji.apps.shipments.models import Leg, OutlookStep, Snapshot
from huoji.apps.shipments.queries import tracking
from huoji.apps.shipments.queries.dossier import UnitRow
from huoji.apps.shipments.queries.facts import custody_of
from huoji.apps.shipments.queries.lists import place_of
from huoji.core import whereabouts
from huoji.core.answer import Answer
from huoji.core.custody import FOREVER, chain
from huoji.core.journey import Gap, Journey, PlannedLeg, journey, within
from huoji.core.milestone import Mode
from huoji.core.permission import Actor, Permission
from huoji.core.sight import Reason, Risk, TransportState
from huoji.core.wording import Lang

HOLDS_MAX = 20
STATES_MAX = 50
SNAPSHOTS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One change of transport state: when, to what, from which reasons, by which version of the rule."""

    at: datetime
    state: TransportState
    risk: Risk
    late_min: int
    reasons: tuple[Reason, ...]
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """A snapshot of where it was."""

    id: int
    taken_at: datetime
    principal: str
    cause: str
    body: dict[str, object]


def journey_of(actor: Actor, unit: UnitRow, *, now: datetime, language: Lang) -> Journey | None:
    """Return the journey of a visible waybill."""
    answer = tracking.seen_by(actor, unit.number, now=now, language=language)
    return built(answer, unit.id, now=now, language=language) if answer else None


def built(answer: Answer, unit_id: int, *, now: datetime, language: Lang) -> Journey:
    """Return the journey that an answer tells, with the gaps of the runs that carried it."""
    rows = Leg.objects.filter(waybill_id=unit_id).order_by("seq")
    planned = [
        PlannedLeg(
            origin=place_of(row.from_id, row.from_place, lang=language), destination=place_of(row.to_id, row.to_place, lang=language),
            mode=Mode(row.mode), departs=row.departs_at, arrives=row.arrives_at,
        )
        for row in rows
    ]  # fmt: skip
    told = journey(answer.entries, planned)
    gaps = _gaps(unit_id, now=now)
    return replace(told, legs=tuple(within(gaps, leg, now=now) for leg in told.legs))


def _gaps(unit_id: int, *, now: datetime) -> list[Gap]:
    custody = custody_of([unit_id])
    holds = sorted(chain(unit_id, custody), key=lambda hold: -hold.start)[:HOLDS_MAX]
    found: list[Gap] = []
    for hold in holds:
        until = None if hold.end >= FOREVER else datetime.fromtimestamp(hold.end, UTC)
        found += gaps_of(hold.holder, since=datetime.fromtimestamp(hold.start, UTC), until=until, now=now)
    return sorted(found, key=lambda gap: gap.since)


def states_of(unit_id: int) -> list[StateRow]:
    """Return how the transport state changed, the last change first."""
    return [
        StateRow(
            at=row.at, state=TransportState(row.state), risk=Risk(row.risk), late_min=row.late_min,
            reasons=tuple(Reason(code=code, value=value) for code, value in row.reasons), rule=row.rule,
        )
        for row in OutlookStep.objects.filter(unit_id=unit_id).order_by("-id")[:STATES_MAX]
    ]  # fmt: skip


def snapshots_of(actor: Actor, unit_id: int) -> list[SnapshotRow]:
    """Return the snapshots of a shipment, the last first; who does not see the fleet reads those of others as he would take them."""
    return [
        SnapshotRow(
            id=row.pk, taken_at=row.taken_at, principal=row.principal, cause=row.cause, body=_read_by(actor, row)
        )
        for row in Snapshot.objects.filter(unit_id=unit_id).order_by("-id")[:SNAPSHOTS_MAX]
    ]  # fmt: skip


def _read_by(actor: Actor, row: Snapshot) -> dict[str, object]:
    position = row.body.get("position")
    if not position or actor.may(Permission.FLEET_VIEW) or row.principal == actor.principal:
        return dict(row.body)
    return {**row.body, "position": whereabouts.cut_told(position)}

"""The API of journeys: every leg with its gaps, how the transport state came about, and snapshots for cases."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from huoji.apps.shipments.actions import snapshots
from huoji.apps.shipments.queries import dossier, journeys
from huoji.apps.shipments.queries.dossier import UnitRow
from huoji.core import rendering, sight_words
from huoji.core.journey import Journey, JourneyLeg
from huoji.core.permission import Permission
from huoji.core.wording import Lang
from huoji.kit import clock
from huoji.kit.batch import encode
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem

router = Router(tags=["journeys"])


class SnapshotIn(Schema):
    """Why it is taken."""

    model_config = ConfigDict(extra="forbid")

    cause: str = Field("", max_length=snapshots.CAUSE_MAX)


class SnapshotOut(Schema):
    """Position, speed, time and source as they were told to its taker; `body` is rendered as in /shipments/{number}."""

    id: int
    taken_at: datetime
    principal: str
    cause: str
    body: dict[str, Any]


class StateOut(Schema):
    """One change of transport state: from which reasons, and by which version of the rule."""

    at: datetime
    state: str
    risk: str
    late_minutes: int
    reasons: list[dict[str, Any]]
    rule: str


def unit_of(request: Request, number: str) -> UnitRow:
    unit = dossier.shipment_of(request.actor, number)
    if unit is None:
        raise Problem("not_found", 404, "No shipment of this number is visible to you.")
    return unit


@router.get("/shipments/{number}/journey", summary="Every leg from pickup to proof of delivery, gaps shown as gaps")
@needs(Permission.SHIPMENT_VIEW)
def read_journey(request: Request, number: str) -> HttpResponse:
    """Return the legs made, under way and planned; between two positions that are too far apart nothing is guessed."""
    lang = clock.language()
    told = journeys.journey_of(request.actor, unit_of(request, number), now=datetime.now(UTC), language=lang)
    if told is None:
        raise Problem("not_found", 404, "No shipment of this number is visible to you.")
    return HttpResponse(encode({"number": number, **rendered(told, lang=lang)}), content_type="application/json")


def rendered(told: Journey, *, lang: Lang) -> dict[str, Any]:
    return {
        "picked_up": rendering.entry(told.picked_up, lang=lang) if told.picked_up else None,
        "delivered": rendering.entry(told.delivered, lang=lang) if told.delivered else None,
        "legs": [_leg(leg) for leg in told.legs],
    }


def _leg(leg: JourneyLeg) -> dict[str, Any]:
    return {
        "state": leg.state.value, "from": leg.origin, "to": leg.destination, "mode": leg.mode.value, "via": leg.via,
        "left": rendering.moment(leg.left), "came": rendering.moment(leg.came),
        "planned_departure": leg.planned.departs.isoformat() if leg.planned and leg.planned.departs else None,
        "planned_arrival": leg.planned.arrives.isoformat() if leg.planned and leg.planned.arrives else None,
        "silent_minutes": leg.silent_min,
        "gaps": [
            {"since": gap.since.isoformat(), "until": gap.until.isoformat() if gap.until else None, "minutes": gap.minutes}
            for gap in leg.gaps
        ],
    }  # fmt: skip


@router.get("/shipments/{number}/states", response=list[StateOut], summary="How the transport state changed, and why")
@needs(Permission.SHIPMENT_VIEW)
def read_states(request: Request, number: str) -> list[dict[str, Any]]:
    """Return each change with the rule that decided; the last first."""
    lang = clock.language()
    return [
        {
            "at": row.at, "state": row.state.value, "risk": row.risk.value, "late_minutes": row.late_min, "rule": row.rule,
            "reasons": [{"code": each.code, "value": each.value, "text": sight_words.reason(each, lang=lang)} for each in row.reasons],
        }
        for row in journeys.states_of(unit_of(request, number).id)
    ]  # fmt: skip


@router.post(
    "/shipments/{number}/snapshots", response={201: SnapshotOut}, summary="Keep where a shipment is now, for a case"
)  # fmt: skip
@needs(Permission.SHIPMENT_VIEW, Permission.CASE_CREATE)
def take_snapshot(request: Request, number: str, body: SnapshotIn | None = None) -> Status[dict[str, Any]]:
    """Keep position, speed, time and source as the caller may see them; leaves a row in the audit."""
    unit = unit_of(request, number)
    taken = snapshots.take(
        request.actor,
        unit_id=unit.id,
        cause=body.cause if body else "",
        now=datetime.now(UTC),
        language=clock.language(),
    )
    row = next(each for each in journeys.snapshots_of(request.actor, unit.id) if each.id == taken)
    return Status(201, {name: getattr(row, name) for name in SnapshotOut.model_fields})

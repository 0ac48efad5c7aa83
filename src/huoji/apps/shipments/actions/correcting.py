"""What staff may do to a timeline: add an event, or take one back with a reason. Nothing is ever edited."""

from datetime import datetime

from django.db import transaction

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.shipments.actions import recording, sourcing
from huoji.apps.shipments.actions.recording import Outcome, Result, Writing
from huoji.apps.shipments.models import Event, Unit
from huoji.core import report
from huoji.core.milestones import meaning
from huoji.core.permission import Actor, Permission
from huoji.core.report import Told
from huoji.kit.problem import Problem, declare

REASON_MAX = 500

declare("reason_missing", status=422, title="A reason is needed")
declare("event_rejected", status=422, title="The event cannot be taken")


@transaction.atomic
def correct(actor: Actor, *, unit_id: int, event_id: int, reason: str, now: datetime) -> Outcome:
    """Take back one event of a unit; a correction can be taken back the same way, which brings the event back."""
    require(actor, Permission.EVENT_CORRECT)
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_MAX:
        raise Problem("reason_missing", 422, f"Say why, in 1 to {REASON_MAX} characters.")
    event = Event.objects.filter(unit_id=unit_id, id=event_id).first()
    if event is None:
        raise Problem("not_found", 404, "This unit has no such event.")
    told = report.correction(
        unit_id, event.key, source="desk", at=int(now.timestamp()), why=f"~void:{event_id}", note=reason
    )
    writing = Writing(actor=actor, source=sourcing.ensure("desk"), now=now)
    [(_, outcome)] = recording.record_on_units({unit_id: [(0, told)]}, writing)
    if outcome.result is Result.REJECTED:
        raise Problem("event_rejected", 422, outcome.detail, reason=outcome.code)
    if outcome.result is Result.ACCEPTED:
        record_audit(
            actor, verb="event.correct", target=_target(unit_id), cause=reason, changed={"event": str(event_id)},
            dataset=event.dataset,
        )  # fmt: skip
    return outcome


@transaction.atomic
def add(actor: Actor, *, told: Told, now: datetime, door: str = "desk") -> Outcome:
    """Add one event that a member of staff saw or learnt; raises a Problem that says what is wrong with it."""
    require(actor, Permission.SCAN_ADD if door == "scan" else Permission.EVENT_ADD)
    source = sourcing.ensure(door)
    try:
        checked = report.check(told, source=source.name, assumed_offset_min=source.assumed_offset_min, meaning=meaning)
    except report.ReportError as error:
        raise Problem("event_rejected", 422, error.detail, reason=error.code) from error
    # A scan taken back and scanned again stands again.
    writing = Writing(actor=actor, source=source, now=now, revives=door == "scan")
    [outcome] = recording.record([checked], writing)
    if outcome.result is Result.REJECTED:
        raise Problem("event_rejected", 422, outcome.detail, reason=outcome.code)
    if outcome.result is Result.ACCEPTED and door == "desk":
        record_audit(
            actor, verb="event.add", target=_target(outcome.unit_id), cause=told.note,
            changed={"milestone": checked.milestone, "event": str(outcome.event_id)},
        )  # fmt: skip
    return outcome


def _target(unit_id: int) -> str:
    unit = Unit.objects.get(pk=unit_id)
    return f"{unit.kind}:{unit.number}"

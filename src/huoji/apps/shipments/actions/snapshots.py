"""Take a snapshot of where a shipment is, for the case that asks: kept, audited, and cut to what its taker may see."""

from datetime import datetime

from django.db import transaction

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.shipments.models import Snapshot, Unit
from huoji.apps.shipments.queries import tracking
from huoji.apps.shipments.queries.scope import visible_to
from huoji.core import rendering
from huoji.core.permission import Actor, Permission
from huoji.core.wording import Lang
from huoji.kit.problem import Problem

CAUSE_MAX = 200
KEPT = ("status", "status_text", "updated", "vehicle", "position", "outlook")


@transaction.atomic
def take(actor: Actor, *, unit_id: int, cause: str, now: datetime, language: Lang = Lang.ZH) -> int:
    """Keep position, speed, time and source as they are told to this actor now; return the snapshot's id.

    A shipment of which no position is known has a snapshot that says so.
    """
    require(actor, Permission.SHIPMENT_VIEW)
    unit = visible_to(actor).filter(pk=unit_id, kind=Unit.Kind.WAYBILL).first()
    told = tracking.seen_by(actor, unit.number, now=now, language=language) if unit else None
    if unit is None or told is None or not actor.is_staff:
        raise Problem("not_found", 404)
    rendered = rendering.answer(told, lang=language)
    row = Snapshot.objects.create(
        unit_id=unit.pk, taken_at=now, principal=actor.principal, cause=cause[:CAUSE_MAX],
        body={name: rendered[name] for name in KEPT}, dataset=unit.dataset,
    )  # fmt: skip
    record_audit(
        actor, verb="position.snapshot", target=f"waybill:{unit.number}", cause=cause,
        changed={"snapshot": str(row.pk), "exact": bool(told.position and not told.position.precision_m)},
        dataset=unit.dataset,
    )  # fmt: skip
    return row.pk

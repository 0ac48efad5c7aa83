"""Settle what does not add up: a person says what it was."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.warehouse.actions import anomalies
from huoji.apps.warehouse.actions.anomalies import Found
from huoji.apps.warehouse.actions.refusals import at_own_site, refuse
from huoji.apps.warehouse.models import Discrepancy
from huoji.core.permission import Actor, Permission
from huoji.core.storage import AnomalyKind
from huoji.kit import outbox

NOTE_MAX = 500


@transaction.atomic
def settle(
    actor: Actor, *, discrepancy_id: int, note: str, now: datetime, anomaly: AnomalyKind | None = None,
    key: UUID | None = None,
) -> None:  # fmt: skip
    """Settle one discrepancy with what was found out, as an anomaly where it is one; the movements stay as they were told."""
    require(actor, Permission.STORAGE_MANAGE)
    row = Discrepancy.objects.select_for_update().select_related("goods").filter(pk=discrepancy_id).first()
    if row is None:
        raise refuse("not_found")
    at_own_site(actor, row.site_id)
    if row.state != Discrepancy.State.OPEN:
        raise refuse("settled_already")
    anomaly_id = None
    if anomaly is not None and key is not None:
        found = Found(
            key=key, number=row.goods.number, site_id=row.site_id, kind=anomaly, discovered_at=row.at, note=note
        )  # fmt: skip
        anomaly_id = anomalies.report(actor, found, now=now)
    Discrepancy.objects.filter(pk=row.pk).update(
        state=Discrepancy.State.SETTLED, settled_at=now, settled_by=actor.principal, note=note.strip()[:NOTE_MAX],
        anomaly_id=anomaly_id,
    )  # fmt: skip
    record_audit(
        actor, verb="storage.settle", target=f"goods:{row.goods.number}", cause=note, changed={"kind": row.kind},
        dataset=row.dataset,
    )  # fmt: skip
    outbox.publish("storage.changed", [row.site_id])

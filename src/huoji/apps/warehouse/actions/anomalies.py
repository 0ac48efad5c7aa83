"""Anomalies of goods: reported with photos, told to customer service at once, and looked into by the warehouse."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts import queries as accounts
from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.shipments.actions import exceptions
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.queries.exceptions import lives_of
from huoji.apps.warehouse.actions.goods import goods_of
from huoji.apps.warehouse.actions.refusals import at_own_site, refuse
from huoji.apps.warehouse.models import Anomaly, Goods, Investigation
from huoji.core.exception import CauseCode, ExceptionKind
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission, system
from huoji.core.scrub import scrub
from huoji.core.storage import AnomalyKind
from huoji.kit import blob, outbox
from huoji.kit.problem import declare

SOURCE = "storage"
PICTURES_MAX = 6
NOTE_MAX, FINDING_MAX = 500, 1_000
PIECES_MAX = 100_000

declare("too_many_pictures", status=422, title=_("照片过多"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What somebody found wrong with goods; `key` is the sender's id, so that sending again is the same anomaly."""

    key: UUID
    number: str
    site_id: int
    kind: AnomalyKind
    discovered_at: datetime
    pieces: int = 0
    note: str = ""
    pictures: tuple[tuple[bytes, str], ...] = ()  # (content, content type)


@transaction.atomic
def report(actor: Actor, found: Found, *, now: datetime, dataset: str = "") -> int:
    """Keep an anomaly, open the exception that customer service sees, and give the warehouse the task to look into it."""
    require(actor, Permission.STORAGE_RECORD)
    at_own_site(actor, found.site_id)
    known = Anomaly.objects.filter(key=found.key).first()
    if known is not None:
        return known.pk
    if len(found.pictures) > PICTURES_MAX:
        raise refuse("too_many_pictures", str(_("最多 {count} 张照片")).format(count=PICTURES_MAX))
    number = normalise(found.number)
    if not number:
        raise refuse("missing_number")
    goods = goods_of([number], dataset=dataset or actor.dataset)[number]
    blobs = [blob.put(data, content_type=kind, actor=actor, dataset=goods.dataset) for data, kind in found.pictures]
    said = {
        "goods": goods, "site_id": found.site_id, "kind": found.kind.value, "pieces": min(found.pieces, PIECES_MAX),
        "note": scrub(found.note.strip())[:NOTE_MAX], "blobs": list(dict.fromkeys(blobs)),
        "discovered_at": min(found.discovered_at, now), "recorded_at": now, "principal": actor.principal,
        "dataset": goods.dataset,
    }  # fmt: skip
    row, is_new = Anomaly.objects.get_or_create(key=found.key, defaults=said)
    if not is_new:  # it was sent twice at the same moment
        return row.pk
    due_at = now + timedelta(hours=settings.HUOJI.storage_task_hours)
    Investigation.objects.create(anomaly=row, due_at=due_at, dataset=goods.dataset)
    _open_exception(actor, row, goods, now=now)
    outbox.publish("storage.changed", [row.site_id])
    return row.pk


def _open_exception(actor: Actor, row: Anomaly, goods: Goods, *, now: datetime) -> None:
    """Tell customer service, as soon as there is a shipment that it can be told about."""
    if goods.waybill_id is None:
        return
    facts: dict[str, object] = {exceptions.SITE: row.site_id}
    if row.pieces:
        facts["pieces"] = row.pieces
    if goods.piece:
        facts["piece"] = goods.piece
    opened = exceptions.open_exception(
        actor,
        Opening(
            kind=ExceptionKind(row.kind), at=row.discovered_at, source=SOURCE, unit_id=goods.waybill_id, facts=facts,
            blobs=tuple(row.blobs), note=row.note, dataset=row.dataset,
        ),
        now=now,
    )  # fmt: skip
    Anomaly.objects.filter(pk=row.pk).update(exception_id=opened.id)


def open_missing(goods_ids: Collection[int], *, now: datetime) -> None:
    """Open the exceptions of anomalies whose shipment has come to be known since."""
    rows = Anomaly.objects.filter(goods_id__in=goods_ids, exception_id=None, closed_at=None)
    for row in rows.select_related("goods"):
        _open_exception(system(SOURCE), row, row.goods, now=now)


@transaction.atomic
def take(actor: Actor, *, anomaly_id: int) -> None:
    """Take the investigation on."""
    task = _task(actor, anomaly_id)
    if task.done_at is not None:
        raise refuse("settled_already")
    Investigation.objects.filter(pk=task.pk).update(staff_id=actor.staff_id)


@transaction.atomic
def conclude(actor: Actor, *, anomaly_id: int, finding: str, cause: CauseCode | None, now: datetime) -> None:
    """Say what was found out; customer service reads it on the exception, with the cause."""
    task = _task(actor, anomaly_id)
    finding = scrub(finding.strip())[:FINDING_MAX]
    if not finding:
        raise refuse("finding_missing")
    anomaly = task.anomaly
    Investigation.objects.filter(pk=task.pk).update(
        finding=finding, done_at=task.done_at or now, done_by=actor.principal, staff_id=task.staff_id or actor.staff_id
    )
    if anomaly.exception_id is None:
        Anomaly.objects.filter(pk=anomaly.pk, closed_at=None).update(closed_at=now)
    elif cause is not None:
        require(actor, Permission.EXCEPTION_HANDLE)
        exceptions.set_cause(actor, exception_id=anomaly.exception_id, cause=cause, now=now, note=finding)
    record_audit(
        actor, verb="storage.finding", target=f"goods:{anomaly.goods.number}", cause=finding,
        changed={"kind": anomaly.kind, "anomaly": str(anomaly.pk)}, dataset=anomaly.dataset,
    )  # fmt: skip
    outbox.publish("storage.changed", [anomaly.site_id])


def _task(actor: Actor, anomaly_id: int) -> Investigation:
    require(actor, Permission.STORAGE_RECORD)
    rows = Investigation.objects.select_for_update(of=("self",)).select_related("anomaly__goods")
    task = rows.filter(anomaly_id=anomaly_id).first()
    if task is None:
        raise refuse("not_found")
    at_own_site(actor, task.anomaly.site_id)
    return task


@transaction.atomic
def follow(exception_ids: Collection[int]) -> None:
    """Bring anomalies in line with the life of their exceptions: when customer service took them up, when they were over.

    A colleague of the warehouse who takes one up is not customer service.
    """
    for exception_id, life in lives_of(exception_ids).items():
        rows = Anomaly.objects.filter(exception_id=exception_id)
        if life.acknowledged_at and _is_customer_service(life.acknowledged_by):
            rows.filter(noticed_at=None).update(noticed_at=life.acknowledged_at, noticed_by=life.acknowledged_by)
        if life.cleared_at:
            rows.filter(closed_at=None).update(closed_at=life.cleared_at)
    sites = Anomaly.objects.filter(exception_id__in=list(exception_ids)).values_list("site_id", flat=True)
    if touched := sorted(set(sites)):
        outbox.publish("storage.changed", touched)


def _is_customer_service(principal: str) -> bool:
    kind, _, number = principal.partition(":")
    return kind == "staff" and accounts.actor_for_number(number).may(Permission.EXCEPTION_NOTICE)

"""Verbs of the desk: export a list, keep a view, order a shipment by hand, and settle what is parked."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from msgspec import structs

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.shipments.actions import parking, recording, shipping, sourcing
from huoji.apps.shipments.actions.recording import Outcome, Result, Writing
from huoji.apps.shipments.models import KeptDraft, Parked, SavedView
from huoji.apps.shipments.queries.lists import Asked, ListRow, every
from huoji.apps.shipments.queries.sources import source_by_id
from huoji.core import draft
from huoji.core.draft import ShipmentTold
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.report import Report, Target
from huoji.core.wording import Lang
from huoji.kit import paging
from huoji.kit.problem import Problem, declare

EXPORT_ROWS_MAX = 10_000
VIEWS_MAX = 20
VIEW_NAME_MAX = 60
VIEW_QUERY_MAX = 500
DRAFT_BYTES_MAX = 64 * 1024
DRAFT_DAYS_MAX = 7
REASON_MAX = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so

declare("too_many_views", status=422, title=_("保存的视图太多"))
declare("shipment_rejected", status=422, title=_("运单有误"))
declare("draft_too_large", status=413, title=_("草稿过大"))

Cells = Callable[[ListRow], list[str]]


@transaction.atomic
def export(actor: Actor, asked: Asked, *, head: list[str], cells: Cells, lang: Lang) -> bytes:
    """Return the list as CSV that spreadsheets read, names masked; who took which rows stays in the audit."""
    require(actor, Permission.EXPORT_RUN)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    count = 0
    for row in every(actor, asked, limit=EXPORT_ROWS_MAX, lang=lang):
        writer.writerow([_plain(cell) for cell in cells(row)])
        count += 1
    record_audit(
        actor, verb="shipment.export", target="shipments",
        changed={"rows": count, "masked": True, "filter": structs_of(asked)},
    )  # fmt: skip
    return "\ufeff".encode() + text.getvalue().encode()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def structs_of(asked: Asked) -> Mapping[str, str]:
    """Return what was asked, without what was left open."""
    fields = ((name, getattr(asked, name)) for name in Asked.__slots__)
    return {name: str(value) for name, value in fields if value}


def save_view(actor: Actor, *, name: str, query: str) -> None:
    """Keep the list's filter under a name; the same name again replaces it."""
    known = SavedView.objects.filter(principal=actor.principal)
    if not known.filter(name=name).exists() and known.count() >= VIEWS_MAX:
        raise Problem("too_many_views", 422, _("最多保存 20 个视图，请先删除不用的。"))
    SavedView.objects.update_or_create(
        principal=actor.principal, name=name[:VIEW_NAME_MAX], defaults={"query": query[:VIEW_QUERY_MAX]}
    )


def drop_view(actor: Actor, *, view_id: int) -> None:
    """Forget one of the actor's own views."""
    SavedView.objects.filter(principal=actor.principal, pk=view_id).delete()


def keep_draft(actor: Actor, fields: Mapping[str, list[str]], *, now: datetime) -> None:
    """Keep what somebody has typed into the form so far, sealed; drafts nobody came back to are forgotten."""
    body = msgspec.json.encode(fields)
    if len(body) > DRAFT_BYTES_MAX:
        raise Problem("draft_too_large", 413)
    KeptDraft.objects.filter(updated_at__lt=now - timedelta(days=DRAFT_DAYS_MAX)).delete()
    KeptDraft.objects.update_or_create(
        principal=actor.principal, defaults={"sealed": paging.cipher().encrypt(body), "updated_at": now}
    )


def drop_draft(actor: Actor) -> None:
    """Forget the actor's draft."""
    KeptDraft.objects.filter(principal=actor.principal).delete()


@transaction.atomic
def order_shipment(actor: Actor, told: ShipmentTold, *, now: datetime) -> str:
    """Create one shipment as told at the desk; return its number. A fault raises DraftError with its field."""
    require(actor, Permission.SHIPMENT_CREATE)
    source = sourcing.ensure("desk")
    checked = draft.check(told, assumed_offset_min=source.assumed_offset_min)
    [shipped] = shipping.ship([checked], Writing(actor=actor, source=source, now=now))
    if shipped.result is not Result.ACCEPTED:
        raise draft.DraftError("number_taken", "number", str(_("这个单号已经有运单了。")))
    record_audit(actor, verb="shipment.create", target=f"waybill:{shipped.number}", changed={"line": checked.line})
    drop_draft(actor)
    return shipped.number


def _settle(actor: Actor) -> None:
    """Refuse whoever may not settle what is parked: it belongs to no site, so only who sees all may."""
    require(actor, Permission.EVENT_CORRECT)
    if actor.scope is not Scope.ALL:
        raise PermissionDenied


@transaction.atomic
def discard_parked(actor: Actor, *, parked_id: int, reason: str) -> None:
    """Remove an event of an unknown number, with a reason."""
    _settle(actor)
    row = _take(parked_id)
    record_audit(
        actor, verb="parked.discard", target=f"{row.kind}:{row.value}"[:128], cause=_reason(reason),
        changed={"source": row.source.name},
    )  # fmt: skip


@transaction.atomic
def retarget_parked(actor: Actor, *, parked_id: int, number: str, reason: str, now: datetime) -> Outcome:
    """Record a parked event on the shipment it was meant for; refused when that is unknown too."""
    _settle(actor)
    wanted = normalise(number)
    row = _take(parked_id)
    source = source_by_id(row.source_id)
    assert source is not None
    report: Report = parking.report_of(bytes(row.body))
    meant = structs.replace(report, target=Target.WAYBILL.value, number=wanted)
    writer = parking.writer_of(row.principal)
    [outcome] = recording.record([meant], Writing(actor=writer, source=source, now=now, batch_id=row.batch_id))
    if outcome.result not in (Result.ACCEPTED, Result.REVISION, Result.DUPLICATE) or not outcome.unit_id:
        raise Problem("not_found", 404, _("没有这个单号的运单，或该来源无权写入。"))
    record_audit(
        actor, verb="parked.retarget", target=f"waybill:{wanted}", cause=_reason(reason),
        changed={"from": row.value, "source": source.name},
    )  # fmt: skip
    return outcome


def _take(parked_id: int) -> Parked:
    row = Parked.objects.select_for_update(of=("self",)).select_related("source").filter(pk=parked_id).first()
    if row is None:
        raise Problem("not_found", 404, _("这条轨迹已被处理。"))
    Parked.objects.filter(pk=parked_id).delete()
    return row


def _reason(text: str) -> str:
    if not text.strip():
        raise Problem("cause_needed", 422, _("请填写原因，它会记入审计"))
    return text.strip()[:REASON_MAX]

"""A scan: one beep is one event at one's own site; a slip of one's own is taken back by a correction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from huoji.apps.accounts.actions import require
from huoji.apps.shipments.actions import correcting, recording, sourcing
from huoji.apps.shipments.actions.recording import Outcome, Result, Writing
from huoji.apps.shipments.models import Event, Unit
from huoji.core import report
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission
from huoji.core.report import Name, Told
from huoji.kit import blob
from huoji.kit.problem import Problem, declare

UNDO_FOR = timedelta(hours=24)
REPEAT_S = 120  # a nervous trigger finger scans twice; within this long it is one scan

declare("scan_too_old", status=409, title="The scan is too old to be taken back here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a handheld sends: which stage, what, where, and what the stage asks for."""

    stage: str
    number: str
    place: str
    next_place: str = ""
    vehicle: str = ""
    signed_by: str = ""
    reason: str = ""
    note: str = ""
    pictures: tuple[tuple[bytes, str], ...] = ()  # (content, content type)


@transaction.atomic
def scan(actor: Actor, given: Scan, *, now: datetime) -> Outcome:
    """Record one scan; the same again within REPEAT_S is one. The pictures are stored with it or not at all."""
    require(actor, Permission.SCAN_ADD)
    blobs = tuple(blob.put(content, content_type=kind, actor=actor) for content, kind in given.pictures)
    number, moment = normalise(given.number), now.replace(microsecond=0).isoformat()
    if (before := _before(actor, given, number, now=now)) is not None:
        return Outcome(Result.DUPLICATE, unit_id=before.unit_id, event_id=before.id)
    told = Told(
        number=number,
        id=f"{actor.principal}:{report.identity(given.stage, number, given.place, given.vehicle, moment)}",
        occurred_at=moment,
        milestone=given.stage,
        place=given.place,
        next_place=given.next_place,
        holder=Name("trip", given.vehicle) if given.vehicle and given.stage in ("loaded", "unloaded") else None,
        reason=given.reason,
        signed_by=given.signed_by,
        note=given.note,
        blobs=blobs,
    )
    return correcting.add(actor, told=told, now=now, door="scan")


def _before(actor: Actor, given: Scan, number: str, *, now: datetime) -> Event | None:
    """Return the scan that this one repeats: one's own, just now, and not taken back since."""
    unit_ids = list(Unit.objects.filter(kind=Unit.Kind.WAYBILL, number=number).values_list("id", flat=True))
    rows = Event.objects.filter(
        unit_id__in=unit_ids, principal=actor.principal, source_id=sourcing.ensure("scan").id, milestone=given.stage,
        place=given.place, next_place=given.next_place, reason=given.reason,
        occurred_at__gt=now - timedelta(seconds=REPEAT_S), occurred_at__lte=now,
    ).order_by("-occurred_at")  # fmt: skip
    gone = set(Event.objects.filter(unit_id__in=unit_ids, voids__isnull=False).values_list("voids", flat=True))
    vehicles = dict(
        Unit.objects.filter(id__in=[row.holder_id for row in rows if row.holder_id]).values_list("id", "number")
    )
    wanted = normalise(given.vehicle) if given.stage in ("loaded", "unloaded") else ""
    return next((row for row in rows if row.key not in gone and vehicles.get(row.holder_id or 0, "") == wanted), None)


@transaction.atomic
def undo(actor: Actor, *, unit_id: int, event_id: int, now: datetime) -> None:
    """Take back a scan of one's own, of today."""
    require(actor, Permission.SCAN_ADD)
    event = Event.objects.filter(unit_id=unit_id, id=event_id, principal=actor.principal).first()
    source = sourcing.ensure("scan")
    if event is None or event.source_id != source.id:
        raise Problem("not_found", 404, "This is no scan of yours.")
    if now - event.recorded_at > UNDO_FOR:
        raise Problem("scan_too_old", 409, "Ask customer service to correct it, with the reason.")
    told = report.correction(unit_id, event.key, source="scan", at=int(now.timestamp()), why=f"~undo:{event_id}")
    recording.record_on_units({unit_id: [(0, told)]}, Writing(actor=actor, source=source, now=now))

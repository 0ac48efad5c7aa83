"""Batches: an import or a document as one thing that can be undone whole."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.shipments.actions import parking, priors, recording
from huoji.apps.shipments.actions.recording import Writing
from huoji.apps.shipments.models import Batch, Parked, Unit
from huoji.apps.shipments.queries.sources import SourceRow, source_by_id
from huoji.core import report, undoing
from huoji.core.permission import Actor, Permission
from huoji.core.report import Report
from huoji.kit import outbox
from huoji.kit.colliding import in_transaction
from huoji.kit.problem import Problem, declare

CHUNK_UNITS = 500
REASON_MAX = 500

declare("batch_state", status=409, title="The batch is not in a state for this")


def start(
    actor: Actor, *, kind: str, source: SourceRow, name: str = "", blob: str = "", mapping: Mapping[str, Any] | None = None,
    dataset: str = "",
) -> int:  # fmt: skip
    """Open a batch; return its id."""
    row = Batch.objects.create(
        kind=kind, source_id=source.id, name=name, blob=blob, mapping=dict(mapping or {}), principal=actor.principal,
        dataset=dataset,
    )  # fmt: skip
    return row.pk


def progress(batch_id: int, *, counts: Mapping[str, int]) -> None:
    """Say how far the batch has come."""
    Batch.objects.filter(pk=batch_id).update(counts=dict(counts))


def finish(batch_id: int, *, now: datetime, counts: Mapping[str, int], error: str = "", error_blob: str = "") -> None:
    """Close a batch with its figures, as done or as failed."""
    state = Batch.State.FAILED if error else Batch.State.DONE
    Batch.objects.filter(pk=batch_id).update(
        state=state, counts=dict(counts), error=error, error_blob=error_blob, finished_at=now
    )


def undo(actor: Actor, *, batch_id: int, reason: str, now: datetime) -> Mapping[str, int]:
    """Take back everything that a batch brought, here and now; return its figures, with what became of what.

    The same file imported again brings all of it back.
    """
    begin_undo(actor, batch_id=batch_id, reason=reason)
    return take_back(batch_id, now=now)


def undo_later(actor: Actor, *, batch_id: int, reason: str) -> None:
    """Take a batch back in the background."""
    with transaction.atomic():
        begin_undo(actor, batch_id=batch_id, reason=reason)
        outbox.publish("batch.undo", [batch_id])


def begin_undo(actor: Actor, *, batch_id: int, reason: str) -> None:
    """Mark a batch as being taken back, with the reason in the audit."""
    require(actor, Permission.IMPORT_UNDO)
    if not 1 <= len(reason.strip()) <= REASON_MAX:
        raise Problem("reason_missing", 422, _("请写明撤销的原因（最多 500 字）"))
    with transaction.atomic():
        batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
        if batch is None:
            raise Problem("not_found", 404)
        if batch.state not in (Batch.State.DONE, Batch.State.FAILED, Batch.State.UNDOING):
            raise Problem("batch_state", 409, _("只有已经结束的批次可以撤销"))
        batch.state, batch.progress = Batch.State.UNDOING, {**batch.progress, "undone_by": actor.principal}
        batch.save(update_fields=["state", "progress"])
        record_audit(actor, verb="batch.undo", target=f"batch:{batch_id}", cause=reason.strip(), dataset=batch.dataset)


def take_back(batch_id: int, *, now: datetime) -> Mapping[str, int]:
    """Take back the events of a batch by corrections, and what it said of shipments; return its figures.

    A shipment of which nobody else speaks is hidden; one that the batch revised says again what it said before; one that it
    brought in and others have told events of stays with these. Chunk by chunk: what was taken back before a crash stays so,
    and doing it again finishes the rest.
    """
    batch = Batch.objects.get(pk=batch_id)
    if batch.state != Batch.State.UNDOING:
        return dict(batch.counts)
    source = source_by_id(batch.source_id)
    assert source is not None
    actor = parking.writer_of(batch.progress["undone_by"])
    writing = Writing(actor=actor, source=source, now=now, dataset=batch.dataset)
    count = 0
    for unit_ids in _units_of(batch_id):
        placed: dict[int, list[tuple[int, Report]]] = {}
        for unit_id, key in _told(batch_id, unit_ids):
            told = report.correction(unit_id, key, source=source.name, at=int(now.timestamp()), why=f"~undo:{batch_id}")
            placed.setdefault(unit_id, []).append((0, told))
        count += sum(len(each) for each in placed.values())
        if placed:
            recording.record_on_units(placed, writing)
        in_transaction(partial(_give_back, batch_id, unit_ids, now=now))
    with transaction.atomic():
        waiting, _rows = Parked.objects.filter(batch_id=batch_id).delete()
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        batch.state = Batch.State.UNDONE
        batch.counts = {**batch.counts, undoing.EVENTS_UNDONE: count, undoing.PARKED_REMOVED: waiting}
        batch.save(update_fields=["state", "counts"])
        outbox.publish("batch.changed", [batch_id])
    return dict(batch.counts)


def _give_back(batch_id: int, unit_ids: Collection[int], *, now: datetime) -> None:
    """Let the shipments of a chunk say what they said without the batch, and count what became of them."""
    whole = {parent or unit for unit, parent in Unit.objects.filter(id__in=unit_ids).values_list("id", "parent_id")}
    done = priors.give_back(whole, batch_id=batch_id, now=now)
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    for fate, count in done.items():
        name = undoing.counted_as(fate)
        batch.counts[name] = batch.counts.get(name, 0) + count
    batch.save(update_fields=["counts"])


_UNITS = """
SELECT unit_id FROM event WHERE batch_id = %(batch)s UNION SELECT unit_id FROM waybill WHERE batch_id = %(batch)s
UNION SELECT unit_id FROM prior_shipment WHERE batch_id = %(batch)s ORDER BY unit_id
"""


def _units_of(batch_id: int) -> Iterator[list[int]]:
    """Yield the units of which a batch spoke, a chunk at a time; pieces before their shipment."""
    with connection.cursor() as cursor:
        cursor.execute(_UNITS, {"batch": batch_id})
        found = [row[0] for row in cursor.fetchall()]
    parents = dict(Unit.objects.filter(id__in=found, parent_id__isnull=False).values_list("id", "parent_id"))
    units = iter(sorted(found, key=lambda unit_id: (parents.get(unit_id, unit_id), unit_id not in parents, unit_id)))
    while ids := list(islice(units, CHUNK_UNITS)):
        yield ids


def _told(batch_id: int, unit_ids: Collection[int]) -> list[tuple[int, int]]:
    """Return (unit, key) of a batch's events of these units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unit_id, key FROM event WHERE unit_id = ANY(%s) AND batch_id = %s ORDER BY unit_id, id",
            [list(unit_ids), batch_id],
        )
        rows: list[tuple[int, int]] = cursor.fetchall()
    return rows

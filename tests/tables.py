"""Tables to import, made on the spot, and a short way to bring one in."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from huoji.apps.shipments.actions import batches, importing
from huoji.apps.shipments.models import Batch, Event, Unit
from huoji.apps.shipments.queries import imports
from huoji.core.permission import Actor
from huoji.core.wording import Lang


def csv_of(rows: Sequence[Sequence[object]], *, encoding: str = "utf-8") -> bytes:
    """Write rows as CSV, quoting what needs it."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def bring_in(actor: Actor, data: bytes, *, name: str = "orders.csv", **changes) -> Batch:
    """Upload, choose and run in this process; return the batch as it ended."""
    batch_id = importing.upload(actor, name=name, data=data)
    if changes:
        guessed = imports.reading_of(Batch.objects.get(pk=batch_id))
        importing.choose(actor, batch_id=batch_id, reading=msgspec.structs.replace(guessed, **changes))
    importing.start_here(actor, batch_id=batch_id, lang=Lang.ZH)
    importing.run(batch_id)
    return Batch.objects.get(pk=batch_id)


def take_back(actor: Actor, batch: Batch) -> None:
    batches.undo(actor, batch_id=batch.pk, reason="导错了文件", now=datetime.now(UTC))


def visible_numbers() -> set[str]:
    return set(Unit.objects.filter(kind="waybill", voided_at=None).values_list("number", flat=True))


def content() -> tuple[set[str], list[tuple]]:
    """Return what the tables hold of shipments and events, to compare two worlds."""
    rows = Event.objects.values_list("unit_id", "milestone", "classifier", "occurred_at", "place", "text")
    numbers = dict(Unit.objects.values_list("id", "number"))
    return visible_numbers(), sorted((numbers[row[0]], *map(str, row[1:])) for row in rows)

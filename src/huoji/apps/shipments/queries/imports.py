"""Read imports: the list, one batch, and the table that was uploaded as it would be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec
from django.db.models import Q, QuerySet

from huoji.apps.shipments.models import Batch, Mapping
from huoji.core.importing.build import Builder, Built, Line
from huoji.core.importing.faults import Fault
from huoji.core.importing.reading import Because, Guess, Question, Reading, guess, header_digest, questions, suited
from huoji.core.importing.values import UnreadableError
from huoji.core.permission import Actor, Permission
from huoji.kit import blob, tables
from huoji.kit.paging import Page, page
from huoji.kit.problem import Problem
from huoji.wire import sheets

KIND = "import"
SOURCE = "import"
Import: TypeAlias = Batch
State = Batch.State
SAMPLE_ROWS = 1_000
UNSETTLED_BACK = timedelta(days=14)  # what was left lying longer waits for nobody
PREVIEW_ROWS = 50
LIMITS = replace(sheets.DEFAULT_LIMITS, file_bytes=blob.BLOB_BYTES_MAX)


def visible_to(actor: Actor) -> QuerySet[Batch]:
    """Return the imports that the actor may see: all of them, or none."""
    rows = Batch.objects.filter(kind=KIND)
    may_see = actor.may(Permission.IMPORT_RUN) or actor.may(Permission.IMPORT_UNDO)
    return rows if may_see else rows.none()


def unsettled(actor: Actor, *, now: datetime) -> QuerySet[Batch]:
    """Return the latest imports of this actor that stopped, wait for his word on how to read them, or left rows out."""
    waits = Q(state__in=(State.UPLOADED, State.FAILED)) | Q(state=State.DONE, counts__rows_bad__gt=0)
    return visible_to(actor).filter(waits, principal=actor.principal, created_at__gt=now - UNSETTLED_BACK)


def import_page(actor: Actor, *, only: QuerySet[Batch] | None = None, cursor: str, limit: int) -> Page[Batch]:
    """Return one page of imports, newest first."""
    rows = visible_to(actor) if only is None else only
    return page(rows, of="imports" if only is None else "imports:unsettled", order=("-id",), cursor=cursor, limit=limit)


def batch_of(actor: Actor, *, batch_id: int) -> Batch:
    """Return an import, or raise `not_found`."""
    row = visible_to(actor).filter(pk=batch_id).first()
    if row is None:
        raise Problem("not_found", 404)
    return row


def may_have_errors(actor: Actor, batch: Batch) -> bool:
    """Tell whether the actor may have the rows of a file back: who brought it, and who may export."""
    return actor.principal == batch.principal or actor.may(Permission.EXPORT_RUN)


def left_over(actor: Actor, *, sha256: str) -> int | None:
    """Return the newest import of this very file that the actor started and nobody finished."""
    running = visible_to(actor).filter(state=State.RUNNING, principal=actor.principal, blob=sha256)
    return running.order_by("-id").values_list("id", flat=True).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What an uploaded file holds, as far as people look at it."""

    kind: str
    encoding: str
    sheet_name: str
    header: tuple[str, ...]
    samples: tuple[Line, ...]
    bad: tuple[Fault, ...]  # among the samples


@contextmanager
def opened(sha256: str) -> Iterator[sheets.Sheet]:
    """Open the table of a stored file; raises FormatError when it is none."""
    with blob.open(sha256) as stream, tables.opened(stream, limits=LIMITS) as sheet:  # type: ignore[arg-type]
        yield sheet


def sample(sheet: sheets.Sheet) -> Table:
    """Read the first rows of a table."""
    lines: list[Line] = []
    bad: list[Fault] = []
    for row in sheet.rows:
        if isinstance(row, sheets.BadRow):
            bad.append(Fault(row=row.number, code=row.code))
        else:
            lines.append(Line(row=row.number, cells=row.cells))
        if len(lines) + len(bad) >= SAMPLE_ROWS:
            break
    return Table(
        kind=sheet.kind, encoding=sheet.encoding, sheet_name=sheet.sheet_name, header=sheet.header,
        samples=tuple(lines), bad=tuple(bad),
    )  # fmt: skip


def table_of(batch: Batch) -> Table:
    """Read the first rows of the file of a batch."""
    with opened(batch.blob) as sheet:
        return sample(sheet)


def first_reading(table: Table) -> Guess:
    """Return how the last file with this header was read, else a guess."""
    cells = [line.cells for line in table.samples]
    kept = Mapping.objects.filter(header_digest=header_digest(table.header), kind=KIND).first()
    if kept is None:
        return guess(table.header, cells)
    reading = suited(msgspec.convert(kept.mapping, Reading), header=table.header, samples=cells)
    return Guess(reading=reading, because=dict.fromkeys(reading.columns, Because.BEFORE))


def reading_of(batch: Batch) -> Reading:
    return msgspec.convert(batch.mapping["reading"], Reading)


def open_questions(reading: Reading, table: Table) -> tuple[Question, ...]:
    return questions(reading, header=table.header, samples=[line.cells for line in table.samples])


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first rows as they would be read: one entry a number, and what is wrong with rows that have none."""

    built: tuple[Built, ...]
    faults: tuple[Fault, ...]


def preview(reading: Reading, table: Table) -> Preview:
    """Read the first rows as the import would."""
    builder = Builder(reading, header=table.header, source=SOURCE)
    if "number" not in builder.by_key:
        return Preview(built=(), faults=())
    groups: dict[str, list[Line]] = {}
    faults = [fault for fault in table.bad if fault.row <= table.samples[0].row + PREVIEW_ROWS] if table.samples else []
    for line in table.samples[:PREVIEW_ROWS]:
        try:
            number = builder.number_of(line)
        except UnreadableError:
            faults.append(Fault(row=line.row, code="invalid_number"))
            continue
        if number:
            groups.setdefault(number, []).append(line)
        else:
            faults.append(Fault(row=line.row, code="missing_number"))
    return Preview(built=tuple(builder.build(number, lines) for number, lines in groups.items()), faults=tuple(faults))

"""One run of an import: the table twice through, first to learn where each number ends, then to bring it in by chunks."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from psycopg.errors import UniqueViolation

from huoji.apps.shipments.actions import parking, recording, shipping
from huoji.apps.shipments.actions.recording import Outcome, Result, Writing
from huoji.apps.shipments.models import Batch
from huoji.apps.shipments.queries import imports
from huoji.apps.shipments.queries.sources import source_by_id
from huoji.core.importing.build import Builder, Built, Line
from huoji.core.importing.faults import Fault, explain
from huoji.core.importing.values import UnreadableError
from huoji.core.report import Report
from huoji.core.wording import Lang
from huoji.kit import blob, outbox
from huoji.kit.colliding import in_transaction
from huoji.wire import sheets

CHUNK_NUMBERS = 500
CHUNK_EVENTS = 5_000
ERROR_LINES_MAX = 50_000
ERROR_BYTES_MAX = blob.BLOB_BYTES_MAX - 64 * 1024
TITLES = {
    Lang.ZH: ("行号", "列", "代码", "说明"),
    Lang.EN: ("row", "column", "code", "what to do"),
}
WEIGHT = {
    Lang.ZH: ("未导入：", "提示："),
    Lang.EN: ("Not imported: ", "Note: "),
}

_SHIPPED = {Result.ACCEPTED: "shipments_new", Result.REVISION: "shipments_changed", Result.DUPLICATE: "shipments_same",
            Result.REJECTED: "shipments_refused"}  # fmt: skip
_RECORDED = {Result.ACCEPTED: "events_new", Result.REVISION: "events_new", Result.DUPLICATE: "events_same",
             Result.PARKED: "events_parked", Result.REJECTED: "events_refused"}  # fmt: skip


class Stopped(Exception):  # noqa: N818  not an error: somebody else finished or took back the batch
    """The batch is no longer ours to run."""


class _Errors:
    """The lines of the error file, as far as they fit, and how many there were."""

    def __init__(self) -> None:
        self.lines: list[tuple[Fault, tuple[Any, ...]]] = []
        self.rows: set[int] = set()
        self.warnings = 0
        self.left_out = 0

    def add(self, fault: Fault, cells: Sequence[Any]) -> None:
        if fault.is_warning:
            self.warnings += 1
        else:
            self.rows.add(fault.row)
        if len(self.lines) < ERROR_LINES_MAX:
            self.lines.append((fault, tuple(cells)))
        else:
            self.left_out += 1

    def file(self, header: Sequence[str], *, lang: Lang) -> bytes:
        """Write one line a bad row or warning, in the order of the table."""
        self.lines.sort(key=lambda line: line[0].row)
        at = {name: index for index, name in enumerate(header, start=1)}
        bad_rows = (
            sheets.BadRow(
                number=fault.row, code=fault.code, column=at.get(fault.column, 0), cells=cells,
                message=WEIGHT[lang][fault.is_warning] + explain(fault.code, lang=lang),
            )
            for fault, cells in self.lines
        )  # fmt: skip
        content = bytearray()
        for line in sheets.write(bad_rows, header=header, titles=TITLES[lang]):
            if len(content) + len(line) > ERROR_BYTES_MAX:
                break
            content += line
        return bytes(content)


class Run:
    """Brings the table of one batch in."""

    def __init__(self, batch: Batch, *, told: Callable[[Batch], None]) -> None:
        self.batch, self.told = batch, told
        self.reading = imports.reading_of(batch)
        source = source_by_id(batch.source_id)
        assert source is not None
        self.writing = Writing(
            actor=parking.writer_of(batch.principal), source=source, now=datetime.now(UTC), batch_id=batch.pk,
            dataset=batch.dataset, revives=True,
        )  # fmt: skip
        self.errors = _Errors()
        self.cells: dict[int, Sequence[Any]] = {}  # of the rows of the chunk at hand
        self.chunk = self.row = self.total = 0

    def go(self) -> None:
        """Bring in every chunk that is not in yet, then close the batch with its error file."""
        if self.batch.state != Batch.State.RUNNING:
            raise Stopped
        last, self.total = self._measure()
        with imports.opened(self.batch.blob) as sheet:
            builder = Builder(self.reading, header=sheet.header, source=self.writing.source.name)
            for chunk in _chunks(self._groups(sheet, builder, last)):
                self._bring_in(chunk)
            self._close(sheet.header)

    def _measure(self) -> tuple[dict[str, int], int]:
        """Learn the last row of each number, so that no more of the table is held than is open."""
        last: dict[str, int] = {}
        total = 0
        with imports.opened(self.batch.blob) as sheet:
            builder = Builder(self.reading, header=sheet.header, source=self.writing.source.name)
            for row in sheet.rows:
                total += 1
                if isinstance(row, sheets.Row):
                    try:
                        last[builder.number_of(Line(row=row.number, cells=row.cells))] = row.number
                    except UnreadableError:
                        continue
        return last, total

    def _groups(self, sheet: sheets.Sheet, builder: Builder, last: dict[str, int]) -> Iterator[Built]:
        """Yield what each number says as soon as its last row was read."""
        open_groups: dict[str, list[Line]] = {}
        for row in sheet.rows:
            self.row += 1
            if isinstance(row, sheets.BadRow):
                column = sheet.header[row.column - 1] if 0 < row.column <= len(sheet.header) else ""
                self.errors.add(Fault(row=row.number, code=row.code, column=column), row.cells)
                continue
            line = Line(row=row.number, cells=row.cells)
            try:
                number = builder.number_of(line)
            except UnreadableError:
                self.errors.add(Fault(row=row.number, code="invalid_number"), row.cells)
                continue
            if not number:
                self.errors.add(Fault(row=row.number, code="missing_number"), row.cells)
                continue
            open_groups.setdefault(number, []).append(line)
            if last[number] == row.number:
                lines = open_groups.pop(number)
                self.cells |= {each.row: each.cells for each in lines}
                built = builder.build(number, lines)
                for fault in built.faults:
                    self.errors.add(fault, self.cells[fault.row])
                yield built

    def _bring_in(self, chunk: Sequence[Built]) -> None:
        """Commit one chunk with the note that it is done; one that is in already is passed over."""
        in_transaction(
            lambda: self._write_once(chunk), also=(UniqueViolation,)
        )  # another import brought the same number
        self.chunk += 1
        mine = {row for built in chunk for row in built.rows}
        for row, code in self.batch.progress.get("rejected", []):
            if row in mine:
                self.errors.add(Fault(row=row, code=code), self.cells[row])
        self.cells.clear()
        self.told(self.batch)

    def _write_once(self, chunk: Sequence[Built]) -> None:
        self.batch = Batch.objects.select_for_update().get(pk=self.batch.pk)
        if self.batch.state != Batch.State.RUNNING:
            raise Stopped
        if self.batch.progress.get("chunks", 0) <= self.chunk:
            self._write(chunk)

    def _write(self, chunk: Sequence[Built]) -> None:
        counts: Counter[str] = Counter(self.batch.counts)
        rejected: list[tuple[int, str]] = []
        drafts = [built.shipment for built in chunk if built.shipment]
        shipped = {answer.number: answer for answer in shipping.ship(drafts, self.writing)}
        counts.update(_SHIPPED[answer.result] for answer in shipped.values())
        items: list[tuple[int, Report]] = []
        for built in chunk:
            answer = shipped.get(built.number)
            if answer is not None and answer.result is Result.REJECTED:
                rejected += [(row, answer.code) for row in built.rows]
            else:
                items += built.events
        outcomes: list[Outcome] = recording.record([report for _, report in items], self.writing) if items else []
        for (row, _), outcome in zip(items, outcomes, strict=True):
            counts[_RECORDED[outcome.result]] += 1
            if outcome.result is Result.REJECTED:
                rejected.append((row, outcome.code))
        known = self.batch.progress
        self.batch.counts = dict(counts)
        self.batch.progress = {
            **known, "total": self.total, "chunks": self.chunk + 1, "rows": self.row,
            "at": int(datetime.now(UTC).timestamp()), "rejected": [*known.get("rejected", []), *rejected],
        }  # fmt: skip
        self.batch.save(update_fields=["counts", "progress"])
        outbox.publish("batch.changed", [self.batch.pk])

    def _close(self, header: Sequence[str]) -> None:
        """Keep the error file and the figures, and say that it is done."""
        content = self.errors.file(header, lang=Lang(self.batch.progress.get("lang", 0)))
        with transaction.atomic():
            batch = Batch.objects.select_for_update().get(pk=self.batch.pk)
            if batch.state != Batch.State.RUNNING:
                raise Stopped
            if self.errors.lines:
                batch.error_blob = blob.put(
                    content, content_type="text/csv", actor=self.writing.actor, dataset=batch.dataset
                )
            batch.counts = {
                **batch.counts, "rows": self.total, "rows_bad": len(self.errors.rows), "warnings": self.errors.warnings,
                "left_out": self.errors.left_out,
            }  # fmt: skip
            batch.progress = {**batch.progress, "rows": self.total, "total": self.total}
            batch.state, batch.finished_at, batch.error = Batch.State.DONE, datetime.now(UTC), ""
            batch.save(update_fields=["error_blob", "counts", "progress", "state", "finished_at", "error"])
            outbox.publish("batch.changed", [batch.pk])
        self.batch = batch
        self.told(batch)


def _chunks(groups: Iterator[Built]) -> Iterator[list[Built]]:
    """Cut into chunks, always at the same places, so that a later run knows which are done."""
    chunk: list[Built] = []
    events = 0
    for built in groups:
        chunk.append(built)
        events += len(built.events)
        if len(chunk) >= CHUNK_NUMBERS or events >= CHUNK_EVENTS:
            yield chunk
            chunk, events = [], 0
    if chunk:
        yield chunk

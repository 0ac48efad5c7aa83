"""Imports: take a table of others, say how it is read, bring it in chunk by chunk, and tell what was wrong with which row."""

import errno
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import DiskFull

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.shipments.actions import sourcing
from huoji.apps.shipments.actions.import_run import TITLES, Run, Stopped
from huoji.apps.shipments.models import Batch, Mapping
from huoji.apps.shipments.queries import imports
from huoji.core.importing.faults import failure
from huoji.core.importing.reading import Guess, Reading, header_digest, suited
from huoji.core.permission import Actor, Permission
from huoji.core.wording import Lang
from huoji.kit import blob, clock, log, outbox, tables
from huoji.kit.problem import Problem, declare
from huoji.wire import FormatError, sheets

NAME_MAX = 200
SILENT_MAX = timedelta(minutes=30)  # longer than all retries of a job
CONTENT_TYPES = {
    sheets.Kind.CSV: "text/csv",
    sheets.Kind.XLSX: blob.XLSX,
    sheets.Kind.XLS: blob.XLS,
    sheets.Kind.ODS: blob.ODS,
}

declare("table_refused", status=422, title=_("表格无法读取"))
declare("import_questions", status=422, title=_("导入前还有问题要回答"))


def upload(actor: Actor, *, name: str, data: bytes, dataset: str = "") -> int:
    """Keep a file and a first guess of how it is read; return the batch that waits for a person's word."""
    require(actor, Permission.IMPORT_RUN)
    table = _looked_at(data)
    first = imports.first_reading(table)
    with transaction.atomic():
        sha256 = blob.put(data, content_type=CONTENT_TYPES[sheets.Kind(table.kind)], actor=actor, dataset=dataset)
        batch = Batch.objects.create(
            kind=imports.KIND, source_id=sourcing.ensure(imports.SOURCE).id, name=name[:NAME_MAX], blob=sha256,
            principal=actor.principal, state=Batch.State.UPLOADED, mapping=_kept(first), dataset=dataset,
        )  # fmt: skip
        record_audit(actor, verb="import.upload", target=f"batch:{batch.pk}", changed={"file": sha256}, dataset=dataset)
    return batch.pk


def _looked_at(data: bytes) -> imports.Table:
    try:
        with tables.opened(io.BytesIO(data), limits=imports.LIMITS) as sheet:
            table = imports.sample(sheet)
    except FormatError as refused:
        raise _refused(refused.faults[0].code) from refused
    if table.header[: len(TITLES[Lang.ZH])] in TITLES.values():  # its rows repeat: one a problem
        raise _refused("error_file")
    return table


def _refused(code: str) -> Problem:
    return Problem("table_refused", 422, failure(code, lang=clock.language()), reason=code)


def _kept(guess: Guess) -> dict[str, Any]:
    return {"reading": msgspec.to_builtins(guess.reading), "because": dict(guess.because)}


def choose(actor: Actor, *, batch_id: int, reading: Reading) -> Reading:
    """Keep how people want a waiting file to be read; return it as it suits the table."""
    require(actor, Permission.IMPORT_RUN)
    with transaction.atomic():
        batch = _locked(batch_id, Batch.State.UPLOADED, Batch.State.FAILED)
        table = imports.table_of(batch)
        chosen = suited(reading, header=table.header, samples=[line.cells for line in table.samples])
        guessed = imports.first_reading(table)
        kept = {
            name: why
            for name, why in guessed.because.items()
            if guessed.reading.columns[name] == chosen.columns.get(name)
        }
        batch.mapping = {"reading": msgspec.to_builtins(chosen), "because": kept}
        batch.save(update_fields=["mapping"])
    return chosen


def start(actor: Actor, *, batch_id: int, lang: Lang) -> None:
    """Start a waiting or failed import in the background."""
    with transaction.atomic():
        start_here(actor, batch_id=batch_id, lang=lang)
        outbox.publish("import.start", [batch_id])


def start_here(actor: Actor, *, batch_id: int, lang: Lang) -> None:
    """Mark a waiting or failed import as running, for a caller that runs it himself; remember how it was read."""
    require(actor, Permission.IMPORT_RUN)
    with transaction.atomic():
        batch = _locked(batch_id, Batch.State.UPLOADED, Batch.State.FAILED)
        table, reading = imports.table_of(batch), imports.reading_of(batch)
        if asked := imports.open_questions(reading, table):
            raise Problem("import_questions", 422, questions=[question.value for question in asked])
        Mapping.objects.update_or_create(
            header_digest=header_digest(table.header), kind=imports.KIND,
            defaults={"mapping": msgspec.to_builtins(reading), "principal": actor.principal},
        )  # fmt: skip
        batch.state, batch.error = Batch.State.RUNNING, ""
        batch.progress = {**batch.progress, "lang": int(lang), "at": int(datetime.now(UTC).timestamp())}
        batch.save(update_fields=["state", "error", "progress"])
        record_audit(actor, verb="import.run", target=f"batch:{batch_id}", dataset=batch.dataset)


def _locked(batch_id: int, *states: str) -> Batch:
    batch = Batch.objects.select_for_update().filter(pk=batch_id, kind=imports.KIND).first()
    if batch is None:
        raise Problem("not_found", 404)
    if batch.state not in states:
        raise Problem("batch_state", 409, _("这个批次现在不能这样做"))
    return batch


def run(batch_id: int, *, told: Callable[[Batch], None] = lambda _batch: None) -> None:
    """Bring in what is left of a running import; `told` hears of each chunk.

    It can be killed at any moment and run again, also beside itself: each chunk commits with the count of chunks, so
    none is done twice. What stops it for good is kept with the batch in words; a lost database is the caller's to try again.
    """
    batch = Batch.objects.get(pk=batch_id)
    try:
        Run(batch, told=told).go()
    except Stopped:
        return
    except FormatError as refused:
        _fail(batch_id, refused.faults[0].code)
    except FileNotFoundError:
        _fail(batch_id, "file_gone")
    except Problem as refused:
        _fail(batch_id, refused.code)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _fail(batch_id, "disk_full")
    except DatabaseError as error:
        if not isinstance(error.__cause__, DiskFull):
            raise
        _fail(batch_id, "disk_full")


def _fail(batch_id: int, code: str) -> None:
    """Say why an import stopped; it can be continued."""
    with transaction.atomic():
        failed = Batch.objects.filter(pk=batch_id, state=Batch.State.RUNNING)
        failed.update(state=Batch.State.FAILED, error=code, finished_at=datetime.now(UTC))
        outbox.publish("batch.changed", [batch_id])
    log.KIT.warning("import stopped", extra={"batch": batch_id, "reason": code})


def hand_out_errors(actor: Actor, *, batch_id: int) -> str:
    """Return the file of what was wrong with which row; it holds those rows as they came, so the audit tells who had it."""
    require(actor, Permission.IMPORT_RUN)
    batch = imports.batch_of(actor, batch_id=batch_id)
    if not batch.error_blob or not imports.may_have_errors(actor, batch):
        raise Problem("not_found", 404)
    record_audit(actor, verb="import.errors", target=f"batch:{batch_id}", dataset=batch.dataset)
    return batch.error_blob


def give_up_silent(*, now: datetime) -> None:
    """Mark imports as failed that have not moved for long, so that people see it and can continue them."""
    silent = (now - SILENT_MAX).timestamp()
    for batch in Batch.objects.filter(kind=imports.KIND, state=Batch.State.RUNNING):
        if batch.progress.get("at", 0) < silent:
            _fail(batch.pk, "database")

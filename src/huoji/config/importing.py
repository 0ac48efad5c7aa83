"""`huoji import FILE`: bring in a table, saying first how it is read, or take an import back."""

import argparse
import hashlib
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from huoji.apps.shipments.actions import batches, importing
from huoji.apps.shipments.queries import imports
from huoji.core import undoing
from huoji.core.importing.choices import DateOrder, DecimalSign, Makes
from huoji.core.importing.faults import failure
from huoji.core.importing.fields import FIELDS
from huoji.core.importing.reading import Question, Reading
from huoji.core.milestone import Line
from huoji.core.permission import Actor, system
from huoji.core.wording import Lang
from huoji.kit import blob
from huoji.kit.problem import Problem

OK, REFUSED, USAGE, STOPPED = 0, 1, 2, 3
PROMPT = "Import it so? [y/N] "
ASKED = {
    Question.NUMBER: "Which column holds the waybill number? Say --map COLUMN=number",
    Question.EVENT: "Which column holds the time of the event? Say --map COLUMN=event.at",
    Question.LINE: "Which business line is this? Say --line road, express or ocean",
    Question.DATE_ORDER: "Is 03/04 the 3rd of April or the 4th of March? Say --dates dmy or --dates mdy",
    Question.DECIMAL_SIGN: "Is 1,234 a thousand or one and a bit? Say --decimal . or --decimal ,",
    Question.TWICE: "Two columns have the same meaning; give one of them another: --map COLUMN= leaves it out",
}


class UsageError(ValueError):
    """An option that cannot be understood, with the words to show."""


def run(given: argparse.Namespace) -> int:
    """Import or take back; return 0 when all went in, 1 when refused, 2 on wrong usage, 3 when it stopped on its way."""
    try:
        return _act(system("import"), given)
    except UsageError as wrong:
        return _say(str(wrong), code=USAGE)
    except OSError as wrong:
        return _say(f"{given.file}: {wrong.strerror or wrong}", code=REFUSED)
    except Problem as refused:
        return _say(str(refused.detail or refused.title), code=REFUSED)


def _act(actor: Actor, given: argparse.Namespace) -> int:
    if given.undo:
        return _undo(actor, batch_id=given.undo, reason=given.reason)
    if given.columns == ["help"]:
        print("\n".join(f"{key:24} {field.en} / {field.zh}" for key, field in FIELDS.items()))
        return OK
    if given.file is None:
        return _say("Give the file to import, or --undo BATCH --reason WHY.", code=USAGE)
    return _import(actor, given)


def _say(text: str, *, code: int) -> int:
    print(text, file=sys.stderr)
    return code


def _undo(actor: Actor, *, batch_id: int, reason: str) -> int:
    if not reason.strip():
        return _say("Say why it is taken back: --reason WHY", code=USAGE)
    counts = batches.undo(actor, batch_id=batch_id, reason=reason, now=datetime.now(UTC))
    print(f"Batch {batch_id} is taken back. Importing the same file again brings back what it brought.")
    done = [f"{what.lower()}: {count} ({why})" for what, count, why in undoing.outcomes(counts, lang=Lang.EN)]
    for line in done or [undoing.NOTHING[Lang.EN]]:
        print(f"  {line}")
    return OK


def _import(actor: Actor, given: argparse.Namespace) -> int:
    data = given.file.read_bytes()
    if len(data) > blob.BLOB_BYTES_MAX:
        return _say(f"{given.file} is larger than {blob.BLOB_BYTES_MAX >> 20} MB: cut it into several.", code=REFUSED)
    left = imports.left_over(actor, sha256=hashlib.sha256(data).hexdigest())
    batch_id = left or importing.upload(actor, name=given.file.name, data=data)
    if left:
        print(f"Batch {left} of this file was left on its way; it goes on from there.")
    else:
        batch = imports.batch_of(actor, batch_id=batch_id)
        table = imports.table_of(batch)
        wanted = _reading(imports.reading_of(batch), table, given)
        chosen = importing.choose(actor, batch_id=batch_id, reading=wanted)
        _show(table, chosen)
        if asked := imports.open_questions(chosen, table):
            print("\n".join(ASKED[question] for question in asked), file=sys.stderr)
            return USAGE
        if not given.yes and sys.stdin.isatty() and input(PROMPT).strip().lower() not in ("y", "yes", "是"):
            return _say("Nothing was imported.", code=REFUSED)
        importing.start_here(actor, batch_id=batch_id, lang=Lang.EN)
    importing.run(batch_id, told=_progress)
    return _result(imports.batch_of(actor, batch_id=batch_id))


def _reading(guessed: Reading, table: imports.Table, given: argparse.Namespace) -> Reading:
    """Return the guess with what the options say instead."""
    columns = dict(guessed.columns)
    for pair in given.columns:
        name, equals, key = pair.rpartition("=")
        if not equals or name not in table.header:
            raise UsageError(f"--map {pair}: the file has no such column. It has: {', '.join(table.header)}")
        if key and key not in FIELDS:
            raise UsageError(f"--map {pair}: no such field. `huoji import --map help` lists them.")
        columns.pop(name, None)
        if key:
            columns = {each: old for each, old in columns.items() if old != key or FIELDS[key].many} | {name: key}
    changes: dict[str, object] = {"columns": columns}
    if given.kind:
        changes["makes"] = Makes(given.kind)
    if given.line:
        changes["line"] = Line(given.line)
    if given.zone:
        changes["offset_min"] = _offset(given.zone)
    if given.dates:
        changes["date_order"] = DateOrder(given.dates)
    if given.decimal:
        changes["decimal_sign"] = DecimalSign(given.decimal)
    return msgspec.structs.replace(guessed, **changes)


def _offset(text: str) -> int:
    try:
        told = datetime.strptime(text, "%z").utcoffset()
    except ValueError as error:
        raise UsageError(f"--zone {text}: write it as +08:00") from error
    assert told is not None
    return int(told.total_seconds()) // 60


def _show(table: imports.Table, reading: Reading) -> None:
    columns = f"{len(table.header)} column{'' if len(table.header) == 1 else 's'}"
    print(f"{table.kind.upper()} {table.encoding or table.sheet_name}, {columns}; the rows are {reading.makes}")
    for name in table.header:
        key = reading.columns.get(name)
        print(f"  {name[:40]:40} {'-> ' + key + ' (' + FIELDS[key].en + ')' if key else 'left out'}")
    hours, minutes = divmod(abs(reading.offset_min), 60)
    zone = f"{'-' if reading.offset_min < 0 else '+'}{hours:02}:{minutes:02}"
    print(
        f"  business line {reading.line or '-'}, times without a zone are {zone}, decimal sign {reading.decimal_sign or '?'}"
    )


def _progress(batch: imports.Import) -> None:
    rows, total = batch.progress.get("rows", 0), batch.progress.get("total", 0)
    end = "" if sys.stdout.isatty() else "\n"
    print(f"\r  row {rows} of {total}" if sys.stdout.isatty() else f"  row {rows} of {total}", end=end, flush=True)


def _result(batch: imports.Import) -> int:
    if sys.stdout.isatty():
        print()
    for line in _figures(batch):
        print(line)
    if batch.state != imports.State.DONE:
        return _say(
            f"It stopped: {failure(batch.error, lang=Lang.EN)}. The same command goes on from there.", code=STOPPED
        )
    return OK


def _figures(batch: imports.Import) -> Iterable[str]:
    told = batch.counts.get
    yield f"Batch {batch.pk}"
    yield f"  rows: {told('rows', 0)} read, {told('rows_bad', 0)} not imported; notes: {told('warnings', 0)}"
    yield (
        f"  shipments: {told('shipments_new', 0)} new, {told('shipments_changed', 0)} changed or brought back, "
        f"{told('shipments_same', 0)} unchanged, {told('shipments_refused', 0)} refused"
    )
    yield (
        f"  events: {told('events_new', 0)} new, {told('events_same', 0)} known already, "
        f"{told('events_parked', 0)} waiting for their shipment, {told('events_refused', 0)} refused"
    )
    if batch.error_blob:
        target = Path(f"{Path(batch.name).stem}.import-{batch.pk}.csv")
        with blob.open(batch.error_blob) as stream:
            target.write_bytes(stream.read())
        yield f"  what was wrong with which row: {target}"
    yield f"  take it back: huoji import --undo {batch.pk} --reason WHY"

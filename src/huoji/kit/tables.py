"""Table files that people send. Workbooks are opened by a process of their own, since the native reader can die of a hostile one.

`python -m huoji.kit.tables` is that process: a workbook on stdin, frames on stdout (a length, then MessagePack): what opened, its
rows, or the faults. It may use so much memory and computing time and no more, and takes nobody with it when it ends.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO, Final

import msgspec

from huoji.wire import Fault, FormatError, sheets

MEMORY_BYTES_MAX = 2 * 1024**3
CPU_S_MAX = 120
ROWS_A_FRAME = 500
LENGTH_BYTES = 4
BROKEN = Fault("$", "not_a_workbook", "the workbook cannot be read")
# What MessagePack does not tell from a text or a number; the first type that fits names a cell.
WRITTEN: Final[dict[str, tuple[type, Callable[[Any], object], Callable[[Any], sheets.Cell]]]] = {
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "span": (timedelta, lambda span: (span.days, span.seconds, span.microseconds), lambda parts: timedelta(*parts)),
}


@contextmanager
def opened(stream: BinaryIO, *, limits: sheets.Limits) -> Iterator[sheets.Sheet]:
    """Open a table file; raise FormatError when it is none that is read, also while `rows` is walked.

    The stream must be seekable and stay open. Leaving the block ends the reading, however far it came.
    """
    if sheets.kind_of(stream, limits=limits) is sheets.Kind.CSV:
        yield sheets.read(stream, limits=limits)
        return
    with tempfile.TemporaryFile() as file:
        stream.seek(0)
        shutil.copyfileobj(stream, file)
        file.seek(0)
        program = [sys.executable, "-m", __name__, msgspec.json.encode(limits).decode()]
        environ = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with subprocess.Popen(
            program, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ
        ) as process:
            try:
                yield _received(process)
            finally:
                process.kill()


def _received(process: subprocess.Popen[bytes]) -> sheets.Sheet:
    frames = _frames(process)
    kind, header, header_row, sheet_name = next(frames)
    rows = (_row(*each) for frame in frames for each in frame)
    return sheets.Sheet(
        kind=sheets.Kind(kind), header=tuple(header), header_row=header_row, rows=rows, sheet_name=sheet_name
    )


def _frames(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    """Yield what the other process tells until it says that it is done; one that died says nothing."""
    assert process.stdout is not None
    while len(head := process.stdout.read(LENGTH_BYTES)) == LENGTH_BYTES:
        size = int.from_bytes(head)
        frame = process.stdout.read(size)
        if len(frame) < size:
            break
        match msgspec.msgpack.decode(frame):
            case "done":
                return
            case {"faults": faults}:
                raise FormatError(*(Fault(*each) for each in faults))
            case told:
                yield told
    raise FormatError(BROKEN)


def _row(number: int, cells: list[Any], bad: list[Any] | None) -> sheets.Row | sheets.BadRow:
    read = tuple(WRITTEN[cell[0]][2](cell[1]) if isinstance(cell, list) else cell for cell in cells)
    if bad is None:
        return sheets.Row(number=number, cells=read)
    code, message, column = bad
    return sheets.BadRow(number=number, code=code, message=message, column=column, cells=read)


def _sent(stream: BinaryIO, limits: sheets.Limits) -> Iterator[object]:
    try:
        sheet = sheets.read(stream, limits=limits)
        yield sheet.kind, sheet.header, sheet.header_row, sheet.sheet_name
        while rows := [_written(row) for row in islice(sheet.rows, ROWS_A_FRAME)]:
            yield rows
    except FormatError as refused:
        yield {"faults": [(each.path, each.code, each.message) for each in refused.faults]}
    else:
        yield "done"


def _written(row: sheets.Row | sheets.BadRow) -> tuple[int, list[object], tuple[str, str, int] | None]:
    bad = (row.code, row.message, row.column) if isinstance(row, sheets.BadRow) else None
    return row.number, [_cell(cell) for cell in row.cells], bad


def _cell(cell: sheets.Cell) -> object:
    if isinstance(cell, str | int | float):
        return cell
    return next((name, write(cell)) for name, (kind, write, _read) in WRITTEN.items() if isinstance(cell, kind))


def main() -> None:
    """Be the process that reads."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limits = msgspec.json.decode(sys.argv[1], type=sheets.Limits)
    for each in _sent(sys.stdin.buffer, limits):
        frame = msgspec.msgpack.encode(each)
        sys.stdout.buffer.write(len(frame).to_bytes(LENGTH_BYTES) + frame)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

"""Writes the file of rows that were not taken: CSV that every spreadsheet opens rightly and none runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from huoji.wire.sheets.model import BadRow, text

MARK = "\ufeff"  # tells spreadsheets that this is UTF-8
RISKY = re.compile(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")  # half and full width
PLAIN_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,10})?", re.ASCII)


def safe(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet could take for a formula; plain numbers stay."""
    return f"'{cell}" if RISKY.match(cell) and not PLAIN_NUMBER.fullmatch(cell) else cell


def write(bad_rows: Iterable[BadRow], *, header: Sequence[str], titles: tuple[str, str, str, str]) -> Iterator[bytes]:
    """Write one line a bad row: row number, column name, code and message (under `titles`), then the cells as they came."""
    yield _line([MARK + titles[0], *titles[1:], *(safe(name) for name in header)])
    for bad in bad_rows:
        column = header[bad.column - 1] if 0 < bad.column <= len(header) else ""
        yield _line(
            [str(bad.number), safe(column), bad.code, safe(bad.message), *(safe(text(cell)) for cell in bad.cells)]
        )


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode(errors="replace")

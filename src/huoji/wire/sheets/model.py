"""What a table file holds, whatever its format: a header, rows with their numbers, and rows that could not be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta  # an empty cell is ""


class Kind(StrEnum):
    """The formats that are told apart by their first bytes."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file is taken."""

    file_bytes: int
    unpacked_bytes: int  # of a zipped workbook
    rows: int
    columns: int
    cells: int  # of the rectangle that a workbook spans, filled or not
    cell_chars: int


DEFAULT_LIMITS = Limits(
    file_bytes=64 * 1024 * 1024,
    unpacked_bytes=256 * 1024 * 1024,
    rows=200_000,
    columns=200,
    cells=8_000_000,
    cell_chars=8_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A sound row. `number` is what a spreadsheet shows beside it: the header is usually 1, blank rows count."""

    number: int
    cells: tuple[Cell, ...]  # as many as the header has


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was not taken: why, in which column (0 when not one alone), and what it held."""

    number: int
    code: str
    message: str
    column: int = 0
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An open table. `rows` can be walked once and reads as it goes; `encoding` and `delimiter` are of CSV alone."""

    kind: Kind
    header: tuple[str, ...]
    header_row: int
    rows: Iterator[Row | BadRow]
    encoding: str = ""
    delimiter: str = ""
    sheet_name: str = ""


def text(cell: Cell) -> str:
    """Write a cell as text: ISO dates, whole numbers without a point."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)

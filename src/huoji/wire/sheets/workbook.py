"""Workbooks (XLSX, XLS, ODS): formulas as their values, dates as dates; what would unpack into too much is refused before it is opened."""

import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from huoji.wire import Fault, FormatError
from huoji.wire.sheets import xls_span
from huoji.wire.sheets.model import BadRow, Cell, Kind, Limits, Sheet
from huoji.wire.sheets.rows import EXACT_UP_TO, header_names, is_blank, padded, walk

MAX_MEMBERS = 2_000  # files inside a zipped workbook
MAX_DIGITS = 7  # of a row number
FAR = 10**7  # beyond any sheet

ROW_OR_CELL = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)(\d*)([^"']?)""")  # of <row r="7"> and <c r="B7">
ODS_ROW = re.compile(rb"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
ROWS_REPEATED = re.compile(rb"""number-rows-repeated\s*=\s*["'](\d+)""")
COLUMNS_REPEATED = re.compile(rb"""number-columns-repeated\s*=\s*["'](\d+)""")


def _refuse(code: str, message: str) -> FormatError:
    return FormatError(Fault("$", code, message))


def read(stream: BinaryIO, *, kind: Kind, limits: Limits) -> Sheet:
    """Open the first visible sheet that holds something."""
    if kind is Kind.XLS:
        _guard_xls(stream, limits)
    else:
        _guard(stream, limits)
    stream.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(stream)
        for sheet in _sheets(book):
            if sheet.height:
                return _open(sheet, kind, limits)
    except PasswordError as error:
        raise _refuse("encrypted", "the workbook is protected by a password") from error
    except CalamineError as error:
        raise _refuse("not_a_workbook", f"the workbook cannot be read: {error}") from error
    except FormatError:
        raise
    except BaseException as error:  # the reader is native: its panics are no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise _refuse("not_a_workbook", "the workbook cannot be read") from error
    raise FormatError(Fault("row 1", "empty", "the workbook holds no header row"))


def _sheets(book: CalamineWorkbook) -> Iterator[CalamineSheet]:
    for index, about in enumerate(book.sheets_metadata):
        if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible:
            yield book.get_sheet_by_index(index)


def _open(sheet: CalamineSheet, kind: Kind, limits: Limits) -> Sheet:
    if sheet.total_height > limits.rows + 1:
        raise _refuse("too_many_rows", f"has {sheet.total_height} rows, the limit is {limits.rows}")
    records = enumerate((_typed(cells) for cells in sheet.iter_rows()), start=1)
    for number, cells in records:
        if not is_blank(cells):
            header = header_names(cells, number=number, limits=limits)
            rows = walk(_padded(records, len(header)), width=len(header), limits=limits)
            return Sheet(kind=kind, header=header, header_row=number, rows=rows, sheet_name=sheet.name)
    raise FormatError(Fault("row 1", "empty", "the sheet holds no header row"))


def _padded(records: Iterator[tuple[int, list[Cell]]], width: int) -> Iterator[tuple[int, list[Cell] | BadRow]]:
    for number, cells in records:
        yield number, padded(cells, width)


def _typed(cells: list[Cell]) -> list[Cell]:
    """Take whole numbers as such: a workbook knows only fractions."""
    return [_whole(cell) if isinstance(cell, float) else cell for cell in cells]


def _whole(value: float) -> Cell:
    return int(value) if value.is_integer() and abs(value) < EXACT_UP_TO else value


def _guard_xls(stream: BinaryIO, limits: Limits) -> None:
    stream.seek(0)
    try:
        _guard_span(*xls_span.span(stream.read()), limits)
    except xls_span.BrokenError as error:
        raise _refuse("not_a_workbook", "the file holds no workbook that can be read") from error


def _guard(stream: BinaryIO, limits: Limits) -> None:
    """Look into the zip without trusting it: declared and real sizes, and how large a table its cells would span."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as packed:
            members = packed.infolist()
            _guard_sizes(members, limits)
            for member in members:
                _guard_content(packed.read(member), limits)  # to its end: a false size or checksum is found out
    except FormatError:
        raise
    except Exception as error:  # a broken zip raises BadZipFile, zlib.error, NotImplementedError, OSError, …
        raise _refuse("not_a_workbook", "the workbook cannot be unpacked") from error


def _guard_sizes(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise _refuse("too_large", f"unpacks into more than {limits.unpacked_bytes} bytes")
    if any(member.filename == "xl/workbook.bin" for member in members):
        raise _refuse("not_a_workbook", "the workbook is XLSB: save it as XLSX")


def _guard_content(content: bytes, limits: Limits) -> None:
    """Judge a member by what is in it: where a workbook keeps its sheets is its own choice."""
    if b"sheetData" in content:
        _guard_span(*_span_of_xlsx(content), limits)
    if b"table:table-row" in content:
        _guard_span(*_span_of_ods(content), limits)


def _guard_span(rows: int, columns: int, limits: Limits) -> None:
    """Refuse what the reader would lay out as too large a rectangle, however few cells are filled."""
    if rows > limits.rows + 1 or columns > limits.columns or rows * columns > limits.cells:
        told = f"{limits.rows} rows, {limits.columns} columns or {limits.cells} cells"
        raise _refuse("too_many_cells", f"its cells span more than {told}")


def _span_of_xlsx(content: bytes) -> tuple[int, int]:
    """Find the lowest row and the rightmost column that the sheet names; a reference written strangely is taken for the farthest."""
    rows = columns = 0
    for found in ROW_OR_CELL.finditer(content):
        column, row, strange = found.groups()
        if strange or len(row) > MAX_DIGITS:
            return FAR, FAR
        rows, columns = max(rows, int(row or 0)), max(columns, _column(column))
    return rows, columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _span_of_ods(content: bytes) -> tuple[int, int]:
    """Unfold repeated rows and cells up to the last one with a value; repeated empty ones are how every file ends."""
    rows = last_row = columns = 0
    for found in ODS_ROW.finditer(content):
        rows += _times(ROWS_REPEATED, found[1])
        width = last_column = 0
        for cell in ODS_CELL.finditer(found[2] or b""):
            width += _times(COLUMNS_REPEATED, cell[1])
            if b"office:value-type" in cell[1]:
                last_column = width
        if last_column:
            last_row, columns = rows, max(columns, last_column)
    return last_row, columns


def _times(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return 1 if found is None else FAR if len(found[1]) > MAX_DIGITS else int(found[1])

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
from huoji.wire.sheets.model import BadRow, Cell, Kind, Limits, Sheet
from huoji.wire.sheets.rows import EXACT_UP_TO, header_names, is_blank, padded, walk

MAX_MEMBERS = 2_000  # files inside a zipped workbook

CELL_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
ODS_ROW = re.compile(
    rb'<table:table-row\b[^>]*number-rows-repeated="(\d{1,9})"[^>]*>(.*?)</table:table-row>', re.DOTALL
)
ODS_CELL = re.compile(rb"<table:table-cell\b[^>]*>")
REPEATED = re.compile(rb'number-columns-repeated="(\d{1,9})"')


def _refuse(code: str, message: str) -> FormatError:
    return FormatError(Fault("$", code, message))


def read(stream: BinaryIO, *, kind: Kind, limits: Limits) -> Sheet:
    """Open the first visible sheet that holds something."""
    if kind is not Kind.XLS:
        _guard(stream, kind, limits)
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


def _guard(stream: BinaryIO, kind: Kind, limits: Limits) -> None:
    """Look into the zip without trusting it: declared and real sizes, and how large a table its cells would span."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as packed:
            members = packed.infolist()
            _guard_sizes(members, limits)
            for member in members:
                if member.filename.endswith((".xml", ".rels", ".bin")):
                    _guard_member(packed, member, kind, limits)
    except FormatError:
        raise
    except Exception as error:  # a broken zip raises BadZipFile, zlib.error, NotImplementedError, OSError, …
        raise _refuse("not_a_workbook", "the workbook cannot be unpacked") from error


def _guard_sizes(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise _refuse("too_large", f"unpacks into more than {limits.unpacked_bytes} bytes")
    if any(member.filename == "xl/workbook.bin" for member in members):
        raise _refuse("not_a_workbook", "the workbook is XLSB: save it as XLSX")


def _guard_member(packed: zipfile.ZipFile, member: zipfile.ZipInfo, kind: Kind, limits: Limits) -> None:
    content = packed.read(member)  # to its end, so that a false size or checksum is found out
    if kind is Kind.ODS and member.filename == "content.xml":
        _guard_ods(content, limits)
    if member.filename.startswith("xl/worksheets/"):
        for found in CELL_REFERENCE.finditer(content):
            column, row = found.groups()
            if int(row) > limits.rows + 1 or _column(column) > limits.columns:
                message = (
                    f"has a cell {found[1].decode()}{int(row)}, beyond {limits.rows} rows or {limits.columns} columns"
                )
                raise _refuse("too_many_cells", message)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _guard_ods(content: bytes, limits: Limits) -> None:
    """Sum up what repeated rows and cells with values would unfold into; repeated empty ones are how every file ends."""
    unfolded = sum(int(times) for times, inner in ODS_ROW.findall(content) if b"office:value-type" in inner)
    widest = max(
        (
            int(times)
            for tag in ODS_CELL.findall(content)
            if b"office:value-type" in tag
            for times in REPEATED.findall(tag)
        ),
        default=0,
    )
    if unfolded > limits.rows or widest > limits.columns:
        raise _refuse("too_many_cells", f"repeats cells beyond {limits.rows} rows or {limits.columns} columns")

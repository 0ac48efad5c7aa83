"""Workbooks are opened by a process of their own: what it reads arrives unchanged, and what kills it kills nothing else."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from huoji.kit import tables
from huoji.wire import FormatError, sheets
from huoji.wire.sheets import DEFAULT_LIMITS
from tests.wire import xls_samples


def read(data):
    with tables.opened(io.BytesIO(data), limits=DEFAULT_LIMITS) as sheet:
        return sheet, list(sheet.rows)


def test_a_workbook_that_kills_its_reader_is_refused():
    with pytest.raises(FormatError) as refused:
        read(xls_samples.DEADLY)
    assert refused.value.code == "not_a_workbook"
    assert read(xls_samples.DATED)[1]


def test_what_is_read_apart_is_what_is_read_here():
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c", "d"])
    for number in range(1_200):
        book.active.append([number, 1.5, f"运单 {number}", datetime.fromisoformat("2026-03-01T08:30")])
    book.active.append([date(2026, 3, 1), time(8, 30), timedelta(hours=30), True])
    book.active.append(["x" * (DEFAULT_LIMITS.cell_chars + 1), 1, 1, 1])
    written = io.BytesIO()
    book.save(written)
    here = sheets.read(io.BytesIO(written.getvalue()), limits=DEFAULT_LIMITS)
    sheet, rows = read(written.getvalue())
    assert (sheet.kind, sheet.header, sheet.header_row) == (here.kind, here.header, here.header_row)
    assert rows == list(here.rows)
    assert isinstance(rows[-1], sheets.BadRow)


def test_reading_ends_where_the_reader_leaves():
    book = openpyxl.Workbook()
    for number in range(5_000):
        book.active.append([f"a{number}", "x" * 200])
    written = io.BytesIO()
    book.save(written)
    with tables.opened(io.BytesIO(written.getvalue()), limits=DEFAULT_LIMITS) as sheet:
        assert next(sheet.rows).number == 2

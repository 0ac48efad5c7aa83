"""Tables that people send: encodings, delimiters, ragged rows, limits, workbooks, and the file of errors."""

import contextlib
import csv
import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.wire import FormatError, sheets
from huoji.wire.sheets import DEFAULT_LIMITS, BadRow, Kind, Row
from tests.wire import xls_samples

HALF_PAST_EIGHT = datetime.fromisoformat("2026-03-01 08:30")  # a workbook knows no offset
TABLE = "运单号,重量,收件人\nA1,1.5,张三\nA2,2,李四\n"


def opened(data, **limits):
    return sheets.read(io.BytesIO(data), limits=replace(DEFAULT_LIMITS, **limits))


def rows(data, **limits):
    return list(opened(data, **limits).rows)


def fault(data, **limits):
    with pytest.raises(FormatError) as caught:
        rows(data, **limits)
    return caught.value


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_encoding_delimiter_and_line_end_is_told_apart(codec, told, delimiter, end):
    found = opened(TABLE.replace(",", delimiter).replace("\n", end).encode(codec))
    assert (found.kind, found.encoding, found.delimiter) == (Kind.CSV, told, delimiter)
    assert found.header == ("运单号", "重量", "收件人")
    assert list(found.rows) == [Row(number=2, cells=("A1", "1.5", "张三")), Row(number=3, cells=("A2", "2", "李四"))]


def test_a_late_chinese_character_decides_for_gbk_though_the_beginning_is_ascii():
    data = b"id,name\n" + b"1,abc\n" * 300_000 + "2,重庆\n".encode("gbk")
    found = opened(data, rows=400_000)
    assert found.encoding == "gb18030"
    assert list(found.rows)[-1].cells == ("2", "重庆")


def test_a_character_cut_by_the_end_of_a_chunk_is_still_utf_8():
    assert opened(b"a,b\n" + ("重" * 700_000).encode() + b",x\n").encoding == "utf-8"


def test_what_is_in_no_encoding_is_refused_with_its_row():
    assert fault(b"a,b\n1,2\n\xff\xff\xff,3\n").path == "row 3"


def test_a_line_that_names_the_separator_decides():
    assert opened(b"sep=;\na,b;c\n1,2;3\n").header == ("a,b", "c")
    assert [row.number for row in rows(b"sep=;\na;c\n1;3\n")] == [3]
    assert opened(b"sep=\t\na\tc\n").header == ("a", "c")


def test_blank_lines_are_passed_over_and_counted():
    found = opened(b"\n\na,b\n\n1,2\n,\n3,4\n")
    assert found.header_row == 3
    assert [row.number for row in found.rows] == [5, 7]


def test_a_cell_may_hold_line_breaks_and_counts_as_one_row():
    assert rows(b'a,b\n"x\ny",2\n3,4\n') == [Row(number=2, cells=("x\ny", "2")), Row(number=3, cells=("3", "4"))]


def test_ragged_rows_are_told_and_the_others_taken():
    found = rows(b"a,b\n1\n1,2\n1,2,3\n1,2,,\n")
    assert [(row.number, getattr(row, "code", "")) for row in found] == [(2, "ragged"), (3, ""), (4, "ragged"), (5, "")]
    assert found[0].message == "has 1 cells, the header has 2"


def test_wrong_quoting_is_told_and_the_rows_after_it_keep_their_numbers():
    found = rows(b'a,b\n"x"y,2\n3,4\n')
    assert [(row.number, getattr(row, "code", "")) for row in found] == [(2, "quoting"), (3, "")]
    found = rows(b'a,b\n"open,2\n' + b"3,4\n" * 50_000)
    assert (found[0].number, found[0].code) == (2, "quoting")
    assert (found[-1].number, found[-1].cells) == (50_002, ("3", "4"))


def test_nul_and_control_characters_spoil_only_their_row():
    found = rows(b"a,b\n1\x00,2\n3\x07,4\n5,6\n")
    assert [(row.number, getattr(row, "code", "")) for row in found] == [(2, "nul"), (3, "control_characters"), (4, "")]


def test_header_names_are_trimmed_and_made_unique():
    assert opened(" 运单号 ,,重量,重量,\n".encode()).header == ("运单号", "#2", "重量", "重量 (2)")


@pytest.mark.parametrize(
    ("data", "limits", "code"),
    [
        (b"", {}, "empty"),
        (b"\n\n,,\n", {}, "empty"),
        (b"a,b\n", {"file_bytes": 3}, "too_large"),
        (b"a,b\n1,2\n3,4\n", {"rows": 1}, "too_many_rows"),
        (b"a,b,c\n", {"columns": 2}, "too_many_columns"),
        (b"%PDF-1.7", {}, "not_a_table"),
        (b"<html><table>", {}, "not_a_table"),
        (b"\x1f\x8b\x08", {}, "not_a_table"),
        (b"PK\x03\x04" + b"x" * 100, {}, "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 2000, {}, "not_a_workbook"),
    ],
)
def test_what_exceeds_a_limit_or_is_no_table_is_refused(data, limits, code):
    assert fault(data, **limits).code == code


def test_a_cell_that_is_too_long_spoils_its_row():
    found = rows(b"a,b\n" + b"x" * 11 + b",2\n3,4\n", cell_chars=10)
    assert (found[0].code, found[0].column) == ("cell_too_long", 1)
    assert found[1].cells == ("3", "4")


def workbook(*lines, **more):
    book = openpyxl.Workbook()
    sheet = book.active
    for line in lines:
        sheet.append(line)
    for name, value in more.items():
        sheet[name] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_gives_typed_cells():
    data = workbook(
        [],
        ["运单号", "日期", "时间", "重量", "件数", "加急"],
        ["A1", date(2026, 3, 1), HALF_PAST_EIGHT, 1.5, 3, True],
        [],
        ["A2", None, None, None, None, None],
    )
    found = opened(data)
    assert (found.kind, found.header_row, found.sheet_name) == (Kind.XLSX, 2, "Sheet")
    first, second = found.rows
    assert first == Row(number=3, cells=("A1", date(2026, 3, 1), HALF_PAST_EIGHT, 1.5, 3, True))
    assert [sheets.text(cell) for cell in first.cells] == [
        "A1",
        "2026-03-01",
        "2026-03-01 08:30:00",
        "1.5",
        "3",
        "TRUE",
    ]
    assert second == Row(number=5, cells=("A2", "", "", "", "", ""))


def test_a_number_that_lost_its_digits_is_told_rather_than_taken():
    (found,) = rows(workbook(["运单号"], [12345678901234567890]))
    assert (found.code, found.column) == ("lost_digits", 1)


def test_a_formula_gives_its_stored_value():
    data = workbook(["a"], [1])
    packed, changed = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(changed, "w") as out:
        for name in packed.namelist():
            told = packed.read(name)
            out.writestr(name, told.replace(b"<v>1</v>", b"<f>40+2</f><v>42</v>"))
    assert rows(changed.getvalue()) == [Row(number=2, cells=(42,))]


def test_a_workbook_with_a_far_off_cell_is_refused_before_it_is_unfolded():
    assert fault(workbook(["a"], XFD1048576=1)).code == "too_many_cells"
    assert fault(workbook(["a"], A300000=1)).code == "too_many_cells"
    assert fault(workbook(["a"], GR200000=1)).code == "too_many_cells"


@pytest.mark.parametrize(
    "cell",
    [
        b'<row r="1048576"><c><v>1</v></c></row>',
        b"<row r='3'><c r='XFD3'><v>1</v></c></row>",
        b'<row r="3"><c r = "xfd3"><v>1</v></c></row>',
        b'<row r="3"><c r="&#88;FD3"><v>1</v></c></row>',
        b'<row r="99999999999"><c><v>1</v></c></row>',
    ],
)
def test_a_far_off_cell_is_found_however_it_is_written_and_wherever_the_sheet_lies(cell):
    packed, changed = zipfile.ZipFile(io.BytesIO(workbook(["a"], [1]))), io.BytesIO()
    with zipfile.ZipFile(changed, "w") as out:
        for name in packed.namelist():
            told = (
                packed.read(name)
                .replace(b"</sheetData>", cell + b"</sheetData>")
                .replace(b"worksheets/", b"elsewhere/")
            )
            out.writestr(name.replace("worksheets/", "elsewhere/"), told)
    assert fault(changed.getvalue()).code == "too_many_cells"


def test_a_workbook_that_unpacks_into_too_much_is_refused():
    assert fault(workbook(["a"] * 5), unpacked_bytes=1000).code == "too_large"


def test_an_old_workbook_is_read_and_one_with_a_far_off_cell_is_refused():
    found = opened(xls_samples.DATED)
    assert (found.kind, found.header) == (Kind.XLS, ("运单号", "日期", "数"))
    assert next(found.rows).cells[:2] == ("A1", date(2026, 3, 1))
    assert fault(xls_samples.FAR_CORNER).code == "too_many_cells"


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in members.items():
            packed.writestr(name.replace("__", "/").replace("_", "."), text)
    return out.getvalue()


ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(rows_xml):
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="S">{rows_xml}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/></manifest:manifest>'
    return zipped(mimetype=ODS_TYPE, content_xml=content, **{"META-INF__manifest_xml": manifest})


def ods_cell(value, more=""):
    return f'<table:table-cell office:value-type="string" {more}><text:p>{value}</text:p></table:table-cell>'


def test_an_ods_file_is_read_and_one_that_repeats_without_end_is_refused():
    head = f"<table:table-row>{ods_cell('a')}{ods_cell('b')}</table:table-row>"
    one = f"<table:table-row>{ods_cell('1')}{ods_cell('2')}</table:table-row>"
    tail = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    found = opened(ods(head + one + tail))
    assert found.kind is Kind.ODS
    assert list(found.rows) == [Row(number=2, cells=("1", "2"))]
    bomb = f'<table:table-row table:number-rows-repeated="1000000">{ods_cell("1")}</table:table-row>'
    assert fault(ods(head + bomb)).code == "too_many_cells"
    repeated = 'table:number-columns-repeated="16384"'
    wide = f"<table:table-row>{ods_cell('1', repeated)}</table:table-row>"
    assert fault(ods(head + wide)).code == "too_many_cells"
    gap = '<table:table-cell table:number-columns-repeated="16000"/>'
    assert fault(ods(head + one.replace("<table:table-cell", gap + "<table:table-cell", 1))).code == "too_many_cells"
    assert fault(ods(head + tail + one)).code == "too_many_cells"
    assert fault(ods(head + "<table:table-row/>" + bomb.replace('"1000000"', "'99999999999'"))).code == "too_many_cells"


@given(st.binary(max_size=400))
def test_random_bytes_are_a_table_or_refused(data):
    with contextlib.suppress(FormatError):
        assert all(isinstance(row, Row | BadRow) for row in opened(data).rows)


@given(st.sampled_from([0, 1]), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_a_table_or_refused(which, place, noise):
    data = bytearray([WORKBOOK, ODS][which])  # the reader of XLS can die of it: tests/kit/test_tables.py
    place %= len(data)
    data[place : place + len(noise)] = noise
    with contextlib.suppress(FormatError):
        assert all(isinstance(row, Row | BadRow) for row in opened(bytes(data)).rows)


WORKBOOK = workbook(["a", "b"], ["1", 2])
ODS = ods(f"<table:table-row>{ods_cell('a')}</table:table-row><table:table-row>{ods_cell('1')}</table:table-row>")

CELLS = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(str.strip)
TITLES = ("行", "列", "代码", "说明")


def written(bad_rows, header):
    return b"".join(sheets.write(bad_rows, header=header, titles=TITLES))


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_the_file_of_errors_is_read_back_the_same(lines):
    bad = [BadRow(number=n, code="ragged", message="why", cells=line) for n, line in enumerate(lines, start=2)]
    found = opened(written(bad, ("a", "b")))
    assert found.header == (*TITLES, "a", "b")
    told = [row.cells for row in found.rows]
    assert told == [(str(n), "", "ragged", "why", *map(sheets.safe, line)) for n, line in enumerate(lines, start=2)]


def test_the_file_of_errors_opens_in_a_spreadsheet_and_runs_nothing():
    evil = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "  =1", "\uff1d1", "-5", "+8613800000000", "ok"]
    data = written([BadRow(number=7, code="x", message="y", column=2, cells=tuple(evil))], ("a", "=b"))
    assert data.startswith(b"\xef\xbb\xbf")
    head, line = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert head == ["行", "列", "代码", "说明", "a", "'=b"]
    assert line[:4] == ["7", "'=b", "x", "y"]
    assert line[4:] == ["'" + cell for cell in evil[:7]] + ["-5", "+8613800000000", "ok"]

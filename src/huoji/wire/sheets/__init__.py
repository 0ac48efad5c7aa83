"""Tables that people send: CSV in any usual encoding, XLSX, XLS and ODS, as a header and numbered rows."""

from typing import BinaryIO

from huoji.wire import Fault, FormatError
from huoji.wire.sheets import delimited, workbook
from huoji.wire.sheets.errors_file import safe, write
from huoji.wire.sheets.model import DEFAULT_LIMITS, BadRow, Cell, Kind, Limits, Row, Sheet, text

__all__ = [
    "DEFAULT_LIMITS",
    "BadRow",
    "Cell",
    "Kind",
    "Limits",
    "Row",
    "Sheet",
    "kind_of",
    "read",
    "safe",
    "text",
    "write",
]

SNIFFED_BYTES = 1_024
FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
)
PAGE = (b"<html", b"<!doctype", b"<?xml", b"<table")


def read(stream: BinaryIO, *, limits: Limits) -> Sheet:
    """Open a table file by its first bytes, never by its name; raise FormatError when it is none that we read.

    The stream must be seekable and stay open while `rows` is walked. Walking raises FormatError when the rows exceed the limit.
    The reader of workbooks is native and can end the process that calls it: hostile ones are opened by `huoji.kit.tables`.
    """
    kind = kind_of(stream, limits=limits)
    if kind is Kind.CSV:
        return delimited.read(stream, limits=limits)
    return workbook.read(stream, kind=kind, limits=limits)


def kind_of(stream: BinaryIO, *, limits: Limits) -> Kind:
    """Tell the format of a seekable stream, which is left at its beginning; raise FormatError when it is none or too large."""
    size = stream.seek(0, 2)
    if size > limits.file_bytes:
        raise FormatError(Fault("$", "too_large", f"has {size} bytes, the limit is {limits.file_bytes}"))
    stream.seek(0)
    kind = _kind(stream.read(SNIFFED_BYTES))
    stream.seek(0)
    return kind


def _kind(start: bytes) -> Kind:
    if start.startswith(b"PK\x03\x04"):
        return Kind.ODS if b"opendocument" in start else Kind.XLSX
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Kind.XLS
    for magic, what in FOREIGN:
        if start.startswith(magic):
            raise FormatError(Fault("$", "not_a_table", f"the file is {what}, not a table"))
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGE):
        raise FormatError(Fault("$", "not_a_table", "the file is a web page or XML: save it as XLSX or CSV"))
    return Kind.CSV

"""CSV in any of the ways it is sent: UTF-8, UTF-16 or GB18030, comma, semicolon or tab, read as a stream.

How the encoding is told, in this order: a byte order mark decides; else NUL bytes in every second place of the beginning mean UTF-16;
else the file is UTF-8 if all of it is valid UTF-8; else GB18030 (which holds GBK and GB 2312) if all of it is valid GB18030; else it is
refused. How the delimiter is told: the one that cuts the first row that is not blank into the most cells; in doubt the comma, then the
semicolon. A first line `sep=;` decides instead.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from huoji.wire import Fault, FormatError
from huoji.wire.sheets.model import BadRow, Cell, Kind, Limits, Sheet
from huoji.wire.sheets.rows import header_names, is_blank, walk

CHUNK_BYTES = 1024 * 1024
DELIMITERS = (",", ";", "\t")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE_BYTES = 4_096
UTF16_SHARE = 0.3  # of the bytes of a sample in every second place that are NUL


def read(stream: BinaryIO, *, limits: Limits) -> Sheet:
    """Open a CSV file; the stream must be seekable, and stays open while the rows are walked."""
    encoding = _encoding(stream)
    lines = _Lines(stream, encoding)
    first = lines.peek()
    explicit = first.strip().removeprefix("sep=") if first.lower().startswith("sep=") else ""
    delimiter = explicit if explicit in DELIMITERS else _delimiter(lines)
    if first.strip("\r\n") == "sep=\t":  # strip() above took the tab
        explicit = delimiter = "\t"
    records = _records(lines, delimiter)
    if explicit:
        next(records)
    header: tuple[str, ...] = ()
    for number, record in records:
        if isinstance(record, BadRow):
            raise FormatError(Fault(f"row {number}", record.code, record.message))
        if not is_blank(record):
            header = header_names(record, number=number, limits=limits)
            rows = walk(records, width=len(header), limits=limits)
            return Sheet(
                kind=Kind.CSV, header=header, header_row=number, rows=rows, encoding=lines.name, delimiter=delimiter
            )
    raise FormatError(Fault("row 1", "empty", "the file holds no header row"))


def _encoding(stream: BinaryIO) -> str:
    stream.seek(0)
    start = stream.read(SAMPLE_BYTES)
    for mark, name in MARKS:
        if start.startswith(mark):
            return _proven(stream, (name,))
    if len(start) > 1:
        even, odd = start[::2], start[1::2]
        if odd.count(0) >= UTF16_SHARE * len(odd) and not even.count(0):
            return _proven(stream, ("utf-16-le",))
        if even.count(0) >= UTF16_SHARE * len(even) and not odd.count(0):
            return _proven(stream, ("utf-16-be",))
    return _proven(stream, ("utf-8", "gb18030"))


def _proven(stream: BinaryIO, names: tuple[str, ...]) -> str:
    """Give the first encoding in which the whole file can be read; tell the row where the likeliest of them fails."""
    failed_in_row = 0
    for name in names:
        failed_in_row = _first_bad_row(stream, name)
        if not failed_in_row:
            return name
    raise FormatError(Fault(f"row {failed_in_row}", "encoding", f"the text is not {' or '.join(names)}"))


def _first_bad_row(stream: BinaryIO, name: str) -> int:
    """Decode the whole file and throw it away; 0 when it can be decoded."""
    stream.seek(0)
    decoder, rows = codecs.getincrementaldecoder(name)(), 1
    while True:
        chunk = stream.read(CHUNK_BYTES)
        try:
            told = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            before = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
            return rows + before.count(b"\n")
        rows += told.count("\n")
        if not chunk:
            return 0


class _Lines:
    """The text lines of a file, with a look at the first ones, and a note when a line held NUL characters (they are dropped)."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        stream.seek(0)
        self.name = encoding.removesuffix("-sig")
        # Not closed with us: the stream belongs to the caller.
        self._text = io.TextIOWrapper(_Borrowed(stream), encoding=encoding, newline="")
        self._ahead: list[str] = []
        self.had_nul = False

    def peek(self) -> str:
        """Show the first line that is not blank, without taking it."""
        for line in self._ahead:
            if line.strip():
                return line
        while line := self._text.readline():
            self._ahead.append(line)
            if line.strip():
                return line
        return ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.pop(0) if self._ahead else self._text.readline()
        if not line:
            raise StopIteration
        if "\x00" in line:
            self.had_nul = True
            line = line.replace("\x00", "")
        return line


class _Borrowed(io.BufferedReader):
    """A reader over somebody else's stream, which stays open when we are done."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(_Raw(stream), CHUNK_BYTES)


class _Raw(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _delimiter(lines: _Lines) -> str:
    first = lines.peek().replace("\x00", "")
    widths = {}
    for mark in DELIMITERS:
        try:
            widths[mark] = len(next(csv.reader([first], delimiter=mark), []))
        except csv.Error:
            widths[mark] = 0
    return max(DELIMITERS, key=lambda mark: widths[mark])  # the first of equals


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[Cell] | BadRow]]:
    """Cut lines into records, each with its number; what is quoted wrongly is told and the line after it tried.

    An unclosed quote swallows lines until the reader gives up; each of them counts as a row, so that later numbers stay right.
    """
    reader, number = csv.reader(lines, delimiter=delimiter, strict=True), 0
    while True:
        number += 1
        line = reader.line_num
        try:
            record: list[Cell] = list(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            swallowed = reader.line_num - line
            span = f" (and the {swallowed - 1} lines after it)" if swallowed > 1 else ""
            yield number, BadRow(number=number, code="quoting", message=f"cannot be cut into cells{span}: {error}")
            number += max(swallowed - 1, 0)
            continue
        if lines.had_nul:
            lines.had_nul = False
            yield number, BadRow(number=number, code="nul", message="holds NUL characters", cells=tuple(record))
            continue
        yield number, record

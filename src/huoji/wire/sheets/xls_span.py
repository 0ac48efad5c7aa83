"""Finds how large a table an XLS file spans, before a reader lays it out: just enough of OLE2 [MS-CFB] and BIFF8 [MS-XLS]."""

import struct
from collections.abc import Iterator

END_OF_CHAIN = 0xFFFFFFFA  # this and above are marks, not sectors
HEADER_FATS = 109
ENTRY_BYTES = 128
STREAM_NAMES = ("Workbook", "Book")
ROOT = 5

FILEPASS = 0x002F
ONE_CELL = frozenset(
    {0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E, 0x0001, 0x0002, 0x0003, 0x0004, 0x0005}
)
MANY_CELLS = frozenset({0x00BD, 0x00BE})  # row, first column, …, last column


class BrokenError(ValueError):
    """The file is no OLE2 container with a workbook in it."""


def span(data: bytes) -> tuple[int, int]:
    """Give the lowest row and the rightmost column that any sheet names, counted from 1; nothing of an encrypted file."""
    try:
        return _span(_workbook(data))
    except (struct.error, IndexError) as error:
        raise BrokenError from error


def _span(stream: bytes) -> tuple[int, int]:
    rows = columns = 0
    for kind, record in _records(stream):
        if kind == FILEPASS:
            return 0, 0
        if kind in ONE_CELL or kind in MANY_CELLS:
            if len(record) < 4:  # noqa: PLR2004  # row and column
                continue
            row, column = struct.unpack_from("<HH", record)
            if kind in MANY_CELLS:
                column = max(column, *struct.unpack("<H", record[-2:]))
            rows, columns = max(rows, row + 1), max(columns, column + 1)
    return rows, columns


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _workbook(data: bytes) -> bytes:
    """Take the workbook stream out of the container; a small one lies in the mini stream."""
    (sector_shift, mini_shift) = struct.unpack_from("<HH", data, 30)
    if sector_shift not in (9, 12) or mini_shift != 6:  # noqa: PLR2004  # all that the format allows
        raise BrokenError
    (first_entry,) = struct.unpack_from("<I", data, 48)
    cutoff, first_mini_fat = struct.unpack_from("<II", data, 56)
    size = 1 << sector_shift
    fat = _fat(data, size)
    entries = _chain(data, fat, first_entry, size=size, offset=size)
    root_start, found = 0, None
    for at in range(0, len(entries) - ENTRY_BYTES + 1, ENTRY_BYTES):
        name_bytes, kind = struct.unpack_from("<HB", entries, at + 64)
        start, length = struct.unpack_from("<II", entries, at + 116)
        if kind == ROOT:
            root_start = start
        elif entries[at : at + max(name_bytes - 2, 0)].decode("utf-16-le", errors="replace") in STREAM_NAMES:
            found = start, length
    if found is None:
        raise BrokenError
    start, length = found
    if length >= cutoff:
        return _chain(data, fat, start, size=size, offset=size)[:length]
    mini = _chain(data, fat, root_start, size=size, offset=size)
    mini_fat = _numbers(_chain(data, fat, first_mini_fat, size=size, offset=size))
    return _chain(mini, mini_fat, start, size=1 << mini_shift, offset=0)[:length]


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _fat(data: bytes, size: int) -> tuple[int, ...]:
    """Put together the table that says which sector follows which."""
    sectors = list(struct.unpack_from(f"<{HEADER_FATS}I", data, 76))
    (more,) = struct.unpack_from("<I", data, 68)
    seen = 0
    while more < END_OF_CHAIN and seen <= len(data) // size:
        listed = _numbers(data[size * (more + 1) : size * (more + 2)])
        sectors += listed[:-1]
        more, seen = listed[-1], seen + 1
    return _numbers(b"".join(data[size * (at + 1) : size * (at + 2)] for at in sectors if at < END_OF_CHAIN))


def _chain(data: bytes, table: tuple[int, ...], start: int, *, size: int, offset: int) -> bytes:
    """Follow a chain of sectors to its end; one that runs in a circle or out of the file is broken."""
    parts: list[bytes] = []
    at = start
    while at < END_OF_CHAIN:
        if at >= len(table) or len(parts) > len(table):
            raise BrokenError
        parts.append(data[offset + at * size : offset + (at + 1) * size])
        at = table[at]
    return b"".join(parts)

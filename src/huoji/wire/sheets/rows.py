"""The rules that hold for rows of every format: header names, ragged rows, limits, numbers that lost digits."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from huoji.wire import CONTROL, Fault, FormatError
from huoji.wire.sheets.model import BadRow, Cell, Limits, Row

EXACT_UP_TO = 2**53  # above, a spreadsheet's number is no longer the one that was typed


def header_names(cells: Iterable[Cell], *, number: int, limits: Limits) -> tuple[str, ...]:
    """Read the header: trimmed, nameless columns by position (#3), repeated names counted (重量 (2)), empty ends cut."""
    names = [" ".join(str(cell).split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > limits.columns:
        raise FormatError(
            Fault(f"row {number}", "too_many_columns", f"has {len(names)} columns, the limit is {limits.columns}")
        )
    seen: dict[str, int] = {}
    unique = []
    for position, given in enumerate(names, start=1):
        name = given[:100] or f"#{position}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(unique)


def is_blank(cells: Iterable[Cell]) -> bool:
    return all(isinstance(cell, str) and not cell.strip() for cell in cells)


def check(number: int, cells: list[Cell], *, width: int, limits: Limits) -> Row | BadRow:
    """Judge one row against the header's width and the limits."""
    told = cells if len(cells) <= width else cells[: max(width, _last_told(cells))]
    if len(told) != width:
        message = f"has {len(told)} cells, the header has {width}"
        return BadRow(number=number, code="ragged", message=message, cells=tuple(told[: limits.columns]))
    if all(type(cell) is str for cell in told):  # the common row at one look
        whole = "".join(told)  # type: ignore[arg-type]
        if len(whole) <= limits.cell_chars and not CONTROL.search(whole):
            return Row(number=number, cells=tuple(told))
    for column, cell in enumerate(told, start=1):
        if isinstance(cell, str):
            if len(cell) > limits.cell_chars:
                return _bad(
                    number, "cell_too_long", f"has {len(cell)} characters, the limit is {limits.cell_chars}", column, ()
                )
            if CONTROL.search(cell):
                return _bad(number, "control_characters", "holds control characters", column, told)
        elif isinstance(cell, float) and (cell != cell or abs(cell) >= EXACT_UP_TO):  # noqa: PLR0124  # NaN alone differs from itself
            return _bad(
                number, "lost_digits", "is a number too long for a spreadsheet: format the column as text", column, told
            )
    return Row(number=number, cells=tuple(told))


def _bad(number: int, code: str, message: str, column: int, cells: Iterable[Cell]) -> BadRow:
    return BadRow(number=number, code=code, message=message, column=column, cells=tuple(cells))


def _last_told(cells: list[Cell]) -> int:
    """Count the cells up to the last that is not empty."""
    return max((index for index, cell in enumerate(cells, start=1) if cell != ""), default=0)


def walk(records: Iterable[tuple[int, list[Cell] | BadRow]], *, width: int, limits: Limits) -> Iterator[Row | BadRow]:
    """Judge numbered records one by one; blank ones are passed over, more than the limit end the walk with an error."""
    for taken, (number, record) in enumerate(records, start=1):
        if taken > limits.rows:
            raise FormatError(Fault(f"row {number}", "too_many_rows", f"the file has more than {limits.rows} rows"))
        if isinstance(record, BadRow):
            yield record
        elif not is_blank(record):
            yield check(number, record, width=width, limits=limits)


def padded(cells: list[Cell], width: int) -> list[Cell]:
    """Fill a short row of a workbook, where missing cells are only empty."""
    return [cell for cell, _ in zip_longest(cells, range(width), fillvalue="")] if len(cells) < width else cells

"""How a table is read: which column means what, and what no column says; guessed from header and samples, changed by people."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from huoji.core.importing import values
from huoji.core.importing.choices import DateOrder, DecimalSign, Makes
from huoji.core.importing.fields import DATED, FIELDS, NAMES, Field, Group, Kind, plain
from huoji.core.importing.values import Cell, UnreadableError
from huoji.core.milestone import Line, Mode
from huoji.core.milestones import PROVIDERS
from huoji.core.moment import CHINA_MIN
from huoji.core.recognise import Kind as NumberKind
from huoji.core.recognise import recognise

KILOGRAMS = ("weight_kg", "weight_t", "weight_lb")
WEIGHT_UNITS = {
    "weight_kg": re.compile(r"kg|公斤|千克|kilogram"),
    "weight_t": re.compile(r"吨|ton|\bt\b|\bmt\b"),
    "weight_lb": re.compile(r"磅|\blbs?\b|pound"),
}
OTHER_UNITS = re.compile(r"克|斤|盎司|\boz\b|\bg\b|gram")
SHARE_MIN = 0.5  # of the filled cells of a column must be readable, or its name misleads
NUMBERS_MIN = 0.9  # of the filled cells look like waybill numbers: then they are, whatever the column is called
_OURS = (NumberKind.WAYBILL, NumberKind.PARCEL)
OFFSET_DEFAULT_MIN, OFFSET_LIMIT_MIN = CHINA_MIN, 14 * 60


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a table is read; kept with the batch and remembered for the next file with this header."""

    columns: dict[str, str]  # name of the column: key of the field
    makes: Makes = Makes.SHIPMENTS
    line: Line | None = Line.ROAD  # of rows that name none
    offset_min: int = OFFSET_DEFAULT_MIN  # of times that carry none
    date_order: DateOrder | None = None
    decimal_sign: DecimalSign | None = None
    provider: str = ""  # whose codes stand in the column of states
    whole_days: tuple[str, ...] = ()  # columns whose midnights mean only the day


class Because(StrEnum):
    """Why a column was given its meaning."""

    NAME = "name"  # the header says so
    PART = "part"  # the header says it among other words
    LOOKS = "looks"  # its cells look so
    BEFORE = "before"  # so it was chosen for this header last time


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A reading with the reason for each column."""

    reading: Reading
    because: Mapping[str, Because]


class Question(StrEnum):
    """What must be answered before the table can be imported."""

    NUMBER = "number"
    EVENT = "event"
    LINE = "line"
    DATE_ORDER = "date_order"
    DECIMAL_SIGN = "decimal_sign"
    TWICE = "twice"


def header_digest(header: Sequence[str]) -> str:
    """Return what files with the same columns have in common."""
    return hashlib.sha256("\x1f".join(header).encode()).hexdigest()[:32]


def guess(header: Sequence[str], samples: Sequence[Sequence[Cell]]) -> Guess:
    """Say what each column seems to mean; a column that says nothing certain is left out."""
    columns, because = _columns(header, samples)
    makes = _makes(columns)
    reading = Reading(columns=columns, makes=makes, line=_line(columns, header, samples))
    return Guess(reading=_measured(reading, header, samples), because=because)


def _columns(header: Sequence[str], samples: Sequence[Sequence[Cell]]) -> tuple[dict[str, str], dict[str, Because]]:
    """Give fields to columns: whole names first, then names among other words; each field once unless it may repeat."""
    columns: dict[str, str] = {}
    because: dict[str, Because] = {}
    taken: set[str] = set()
    for why in (Because.NAME, Because.PART):
        for index, name in enumerate(header):
            if name in columns:
                continue
            key = NAMES.get(plain(name)) if why is Because.NAME else _part(name)
            if key is None or (key in taken and not (FIELDS[key].many and why is Because.NAME)):
                continue
            if _share(FIELDS[key], [row[index] for row in samples]) >= SHARE_MIN:
                columns[name], because[name] = key, why
                taken.add(key)
    if "number" not in taken:
        for index, name in enumerate(header):
            if name not in columns and _are_numbers([row[index] for row in samples]):
                columns[name], because[name] = "number", Because.LOOKS
                break
    return {name: columns[name] for name in header if name in columns}, because


def _part(name: str) -> str | None:
    """Find a field whose name stands in a longer header: `Weight (Kilograms) total`, `实际签收时间`."""
    told = plain(name)
    best = ""
    for known in NAMES:
        long_enough = len(known) >= 3 if not known.isascii() else len(known) >= 8  # noqa: PLR2004  shorter ones stand in anything
        if (
            long_enough
            and len(known) > len(best)
            and (known in told if not known.isascii() else f" {known} " in f" {told} ")
        ):
            best = known
    key = NAMES[best] if best else None
    return _weight_in(told) if key in KILOGRAMS else key


def _weight_in(told: str) -> str | None:
    """Return the field of the unit that a header of weights names; None when it is one that we do not read."""
    for key, unit in WEIGHT_UNITS.items():
        if unit.search(told):
            return key
    return "weight_kg" if not OTHER_UNITS.search(told) else None


def _share(field: Field, cells: Sequence[Cell]) -> float:
    """Return which share of the filled cells can be read as this field; 1 when none is filled."""
    told = [cell for cell in cells if values.words(cell)]
    readable = sum(1 for cell in told if _is_readable(field, cell))
    return readable / len(told) if told else 1.0


def _is_readable(field: Field, cell: Cell) -> bool:
    try:
        match field.kind:
            case Kind.TIME:
                values.read_time(
                    cell, order=DateOrder.DAY_FIRST if values.order_of([cell]) is None else None, whole_days=False
                )
            case Kind.DECIMAL | Kind.COUNT:
                values.read_decimal(cell, sign=values.sign_of([cell]) or DecimalSign.POINT)
            case Kind.WORD if field.key == "line":
                values.read_line(cell)
            case Kind.WORD if field.key == "mode":
                values.read_mode(cell)
            case _:
                return not isinstance(cell, bool)
    except UnreadableError:
        return False
    return True


def _are_numbers(cells: Sequence[Cell]) -> bool:
    """Say whether nearly all of these are well-formed waybill numbers, and hardly one repeats."""
    told = [values.words(cell) for cell in cells if values.words(cell)]
    if not told or len(set(told)) < NUMBERS_MIN * len(told):
        return False
    sound = sum(1 for text in told if any(each.check_ok and each.kind in _OURS for each in recognise(text)))
    return sound >= NUMBERS_MIN * len(told)


def _makes(columns: Mapping[str, str]) -> Makes:
    """Take a table that names numbers and happenings alone for events; anything about the cargo makes it one of shipments."""
    groups = {FIELDS[key].group for key in columns.values() if key != "number"}
    return Makes.EVENTS if groups and groups <= {Group.EVENT} else Makes.SHIPMENTS


def _line(columns: Mapping[str, str], header: Sequence[str], samples: Sequence[Sequence[Cell]]) -> Line:
    """Guess the business line from the modes of the samples, else road."""
    found: Counter[Line] = Counter()
    for name, key in columns.items():
        if key != "mode":
            continue
        index = header.index(name)
        for row in samples:
            try:
                mode = values.read_mode(row[index])
            except UnreadableError:
                continue
            if mode in (Mode.SEA, Mode.ROAD):
                found[Line.OCEAN if mode is Mode.SEA else Line.ROAD] += 1
    return found.most_common(1)[0][0] if found else Line.ROAD


def _measured(reading: Reading, header: Sequence[str], samples: Sequence[Sequence[Cell]]) -> Reading:
    """Fill in what the cells of the chosen columns themselves tell: order of dates, decimal sign, columns of days."""
    times = _cells_of(reading, header, samples, Kind.TIME)
    told = [cell for cells in times.values() for cell in cells]
    amounts = [
        cell for cells in _cells_of(reading, header, samples, Kind.DECIMAL, Kind.COUNT).values() for cell in cells
    ]
    return msgspec.structs.replace(
        reading,
        date_order=values.order_of(told),
        decimal_sign=values.sign_of(amounts),
        whole_days=tuple(name for name, cells in times.items() if values.are_days(cells)),
    )


def _cells_of(
    reading: Reading, header: Sequence[str], samples: Sequence[Sequence[Cell]], *kinds: Kind
) -> dict[str, list[Cell]]:
    at = {name: index for index, name in enumerate(header)}
    return {
        name: [row[at[name]] for row in samples]
        for name, key in reading.columns.items()
        if name in at and FIELDS[key].kind in kinds
    }


def suited(reading: Reading, *, header: Sequence[str], samples: Sequence[Sequence[Cell]]) -> Reading:
    """Return a reading that people gave, without columns that the table does not have, and with what the cells tell themselves."""
    kept = {name: key for name, key in reading.columns.items() if name in header and key in FIELDS}
    reading = msgspec.structs.replace(
        reading,
        columns=kept,
        offset_min=max(-OFFSET_LIMIT_MIN, min(OFFSET_LIMIT_MIN, reading.offset_min)),
        provider=reading.provider if reading.provider in PROVIDERS else "",
    )
    told = _measured(reading, header, samples)
    return msgspec.structs.replace(
        told,
        date_order=reading.date_order or told.date_order,
        decimal_sign=reading.decimal_sign or told.decimal_sign,
    )


def questions(reading: Reading, *, header: Sequence[str], samples: Sequence[Sequence[Cell]]) -> tuple[Question, ...]:
    """Say what must be answered first: nothing that can be read in two ways is read by luck."""
    keys = list(reading.columns.values())
    found = []
    if "number" not in keys:
        found.append(Question.NUMBER)
    if reading.makes is Makes.EVENTS and not (({*DATED, "event.at"}) & set(keys)):
        found.append(Question.EVENT)
    if reading.makes is Makes.SHIPMENTS and reading.line is None and "line" not in keys:
        found.append(Question.LINE)
    times = [cell for cells in _cells_of(reading, header, samples, Kind.TIME).values() for cell in cells]
    if reading.date_order is None and values.needs_order(times):
        found.append(Question.DATE_ORDER)
    if reading.decimal_sign is None:
        found.append(Question.DECIMAL_SIGN)
    if any(count > 1 and not FIELDS[key].many for key, count in Counter(keys).items()):
        found.append(Question.TWICE)
    return tuple(found)

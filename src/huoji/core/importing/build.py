"""Turns the rows of one number into a shipment and its events: sums line items, joins goods, unites references."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from huoji.core import draft, report
from huoji.core.draft import PIECES_MAX, REFERENCES_MAX, Draft, DraftError, LegTold, PartyTold, ShipmentTold
from huoji.core.importing import values
from huoji.core.importing.choices import DecimalSign, Makes
from huoji.core.importing.faults import Fault
from huoji.core.importing.fields import DATED, FIELDS, Group
from huoji.core.importing.reading import Reading
from huoji.core.importing.values import Cell, UnreadableError
from huoji.core.milestone import Certainty, Milestone, Mode, Reason
from huoji.core.milestones import meaning
from huoji.core.moment import parse
from huoji.core.numbers import normalise
from huoji.core.report import NUMBER_MAX, Name, Report, ReportError, Told

LIMITS = MappingProxyType(
    {"order": 40, "goods": 200, "remark": 500, "origin": 120, "destination": 120, "event.place": 120, "event.next_place": 120,
     "event.text": 300, "event.id": 160, "customer": 60, "shipper.name": 120, "consignee.name": 120, "shipper.phone": 40,
     "consignee.phone": 40, "shipper.address": 300, "consignee.address": 300}
)  # fmt: skip
KILOGRAMS = MappingProxyType({"weight_kg": Decimal(1), "weight_t": Decimal(1000), "weight_lb": Decimal("0.45359237")})
AT_ORIGIN = frozenset({Milestone.PICKED_UP, Milestone.GATE_IN, Milestone.LOADED, Milestone.DEPARTED})
AT_DESTINATION = frozenset(
    {Milestone.ARRIVED, Milestone.UNLOADED, Milestone.GATE_OUT, Milestone.OUT_FOR_DELIVERY, Milestone.DELIVERED}
)
MOVED = frozenset({Milestone.DEPARTED, Milestone.ARRIVED, Milestone.LOADED, Milestone.UNLOADED})
SEVERAL = re.compile(r"[,,;;、\n]+")
CODE_SHOWN_MAX = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the table by the number that a spreadsheet shows beside it."""

    row: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What the rows of one number say; events stand with the row that told them."""

    number: str
    told: ShipmentTold | None
    shipment: Draft | None
    events: tuple[tuple[int, Report], ...]
    rows: tuple[int, ...]
    faults: tuple[Fault, ...]


class Builder:
    """Reads rows of one table by one reading."""

    def __init__(self, reading: Reading, *, header: Sequence[str], source: str) -> None:
        self.reading, self.source = reading, source
        at = {name: index for index, name in enumerate(header)}
        self.by_key: dict[str, list[tuple[str, int]]] = {}
        for name, key in reading.columns.items():
            if name in at and key in FIELDS:
                self.by_key.setdefault(key, []).append((name, at[name]))
        self.sums = not any(FIELDS[key].group is Group.EVENT for key in self.by_key)
        self.sign = reading.decimal_sign or DecimalSign.POINT

    def number_of(self, line: Line) -> str:
        """Return the number of a row as it is stored; "" when it has none, UnreadableError when it cannot be one."""
        told = self.words_of(line, "number")
        number = normalise(told)
        if told and not 1 <= len(number) <= NUMBER_MAX:
            raise UnreadableError
        return number

    def build(self, number: str, lines: Sequence[Line]) -> Built:
        """Read the rows of one number, in the order of the table."""
        return _Group(self, number, lines).build()

    def words_of(self, line: Line, key: str) -> str:
        """Return what a row says of a field; "" when nothing."""
        return next((told for _, at in self.by_key.get(key, ()) if (told := values.words(line.cells[at]))), "")


class _Group:
    """The rows of one number."""

    def __init__(self, builder: Builder, number: str, lines: Sequence[Line]) -> None:
        self.by, self.number = builder, number
        self.faults: list[Fault] = []
        self.rows = tuple(line.row for line in lines)
        self.lines = self._without_repeats(lines)

    def build(self) -> Built:
        origin, destination, mode = self._text("origin"), self._text("destination"), self._mode()
        dated = list(self._dated(origin, destination, mode))
        happened = list(self._happened())
        told = self._shipment(origin, destination, mode) if self.by.reading.makes is Makes.SHIPMENTS else None
        checked = self._checked(told)
        refused = told is not None and checked is None
        events = () if refused else tuple(self._reports([*dated, *happened]))
        if told is None and not events and not any(not fault.is_warning for fault in self.faults):
            self.faults += [Fault(row=line.row, code="nothing_to_tell") for line in self.lines]
        return Built(
            number=self.number, told=told, shipment=checked, events=events, rows=self.rows, faults=tuple(self.faults)
        )

    def _warn(self, line: Line, code: str, column: str) -> None:
        self.faults.append(Fault(row=line.row, code=code, column=column, is_warning=True))

    def _fail(self, line: Line, code: str, column: str) -> None:
        """Note what costs a table of events the row, and a shipment only this event."""
        is_warning = self.by.reading.makes is Makes.SHIPMENTS
        self.faults.append(Fault(row=line.row, code=code, column=column, is_warning=is_warning))

    def _without_repeats(self, lines: Sequence[Line]) -> list[Line]:
        seen: set[tuple[str, ...]] = set()
        kept = []
        for line in lines:
            content = tuple(map(str, line.cells))
            if content in seen:
                self._warn(line, "duplicate_row", "")
            else:
                seen.add(content)
                kept.append(line)
        return kept

    def _cells(self, key: str) -> Iterable[tuple[Line, str, Cell]]:
        """Yield the filled cells of a field: row by row, column by column."""
        columns = self.by.by_key.get(key, ())
        for line in self.lines:
            for name, at in columns:
                if values.words(line.cells[at]):
                    yield line, name, line.cells[at]

    def _text(self, key: str) -> str:
        """Return the one text that all rows tell; of several the first, with a warning."""
        first = ""
        for line, name, cell in self._cells(key):
            told = self._cut(line, name, key, values.words(cell))
            if first and told != first:
                self._warn(line, "two_values", name)
            first = first or told
        return first

    def _cut(self, line: Line, name: str, key: str, told: str) -> str:
        limit = LIMITS[key]
        if len(told) > limit:
            self._warn(line, "cut", name)
        return told[:limit]

    def _joined(self, key: str) -> str:
        """Join what rows and columns tell, each once."""
        told = list(dict.fromkeys(values.words(cell) for _, _, cell in self._cells(key)))
        text = "; ".join(told)
        if len(text) > LIMITS[key]:
            line, name, _ = next(iter(self._cells(key)))
            self._warn(line, "cut", name)
        return text[: LIMITS[key]]

    def _mode(self) -> str:
        return self._word("mode", values.read_mode, "unknown_mode") or ""

    def _word(self, key: str, read: Callable[[Cell], str | None], fault: str) -> str | None:
        found: str | None = None
        for line, name, cell in self._cells(key):
            try:
                told = read(cell)
            except UnreadableError:
                self._warn(line, fault, name)
                continue
            if found and told != found:
                self._warn(line, "two_values", name)
            found = found or told
        return found

    def _amount(self, *keys: str, factors: Mapping[str, Decimal] = MappingProxyType({})) -> Decimal | None:
        """Sum the line items, or take the first where each row repeats the shipment; None when no row tells."""
        total: Decimal | None = None
        for key in keys:
            for line, name, cell in self._cells(key):
                try:
                    told = values.read_decimal(cell, sign=self.by.sign)
                except UnreadableError:
                    self._warn(line, "unread_decimal", name)
                    continue
                if told is None or (total is not None and not self.by.sums):
                    continue
                total = (total or Decimal(0)) + told * factors.get(key, Decimal(1))
            if total is not None:
                break
        return total

    def _pieces(self) -> int:
        total = 0
        for line, name, cell in self._cells("pieces"):
            try:
                told = values.read_decimal(cell, sign=self.by.sign)
            except UnreadableError:
                told = None
            if told is None or told != int(told) or not 1 <= told <= PIECES_MAX:
                self._warn(line, "unread_count", name)
            elif self.by.sums or not total:
                total += int(told)
        return min(total, PIECES_MAX) or 1

    def _time(self, name: str, cell: Cell) -> str:
        return values.read_time(cell, order=self.by.reading.date_order, whole_days=name in self.by.reading.whole_days)

    def _moment(self, key: str, choose: Callable[[Sequence[tuple[datetime, str]]], tuple[datetime, str]]) -> str:
        """Return the earliest or latest of the times that the rows tell, as it was told."""
        found: list[tuple[datetime, str]] = []
        for line, name, cell in self._cells(key):
            try:
                told = self._time(name, cell)
            except UnreadableError:
                self._warn(line, "unread_time", name)
                continue
            if found and told != found[0][1]:
                self._warn(line, "two_values", name)
            found.append((parse(told, assumed_offset_min=self.by.reading.offset_min).at, told))
        return choose(found)[1] if found else ""

    def _shipment(self, origin: str, destination: str, mode: str) -> ShipmentTold | None:
        line = self._word("line", values.read_line, "unknown_line") or self.by.reading.line
        if line is None:
            self.faults += [Fault(row=row, code="missing_line") for row in self.rows]
            return None
        etd, eta = self._moment("etd", min), self._moment("eta", max)
        legs = (
            LegTold(
                mode=mode or Mode.UNKNOWN.value, origin=origin, destination=destination, departs_at=etd, arrives_at=eta
            ),
        )
        weight, volume = self._amount(*KILOGRAMS, factors=KILOGRAMS), self._amount("volume_m3")
        return ShipmentTold(
            line=str(line),
            number=self.number,
            order=self._first("order"),
            customer=self._text("customer"),
            parties=tuple(self._parties()),
            goods=self._joined("goods"),
            pieces=self._pieces(),
            weight_kg=None if weight is None else str(weight),
            volume_m3=None if volume is None else str(volume),
            remark=self._joined("remark"),
            origin=origin,
            destination=destination,
            placed_at=self._moment("placed_at", min),
            promised_at=self._moment("promised_at", max),
            references=tuple(self._references()),
            legs=legs if mode or etd or eta else (),
        )

    def _first(self, key: str) -> str:
        """Return the first of several numbers; all of them become references."""
        return next((values.words(cell)[: LIMITS[key]] for _, _, cell in self._cells(key)), "")

    def _parties(self) -> Iterable[PartyTold]:
        for role in ("shipper", "consignee"):
            told = {part: self._text(f"{role}.{part}") for part in ("name", "phone", "address")}
            if any(told.values()):
                yield PartyTold(role=role, **told)

    def _references(self) -> Iterable[Name]:
        """Unite what the rows tell; a number that cannot be one is left to the check."""
        found = [Name("order", values.words(cell)) for _, _, cell in self._cells("order")]
        for key in self.by.by_key:
            if FIELDS[key].group is Group.REFERENCE:
                for _, _, cell in self._cells(key):
                    found += [
                        Name(key.removeprefix("ref."), each)
                        for each in SEVERAL.split(values.words(cell))
                        if each.strip()
                    ]
        usable = (name for name in found if 1 <= len(normalise(name.number)) <= NUMBER_MAX)
        once = {(name.kind, normalise(name.number)): name for name in reversed(list(usable))}
        return list(reversed(once.values()))[:REFERENCES_MAX]

    def _checked(self, told: ShipmentTold | None) -> Draft | None:
        if told is None:
            return None
        try:
            return draft.check(told, assumed_offset_min=self.by.reading.offset_min)
        except DraftError:
            self.faults += [Fault(row=row, code="invalid_shipment") for row in self.rows]
            return None

    def _dated(self, origin: str, destination: str, mode: str) -> Iterable[tuple[Line, Told]]:
        """Yield an event for each date in a column of dated steps."""
        for key, milestone in DATED.items():
            for line, name, cell in self._cells(key):
                try:
                    at = self._time(name, cell)
                except UnreadableError:
                    self._fail(
                        line, "unread_time" if self.by.reading.makes is Makes.SHIPMENTS else "invalid_time", name
                    )
                    continue
                place = origin if milestone in AT_ORIGIN else destination if milestone in AT_DESTINATION else ""
                yield (
                    line,
                    Told(
                        number=self.number,
                        occurred_at=at,
                        milestone=milestone,
                        place=place,
                        next_place=destination if milestone is Milestone.DEPARTED else "",
                        mode=mode if milestone in MOVED else "",
                        code=name[:CODE_SHOWN_MAX],
                    ),
                )

    def _happened(self) -> Iterable[tuple[Line, Told]]:
        """Yield the event that each row tells, if it tells one."""
        if "event.at" not in self.by.by_key:
            return
        for line in self.lines:
            told = {
                key: self.by.words_of(line, key)
                for key in ("event.status", "event.text", "event.place", "event.next_place", "event.id")
            }
            [name, at] = self.by.by_key["event.at"][0]
            try:
                occurred = self._time(name, line.cells[at])
            except UnreadableError:
                self._fail(line, "invalid_time", name)
                continue
            state = told["event.status"] or told["event.text"]
            if not occurred and not state:
                continue
            if not occurred:
                self._fail(line, "missing_time", name)
            elif not state:
                self._fail(line, "missing_state", "")
            else:
                yield line, self._event(line, occurred, state, told)

    def _event(self, line: Line, occurred: str, state: str, told: Mapping[str, str]) -> Told:
        provider = self.by.reading.provider
        means = values.read_state(state, provider=provider)
        assert means is not None
        text = told["event.text"]
        if means.certainty is Certainty.UNMAPPED:
            self._warn(line, "unknown_state", self._column("event.status") or self._column("event.text"))
            text = text or state
        reason = self._reason(line) or means.reason
        cut = {key: self._cut(line, self._column(key), key, told[key]) for key in told if key in LIMITS}
        return Told(
            number=self.number,
            occurred_at=occurred,
            id=cut["event.id"],
            milestone=means.milestone,
            provider=provider,
            code=told["event.status"][:CODE_SHOWN_MAX],
            reason=reason,
            place=cut["event.place"],
            next_place=cut["event.next_place"],
            text=text[: LIMITS["event.text"]],
        )

    def _column(self, key: str) -> str:
        return next((name for name, _ in self.by.by_key.get(key, ())), "")

    def _reason(self, line: Line) -> Reason | None:
        for name, at in self.by.by_key.get("event.reason", ()):
            try:
                return values.read_reason(line.cells[at])
            except UnreadableError:
                self._warn(line, "unknown_reason", name)
        return None

    def _reports(self, told: Iterable[tuple[Line, Told]]) -> Iterable[tuple[int, Report]]:
        """Check each event once; the same event on several rows is one."""
        seen: set[tuple[int, int]] = set()
        for line, each in told:
            try:
                checked = report.check(
                    each, source=self.by.source, assumed_offset_min=self.by.reading.offset_min, meaning=meaning
                )
            except ReportError as error:
                self._fail(line, error.code if error.code != "missing_milestone" else "missing_state", "")
                continue
            if (checked.key, checked.digest) not in seen:
                seen.add((checked.key, checked.digest))
                yield line.row, checked

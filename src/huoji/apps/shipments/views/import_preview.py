"""The first rows of a table as an import would read them, in the reader's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from django.utils.translation import gettext as _

from huoji.apps.shipments.queries.imports import Preview
from huoji.core.importing.build import Built
from huoji.core.importing.faults import Fault, explain
from huoji.core.milestone import Line, Milestone, Mode
from huoji.core.report import Report
from huoji.core.wording import label
from huoji.kit import clock

DAY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is wrong with a row."""

    row: int
    text: str
    is_warning: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one number of the preview says."""

    rows: str
    number: str
    cargo: str
    way: str
    promised: str
    events: tuple[str, ...]
    faults: tuple[Said, ...]


def shown(preview: Preview) -> list[Shown]:
    """Return what the table of the page holds: what cannot be read at all last."""
    lines = [_shown(built) for built in preview.built]
    return [*lines, *(_nothing(fault) for fault in preview.faults)]


def _shown(built: Built) -> Shown:
    told = built.told
    first, last = min(built.rows), max(built.rows)
    return Shown(
        rows=str(first)
        if first == last
        else f"{first}–{last}"
        if last - first < len(built.rows)
        else f"{first}…{last}",
        number=built.number,
        cargo=" · ".join(_cargo(built)),
        way=f"{told.origin or '?'} → {told.destination or '?'}" if told and (told.origin or told.destination) else "",
        promised=told.promised_at.replace("T", " ") if told else "",
        events=tuple(_event(report) for _row, report in built.events),
        faults=tuple(_said(fault) for fault in built.faults),
    )


def _cargo(built: Built) -> Iterator[str]:
    told = built.told
    if told is None:
        return
    lang = clock.language()
    yield label(Line(told.line), lang=lang)
    if told.legs and told.legs[0].mode != Mode.UNKNOWN:
        yield label(Mode(told.legs[0].mode), lang=lang)
    if told.goods:
        yield told.goods[:40]
    if told.pieces > 1:
        yield _("{n} 件").format(n=told.pieces)
    if told.weight_kg:
        yield f"{told.weight_kg} kg"


def _event(report: Report) -> str:
    words = label(Milestone(report.milestone), lang=clock.language())
    place = f" · {report.place}" if report.place else ""
    return f"{_when(report)} {words}{place}"


def _when(report: Report) -> str:
    local = datetime.fromtimestamp(report.at, timezone(timedelta(minutes=report.offset_min)))
    return f"{local:%Y-%m-%d}" if report.precision == DAY else f"{local:%Y-%m-%d %H:%M}"


def _said(fault: Fault) -> Said:
    words = explain(fault.code, lang=clock.language())
    return Said(row=fault.row, text=f"{fault.column}: {words}" if fault.column else words, is_warning=fault.is_warning)


def _nothing(fault: Fault) -> Shown:
    return Shown(rows=str(fault.row), number="", cargo="", way="", promised="", events=(), faults=(_said(fault),))

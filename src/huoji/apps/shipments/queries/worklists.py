"""What waits for a person: events of unknown numbers, clocks that are wrong, texts that mean no place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.db import connection
from django.db.models import Q

from huoji.apps.shipments.models import Parked, Reference, Unit
from huoji.apps.shipments.queries.scope import visible_to
from huoji.apps.shipments.queries.sources import source_name
from huoji.core.answer import Flag
from huoji.core.milestone import Classifier, Milestone
from huoji.core.moment import Moment, Precision
from huoji.core.permission import Actor, Permission
from huoji.core.report import Report
from huoji.core.timeline import ANCIENT_BEFORE, DAY_S, FUTURE_TOLERANCE_S
from huoji.kit import paging
from huoji.kit.paging import page

CANDIDATES_MAX = 3
ALIKE = str.maketrans("OIL", "011")  # what an eye or a scanner takes for a digit
LIKE_CHARS = 6  # as many leading characters make two numbers alike
CLOCKS_MAX = 200
CLOCK_UNITS_SPAN = timedelta(days=120)

_report = msgspec.msgpack.Decoder(Report)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedRow:
    """One event that waits for its shipment; candidates are known numbers much like its own."""

    id: int
    kind: str
    number: str
    source: str
    principal: str
    batch_id: int | None
    created_at: datetime
    when: Moment
    milestone: Milestone
    classifier: Classifier
    place: str
    text: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedPage:
    """One page of parked events, the oldest first."""

    rows: list[ParkedRow]
    next: str


def parked_page(actor: Actor, *, text: str, source: str, cursor: str, limit: int) -> ParkedPage:
    """Return what is parked, the oldest first; needs RAW_VIEW, for nobody's scope holds an unknown number."""
    if not actor.may(Permission.RAW_VIEW):
        return ParkedPage(rows=[], next="")
    rows = Parked.objects.select_related("source")
    if text:
        rows = rows.filter(value__startswith=text.upper())
    if source:
        rows = rows.filter(source__name=source)
    found = page(rows, of=f"parked:{text}:{source}", order=("id",), cursor=cursor, limit=limit)
    alike = _candidates(actor, [row.value for row in found.rows])
    return ParkedPage(rows=[_parked(row, alike.get(row.value, ())) for row in found.rows], next=found.next)


def parked_row(actor: Actor, *, parked_id: int) -> ParkedRow | None:
    """Return one parked event; needs RAW_VIEW."""
    row = Parked.objects.select_related("source").filter(pk=parked_id).first()
    if row is None or not actor.may(Permission.RAW_VIEW):
        return None
    return _parked(row, _candidates(actor, [row.value])[row.value])


def _parked(row: Parked, candidates: tuple[str, ...]) -> ParkedRow:
    report = _report.decode(row.body)
    when = Moment(
        datetime.fromtimestamp(report.at, UTC), Precision(report.precision), report.offset_min, report.offset_assumed
    )
    return ParkedRow(
        id=row.pk, kind=row.kind, number=row.value, source=row.source.name, principal=row.principal,
        batch_id=row.batch_id, created_at=row.created_at, when=when, milestone=Milestone(report.milestone),
        classifier=Classifier(report.classifier), place=report.place, text=report.text, candidates=candidates,
    )  # fmt: skip


def _candidates(actor: Actor, numbers: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return, for each number, known waybills that carry it as another reference or begin as it does."""
    found: dict[str, tuple[str, ...]] = {}
    seen = visible_to(actor).filter(kind=Unit.Kind.WAYBILL)
    for number in dict.fromkeys(numbers):
        named = Reference.objects.filter(value=number, left_at=None).values("unit_id")
        like = Q(id__in=named) | Q(number=number.translate(ALIKE))
        if len(number) > LIKE_CHARS:
            like |= Q(number__startswith=number[:-1]) | Q(number=number[:-1]) | Q(number=number[1:])
        found[number] = tuple(seen.filter(like).order_by("-id").values_list("number", flat=True)[:CANDIDATES_MAX])
    return found


def parked_sources() -> list[str]:
    """Return the sources that have something parked."""
    return list(Parked.objects.order_by("source__name").values_list("source__name", flat=True).distinct())


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """An event whose clock cannot be right."""

    number: str
    kind: str
    unit_id: int
    when: Moment
    recorded_at: datetime
    flag: Flag
    source: str
    milestone: Milestone
    principal: str


_CLOCKS = """
SELECT e.unit_id, e.occurred_at, e.precision, e.offset_min, e.offset_assumed, e.recorded_at, e.source_id, e.milestone,
       e.principal
FROM event e
WHERE e.unit_id >= huoji_unit_id_at(%s) AND e.classifier = 'ACT' AND e.voids IS NULL AND (
    e.occurred_at - e.recorded_at > interval '600 seconds' OR e.occurred_at < timestamptz '2000-01-01 00:00:00+00'
) AND NOT EXISTS (  -- what stands no more waits for nobody
    SELECT FROM event n WHERE n.unit_id = e.unit_id AND n.key = e.key AND n.rev > e.rev
) AND NOT EXISTS (
    SELECT FROM event v WHERE v.unit_id = e.unit_id AND v.voids = e.key
        AND NOT EXISTS (SELECT FROM event b WHERE b.unit_id = v.unit_id AND b.voids = v.key)
)
ORDER BY e.recorded_at DESC LIMIT %s
"""


def wrong_clocks(actor: Actor, *, now: datetime) -> list[ClockRow]:
    """Return standing actual events dated after we received them or before this century, of visible units of the last months."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOCKS, [now - CLOCK_UNITS_SPAN, CLOCKS_MAX])
        rows = cursor.fetchall()
    units = visible_to(actor).in_bulk({row[0] for row in rows})
    return [
        ClockRow(
            number=units[row[0]].number, kind=units[row[0]].kind, unit_id=row[0],
            when=Moment(row[1], Precision(row[2]), row[3], row[4]), recorded_at=row[5],
            flag=Flag.ANCIENT if row[1].timestamp() < ANCIENT_BEFORE else Flag.FUTURE, source=source_name(row[6]),
            milestone=Milestone(row[7]), principal=row[8],
        )
        for row in rows
        if row[0] in units and _is_odd(row[1], row[5], Precision(row[2]))
    ]  # fmt: skip


def _is_odd(occurred: datetime, recorded: datetime, precision: Precision) -> bool:
    """Judge as the fold does: a bare day may lie up to a day ahead."""
    tolerance_s = DAY_S if precision is Precision.DAY else FUTURE_TOLERANCE_S
    return occurred.timestamp() < ANCIENT_BEFORE or (occurred - recorded).total_seconds() > tolerance_s


def parked_count(actor: Actor, *, most: int) -> int:
    """Count what is parked, up to one more than `most`; needs RAW_VIEW."""
    return paging.count(Parked.objects.all(), most=most) if actor.may(Permission.RAW_VIEW) else 0

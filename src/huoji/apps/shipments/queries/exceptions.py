"""Exceptions as they are read: the worklist, one of them with its log, and those that concern a shipment now or did once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from huoji.apps.fleet.queries import plans
from huoji.apps.places import queries as places
from huoji.apps.shipments.models import CargoException, Custody, ExceptionStep, Unit
from huoji.apps.shipments.queries.facts import custody_of, papers_of
from huoji.apps.shipments.queries.scope import visible_to as units_visible_to
from huoji.core import whereabouts
from huoji.core.custody import FOREVER, chain
from huoji.core.exception import SEVERITY, CauseCode, ExceptionKind, ExceptionState, Life, Severity, Step
from huoji.core.milestone import Line
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.wording import Lang
from huoji.kit import paging

OF_SHIPMENT_MAX = 50
STEPS_MAX = 200
COUNT_MAX = 99  # beyond this the navigation says "99+"
PLACE = frozenset({"lat", "lon"})  # of a fact: where its vehicle was
SITE = "site"  # of a fact: the id of the site where it happened; a text that means no site is kept as "place"
ABOARD_TOLD_MAX = 200  # shipments aboard whose open pages are told of an exception of their vehicle


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which exceptions are asked for; None asks for all, except that a worklist is of what is not over."""

    kind: ExceptionKind | None = None
    state: ExceptionState | None = None
    line: Line | None = None
    is_over: bool = False
    is_mine: bool = False  # taken up by whoever asks


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """One exception as pages and the API tell it; `unit_*` are empty when only a vehicle is known."""

    id: int
    kind: ExceptionKind
    severity: Severity
    state: ExceptionState
    unit_id: int | None
    unit_kind: str
    unit_number: str
    unit_label: str
    conveyance_id: int | None
    conveyance: str
    line: Line | None
    source: str
    facts: Mapping[str, Any]
    blobs: tuple[str, ...]
    opened_at: datetime
    last_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    cleared_at: datetime | None
    cleared_by: str
    cause: CauseCode | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of an exception's life."""

    at: datetime
    step: Step
    principal: str
    severity: Severity | None
    cause: CauseCode | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionPage:
    """One page of exceptions and the cursor of the page after it (empty at the end)."""

    rows: list[ExceptionRow]
    next: str


def visible_to(actor: Actor) -> QuerySet[CargoException]:
    """Return the exceptions of units within the actor's scope; those of a vehicle alone are for who may see the fleet."""
    rows = CargoException.objects.select_related("unit")
    if not (actor.is_staff and actor.may(Permission.SHIPMENT_VIEW)):
        return rows.none()
    alone = Q(unit=None) & Q(id__isnull=not (actor.may(Permission.FLEET_VIEW) and actor.scope is Scope.ALL))
    if actor.scope is Scope.ALL:
        return rows.filter(Q(unit__isnull=False, unit__voided_at=None) | alone)
    return rows.filter(Q(unit_id__in=units_visible_to(actor).values("id")) | alone)


def matching(actor: Actor, asked: Asked) -> QuerySet[CargoException]:
    """Return the visible exceptions that match."""
    rows = visible_to(actor)
    if asked.kind:
        rows = rows.filter(kind=asked.kind.value)
    if asked.line:
        rows = rows.filter(line=asked.line.value)
    if asked.is_mine:
        rows = rows.filter(acknowledged_by=actor.principal)
    match asked.state:
        case ExceptionState.OPEN:
            rows = rows.filter(cleared_at=None, acknowledged_at=None)
        case ExceptionState.ACKNOWLEDGED:
            rows = rows.filter(cleared_at=None, acknowledged_at__isnull=False)
        case ExceptionState.CLEARED:
            rows = rows.filter(cleared_at__isnull=False)
        case None if not asked.is_over:
            rows = rows.filter(cleared_at=None)
        case None:
            pass
    return rows


def exception_page(actor: Actor, asked: Asked, *, cursor: str, limit: int, lang: Lang) -> ExceptionPage:
    """Return one page: what is not over with the gravest on top, else the newest first."""
    over = asked.is_over or asked.state is ExceptionState.CLEARED
    # The words of severity happen to sort by gravity: critical, major, minor.
    order = ("-opened_at", "-id") if over else ("severity", "-opened_at", "-id")
    found = paging.page(matching(actor, asked), of=f"exceptions:{asked}", order=order, cursor=cursor, limit=limit)
    return ExceptionPage(rows=_rows(found.rows, actor, lang=lang), next=found.next)


def exception_of(actor: Actor, exception_id: int, *, lang: Lang) -> ExceptionRow | None:
    """Return one exception, if the actor may see it."""
    row = visible_to(actor).filter(pk=exception_id).first()
    return _rows([row], actor, lang=lang)[0] if row else None


def steps_of(exception_id: int) -> list[StepRow]:
    """Return the log of an exception, the first step first."""
    rows = ExceptionStep.objects.filter(exception_id=exception_id).order_by("id")[:STEPS_MAX]
    return [
        StepRow(
            at=row.at, step=Step(row.step), principal=row.principal,
            severity=Severity(row.severity) if row.severity else None,
            cause=CauseCode(row.cause) if row.cause else None, note=row.note,
        )
        for row in rows
    ]  # fmt: skip


def waiting_count(actor: Actor) -> int:
    """Count what nobody has taken up yet, for who may; up to one more than COUNT_MAX."""
    if not actor.may(Permission.EXCEPTION_HANDLE):
        return 0
    return counted(actor, Asked(state=ExceptionState.OPEN), most=COUNT_MAX)


def counted(actor: Actor, asked: Asked, *, most: int) -> int:
    """Count what matches, up to one more than `most`."""
    return paging.count(matching(actor, asked), most=most)


def open_by_kind(actor: Actor, *, most: int) -> dict[ExceptionKind, int]:
    """Count by kind what nobody has taken up yet, the gravest kinds first; together up to one more than `most`."""
    some = matching(actor, Asked(state=ExceptionState.OPEN)).order_by().values("pk")[: most + 1]
    rows = CargoException.objects.filter(pk__in=some).values_list("kind").annotate(many=Count("pk"))
    found = {ExceptionKind(kind): many for kind, many in rows}
    return {kind: found[kind] for kind in sorted(found, key=lambda kind: (SEVERITY[kind].value, kind))}


def of_shipment(actor: Actor, unit_id: int, *, lang: Lang) -> list[ExceptionRow]:
    """Return the exceptions of a visible unit and of what held it, each while it held it; what is not over first."""
    if not actor.is_staff:
        return []
    custody = custody_of([unit_id])
    holds = chain(unit_id, custody)
    spans: dict[int, list[tuple[int, int]]] = {}
    for hold in (*papers_of([unit_id]).get(unit_id, ()), *holds):
        spans.setdefault(hold.holder, []).append((hold.start, hold.end))
    rows = CargoException.objects.select_related("unit").filter(unit_id__in=[unit_id, *spans])
    found = [row for row in rows.order_by("-id")[: OF_SHIPMENT_MAX * 4] if _concerns(row, unit_id, spans)]
    found.sort(key=lambda row: (row.cleared_at is not None, -row.opened_at.timestamp()))
    return _rows(found[:OF_SHIPMENT_MAX], actor, lang=lang)


def _concerns(row: CargoException, unit_id: int, spans: Mapping[int, list[tuple[int, int]]]) -> bool:
    """Tell whether an exception is the unit's own, or fell into the time when its holder held the unit."""
    if row.unit_id == unit_id:
        return True
    begin = row.opened_at.timestamp()
    end = row.cleared_at.timestamp() if row.cleared_at else FOREVER
    return any(begin < until and end >= since for since, until in spans.get(row.unit_id or 0, ()))


def aboard_now(unit_ids: Iterable[int]) -> list[int]:
    """Return what these units hold directly at present, as far as their pages are told of them."""
    rows = Custody.objects.filter(holder_id__in=list(unit_ids), until=FOREVER)
    return list(rows.values_list("unit_id", flat=True)[:ABOARD_TOLD_MAX])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """Who took an exception up and when, and when it was over."""

    acknowledged_at: datetime | None
    acknowledged_by: str
    cleared_at: datetime | None


def lives_of(exception_ids: Collection[int]) -> dict[int, Lived]:
    """Return how far exceptions have come, for the app that opened them."""
    rows = CargoException.objects.filter(id__in=list(exception_ids))
    return {
        row.pk: Lived(
            acknowledged_at=row.acknowledged_at, acknowledged_by=row.acknowledged_by, cleared_at=row.cleared_at
        )
        for row in rows
    }


def life(row: CargoException) -> Life:
    """Return where an exception stands, as the rules see it."""
    return Life(
        kind=ExceptionKind(row.kind), is_acknowledged=row.acknowledged_at is not None,
        is_cleared=row.cleared_at is not None, cause=CauseCode(row.cause) if row.cause else None,
    )  # fmt: skip


def _facts(row: CargoException, actor: Actor, *, lang: Lang) -> dict[str, Any]:
    """Return the facts of an exception with the name of its site as its place.

    Who does not see the fleet is not told by them where exactly a vehicle is.
    """
    facts = dict(row.facts)
    if site := places.place_name(facts.pop(SITE, 0), lang=lang):
        facts["place"] = site
    if actor.may(Permission.FLEET_VIEW):
        return facts
    return {name: whereabouts.coarse(value) if name in PLACE else value for name, value in facts.items()}


def _rows(rows: Sequence[CargoException], actor: Actor, *, lang: Lang) -> list[ExceptionRow]:
    called = plans.labels_of({row.conveyance_id for row in rows if row.conveyance_id})
    return [_row(row, actor, conveyance=called.get(row.conveyance_id or 0, ""), lang=lang) for row in rows]


def _row(row: CargoException, actor: Actor, *, conveyance: str, lang: Lang) -> ExceptionRow:
    unit: Unit | None = row.unit
    return ExceptionRow(
        id=row.pk, kind=ExceptionKind(row.kind), severity=Severity(row.severity), state=life(row).state,
        unit_id=row.unit_id, unit_kind=unit.kind if unit else "", unit_number=unit.number if unit else "",
        unit_label=(unit.label or unit.number) if unit else "", conveyance_id=row.conveyance_id, conveyance=conveyance,
        line=Line(row.line) if row.line else None, source=row.source, facts=_facts(row, actor, lang=lang), blobs=tuple(row.blobs),
        opened_at=row.opened_at, last_at=row.last_at, acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by, cleared_at=row.cleared_at, cleared_by=row.cleared_by,
        cause=CauseCode(row.cause) if row.cause else None, note=row.note,
    )  # fmt: skip

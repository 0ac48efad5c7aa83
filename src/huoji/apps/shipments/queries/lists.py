"""The list of shipments: filtered, counted and cut into pages, each row with what a person must see at once."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from cryptography.fernet import InvalidToken
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, Extract, Greatest

from huoji.apps.places import queries as places
from huoji.apps.shipments.models import KeptDraft, Outlook, Party, Reference, SavedView, State, Touch
from huoji.apps.shipments.queries.scope import waybills_visible_to
from huoji.core.answer import Audience
from huoji.core.masking import mask_name
from huoji.core.milestone import Line, Status
from huoji.core.numbers import normalise
from huoji.core.permission import Actor
from huoji.core.sight import TransportState
from huoji.core.wording import Lang
from huoji.kit import localtime, paging
from huoji.kit.paging import page

COUNT_MAX = 10_000  # beyond this a list says "more than"
LATE_FROM_MIN = 30  # below this a difference from the plan is noise
ENDED = (Status.DELIVERED, Status.RETURNED, Status.CANCELLED)


class Order(StrEnum):
    """In which order the list stands."""

    NEWEST = "newest"  # the newest shipment first
    SILENT = "silent"  # the longest without news first
    LATE = "late"  # of what is behind plan the most late first


_COLUMNS: Mapping[Order, tuple[str, ...]] = {
    Order.NEWEST: ("-unit_id",),
    Order.SILENT: ("last_at", "unit_id"),
    Order.LATE: ("-behind_min", "-unit_id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which shipments are asked for; empty fields ask for all."""

    text: str = ""
    site_id: int | None = None
    status: Status | None = None
    is_open: bool = False
    line: Line | None = None
    stalled: bool = False
    late: bool = False
    customer_id: int | None = None
    since: date | None = None
    until: date | None = None
    order: Order = Order.NEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One shipment as the list shows it; the consignee is masked."""

    unit_id: int
    number: str
    line: Line
    status: Status
    origin: str
    destination: str
    goods: str
    pieces: int
    consignee: str
    created_at: datetime
    last_at: datetime | None
    place: str
    expected_at: datetime | None
    late_min: int
    stalled_since: datetime | None
    customer_id: int | None


def matching(actor: Actor, asked: Asked) -> QuerySet[State]:
    """Return the visible waybills that match."""
    rows = waybills_visible_to(actor)
    if asked.status:
        rows = rows.filter(status=asked.status.value)
    if asked.is_open:
        rows = rows.exclude(status__in=[status.value for status in ENDED])
    if asked.line:
        rows = rows.filter(line=asked.line.value)
    if asked.stalled:
        rows = rows.filter(stalled_since__isnull=False)
    if asked.late or asked.order is Order.LATE:
        rows = rows.filter(behind())
    if asked.site_id is not None:
        rows = rows.filter(unit_id__in=Touch.objects.filter(site_id=asked.site_id).values("unit_id"))
    if asked.customer_id is not None:
        rows = rows.filter(unit__waybill__customer_id=asked.customer_id)
    if asked.since:
        rows = rows.filter(unit__waybill__created_at__gte=localtime.midnight(asked.since))
    if asked.until:
        rows = rows.filter(unit__waybill__created_at__lt=localtime.over(asked.until))
    if text := asked.text.strip():
        rows = rows.filter(_text(text))
    return rows


# Told or expected, whichever is more; an estimate without a time does not say by how much.
_EXPECTED_MIN = Outlook.objects.filter(
    unit_id=OuterRef("unit_id"), state=TransportState.DELAYED.value, likely_at__isnull=False, planned_at__isnull=False
).values(minutes=Cast(Extract(F("likely_at") - F("planned_at"), "epoch") / 60, IntegerField()))
_BEHIND_MIN = Greatest(F("late_min"), Coalesce(Subquery(_EXPECTED_MIN), 0))


def behind() -> Q:
    """Return the condition of being late: told to be, or expected to be by our own estimate while it is under way."""
    expected = Outlook.objects.filter(state=TransportState.DELAYED.value).values("unit_id")
    return Q(late_min__gte=LATE_FROM_MIN) | Q(unit_id__in=expected)


def _text(text: str) -> Q:
    """Return the condition of a typed text: a number or reference by its beginning, else origin, destination or goods."""
    number = normalise(text)
    if number.isascii() and any(map(str.isdigit, number)):
        named = Reference.objects.filter(value__startswith=number, left_at=None).values("unit_id")
        return Q(unit__number__startswith=number) | Q(unit_id__in=named)
    return (
        Q(unit__waybill__origin__icontains=text)
        | Q(unit__waybill__destination__icontains=text)
        | Q(unit__waybill__goods__icontains=text)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of the list and the cursor of the page after it (empty at the end)."""

    rows: list[ListRow]
    next: str


def shipment_page(actor: Actor, asked: Asked, *, cursor: str, limit: int, lang: Lang) -> ListPage:
    """Return one page of the list."""
    columns = _COLUMNS[asked.order]
    rows = _listed(actor, asked)
    if asked.order is Order.SILENT:
        rows = rows.filter(last_at__isnull=False)
    found = page(rows, of=f"shipments:{asked}", order=columns, cursor=cursor, limit=limit)
    return ListPage(rows=list(_told(found.rows, lang=lang)), next=found.next)


def _listed(actor: Actor, asked: Asked) -> QuerySet[Any]:
    """Return what matches with all that a row of the list shows."""
    return matching(actor, asked).select_related("unit__waybill").annotate(behind_min=_BEHIND_MIN)


def every(actor: Actor, asked: Asked, *, limit: int, lang: Lang) -> Iterator[ListRow]:
    """Yield up to `limit` rows in one go, for a file."""
    rows = _listed(actor, asked).order_by(*_COLUMNS[asked.order])[:limit]
    yield from _told(list(rows), lang=lang)


def place_of(place_id: int | None, text: str, *, lang: Lang) -> str:
    """Return a place by the name of its site in the reader's language, else as it was told."""
    return (places.place_name(place_id, lang=lang) if place_id else "") or text


def _told(rows: Collection[Any], *, lang: Lang) -> Iterator[ListRow]:
    names = _consignees([row.unit_id for row in rows])
    for row in rows:
        waybill = row.unit.waybill
        yield ListRow(
            unit_id=row.unit_id, number=row.unit.number, line=Line(row.line), status=Status(row.status),
            origin=place_of(waybill.origin_id, waybill.origin, lang=lang),
            destination=place_of(waybill.destination_id, waybill.destination, lang=lang), goods=waybill.goods, pieces=waybill.pieces,
            consignee=names.get(row.unit_id, ""), created_at=waybill.created_at, last_at=row.last_at,
            place=place_of(row.place_id, "", lang=lang),
            expected_at=None if Status(row.status) in ENDED else row.expected_at,
            late_min=row.behind_min if row.behind_min >= LATE_FROM_MIN else 0, stalled_since=row.stalled_since,
            customer_id=waybill.customer_id,
        )  # fmt: skip


def _consignees(unit_ids: Collection[int]) -> dict[int, str]:
    rows = Party.objects.filter(waybill_id__in=unit_ids, role="consignee", erased_at=None)
    return {unit_id: mask_name(name, level=Audience.STAFF) for unit_id, name in rows.values_list("waybill_id", "name")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many match, and in which status; `capped` when there are more than were counted."""

    total: int
    by_status: Mapping[Status, int]
    stalled: int
    late: int
    capped: bool


def counts(actor: Actor, asked: Asked) -> Counts:
    """Count what matches, at most COUNT_MAX."""
    some = matching(actor, asked).order_by("-unit_id").values("unit_id")[: COUNT_MAX + 1]
    rows = list(
        State.objects.filter(unit_id__in=some)
        .values("status")
        .annotate(
            many=Count("unit_id"),
            silent=Count("stalled_since"),
            behind=Count("unit_id", filter=behind()),
        )
        .values_list("status", "many", "silent", "behind")
    )
    total = sum(row[1] for row in rows)
    return Counts(
        total=min(total, COUNT_MAX),
        by_status={Status(row[0]): row[1] for row in rows},
        stalled=sum(row[2] for row in rows),
        late=sum(row[3] for row in rows),
        capped=total > COUNT_MAX,
    )


def counted(actor: Actor, asked: Asked) -> int:
    """Count what matches, up to one more than COUNT_MAX."""
    return paging.count(matching(actor, asked), most=COUNT_MAX)


def saved_views(actor: Actor) -> list[tuple[int, str, str]]:
    """Return the saved views of a member of staff as (id, name, query)."""
    return list(SavedView.objects.filter(principal=actor.principal).order_by("name").values_list("id", "name", "query"))


def kept_draft(actor: Actor) -> tuple[dict[str, list[str]], datetime] | None:
    """Return what the actor had typed into the form of a new shipment, and when."""
    row = KeptDraft.objects.filter(principal=actor.principal).first()
    if row is None:
        return None
    try:
        body = paging.cipher().decrypt(bytes(row.sealed))
    except InvalidToken:
        return None  # sealed under a secret that is no more
    return msgspec.json.decode(body, type=dict[str, list[str]]), row.updated_at

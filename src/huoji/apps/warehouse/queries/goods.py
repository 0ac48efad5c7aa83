"""What the warehouse knows of one number: when it came, where it lies, when it left, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from huoji.apps.places import queries as places
from huoji.apps.shipments.queries import dossier
from huoji.apps.shipments.queries.dossier import UnitRow
from huoji.apps.warehouse.models import Anomaly, Departure, Discrepancy, Goods, Movement, Stay
from huoji.apps.warehouse.queries.ledger import shelves_of
from huoji.apps.warehouse.queries.scope import at_visible_sites
from huoji.apps.warehouse.queries.words import LEFT, Words
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission
from huoji.core.storage import AnomalyKind, DiscrepancyKind, Left, Verb
from huoji.core.wording import Lang

NUMBER_MAX = 80
MOVEMENTS_MAX = 500
GOODS_MAX = 200  # numbers of one waybill: itself and its pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscanned:
    """What a shipment said of goods that nobody scanned out: how they left, and with which trip or voyage."""

    how: Left
    holder: str

    @property
    def word(self) -> Words:
        return LEFT[self.how]


@dataclass(frozen=True, slots=True, kw_only=True)
class StayRow:
    """One stay of goods at a site; `until` is None while they are there, `unscanned` says what ended it when no scan did."""

    number: str
    site_id: int
    site: str
    location: str
    since: datetime
    until: datetime | None
    dwell_min: int
    is_overdue: bool
    unscanned: Unscanned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """One movement as it was told; `is_undone` when it was taken back."""

    id: UUID
    number: str
    verb: Verb
    site: str
    location: str
    at: datetime
    recorded_at: datetime
    principal: str
    source: str
    is_undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyRow:
    """What is wrong with goods, since when, and how far it is looked into."""

    id: int
    number: str
    kind: AnomalyKind
    pieces: int
    note: str
    site_id: int
    site: str
    discovered_at: datetime
    recorded_at: datetime
    noticed_at: datetime | None
    due_at: datetime
    done_at: datetime | None
    finding: str
    closed_at: datetime | None
    exception_id: int | None
    blobs: Sequence[str]
    principal: str

    @property
    def notice_min(self) -> int | None:
        """Minutes from the discovery until customer service took it up."""
        return int((self.noticed_at - self.discovered_at).total_seconds()) // 60 if self.noticed_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyRow:
    """What does not add up and waits for a person."""

    id: int
    number: str
    kind: DiscrepancyKind
    site_id: int
    site: str
    at: datetime
    count_id: int | None
    unscanned: Unscanned | None = None  # what the shipment said, when that is what does not add up


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsAnswer:
    """All that the warehouse knows of one number."""

    number: str
    waybill: str
    stays: list[StayRow]
    movements: list[MovementRow]
    anomalies: list[AnomalyRow]
    discrepancies: list[DiscrepancyRow]

    @property
    def present(self) -> list[StayRow]:
        """What of it is in a warehouse now."""
        return [stay for stay in self.stays if stay.until is None]

    @property
    def open_anomalies(self) -> list[AnomalyRow]:
        return [row for row in self.anomalies if row.closed_at is None]


def answer(actor: Actor, text: str, *, now: datetime, lang: Lang) -> GoodsAnswer | None:
    """Return what is known of a waybill (with its pieces), of one piece or of a number that no shipment has told of yet.

    None when the actor may not see it: neither the shipment nor a movement of it at a site of his.
    """
    if not actor.may(Permission.STORAGE_VIEW):
        return None
    number = normalise(text)
    head, _, piece = number.rpartition("/")
    unit = dossier.shipment_of(actor, number) or (dossier.shipment_of(actor, head) if head else None)
    rows = _goods(actor, unit, number=number, piece=piece if unit and head and unit.number == head else "")
    if unit is None and not rows:
        return None
    names = {row.pk: row.number for row in rows}
    return GoodsAnswer(
        number=rows[0].number if len(rows) == 1 else unit.number if unit else number,
        waybill=unit.number if unit else "",
        stays=_stays(names, now=now, lang=lang),
        movements=_movements(names, lang=lang),
        anomalies=anomalies_of(Anomaly.objects.filter(goods_id__in=names), lang=lang),
        discrepancies=discrepancies_of(
            Discrepancy.objects.filter(goods_id__in=names, state=Discrepancy.State.OPEN), lang=lang
        ),
    )


def _goods(actor: Actor, unit: UnitRow | None, *, number: str, piece: str) -> list[Goods]:
    if unit is not None:
        rows = Goods.objects.filter(waybill_id=unit.id)
        return list((rows.filter(piece__in=["", piece]) if piece else rows).order_by("number")[:GOODS_MAX])
    handled = Movement.objects.filter(at_visible_sites(actor), goods__number=number)
    return list(Goods.objects.filter(number=number, pk__in=handled.values("goods_id")))


def _site(site_id: int, lang: Lang) -> str:
    return places.place_name(site_id, lang=lang)


def _stays(names: dict[int, str], *, now: datetime, lang: Lang) -> list[StayRow]:
    rows = list(Stay.objects.filter(goods_id__in=names).select_related("location").order_by("-since", "-id"))
    unscanned = _unscanned({row.closed_by for row in rows})
    limit = timedelta(hours=settings.HUOJI.storage_dwell_hours)
    return [
        StayRow(
            number=names[row.goods_id], site_id=row.site_id, site=_site(row.site_id, lang),
            location=row.location.code if row.location else "", since=row.since, until=row.until,
            dwell_min=int(((row.until or now) - row.since) / timedelta(minutes=1)),
            is_overdue=row.until is None and now - row.since > limit,
            unscanned=unscanned.get(row.closed_by),
        )
        for row in rows
    ]  # fmt: skip


def _unscanned(ids: set[UUID | None]) -> dict[UUID | None, Unscanned]:
    """Return which of these are no movements but what a shipment said."""
    rows = Departure.objects.filter(id__in=[each for each in ids if each])
    return {row.id: Unscanned(how=Left(row.how), holder=row.holder) for row in rows}


def _movements(names: dict[int, str], *, lang: Lang) -> list[MovementRow]:
    rows = list(
        Movement.objects.filter(goods_id__in=names).select_related("location").order_by("-at", "-id")[:MOVEMENTS_MAX]
    )
    standing = {move.id for shelf in shelves_of(names).values() for move, _ in shelf.effects}
    return [
        MovementRow(
            id=row.id, number=names[row.goods_id], verb=Verb(row.verb), site=_site(row.site_id, lang),
            location=row.location.code if row.location else "", at=row.at, recorded_at=row.recorded_at,
            principal=row.principal, source=row.source, is_undone=row.id not in standing,
        )
        for row in rows
        if row.verb != Verb.UNDO.value
    ]  # fmt: skip


def anomalies_of(rows: QuerySet[Anomaly], *, lang: Lang) -> list[AnomalyRow]:
    """Return anomalies, the newest first."""
    return [
        _anomaly(row, lang=lang)
        for row in rows.select_related("goods", "investigation").order_by("-discovered_at", "-id")
    ]


def _anomaly(row: Anomaly, *, lang: Lang) -> AnomalyRow:
    task = row.investigation
    return AnomalyRow(
        id=row.pk, number=row.goods.number, kind=AnomalyKind(row.kind), pieces=row.pieces, note=row.note,
        site_id=row.site_id, site=_site(row.site_id, lang), discovered_at=row.discovered_at,
        recorded_at=row.recorded_at, noticed_at=row.noticed_at, due_at=task.due_at, done_at=task.done_at,
        finding=task.finding, closed_at=row.closed_at, exception_id=row.exception_id, blobs=tuple(row.blobs),
        principal=row.principal,
    )  # fmt: skip


def discrepancies_of(rows: QuerySet[Discrepancy], *, lang: Lang) -> list[DiscrepancyRow]:
    """Return discrepancies, the newest first."""
    found = list(rows.select_related("goods").order_by("-at", "-id"))
    unscanned = _unscanned({row.movement for row in found})
    return [
        DiscrepancyRow(
            id=row.pk, number=row.goods.number, kind=DiscrepancyKind(row.kind), site_id=row.site_id,
            site=_site(row.site_id, lang), at=row.at, count_id=row.counting_id,
            unscanned=unscanned.get(row.movement),
        )
        for row in found
    ]  # fmt: skip

"""What is in the warehouses now: the list, how much of it, and what is there for too long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from huoji.apps.warehouse.models import Anomaly, Discrepancy, Location, Stay
from huoji.apps.warehouse.queries.scope import at_visible_sites
from huoji.core.numbers import normalise
from huoji.core.permission import Actor
from huoji.kit import paging
from huoji.kit.paging import page


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFilter:
    """Which stock is asked for; empty fields ask for all."""

    site_id: int | None = None
    area: str = ""
    text: str = ""
    overdue: bool = False
    unshelved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """Goods in a warehouse: since when, on which shelf, and for how many minutes."""

    number: str
    is_known: bool
    site_id: int
    location: str
    since: datetime
    dwell_min: int
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPage:
    """One page of stock, the longest there first."""

    rows: list[StockRow]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much is in one warehouse."""

    site_id: int
    stock: int
    overdue: int
    unshelved: int
    discrepancies: int
    anomalies: int


def overdue_before(now: datetime) -> datetime:
    """Return the instant before which goods must have come to be there for too long."""
    return now - timedelta(hours=settings.HUOJI.storage_dwell_hours)


def _present(actor: Actor) -> QuerySet[Stay]:
    return Stay.objects.filter(at_visible_sites(actor), until=None)


def _matching(actor: Actor, asked: StockFilter, *, now: datetime) -> QuerySet[Stay]:
    rows = _present(actor)
    if asked.site_id is not None:
        rows = rows.filter(site_id=asked.site_id)
    if asked.area:
        rows = rows.filter(location__area=asked.area)
    if asked.unshelved:
        rows = rows.filter(location=None)
    if asked.overdue:
        rows = rows.filter(since__lt=overdue_before(now))
    if text := normalise(asked.text):
        rows = rows.filter(Q(goods__number__startswith=text) | Q(location__code__startswith=asked.text.strip().upper()))
    return rows


def counted(actor: Actor, asked: StockFilter, *, now: datetime, most: int) -> int:
    """Count what matches in the warehouses that the actor may see, up to one more than `most`."""
    return paging.count(_matching(actor, asked, now=now), most=most)


def stock_page(actor: Actor, asked: StockFilter, *, now: datetime, cursor: str, limit: int) -> StockPage:
    """Return one page of what is in the warehouses that the actor may see."""
    rows = _matching(actor, asked, now=now).select_related("goods", "location")
    name = f"stock:{asked.site_id}:{asked.area}:{asked.text}:{asked.overdue}:{asked.unshelved}"
    found = page(rows, of=name, order=("since", "id"), cursor=cursor, limit=limit)
    return StockPage(rows=[_row(stay, now=now) for stay in found.rows], next=found.next)


def _row(stay: Stay, *, now: datetime) -> StockRow:
    return StockRow(
        number=stay.goods.number, is_known=stay.goods.waybill_id is not None, site_id=stay.site_id,
        location=stay.location.code if stay.location else "", since=stay.since,
        dwell_min=max(0, int((now - stay.since) / timedelta(minutes=1))), is_overdue=stay.since < overdue_before(now),
    )  # fmt: skip


def tallies(actor: Actor, *, now: datetime) -> list[Tally]:
    """Count the stock, what is overdue and what does not add up, by warehouse; only those where there is anything."""
    stock = (
        _present(actor)
        .order_by()
        .values_list("site_id")
        .annotate(
            stock=Count("id"),
            overdue=Count("id", filter=Q(since__lt=overdue_before(now))),
            unshelved=Count("id", filter=Q(location=None)),
        )
    )
    by_site: dict[int, dict[str, int]] = {
        site_id: {"stock": all_of_it, "overdue": overdue, "unshelved": unshelved}
        for site_id, all_of_it, overdue, unshelved in stock
    }
    shelves = Location.objects.filter(at_visible_sites(actor), active=True).values_list("site_id", flat=True).distinct()
    for site_id in shelves:
        by_site.setdefault(site_id, {})
    odd = Discrepancy.objects.filter(at_visible_sites(actor), state=Discrepancy.State.OPEN)
    bad = Anomaly.objects.filter(at_visible_sites(actor), closed_at=None)
    for name, rows in (("discrepancies", _by_site(odd)), ("anomalies", _by_site(bad))):
        for site_id, count in rows.items():
            by_site.setdefault(site_id, {})[name] = count
    return [
        Tally(
            site_id=site_id, stock=row.get("stock", 0), overdue=row.get("overdue", 0), unshelved=row.get("unshelved", 0),
            discrepancies=row.get("discrepancies", 0), anomalies=row.get("anomalies", 0),
        )
        for site_id, row in sorted(by_site.items())
    ]  # fmt: skip


def _by_site(rows: QuerySet[Discrepancy] | QuerySet[Anomaly]) -> Mapping[int, int]:
    return {row["site_id"]: row["n"] for row in rows.values("site_id").annotate(n=Count("id"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow:
    """A shelf and how much stands on it."""

    id: int
    code: str
    area: str
    is_active: bool
    goods: int


def shelves_of(site_id: int) -> list[ShelfRow]:
    """Return the shelves of a site in the order of their codes."""
    rows = Location.objects.filter(site_id=site_id).order_by("code")
    stock = dict(
        Stay.objects.filter(site_id=site_id, until=None, location__isnull=False)
        .values_list("location_id")
        .annotate(n=Count("id"))
        .values_list("location_id", "n")
    )
    return [
        ShelfRow(id=row.pk, code=row.code, area=row.area, is_active=row.active, goods=stock.get(row.pk, 0))
        for row in rows
    ]


def active_codes(site_ids: list[int]) -> dict[int, list[str]]:
    """Return the codes of the shelves in use, by site, for a device that must know them without a network."""
    found: dict[int, list[str]] = {site_id: [] for site_id in site_ids}
    rows = Location.objects.filter(site_id__in=site_ids, active=True).order_by("code")
    for site_id, code in rows.values_list("site_id", "code"):
        found[site_id].append(code)
    return found

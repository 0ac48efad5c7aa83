"""The worklists of the warehouse: what does not add up, and what is wrong with goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import Q, QuerySet

from huoji.apps.accounts import queries as accounts
from huoji.apps.shipments.queries.scope import visible_to
from huoji.apps.warehouse.models import Anomaly, Discrepancy, Investigation
from huoji.apps.warehouse.queries.goods import AnomalyRow, DiscrepancyRow, anomalies_of, discrepancies_of
from huoji.apps.warehouse.queries.scope import at_visible_sites, may_work_at
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission
from huoji.core.wording import Lang
from huoji.kit import paging
from huoji.kit.paging import page

ROWS_MAX = 300
NOTICED_MAX = 200  # the latest anomalies from which the time to notice is measured


def open_discrepancies(actor: Actor, *, lang: Lang) -> list[DiscrepancyRow]:
    """Return what does not add up at the actor's sites, the newest first."""
    rows = Discrepancy.objects.filter(at_visible_sites(actor), state=Discrepancy.State.OPEN).order_by("-at", "-id")
    return discrepancies_of(
        Discrepancy.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:ROWS_MAX])), lang=lang
    )


def count_discrepancies(actor: Actor, *, most: int) -> int:
    """Count what does not add up at the actor's sites, up to one more than `most`."""
    return paging.count(Discrepancy.objects.filter(at_visible_sites(actor), state=Discrepancy.State.OPEN), most=most)


def discrepancy(actor: Actor, discrepancy_id: int, *, lang: Lang) -> DiscrepancyRow | None:
    """Return one that is open, if the actor may see it."""
    rows = Discrepancy.objects.filter(at_visible_sites(actor), pk=discrepancy_id, state=Discrepancy.State.OPEN)
    return next(iter(discrepancies_of(rows, lang=lang)), None)


def _visible(actor: Actor) -> QuerySet[Anomaly]:
    return Anomaly.objects.filter(at_visible_sites(actor))


def anomalies(actor: Actor, *, lang: Lang) -> list[AnomalyRow]:
    """Return the anomalies at the actor's sites: what is open first, then the newest."""
    ids = list(_visible(actor).order_by("-closed_at", "-id").values_list("pk", flat=True)[:ROWS_MAX])
    found = anomalies_of(Anomaly.objects.filter(pk__in=ids), lang=lang)
    return sorted(found, key=lambda row: (row.closed_at is not None, -row.discovered_at.timestamp()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyPage:
    """One page of anomalies, the newest first."""

    rows: list[AnomalyRow]
    next: str


def anomaly_page(
    actor: Actor, *, number: str, is_open: bool, cursor: str, limit: int, lang: Lang
) -> AnomalyPage:  # fmt: skip
    """Return one page at the actor's sites, of all goods or of those with a number (a waybill's pieces too)."""
    rows = _visible(actor)
    if is_open:
        rows = rows.filter(closed_at=None)
    if text := normalise(number):
        rows = rows.filter(Q(goods__number=text) | Q(goods__number__startswith=f"{text}/"))
    found = page(rows, of=f"anomalies:{text}:{is_open}", order=("-id",), cursor=cursor, limit=limit)
    told = {
        row.id: row for row in anomalies_of(Anomaly.objects.filter(pk__in=[row.pk for row in found.rows]), lang=lang)
    }
    return AnomalyPage(rows=[told[row.pk] for row in found.rows], next=found.next)


def anomaly(actor: Actor, anomaly_id: int, *, lang: Lang) -> AnomalyRow | None:
    """Return one anomaly: of a site of the actor's, or of a shipment that he may see."""
    rows = Anomaly.objects.filter(pk=anomaly_id)
    found = rows.filter(at_visible_sites(actor)) or (
        rows.filter(goods__waybill_id__in=visible_to(actor).values("id"))
        if actor.may(Permission.STORAGE_VIEW)
        else rows.none()
    )
    return next(iter(anomalies_of(rows, lang=lang)), None) if found else None


def waiting_count(actor: Actor) -> int:
    """Count the investigations that wait at the sites where the actor works."""
    if not actor.may(Permission.STORAGE_RECORD):
        return 0
    return _visible(actor).filter(closed_at=None, investigation__done_at=None).count()


def may_investigate(actor: Actor, row: AnomalyRow) -> bool:
    return may_work_at(actor, row.site_id)


def investigator(anomaly_id: int) -> str:
    """Return the name of who took the investigation on; empty when nobody did."""
    staff_id = Investigation.objects.filter(anomaly_id=anomaly_id).values_list("staff_id", flat=True).first()
    return accounts.actor_for_user(staff_id).name if staff_id else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTime:
    """How long it took from the discovery until customer service took an anomaly up."""

    noticed: int
    median_min: int
    worst_min: int


def notice_time(actor: Actor) -> NoticeTime | None:
    """Measure it over the latest anomalies that were taken up."""
    rows = _visible(actor).filter(~Q(noticed_at=None)).order_by("-id")[:NOTICED_MAX]
    spans: Sequence[float] = [
        (row.noticed_at - row.discovered_at).total_seconds() for row in rows if row.noticed_at is not None
    ]
    if not spans:
        return None
    return NoticeTime(noticed=len(spans), median_min=int(median(spans)) // 60, worst_min=int(max(spans)) // 60)

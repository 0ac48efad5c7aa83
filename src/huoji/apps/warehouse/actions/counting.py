"""Count an area: what is booked there is written down, what is scanned is compared, and the differences wait for a person."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.actions import require
from huoji.apps.warehouse.actions.refusals import at_own_site, refuse
from huoji.apps.warehouse.models import Count, CountLine, Discrepancy, Stay
from huoji.apps.warehouse.queries.counts import lines_of
from huoji.core.permission import Actor, Permission
from huoji.core.storage import judge
from huoji.kit import outbox
from huoji.kit.problem import declare

declare("count_running", status=409, title=_("该区域正在盘点"))
declare("count_closed", status=409, title=_("盘点已经结束"))


@transaction.atomic
def open_count(actor: Actor, *, site_id: int, area: str, now: datetime, dataset: str = "") -> int:
    """Begin to count an area (empty: what stands on no shelf yet) and return the sheet's id."""
    require(actor, Permission.STORAGE_RECORD)
    at_own_site(actor, site_id)
    dataset = dataset or actor.dataset
    try:
        with transaction.atomic():
            count = Count.objects.create(
                site_id=site_id, area=area, opened_at=now, opened_by=actor.principal, dataset=dataset
            )
    except IntegrityError as error:
        raise refuse("count_running") from error
    booked = Stay.objects.filter(site_id=site_id, until=None)
    booked = booked.filter(location__area=area) if area else booked.filter(location=None)
    CountLine.objects.bulk_create(
        [CountLine(counting=count, goods_id=stay.goods_id, location_id=stay.location_id) for stay in booked]
    )
    return count.pk


@transaction.atomic
def close_count(actor: Actor, *, count_id: int, now: datetime) -> None:
    """End a count: what differs becomes a discrepancy."""
    require(actor, Permission.STORAGE_RECORD)
    count = Count.objects.select_for_update().filter(pk=count_id).first()
    if count is None:
        raise refuse("not_found")
    at_own_site(actor, count.site_id)
    if count.closed_at is not None:
        raise refuse("count_closed")
    Count.objects.filter(pk=count_id).update(closed_at=now, closed_by=actor.principal)
    renew({count_id}, now=now)
    outbox.publish("storage.changed", [count.site_id])


def renew(count_ids: Collection[int], *, now: datetime) -> None:
    """Compare closed counts again: a scan that was made in time and came late explains what it seemed to miss."""
    for count in Count.objects.select_for_update().filter(pk__in=count_ids, closed_at__isnull=False).order_by("pk"):
        found = {(line.goods_id, kind) for line in lines_of(count) if (kind := judge(line.line))}
        open_rows = Discrepancy.objects.filter(counting=count)
        known = {(row.goods_id, row.kind): row for row in open_rows}
        for key in known.keys() - found:
            if known[key].state == Discrepancy.State.OPEN:
                Discrepancy.objects.filter(pk=known[key].pk).update(
                    state=Discrepancy.State.EXPLAINED, settled_at=now
                )  # fmt: skip
        Discrepancy.objects.bulk_create(
            [
                Discrepancy(
                    goods_id=goods_id, site_id=count.site_id, kind=kind.value, counting=count,
                    at=count.closed_at or now, dataset=count.dataset,
                )
                for goods_id, kind in sorted(found - known.keys())
            ]
        )  # fmt: skip

"""Hear from shipments that goods left which nobody scanned out: loaded, with the courier, delivered or sent back."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from huoji.apps.shipments.actions import sourcing
from huoji.apps.shipments.queries import leaving
from huoji.apps.warehouse.actions import deriving
from huoji.apps.warehouse.models import Departure, Goods, Movement, Stay
from huoji.apps.warehouse.queries.ledger import moves_of
from huoji.core import storage
from huoji.core.handling import move_id
from huoji.core.leaving import Leaving
from huoji.core.permission import system
from huoji.core.storage import fold
from huoji.kit import outbox

SOURCE = "storage"


@transaction.atomic
def follow(waybill_ids: Collection[int], *, now: datetime) -> None:
    """Bring stock in line with the stories of these waybills: what is aboard is not on a shelf, and the site must say why.

    Only goods that are in stock, or of which their shipment said so before, are looked at; repeating it changes nothing.
    """
    goods = list(
        Goods.objects.select_for_update(of=("self",))
        .filter(
            Exists(Stay.objects.filter(goods=OuterRef("pk"), until=None))
            | Exists(Departure.objects.filter(goods=OuterRef("pk"))),
            waybill_id__in=waybill_ids,
        )
        .order_by("pk")
    )  # fmt: skip
    if not goods:
        return
    told = leaving.leavings_of({row.waybill_id for row in goods if row.waybill_id})
    before: dict[int, list[Departure]] = {row.pk: [] for row in goods}
    for known in Departure.objects.filter(goods__in=goods):
        before[known.goods_id].append(known)
    after = {row.pk: _departures(row, told.get(row.waybill_id or 0)) for row in goods}
    changed = [row for row in goods if _ids(before[row.pk]) != _ids(after[row.pk])]
    if not changed:
        return
    Departure.objects.filter(goods__in=changed).delete()
    Departure.objects.bulk_create(_named([each for row in changed for each in after[row.pk]]))
    moves = moves_of([row.pk for row in changed])
    for row in changed:
        derived = deriving.Derived(
            goods=row, before=fold(moves[row.pk], map(_fact, before[row.pk])),
            after=fold(moves[row.pk], map(_fact, after[row.pk])),
        )  # fmt: skip
        source = sourcing.ensure(
            Movement.objects.filter(goods=row).order_by("-recorded_at").values_list("source")[0][0]
        )
        deriving.save([derived], actor=system(SOURCE), source=source, now=now, dataset=row.dataset)
    sites = Stay.objects.filter(goods__in=changed).values_list("site_id", flat=True)
    outbox.publish("storage.changed", sorted(set(sites)))


def _ids(rows: Iterable[Departure]) -> set[object]:
    return {row.id for row in rows}


def _departures(goods: Goods, told: leaving.LeavingsOf | None) -> list[Departure]:
    """Return the rows of what a shipment says of these goods: of the piece, or of the whole."""
    if told is None:
        return []
    said = told.pieces.get(goods.piece, told.whole) if goods.piece else told.whole
    return list({row.id: row for row in (_row(goods, each) for each in said)}.values())


def _row(goods: Goods, told: Leaving) -> Departure:
    return Departure(
        id=move_id("departure", f"{goods.pk} {told.how} {told.holder} {told.at}"), goods=goods, how=told.how.value,
        at=datetime.fromtimestamp(told.at, UTC), holder=str(told.holder or ""),
    )  # fmt: skip


def _named(rows: list[Departure]) -> list[Departure]:
    """Put the name of each trip or voyage where its id stands."""
    names = leaving.labels_of({int(row.holder) for row in rows if row.holder})
    for row in rows:
        row.holder = names.get(int(row.holder), "") if row.holder else ""
    return rows


def _fact(row: Departure) -> storage.Departure:
    return storage.Departure(id=row.id, how=storage.Left(row.how), at=row.at)

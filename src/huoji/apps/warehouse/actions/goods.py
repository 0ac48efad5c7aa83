"""The goods of a number: made when first handled, and joined to their waybill once it is known."""

from collections.abc import Collection

from django.db import transaction

from huoji.apps.shipments.queries import naming
from huoji.apps.warehouse.models import Goods

LOT_GOODS, LOTS_MAX = 500, 40  # goods without a waybill that one run looks at


def goods_of(numbers: Collection[str], *, dataset: str) -> dict[str, Goods]:
    """Return the goods of these numbers, made where they are new; a known waybill finds its goods under any number."""
    wanted = set(numbers)
    known = naming.named(wanted)
    found = {row.number: row for row in Goods.objects.filter(number__in=wanted)}
    ids = [each.unit_id for number, each in known.items() if number not in found]
    of_unit = {(row.waybill_id, row.piece): row for row in Goods.objects.filter(waybill_id__in=ids)}
    missing = []
    for number in sorted(wanted - found.keys()):
        named = known.get(number)
        if named and (row := of_unit.get((named.unit_id, named.piece))):
            found[number] = row
            continue
        missing.append(
            Goods(
                number=number, waybill_id=named.unit_id if named else None, piece=named.piece if named else "",
                dataset=(named.dataset if named else "") or dataset,
            )
        )  # fmt: skip
    if missing:
        Goods.objects.bulk_create(missing, ignore_conflicts=True)
        found |= {row.number: row for row in Goods.objects.filter(number__in=[row.number for row in missing])}
    return found


def join_known() -> list[int]:
    """Join goods to the waybills that have come to be known since; return the ids of those that were joined.

    The timeline needs nothing: events of an unknown number wait for it by themselves.
    """
    joined: list[int] = []
    before = 2**63 - 1
    for _ in range(LOTS_MAX):
        looked_at, done = _join(before)
        joined += done
        if not looked_at:
            break
        before = looked_at[-1]
    return joined


@transaction.atomic
def _join(before: int) -> tuple[list[int], list[int]]:
    """Look at the newest goods below an id that have no waybill; return which were looked at and which joined."""
    rows = list(
        Goods.objects.select_for_update(skip_locked=True)
        .filter(waybill_id=None, id__lt=before)
        .order_by("-id")[:LOT_GOODS]
    )
    known = naming.named([row.number for row in rows])
    taken = set(
        Goods.objects.filter(waybill_id__in=[each.unit_id for each in known.values()]).values_list(
            "waybill_id", "piece"
        )
    )
    joined = []
    for row in rows:
        named = known.get(row.number)
        if named is None or (named.unit_id, named.piece) in taken:
            continue
        taken.add((named.unit_id, named.piece))
        row.waybill_id, row.piece, row.dataset = named.unit_id, named.piece, named.dataset or row.dataset
        row.save(update_fields=["waybill_id", "piece", "dataset"])
        joined.append(row.pk)
    return [row.pk for row in rows], joined


def waybills_of(goods_ids: Collection[int]) -> set[int]:
    """Return the unit ids of the waybills of these goods."""
    rows = Goods.objects.filter(pk__in=goods_ids, waybill_id__isnull=False)
    return {waybill_id for waybill_id in rows.values_list("waybill_id", flat=True) if waybill_id}

"""The movements of goods, and what their shipments say, as the rules read them."""

from collections import defaultdict
from collections.abc import Collection

from huoji.apps.warehouse.models import Departure, Movement
from huoji.core import storage
from huoji.core.storage import Left, Move, Shelf, Verb, fold


def move_of(row: Movement) -> Move:
    """Return a movement as the fold takes it."""
    return Move(
        id=row.id, verb=Verb(row.verb), site=row.site_id, at=row.at, location=row.location_id, voids=row.voids,
        by=row.principal, overrides=row.overrides,
    )  # fmt: skip


def moves_of(goods_ids: Collection[int]) -> dict[int, list[Move]]:
    """Return all movements of these goods, by goods."""
    found: defaultdict[int, list[Move]] = defaultdict(list)
    for row in Movement.objects.filter(goods_id__in=goods_ids):
        found[row.goods_id].append(move_of(row))
    return found


def departures_of(goods_ids: Collection[int]) -> dict[int, list[storage.Departure]]:
    """Return what the shipments of these goods said of their leaving, by goods."""
    found: defaultdict[int, list[storage.Departure]] = defaultdict(list)
    for row in Departure.objects.filter(goods_id__in=goods_ids):
        found[row.goods_id].append(storage.Departure(id=row.id, how=Left(row.how), at=row.at))
    return found


def shelves_of(goods_ids: Collection[int]) -> dict[int, Shelf]:
    """Return what movements and shipments say together, of each goods."""
    moves, departures = moves_of(goods_ids), departures_of(goods_ids)
    return {each: fold(moves.get(each, ()), departures.get(each, ())) for each in goods_ids}

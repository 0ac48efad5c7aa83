"""The movements of goods as the rules read them."""

from collections import defaultdict
from collections.abc import Collection

from huoji.apps.warehouse.models import Movement
from huoji.core.storage import Move, Verb


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

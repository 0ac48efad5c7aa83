"""What may happen to a shipment, and how often, in thousandths."""

from collections.abc import Mapping
from enum import StrEnum, auto

from huoji.core.demo.dice import Dice


class Fate(StrEnum):
    """The one thing out of the ordinary that happens to a shipment, if any."""

    SMOOTH = auto()
    CANCELLED = auto()
    PICKUP_FAILED = auto()
    STALLED = auto()
    MISSORTED = auto()
    DELAYED = auto()
    BROKEN_DOWN = auto()
    DAMAGED = auto()
    LOST = auto()
    FORWARDED = auto()
    REFUSED = auto()
    FAILED_ATTEMPT = auto()
    PICKUP_POINT = auto()
    HELD = auto()


PER_THOUSAND = 1_000

EXPRESS: Mapping[Fate, int] = {
    Fate.CANCELLED: 15, Fate.PICKUP_FAILED: 15, Fate.STALLED: 14, Fate.MISSORTED: 8, Fate.DAMAGED: 10, Fate.LOST: 4, Fate.FORWARDED: 10,
    Fate.REFUSED: 20, Fate.FAILED_ATTEMPT: 90, Fate.PICKUP_POINT: 150,
}  # fmt: skip
ROAD: Mapping[Fate, int] = {
    Fate.CANCELLED: 15, Fate.STALLED: 20, Fate.BROKEN_DOWN: 10, Fate.DELAYED: 55, Fate.DAMAGED: 12, Fate.REFUSED: 12,
    Fate.FAILED_ATTEMPT: 46,
}  # fmt: skip
OCEAN: Mapping[Fate, int] = {Fate.CANCELLED: 25, Fate.STALLED: 15, Fate.HELD: 50, Fate.DAMAGED: 15}


def draw(dice: Dice, table: Mapping[Fate, int]) -> Fate:
    """Return what happens to the next shipment."""
    throw = dice.below(PER_THOUSAND)
    for fate, share in table.items():
        if throw < share:
            return fate
        throw -= share
    return Fate.SMOOTH

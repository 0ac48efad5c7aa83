"""The shelves of the invented carrier's warehouses, and what its clerks scan there."""

from huoji.core.demo.dice import Dice
from huoji.core.demo.journal import HOUR
from huoji.core.demo.model import Handled

SHELVES = "A-01~06-1~4 B-01~06-1~4 C"
AREAS, ROWS, SLOTS = ("A", "B"), 6, 4
SLOW_PERCENT, UNSHELVED_PERCENT, FLOOR_PERCENT = 22, 12, 15


class Store:
    """Keeps goods for a while between their arrival at a warehouse and their departure."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.handled: list[Handled] = []

    def keep(self, number: str, site: str, *, came: int, left: int) -> None:
        """Write down what the clerks scan: in, most often a shelf, and out."""
        dice = self.dice
        self.handled.append(Handled(came, "in", number, site))
        if not dice.chance(UNSHELVED_PERCENT):
            at = min(came + dice.between(8, 70) * 60, left - 60)
            self.handled.append(Handled(at, "locate", number, site, self._shelf()))
        self.handled.append(Handled(left, "out", number, site))

    def dwell_s(self) -> int:
        """Return for how long goods stay: a night or two, and some for a week."""
        return self.dice.between(60, 170) * HOUR if self.dice.chance(SLOW_PERCENT) else self.dice.between(9, 44) * HOUR

    def _shelf(self) -> str:
        dice = self.dice
        if dice.chance(FLOOR_PERCENT):
            return "C"
        return f"{dice.pick(AREAS)}-{dice.between(1, ROWS):02d}-{dice.between(1, SLOTS)}"

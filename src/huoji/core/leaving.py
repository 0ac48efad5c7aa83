"""What a shipment's own timeline says of goods in a warehouse: that they are aboard, with the courier, delivered or sent back."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from huoji.core.custody import FOREVER, Hold
from huoji.core.milestone import Milestone
from huoji.core.storage import Left
from huoji.core.timeline import ACTUAL, DAY, DAY_S, MILESTONE_CODE, Fact, is_ancient, live

LEAVINGS_MAX = 100  # of one number, the latest

_LOADED = MILESTONE_CODE[Milestone.LOADED]
_LEFT = {
    MILESTONE_CODE[Milestone.OUT_FOR_DELIVERY]: Left.OUT_FOR_DELIVERY,
    MILESTONE_CODE[Milestone.DELIVERED]: Left.DELIVERED,
    MILESTONE_CODE[Milestone.RETURNED]: Left.RETURNED,
}


class Leaving(NamedTuple):
    """By `at` (epoch seconds) the goods had left whatever warehouse they stood in; `holder` is the trip or voyage, 0 for none."""

    at: int
    how: Left
    holder: int = 0
    until: int = FOREVER  # when what it says was over


def by_then(fact: Fact) -> int:
    """Return by when a fact had happened: one told for a day by the end of it, and never later than we heard of it."""
    return min(fact.at + (DAY_S - 1 if fact.precision == DAY else 0), fact.recorded)


def believed(hold: Hold, loads: Mapping[tuple[int, int], Fact]) -> Hold:
    """Return a hold from when it surely had begun; `loads` are its unit's own facts by holder and time."""
    told = loads.get((hold.holder, hold.start))
    return hold._replace(start=min(by_then(told), hold.end)) if told else hold


def leavings(facts: Iterable[Fact], aboard: Iterable[Hold]) -> list[Leaving]:
    """Return when goods left, as their standing facts say and the spans over which a trip or voyage held them."""
    found = {Leaving(hold.start, Left.LOADED, hold.holder, hold.end) for hold in aboard if hold.start < hold.end}
    for fact in live(list(facts)):
        if fact.classifier != ACTUAL or is_ancient(fact):
            continue
        how = Left.LOADED if _names_no_vehicle(fact) else _LEFT.get(fact.milestone)
        if how:
            found.add(Leaving(by_then(fact), how))
    return sorted(found)[-LEAVINGS_MAX:]


def _names_no_vehicle(fact: Fact) -> bool:
    return fact.milestone == _LOADED and not (fact.holder or fact.via)


def all_left(whole: Sequence[Leaving], pieces: Mapping[int, Sequence[Leaving]], *, total: int) -> list[Leaving]:
    """Return when a shipment had left altogether: by what is said of it, or with the last of all its pieces."""
    found = set(whole)
    if pieces and len(pieces) >= total:
        found |= {
            each
            for each in chain.from_iterable(pieces.values())
            if all(any(one.at <= each.at < one.until for one in told) for told in pieces.values())
        }
    return sorted(found)[-LEAVINGS_MAX:]

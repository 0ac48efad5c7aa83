"""Custody: which unit held which, from when to when, told by loads and unloads; and the papers that hold without end."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from huoji.core.milestone import Milestone
from huoji.core.timeline import ACTUAL, MILESTONE_CODE, Fact, live, ordered

DEPTH_MAX = 6  # piece in bag in pallet in container in trip in voyage

_LOADED = frozenset(MILESTONE_CODE[m] for m in (Milestone.LOADED, Milestone.STUFFED))
_UNLOADED = frozenset(MILESTONE_CODE[m] for m in (Milestone.UNLOADED, Milestone.STRIPPED))
_END = frozenset(
    MILESTONE_CODE[m] for m in (Milestone.DELIVERED, Milestone.RETURNED, Milestone.CANCELLED, Milestone.AT_PICKUP_POINT)
)
LOADS = _LOADED | _UNLOADED  # milestones whose holder is what the unit went into or came out of
FOREVER = 2**62

# A booking and a bill of lading hold every waybill that names them, for ever: what is told of them is told of each.
PAPERS = ("booking", "bill")
_LADDER = ("voyage", "trip", "container", "pallet", "bag")  # each may hold its like and whatever stands behind it


class Hold(NamedTuple):
    """A holder and the half-open span [start, end) in epoch seconds; `end` is FOREVER while aboard."""

    holder: int
    start: int
    end: int = FOREVER


def holds(facts: Sequence[Fact]) -> tuple[Hold, ...]:
    """Derive the direct holders of a unit from its own facts and those of its papers.

    A unit is in one holder at a time: a load into another, a delivery or a return ends the hold before it. An unload that
    no load opened says nothing about when the hold began and opens none.
    """
    if not any(fact.holder for fact in facts):
        return ()
    found: list[Hold] = []
    aboard: Hold | None = None
    for fact in ordered(f for f in live(facts) if f.classifier == ACTUAL and not f.via):
        loads = fact.milestone in _LOADED and bool(fact.holder)
        unloads = fact.milestone in _UNLOADED and aboard is not None and fact.holder in (0, aboard.holder)
        if aboard and (unloads or fact.milestone in _END or (loads and fact.holder != aboard.holder)):
            found.append(aboard._replace(end=max(fact.at, aboard.start)))
            aboard = None
        if loads and aboard is None:
            aboard = Hold(fact.holder, fact.at)
    if aboard:
        found.append(aboard)
    return tuple(hold for hold in found if hold.end > hold.start)


def may_hold(holder: tuple[str, str], unit: tuple[str, str]) -> bool:
    """Tell whether one (kind, number) can be in the other at all: nothing is in itself, and no voyage in a container."""
    ranked = holder[0] in _LADDER and unit[0] in _LADDER
    return holder != unit and not (ranked and _LADDER.index(holder[0]) > _LADDER.index(unit[0]))


def chain(unit: int, holds_of: Mapping[int, Sequence[Hold]]) -> list[Hold]:
    """Return every unit that held this one, directly or through another, each cut to the span it truly held it.

    What is told to be in a circle (a bag in a bag in the first) is followed until it would close: none holds itself.
    """
    result: list[Hold] = []
    layer: list[tuple[Hold, tuple[int, ...]]] = [
        (hold, (unit, hold.holder)) for hold in holds_of.get(unit, ()) if hold.holder != unit
    ]
    for _ in range(DEPTH_MAX):
        result += [hold for hold, _ in layer]
        layer = [
            (Hold(outer.holder, max(inner.start, outer.start), min(inner.end, outer.end)), (*path, outer.holder))
            for inner, path in layer
            for outer in holds_of.get(inner.holder, ())
            if outer.holder not in path and max(inner.start, outer.start) < min(inner.end, outer.end)
        ]
        if not layer:
            break
    return result

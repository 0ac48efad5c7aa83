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


def told_within(facts: Sequence[Fact], span: Hold) -> Sequence[Fact]:
    """Return what a paper told of while a waybill was under it, by the newest word on when that was; and all corrections."""
    if span.start <= 0 and span.end >= FOREVER:
        return facts
    newest: dict[int, Fact] = {}
    for fact in facts:
        if fact.key not in newest or fact.rev > newest[fact.key].rev:
            newest[fact.key] = fact
    return [fact for fact in facts if fact.voids or span.start <= newest[fact.key].at < span.end]


def holds(facts: Sequence[Fact], *, papers: Sequence[Hold] = ()) -> tuple[Hold, ...]:
    """Derive the direct holders of a unit from its own facts and those of its papers.

    A unit is in one holder at a time: a load into another, a delivery or a return ends the hold before it. An unload that
    no load opened says nothing about when the hold began and opens none. What only a paper says that it is in, it is in
    until it is under that paper no more.
    """
    if not any(fact.holder for fact in facts):
        return ()
    found: list[Hold] = []
    aboard: Hold | None = None
    word_of: set[int] = set()  # whose word it is that it is aboard: the papers', and 0 for its own
    still = {paper.holder for paper in papers if paper.end >= FOREVER}
    left = sorted((paper.end, paper.holder) for paper in papers if paper.holder not in still)
    for fact in (*ordered(f for f in live(facts) if f.classifier == ACTUAL and not f.via), None):
        while left and (fact is None or left[0][0] <= fact.at):
            at, paper = left.pop(0)
            word_of.discard(paper)
            if aboard and not word_of:
                found.append(aboard._replace(end=max(at, aboard.start)))
                aboard = None
        if fact is None:
            break
        loads = fact.milestone in _LOADED and bool(fact.holder)
        unloads = fact.milestone in _UNLOADED and aboard is not None and fact.holder in (0, aboard.holder)
        if aboard and (unloads or fact.milestone in _END or (loads and fact.holder != aboard.holder)):
            found.append(aboard._replace(end=max(fact.at, aboard.start)))
            aboard = None
        if loads:
            word_of = {*word_of, fact.paper} if aboard else {fact.paper}
            aboard = aboard or Hold(fact.holder, fact.at)
    if aboard:
        found.append(aboard)
    return tuple(hold for hold in found if hold.end > hold.start)


def may_move(fact: Fact) -> bool:
    """Tell whether a fact may say that its unit goes into or comes out of something, or that this was not so."""
    return bool(fact.holder or fact.voids or fact.rev) or fact.milestone in LOADS or fact.milestone in _END


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

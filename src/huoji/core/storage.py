"""What lies where in a warehouse: movements of goods are folded into stays on the shelf and into what does not add up.

The fold depends on the set of movements alone, never on their arrival: what a handheld sends after ten minutes in a dead
zone takes its place in time, and a warning that only a late scan caused goes away by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

REPEAT = timedelta(seconds=120)  # a nervous trigger finger scans twice; within this long it is one scan
MOVES_MAX = 1_000  # of one number


class Verb(StrEnum):
    """What was done with the goods."""

    IN = "in"  # 入库
    LOCATE = "locate"  # 上架
    MOVE = "move"  # 移位
    OUT = "out"  # 出库
    COUNT = "count"  # 盘点
    UNDO = "undo"  # 撤销: takes an earlier movement back


class Effect(StrEnum):
    """What a movement changed, seen with all others of its goods."""

    CAME = "came"
    LEFT = "left"
    SHELVED = "shelved"
    NOTHING = "nothing"


class DiscrepancyKind(StrEnum):
    """What does not add up."""

    OUT_WITHOUT_IN = "out_without_in"
    SHELVED_WITHOUT_IN = "shelved_without_in"
    LEFT_WITHOUT_OUT = "left_without_out"  # turned up elsewhere, or its shipment says that it is aboard or delivered
    MISSING = "missing"  # expected by the count, not found
    UNEXPECTED = "unexpected"  # found by the count, not in stock here
    MISPLACED = "misplaced"  # found by the count in another place than booked


class AnomalyKind(StrEnum):
    """What is wrong with goods in a warehouse."""

    DAMAGE = "damage"
    SHORTAGE = "shortage"
    LOSS = "loss"


class Left(StrEnum):
    """What the shipment's own timeline says that cannot be while its goods stand in a warehouse."""

    LOADED = "loaded"  # in a vehicle or vessel, however deep in bags and containers
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    RETURNED = "returned"


_RANK = {verb: rank for rank, verb in enumerate(Verb)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One movement of goods; `location` is the shelf's id, `by` who made it; `overrides` undoes what others did."""

    id: UUID
    verb: Verb
    site: int
    at: datetime
    location: int | None = None
    voids: UUID | None = None
    by: str = ""
    overrides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """The goods had left by then, whatever was scanned: their shipment was loaded, delivered or returned."""

    id: UUID
    how: Left
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Goods at a site over a half-open span; `until` is None while they are there.

    `closed_by` is the movement that ended it, or the departure when nobody scanned them out.
    """

    site: int
    since: datetime
    opened_by: UUID
    location: int | None = None
    located_at: datetime | None = None
    until: datetime | None = None
    closed_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """A movement that does not add up, at the site that must look into it."""

    kind: DiscrepancyKind
    move: UUID
    site: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What the movements of one number say together."""

    stays: tuple[Stay, ...] = ()
    flags: tuple[Flagged, ...] = ()
    effects: tuple[tuple[Move, Effect], ...] = ()

    @property
    def present(self) -> Stay | None:
        """Where the goods are now; None when they are in no warehouse of ours."""
        return self.stays[-1] if self.stays and self.stays[-1].until is None else None

    def told(self) -> dict[UUID, Move]:
        """Return the movements that belong on the timeline: goods came or left."""
        return {move.id: move for move, effect in self.effects if effect in (Effect.CAME, Effect.LEFT)}


def fold(moves: Iterable[Move], departures: Iterable[Departure] = ()) -> Shelf:
    """Fold the movements of one number, in whatever order they are given; the same one twice counts once.

    A departure ends the stay that no scan ended, and is flagged for the site that must say what happened.
    """
    walk = _Walk()
    steps: list[Move | Departure] = [*_standing(moves), *departures]
    for each in sorted(steps, key=_in_time):
        if isinstance(each, Departure):
            walk.depart(each)
        else:
            walk.step(each)
    return Shelf(stays=tuple(walk.stays), flags=tuple(walk.flags), effects=tuple(walk.effects))


def _in_time(each: Move | Departure) -> tuple[datetime, int, UUID]:
    """Order in time; what was scanned at the same second goes before what only follows from the shipment."""
    return each.at, len(_RANK) if isinstance(each, Departure) else _RANK[each.verb], each.id


def _standing(moves: Iterable[Move]) -> list[Move]:
    """Return the movements that nobody took back; one's own, or any by who is allowed to override."""
    by_id = {move.id: move for move in moves}
    gone = {
        undo.voids
        for undo in by_id.values()
        if undo.verb is Verb.UNDO and undo.voids in by_id and (undo.overrides or undo.by == by_id[undo.voids].by)
    }
    return [move for move in by_id.values() if move.verb is not Verb.UNDO and move.id not in gone]


class _Walk:
    """The state while walking the movements of one number in order of time."""

    __slots__ = ("departed", "effects", "flags", "left", "stays")

    def __init__(self) -> None:
        self.stays: list[Stay] = []
        self.flags: list[Flagged] = []
        self.effects: list[tuple[Move, Effect]] = []
        self.left: Move | None = None  # the last movement out
        self.departed: Departure | None = None  # what ended the last stay, when no scan did

    def step(self, move: Move) -> None:
        self.effects.append((move, self._effect(move)))

    def depart(self, departure: Departure) -> None:
        """End the stay that nobody scanned out: goods are not here and aboard at once."""
        if self.stays and self.stays[-1].until is None:
            self._leave(departure)
            self.departed = departure

    def _effect(self, move: Move) -> Effect:
        here = self._here(move.site)
        match move.verb:
            case Verb.COUNT | Verb.UNDO:
                return Effect.NOTHING
            case Verb.OUT:
                return self._out(move, here=here)
            case Verb.IN if here:
                return self._shelve(move) if move.location is not None else Effect.NOTHING
            case _ if here:
                return self._shelve(move)
            case Verb.IN:
                return self._come(move)
            case Verb.LOCATE | Verb.MOVE:
                self._flag(DiscrepancyKind.SHELVED_WITHOUT_IN, move, site=move.site)
                return self._come(move)

    def _here(self, site: int) -> bool:
        return bool(self.stays) and self.stays[-1].until is None and self.stays[-1].site == site

    def _flag(self, kind: DiscrepancyKind, move: Move | Departure, *, site: int) -> None:
        self.flags.append(Flagged(kind=kind, move=move.id, site=site, at=move.at))

    def _come(self, move: Move) -> Effect:
        self._leave_elsewhere(move)
        self.stays.append(
            Stay(
                site=move.site, since=move.at, opened_by=move.id, location=move.location,
                located_at=move.at if move.location is not None else None,
            )
        )  # fmt: skip
        self.left = self.departed = None
        return Effect.CAME

    def _shelve(self, move: Move) -> Effect:
        self.stays[-1] = replace(self.stays[-1], location=move.location, located_at=move.at)
        return Effect.SHELVED

    def _out(self, move: Move, *, here: bool) -> Effect:
        if here:
            self._close(move)
        elif self.departed and self.stays[-1].site == move.site:
            self._confirm(move, self.departed)
        else:
            if self.left and self.left.site == move.site and move.at - self.left.at <= REPEAT:
                return Effect.NOTHING
            self._leave_elsewhere(move)
            self._flag(DiscrepancyKind.OUT_WITHOUT_IN, move, site=move.site)
        self.left = move
        return Effect.LEFT

    def _confirm(self, move: Move, departure: Departure) -> None:
        """Let the scan that came after the loading stand for it: a clerk scans out when the lorry is full."""
        self.flags = [flag for flag in self.flags if flag.move != departure.id]
        self.stays[-1] = replace(self.stays[-1], closed_by=move.id)
        self.departed = None

    def _leave_elsewhere(self, move: Move) -> None:
        """Close the stay at another site: goods are at one place at a time, and here is where they were seen last."""
        if self.stays and self.stays[-1].until is None:
            self._leave(move)

    def _leave(self, cause: Move | Departure) -> None:
        self._flag(DiscrepancyKind.LEFT_WITHOUT_OUT, cause, site=self.stays[-1].site)
        self._close(cause)

    def _close(self, move: Move | Departure) -> None:
        self.stays[-1] = replace(self.stays[-1], until=move.at, closed_by=move.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One number on a count sheet: where it was booked at the start, where it is booked now, and where it was found.

    Places are ids of shelves in the counted area; None is not there. `elsewhere` says that it is now booked at the site,
    outside of the area.
    """

    booked: int | None
    now: int | None
    found: int | None
    is_found: bool
    elsewhere: bool = False
    moved: bool = False  # there was a movement while the count went on


def judge(line: Line) -> DiscrepancyKind | None:
    """Tell what a count says of one number; whatever moved meanwhile is not held against anybody."""
    if not line.is_found:
        return DiscrepancyKind.MISSING if line.booked is not None and line.now is not None else None
    if line.moved:
        return None
    if line.now is None and line.booked is None:
        return DiscrepancyKind.MISPLACED if line.elsewhere else DiscrepancyKind.UNEXPECTED
    if line.found is not None and line.now is not None and line.found != line.now:
        return DiscrepancyKind.MISPLACED
    return None

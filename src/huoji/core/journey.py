"""The whole journey, leg by leg from pickup to proof of delivery: what was made, what is under way, what is planned, and where nothing is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from huoji.core.answer import Entry, Flag, StageState
from huoji.core.milestone import Classifier, Milestone, Mode
from huoji.core.moment import Moment

BEGINS = frozenset({Milestone.PICKED_UP, Milestone.STUFFED, Milestone.GATE_IN})
LEAVES = frozenset({Milestone.DEPARTED, Milestone.LOADED})
ENDS = frozenset({Milestone.DELIVERED, Milestone.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Between two positions nothing was heard; nothing is drawn or guessed there. `until` is None while it lasts."""

    since: datetime
    until: datetime | None
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """A leg as it was planned."""

    origin: str
    destination: str
    mode: Mode
    departs: datetime | None
    arrives: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyLeg:
    """One leg: from where it was last seen to where it was seen next; `silent_min` when the events between are too far apart."""

    state: StageState
    origin: str
    destination: str
    mode: Mode = Mode.UNKNOWN
    via: str = ""
    left: Moment | None = None
    came: Moment | None = None
    planned: PlannedLeg | None = None
    gaps: tuple[Gap, ...] = ()
    silent_min: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """All legs in order; `picked_up` and `delivered` are its ends, None while they have not happened."""

    picked_up: Entry | None
    delivered: Entry | None
    legs: tuple[JourneyLeg, ...]
    has_begun: bool = False


def journey(entries: Sequence[Entry], planned: Sequence[PlannedLeg]) -> Journey:
    """Build it from the timeline (newest first, as an answer has it) and the plan."""
    happened = [
        entry
        for entry in reversed(entries)
        if entry.classifier is Classifier.ACTUAL and not entry.flags & {Flag.FUTURE, Flag.ANCIENT}
    ]
    delivered = next((entry for entry in reversed(happened) if entry.milestone in ENDS), None)
    made = _made(happened, planned)
    ahead = () if delivered else _ahead(made, planned)
    if made and delivered is None and made[-1].came is None:
        made[-1] = replace(made[-1], state=StageState.CURRENT)
    return Journey(
        picked_up=next((entry for entry in happened if entry.milestone in BEGINS), None),
        delivered=delivered,
        legs=tuple(_with_plan(leg, planned) for leg in made) + tuple(ahead),
        has_begun=bool(happened),
    )


def _made(happened: Sequence[Entry], planned: Sequence[PlannedLeg]) -> list[JourneyLeg]:
    """Return the legs between the places where it was seen; the last may still be without an end."""
    legs: list[JourneyLeg] = []
    last: Entry | None = None
    silent = 0
    for entry in happened:
        silent = max(silent, entry.gap_min)
        if not entry.place:
            continue
        if last is not None and entry.place != last.place:
            legs.append(
                JourneyLeg(
                    state=StageState.DONE, origin=last.place, destination=entry.place, mode=_mode(last, entry), via=entry.via or last.via,
                    left=last.when, came=entry.when, silent_min=silent,
                )
            )  # fmt: skip
        if last is None or entry.place != last.place:
            silent = 0
        last = entry
    if last is not None and last.milestone in LEAVES:
        bound = next((leg.destination for leg in planned if leg.origin == last.place), "")
        if heading := last.next_place or bound:
            legs.append(
                JourneyLeg(state=StageState.CURRENT, origin=last.place, destination=heading, mode=last.mode, via=last.via, left=last.when)
            )  # fmt: skip
    return legs


def _mode(before: Entry, after: Entry) -> Mode:
    return before.mode if before.mode is not Mode.UNKNOWN else after.mode


def _with_plan(leg: JourneyLeg, planned: Sequence[PlannedLeg]) -> JourneyLeg:
    same = next((each for each in planned if (each.origin, each.destination) == (leg.origin, leg.destination)), None)
    if same is None:
        return leg
    return replace(leg, planned=same, mode=leg.mode if leg.mode is not Mode.UNKNOWN else same.mode)


def _ahead(made: Sequence[JourneyLeg], planned: Sequence[PlannedLeg]) -> Iterable[JourneyLeg]:
    """Return the planned legs that are still to be made: those behind the last place that was reached."""
    reached = {leg.destination for leg in made} | ({made[0].origin} if made else set())
    last = max((number for number, leg in enumerate(planned) if leg.destination in reached), default=-1)
    return [
        JourneyLeg(state=StageState.AHEAD, origin=leg.origin, destination=leg.destination, mode=leg.mode, planned=leg)
        for leg in planned[last + 1 :]
    ]


def within(gaps: Iterable[Gap], leg: JourneyLeg, *, now: datetime) -> JourneyLeg:
    """Return the leg with the gaps that fell into it."""
    if leg.left is None:
        return leg
    end = leg.came.at if leg.came else now
    return replace(leg, gaps=tuple(gap for gap in gaps if gap.since < end and (gap.until or now) > leg.left.at))

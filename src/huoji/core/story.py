"""The story: one waybill's facts with what they fold to, packed in a row, and the answer read from it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import msgspec
from msgspec.structs import replace

from huoji.core.answer import Answer, Audience, Entry, Flag, Link, PartyView, Proof, StageState, Stop
from huoji.core.custody import LOADS, PAPERS
from huoji.core.milestone import Line, Milestone
from huoji.core.moment import Moment, Precision
from huoji.core.sight import Outlook, Whereabouts
from huoji.core.timeline import (
    ACTUAL,
    CLASSIFIERS,
    DAY,
    DAY_S,
    FOLD_VERSION,
    MILESTONE_CODE,
    MILESTONES,
    MODES,
    REASONS,
    SECOND,
    STATUSES,
    TERMINAL,
    Fact,
    Folded,
    fold,
    fold_on,
    is_ancient,
    is_future,
    live,
    ordered,
)

FACTS_MAX = 2_000  # facts of one story; a unit with more is a long-lived thing that should be followed by its trips
LINES = tuple(Line)
LINE_CODE = {item: code for code, item in enumerate(LINES)}
LATE_S = DAY_S  # told more than a day after something newer was already known


class Holder(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A unit that held the waybill: its kind and what may be said of it (vessel and voyage, trip, container)."""

    unit: int
    kind: str
    label: str


class Story(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row a waybill: no text of providers, no personal data."""

    line: int
    pieces: int
    facts: tuple[Fact, ...] = ()
    folded: Folded = Folded()
    links: tuple[tuple[str, str], ...] = ()
    holders: tuple[Holder, ...] = ()
    version: int = FOLD_VERSION


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Story)


def pack(story: Story) -> bytes:
    return _encoder.encode(story)


def unpack(body: bytes | memoryview) -> Story:
    """Read a packed story; raises msgspec.DecodeError on a body of another fold version's shape."""
    return _decoder.decode(body)


def tell(
    facts: Sequence[Fact],
    *,
    line: int,
    pieces: int,
    links: tuple[tuple[str, str], ...] = (),
    holders: tuple[Holder, ...] = (),
) -> Story:
    """Fold facts into a story."""
    kept = tuple(facts)
    return Story(line=line, pieces=pieces, facts=kept, folded=fold(kept, pieces=pieces), links=links, holders=holders)


def tell_on(story: Story, added: Sequence[Fact]) -> Story:
    """Fold further facts into a story of this fold version."""
    return Story(
        line=story.line, pieces=story.pieces, facts=(*story.facts, *added),
        folded=fold_on(story.folded, story.facts, added, pieces=story.pieces), links=story.links, holders=story.holders,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How an answer is read: for whom, at which moment, in whose words."""

    audience: Audience
    now: int
    silence_s: int  # silence longer than this is a gap, and stale at the end
    place_name: Callable[[int], str]
    source_name: Callable[[int], str]


def answer(
    story: Story,
    *,
    number: str,
    reading: Reading,
    parties: tuple[PartyView, ...] = (),
    proof: Proof | None = None,
    can_verify: bool = False,
    unit_id: int = 0,
    position: Whereabouts | None = None,
    outlook: Outlook | None = None,
) -> Answer:
    """Render the story as its reader may know it."""
    folded = story.folded
    standing = ordered(live(story.facts))
    status = STATUSES[folded.status]
    heard = (_heard(f) for f in standing if f.classifier == ACTUAL and not is_ancient(f))
    last = max(heard, key=lambda f: f.at, default=None)
    expected = (
        Moment(_utc(folded.expected), Precision(folded.expected_precision), folded.expected_offset_min)
        if folded.expected
        else None
    )
    arrived = folded.since if folded.status in TERMINAL else folded.expected
    return Answer(
        number=number,
        audience=reading.audience,
        line=LINES[story.line],
        status=status,
        reason=REASONS[folded.reason],
        status_since=next((_moment(f) for f in reversed(standing) if f.at == folded.since), None),
        stages=_stages(folded.stage, done=folded.status in TERMINAL),
        percent=folded.percent,
        expected=expected,
        expected_classifier=CLASSIFIERS[folded.expected_classifier] if expected else None,
        late_min=_late_min(folded, arrived, standing),
        updated=_moment(last) if last else None,
        stale=is_stale(folded, last, now=reading.now, silence_s=reading.silence_s),
        stops=_stops(standing, reading, done=folded.status in TERMINAL),
        entries=tuple(_entries(story, _shown(standing, done=folded.status in TERMINAL), reading)),
        pieces_total=max(story.pieces, len({fact.piece for fact in standing if fact.piece})),
        pieces_delivered=folded.pieces_delivered,
        vehicle=_vehicle(story, standing, reading),
        links=tuple(Link(relation=relation, number=other) for relation, other in story.links),
        parties=parties,
        proof=proof,
        can_verify=can_verify,
        unit_id=unit_id,
        position=position,
        outlook=outlook,
    )


def is_carried(story: Story) -> bool:
    """Tell whether a vehicle, vessel or container held it and may hold it still, so that there can be a position of it."""
    return is_under_way(story) and any(holder.kind not in PAPERS for holder in story.holders)


def is_under_way(story: Story) -> bool:
    """Tell whether it has not come to its end, so that something can be expected of it."""
    return story.folded.status not in TERMINAL


def _heard(fact: Fact) -> Fact:
    """Return the fact at a time that we may believe: one from the future happened when we received it at the latest."""
    return replace(fact, at=fact.recorded, precision=SECOND) if is_future(fact) else fact


def is_stale(folded: Folded, last: Fact | None, *, now: int, silence_s: int) -> bool:
    """Tell whether nothing was heard for longer than the line allows, while the waybill is still under way."""
    if last is None or folded.status in TERMINAL:
        return False
    known_until = last.at + DAY_S if last.precision == DAY else last.at
    return now - known_until > silence_s


def _late_min(folded: Folded, arrived: int, standing: list[Fact]) -> int:
    """Measure how late it came; a promise for a day has all of it, unless the arrival too is told by the day."""
    if not folded.planned or not arrived:
        return 0
    by_day = any(fact.at == arrived and fact.precision == DAY for fact in standing)
    slack = DAY_S if folded.expected_precision == DAY and not by_day else 0
    return max(0, (arrived - folded.planned - slack) // 60)


@cache
def _stages(stage: int, *, done: bool) -> tuple[StageState, ...]:
    return tuple(
        StageState.DONE
        if step < stage or (step == stage and done)
        else StageState.CURRENT
        if step == stage
        else StageState.AHEAD
        for step in range(5)
    )


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


_PRECISIONS = tuple(Precision)


def _moment(fact: Fact) -> Moment:
    return Moment(_utc(fact.at), _PRECISIONS[fact.precision], fact.offset_min, fact.offset_assumed)


def _place(place: int | str | None, reading: Reading) -> str:
    return reading.place_name(place) if isinstance(place, int) else place or ""


def _shown(standing: list[Fact], *, done: bool) -> list[Fact]:
    """Leave out the plans and estimates that came true or lost their sense, and tell once of pieces that go together.

    Every reader gets the same lines; staff find what is left out in the raw list.
    """
    happened = {_what(fact) for fact in standing if fact.classifier == ACTUAL}
    shown: list[Fact] = []
    told: set[tuple[int, int, int, int | str | None, int, int]] = set()
    for fact in standing:
        if fact.classifier != ACTUAL and (done or _what(fact) in happened):
            continue
        same = (fact.at, fact.milestone, fact.classifier, fact.place, fact.via, fact.reason)
        if fact.piece and same in told:
            continue
        told.add(same)
        shown.append(fact)
    return shown


def _what(fact: Fact) -> tuple[int, int | str | None]:
    return fact.milestone, fact.place


def _entries(story: Story, standing: list[Fact], reading: Reading) -> Iterator[Entry]:
    """Yield the timeline newest first."""
    labels = {holder.unit: holder for holder in story.holders}
    jumps = frozenset(story.folded.jumps)
    newest_told = _newest_told(standing)
    for_staff = reading.audience is Audience.STAFF
    for index in range(len(standing) - 1, -1, -1):
        fact = standing[index]
        named = fact.via or (0 if fact.milestone in LOADS else fact.holder)
        via = labels.get(named or fact.paper)
        yield Entry(
            when=_moment(fact),
            recorded=Moment(_utc(fact.recorded), Precision.SECOND, fact.offset_min) if for_staff else None,
            classifier=CLASSIFIERS[fact.classifier],
            milestone=MILESTONES[fact.milestone],
            reason=REASONS[fact.reason],
            place=_place(fact.place, reading),
            place_id=fact.place if isinstance(fact.place, int) else None,
            next_place=_place(fact.next_place, reading),
            mode=MODES[fact.mode],
            via=_label(via, reading),
            source=reading.source_name(fact.source),
            flags=_flags(fact, jumps, newest_told),
            gap_min=_gap_min(standing, index, reading.silence_s),
            event_id=fact.event_id,
        )


def _label(holder: Holder | None, reading: Reading) -> str:
    """Say what told it: vessels to everyone, a party's EPCs to it, trucks only to staff (a plate leads to a driver)."""
    if holder is None:
        return ""
    told = holder.kind == "voyage" or reading.audience is Audience.STAFF
    return holder.label if told or (holder.kind == "epc" and reading.audience is Audience.PARTY) else ""


_NO_FLAGS: frozenset[Flag] = frozenset()


def _flags(fact: Fact, jumps: frozenset[int], newest_told: list[tuple[int, int]]) -> frozenset[Flag]:
    if 0 <= fact.recorded - fact.at <= LATE_S and not fact.unmapped and fact.event_id not in jumps:
        return _NO_FLAGS  # nearly every fact
    flags = {
        Flag.FUTURE: is_future(fact),
        Flag.ANCIENT: is_ancient(fact),
        Flag.JUMP: fact.event_id in jumps and fact.event_id != 0,
        Flag.LATE: fact.recorded - fact.at > LATE_S
        and any(at > fact.at and told < fact.recorded for told, at in newest_told),
        Flag.UNMAPPED: fact.unmapped,
        Flag.INFERRED: fact.inferred,
    }
    return frozenset(flag for flag, raised in flags.items() if raised) if any(flags.values()) else _NO_FLAGS


def _newest_told(standing: list[Fact]) -> list[tuple[int, int]]:
    """Return (recorded, at) of each fact that was news when it came, few enough to compare with each late one."""
    news: list[tuple[int, int]] = []
    for fact in sorted(standing, key=lambda f: f.recorded):
        if fact.classifier == ACTUAL and (not news or fact.at > news[-1][1]):
            news.append((fact.recorded, fact.at))
    return news


def _gap_min(standing: list[Fact], index: int, silence_s: int) -> int:
    fact = standing[index]
    if fact.classifier != ACTUAL or is_future(fact):
        return 0
    for before in range(index - 1, -1, -1):
        other = standing[before]
        if other.classifier == ACTUAL:
            slack = DAY_S if DAY in (fact.precision, other.precision) else 0
            silence = fact.at - other.at - slack
            return silence // 60 if silence > silence_s and not is_ancient(other) else 0
    return 0


def _stops(standing: list[Fact], reading: Reading, *, done: bool) -> tuple[Stop, ...]:
    """Draw the route as the places seen in order, then those still planned."""
    seen: list[tuple[str, Fact]] = []
    ahead: dict[str, Fact] = {}
    for fact in standing:
        place = _place(fact.place, reading)
        if not place:
            continue
        if fact.classifier != ACTUAL:
            ahead[place] = fact
        elif not is_ancient(fact) and (not seen or seen[-1][0] != place):
            seen.append((place, fact))
    passed = {place for place, _ in seen}
    stops = [
        Stop(
            place=place,
            state=StageState.DONE,
            when=_moment(fact),
            planned=_moment(ahead[place]) if place in ahead else None,
        )
        for place, fact in seen
    ]
    if stops and not done:
        stops[-1] = Stop(
            place=stops[-1].place, state=StageState.CURRENT, when=stops[-1].when, planned=stops[-1].planned
        )
    if not done:
        last = seen[-1][1] if seen else None
        heading = _place(last.next_place, reading) if last else ""
        if heading and heading not in passed and heading not in ahead:
            stops.append(Stop(place=heading, state=StageState.AHEAD))
        stops += [
            Stop(place=place, state=StageState.AHEAD, planned=_moment(fact))
            for place, fact in ahead.items()
            if place not in passed
        ]
    return tuple(stops)


_LOADED = MILESTONE_CODE[Milestone.LOADED]


def _vehicle(story: Story, standing: list[Fact], reading: Reading) -> str:
    """Name what carries it while it is aboard."""
    labels = {holder.unit: holder for holder in story.holders}
    aboard = next((f for f in reversed(standing) if f.classifier == ACTUAL and (f.holder or f.via)), None)
    if aboard is None or story.folded.status in TERMINAL:
        return ""
    if aboard.via:
        return _label(labels.get(aboard.via), reading)
    return _label(labels.get(aboard.holder), reading) if aboard.milestone == _LOADED else ""

"""The fold: facts about one waybill become its status, reason, progress and expected time.

The result depends on the set of facts alone, never on the order in which they came in.
"""

from collections.abc import Iterable, Sequence
from heapq import merge
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from huoji.core.milestone import Classifier, Milestone, Mode, Reason, Status
from huoji.core.moment import CHINA_MIN

FOLD_VERSION = 1  # raise it whenever a rule or a table below changes what a story says

MILESTONES = tuple(Milestone)
STATUSES = tuple(Status)
REASONS = tuple(Reason)
MODES = tuple(Mode)
CLASSIFIERS = tuple(Classifier)
MILESTONE_CODE = {item: code for code, item in enumerate(MILESTONES)}
STATUS_CODE = {item: code for code, item in enumerate(STATUSES)}
REASON_CODE = {item: code for code, item in enumerate(REASONS)}
MODE_CODE = {item: code for code, item in enumerate(MODES)}
PLANNED, ESTIMATED, ACTUAL = range(3)

DAY, MINUTE, SECOND = range(3)
DAY_S = 86_400
FUTURE_TOLERANCE_S = 600  # a handheld's clock may run ten minutes ahead
ANCIENT_BEFORE = 946_684_800  # 2000-01-01: a clock that was reset, not an event
ANCIENT_SPAN_S = 30 * 365 * DAY_S


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event as the fold needs it; codes index the tables above, times are epoch seconds UTC.

    `key` and `digest` identify source event and content; `voids` is the key of the event that this correction takes back;
    `holder` is the unit it was loaded into or unloaded from; `via` the holding unit that told it; `piece` the piece it is about;
    `paper` the booking or bill of lading under which it was told: such a fact counts as one of the waybill's own.
    """

    key: int
    digest: int
    at: int
    recorded: int
    milestone: int
    classifier: int = ACTUAL
    precision: int = SECOND
    offset_min: int = CHINA_MIN
    offset_assumed: bool = False
    reason: int = 0
    place: int | str | None = None
    next_place: int | str | None = None
    source: int = 0
    voids: int = 0
    rev: int = 0
    holder: int = 0
    via: int = 0
    piece: int = 0
    mode: int = MODE_CODE[Mode.UNKNOWN]
    event_id: int = 0
    unmapped: bool = False
    inferred: bool = False
    paper: int = 0

    @property
    def is_own(self) -> bool:
        """Tell whether it was told of the unit itself, and so is stored under it."""
        return not (self.via or self.piece or self.paper)


class Folded(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the facts say: codes of the tables above, epoch seconds, 0 for unknown times and -1 for no stage."""

    status: int = 0
    reason: int = 0
    since: int = 0  # when the status was reached
    stage: int = -1  # 0 pickup, 1 sorting, 2 transport, 3 delivery, 4 signed
    percent: int = 0
    attempt: int = 1
    last_at: int = 0  # newest actual event
    place: int | str | None = None  # where it was seen last
    expected: int = 0
    expected_precision: int = SECOND
    expected_offset_min: int = CHINA_MIN
    expected_classifier: int = PLANNED
    planned: int = 0  # the first promise for delivery
    pieces_delivered: int = 0
    jumps: tuple[int, ...] = ()  # event ids that could not follow what was before them


def _status_table() -> list[int]:
    to_transit = (
        Milestone.ARRIVED, Milestone.DEPARTED, Milestone.LOADED, Milestone.UNLOADED, Milestone.IN_TRANSIT,
        Milestone.FORWARDED, Milestone.GATE_IN, Milestone.GATE_OUT,
    )  # fmt: skip
    named = {
        Milestone.BOOKED: Status.CREATED,
        Milestone.PICKUP_FAILED: Status.AWAITING_PICKUP,
        Milestone.EMPTY_PICKED_UP: Status.AWAITING_PICKUP,
        Milestone.STUFFED: Status.PICKED_UP,
        Milestone.SORTED: Status.SORTING,
        Milestone.STRIPPED: Status.ARRIVED_DEST,
        Milestone.CUSTOMS_WAITING: Status.CUSTOMS,
        Milestone.CUSTOMS_STARTED: Status.CUSTOMS,
        Milestone.CUSTOMS_HELD: Status.CUSTOMS,
        Milestone.CUSTOMS_CLEARED: Status.CUSTOMS,
    } | dict.fromkeys(to_transit, Status.IN_TRANSIT)
    same = {status.value: code for status, code in STATUS_CODE.items()}
    return [STATUS_CODE[named[m]] if m in named else same.get(m.value, -1) for m in MILESTONES]


STATUS_OF = _status_table()  # by milestone code; -1 moves nothing
_STAGE = {
    Status.PICKED_UP: 0, Status.SORTING: 1, Status.IN_TRANSIT: 2, Status.CUSTOMS: 2, Status.ARRIVED_DEST: 2,
    Status.OUT_FOR_DELIVERY: 3, Status.AT_PICKUP_POINT: 3, Status.ATTEMPT_FAILED: 3, Status.DELIVERED: 4,
    Status.REFUSED: 3, Status.RETURNING: 2, Status.RETURNED: 4,
}  # fmt: skip
_PERCENT = {
    Status.AWAITING_PICKUP: 5, Status.PICKED_UP: 15, Status.SORTING: 25, Status.IN_TRANSIT: 50, Status.CUSTOMS: 60,
    Status.ARRIVED_DEST: 75, Status.OUT_FOR_DELIVERY: 90, Status.AT_PICKUP_POINT: 95, Status.ATTEMPT_FAILED: 90,
    Status.DELIVERED: 100, Status.REFUSED: 90, Status.RETURNING: 50, Status.RETURNED: 100,
}  # fmt: skip
STAGE_OF = [_STAGE.get(status, -1) for status in STATUSES]
PERCENT_OF = [_PERCENT.get(status, 0) for status in STATUSES]
RANK_OF = [PERCENT_OF[status] if status >= 0 else 0 for status in STATUS_OF]  # by milestone code: how far along the way

_TERMINAL = frozenset(STATUS_CODE[s] for s in (Status.DELIVERED, Status.RETURNED, Status.CANCELLED))
TERMINAL = _TERMINAL
_RETURN = frozenset(MILESTONE_CODE[m] for m in (Milestone.REFUSED, Milestone.RETURNING, Milestone.RETURNED))
_BEFORE_PICKUP = frozenset(MILESTONE_CODE[m] for m in (
    Milestone.CREATED, Milestone.BOOKED, Milestone.AWAITING_PICKUP, Milestone.PICKUP_FAILED, Milestone.EMPTY_PICKED_UP,
))  # fmt: skip
_PICKUP = frozenset(MILESTONE_CODE[m] for m in (Milestone.PICKED_UP, Milestone.STUFFED))
_REDELIVERY = REASON_CODE[Reason.REDELIVERY]
_ARRIVAL = frozenset(MILESTONE_CODE[m] for m in (Milestone.DELIVERED, Milestone.ARRIVED_DEST))
_M_DELIVERED = MILESTONE_CODE[Milestone.DELIVERED]
_M_RESOLVED = MILESTONE_CODE[Milestone.RESOLVED]
_M_CANCELLED = MILESTONE_CODE[Milestone.CANCELLED]
_S_CREATED = STATUS_CODE[Status.CREATED]
_S_TRANSIT = STATUS_CODE[Status.IN_TRANSIT]
_S_SORTING = STATUS_CODE[Status.SORTING]
_S_FAILED = STATUS_CODE[Status.ATTEMPT_FAILED]
_S_DELIVERED = STATUS_CODE[Status.DELIVERED]
_S_RETURNING = STATUS_CODE[Status.RETURNING]
_S_RETURNED = STATUS_CODE[Status.RETURNED]
_S_REFUSED = STATUS_CODE[Status.REFUSED]
_S_EXCEPTION = STATUS_CODE[Status.EXCEPTION]
_S_CANCELLED = STATUS_CODE[Status.CANCELLED]
_STAGE_PICKED, _STAGE_TRANSIT = 0, 2


def live(facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that still stand: not taken back by a standing correction, not replaced by a later revision.

    A correction may come before its target, take back another correction, or name nothing. Corrections that take back
    each other in a circle all fall.
    """
    if not any(fact.voids or fact.rev for fact in facts):
        return list(facts)
    void = void_keys(facts)
    newest: dict[int, int] = {}
    for fact in facts:
        newest[fact.key] = max(newest.get(fact.key, 0), fact.rev)
    return [fact for fact in facts if not fact.voids and fact.key not in void and fact.rev == newest[fact.key]]


def void_keys(facts: Iterable[Fact]) -> set[int]:
    """Return the keys taken back by corrections that stand."""
    void: set[int] = set()
    corrections = [fact for fact in facts if fact.voids]
    pending = {fact.key: fact.voids for fact in corrections}
    targets_of: dict[int, set[int]] = {}
    for fact in corrections:
        targets_of.setdefault(fact.key, set()).add(fact.voids)
    while pending:
        aimed_at = {target for key in pending for target in targets_of[key]}
        standing = [key for key in pending if key not in aimed_at]
        if not standing:
            break  # only circles are left
        for key in standing:
            del pending[key]
            for target in targets_of[key]:
                void.add(target)
                pending.pop(target, None)
    return void


def is_future(fact: Fact) -> bool:
    """Tell whether the fact was dated after we received it, beyond what clocks may differ."""
    tolerance = DAY_S if fact.precision == DAY else FUTURE_TOLERANCE_S
    return fact.classifier == ACTUAL and fact.at > fact.recorded + tolerance


def is_ancient(fact: Fact) -> bool:
    """Tell whether the time is that of a clock that was reset."""
    return fact.at < ANCIENT_BEFORE or fact.at < fact.recorded - ANCIENT_SPAN_S


def _sort_key(fact: Fact) -> tuple[int, int, int, int, int]:
    """Order facts by time, then by the way of the cargo, then by content; never by arrival."""
    at = fact.recorded if fact.at > fact.recorded and is_future(fact) else fact.at
    return at, RANK_OF[fact.milestone], fact.milestone, fact.key, fact.digest


def ordered(facts: Iterable[Fact]) -> list[Fact]:
    """Sort facts by time; a day-precise fact stands in its day behind the precise ones it cannot precede."""
    rows = sorted(facts, key=_sort_key)
    if DAY not in [fact.precision for fact in rows]:
        return rows
    by_day: dict[int, list[Fact]] = {}
    for fact in rows:
        if fact.precision != DAY:
            by_day.setdefault(_local_day(fact), []).append(fact)
    return sorted(rows, key=lambda fact: _day_key(fact, by_day))


def _local_day(fact: Fact) -> int:
    return (fact.at + fact.offset_min * 60) // DAY_S


def _day_key(fact: Fact, by_day: dict[int, list[Fact]]) -> tuple[int, int, int, int, int, int]:
    at, rank, milestone, key, digest = _sort_key(fact)
    if fact.precision != DAY:
        return at, 0, rank, milestone, key, digest
    # Compared as days: within its day only the way of the cargo can tell before from after.
    before = [_sort_key(other)[0] for other in by_day.get(_local_day(fact), ()) if RANK_OF[other.milestone] <= rank]
    return max(before, default=at), 1, rank, milestone, key, digest


_NOTHING = Folded()


class _Walk:
    """The state while walking the facts of one piece in order."""

    __slots__ = ("attempt", "before", "jumps", "percent", "reason", "returning", "since", "stage", "status")

    def __init__(self, told: Folded = _NOTHING) -> None:
        self.status, self.reason, self.since = told.status, told.reason, told.since
        self.stage, self.percent, self.attempt = told.stage, told.percent, told.attempt
        self.returning = False
        self.before = (_S_CREATED, 0)  # what an exception interrupted
        self.jumps = list(told.jumps)

    def step(self, fact: Fact) -> None:
        """Let one actual fact change the status, or flag it when it cannot follow."""
        milestone = fact.milestone
        if milestone == _M_RESOLVED:
            if self.status == _S_EXCEPTION:
                self._reach(*self.before, fact)
            return
        target = STATUS_OF[milestone]
        if target < 0:
            return
        if self._impossible(fact):
            self.jumps.append(fact.event_id)
            return
        if milestone in _RETURN and not self.returning:
            self._new_attempt(returning=milestone != MILESTONE_CODE[Milestone.REFUSED])
        elif fact.reason == _REDELIVERY and (self.returning or self.status in _TERMINAL):
            self._new_attempt(returning=False)
        elif self.returning:
            target = self._on_the_way_back(target)
        elif self.status == _S_FAILED and milestone not in _PICKUP and target in (_S_TRANSIT, _S_SORTING):
            target = _S_FAILED  # back at the outlet: the failed attempt is still what the customer must know
        if target == _S_EXCEPTION and self.status != _S_EXCEPTION:
            self.before = (self.status, self.reason)
        self._reach(target, fact.reason or (self.reason if target == self.status == _S_FAILED else 0), fact)

    def _impossible(self, fact: Fact) -> bool:
        milestone = fact.milestone
        if self.status in _TERMINAL:
            again = milestone in _RETURN or fact.reason == _REDELIVERY
            same = STATUS_OF[milestone] == self.status or (self.returning and milestone == _M_DELIVERED)
            return not (again or same)
        if fact.reason == _REDELIVERY:
            return False
        if milestone in _BEFORE_PICKUP:
            return self.stage >= _STAGE_PICKED
        return milestone in _PICKUP and self.stage >= _STAGE_TRANSIT

    def _new_attempt(self, *, returning: bool) -> None:
        self.attempt += 1
        self.stage, self.percent, self.returning = -1, 0, returning

    def _on_the_way_back(self, target: int) -> int:
        if target in (_S_DELIVERED, _S_RETURNED):
            return _S_RETURNED
        return target if target in (_S_EXCEPTION, _S_CANCELLED, _S_REFUSED) else _S_RETURNING

    def _reach(self, status: int, reason: int, fact: Fact) -> None:
        if status != self.status or reason != self.reason:
            self.status, self.reason, self.since = status, reason, fact.at
        elif not self.since:
            self.since = fact.at
        self.stage = max(self.stage, STAGE_OF[status])
        self.percent = max(self.percent, PERCENT_OF[status])


class _Expectation(NamedTuple):
    fact: Fact | None
    planned: int


def _expect(facts: Iterable[Fact]) -> _Expectation:
    """Choose the newest told estimate of arrival, else the plan; and the first promise to measure lateness against."""
    best: Fact | None = None
    promise: Fact | None = None
    for fact in facts:
        if fact.classifier == ACTUAL or fact.milestone not in _ARRIVAL or fact.via:
            continue
        if best is None or _told(fact) > _told(best):
            best = fact
        if fact.classifier == PLANNED and (promise is None or _told(fact) < _told(promise)):
            promise = fact
    return _Expectation(best, promise.at if promise else 0)


def _told(fact: Fact) -> tuple[int, int, int, int, int]:
    return fact.classifier, fact.milestone == _M_DELIVERED, fact.recorded, fact.at, fact.digest


def fold(facts: Sequence[Fact], *, pieces: int = 1) -> Folded:
    """Fold the facts of one waybill of so many pieces into what is shown."""
    standing = live(facts)
    rows = ordered([fact for fact in standing if fact.classifier == ACTUAL and not is_ancient(fact)])
    expectation = _expect(standing)
    told_pieces = {fact.piece for fact in rows if fact.piece}
    if told_pieces or pieces > 1:
        walk, delivered = _walk_pieces(rows, told_pieces, pieces)
    else:
        walk = _walk(rows)
        delivered = int(walk.status == _S_DELIVERED)
    expected = expectation.fact
    told = Folded(
        expected=expected.at if expected else 0,
        expected_precision=expected.precision if expected else SECOND,
        expected_offset_min=expected.offset_min if expected else CHINA_MIN,
        expected_classifier=expected.classifier if expected else PLANNED,
        planned=expectation.planned,
    )
    return _walked(told, walk, rows, delivered=delivered)


def fold_on(told: Folded, facts: Sequence[Fact], added: Sequence[Fact], *, pieces: int = 1) -> Folded:
    """Fold what came after facts that are folded already: the same as folding all, for the price of the new ones.

    Nearly every scan is news of one piece that ends the row. Whatever is not so simple is folded from the beginning.
    """
    rows = sorted(added, key=_sort_key)
    is_simple = (
        pieces <= 1
        and told.attempt == 1  # so it is not on its way back either
        and told.status != _S_EXCEPTION  # of which we do not know what it interrupted
        and all(_is_news(fact, told.last_at) for fact in rows)
        and not any(fact.voids or fact.rev or fact.piece or fact.precision == DAY for fact in facts)
    )
    if not (rows and is_simple):
        return fold((*facts, *added), pieces=pieces)
    walk = _walk(rows, told)
    return _walked(told, walk, rows, delivered=int(walk.status == _S_DELIVERED))


def _walked(told: Folded, walk: _Walk, rows: Sequence[Fact], *, delivered: int) -> Folded:
    """Say what was told with what walking these facts has come to."""
    return replace(
        told,
        status=walk.status,
        reason=walk.reason,
        since=walk.since,
        stage=walk.stage,
        percent=walk.percent,
        attempt=walk.attempt,
        last_at=_seen_at(rows[-1]) if rows else 0,
        place=next((fact.place for fact in reversed(rows) if fact.place is not None), told.place),
        pieces_delivered=delivered,
        jumps=tuple(walk.jumps),
    )


def _is_news(fact: Fact, last_at: int) -> bool:
    """Tell whether this happened, to the whole, at a moment that we believe and after all that happened before."""
    plain = fact.classifier == ACTUAL and fact.precision != DAY and not (fact.voids or fact.rev or fact.piece)
    return plain and fact.at > last_at and not is_ancient(fact) and not is_future(fact)


def _seen_at(fact: Fact) -> int:
    return fact.recorded if is_future(fact) else fact.at


def _walk(rows: Iterable[Fact], told: Folded = _NOTHING) -> _Walk:
    walk = _Walk(told)
    for fact in rows:
        walk.step(fact)
    return walk


def _walk_pieces(rows: list[Fact], told: set[int], pieces: int) -> tuple[_Walk, int]:
    """Walk each piece with the waybill's own facts; the whole stands where its last piece stands."""
    of_piece: dict[int, list[tuple[int, Fact]]] = {}
    for row in enumerate(rows):
        of_piece.setdefault(row[1].piece, []).append(row)
    own = of_piece.get(0, [])
    walks = [_walk(fact for _, fact in merge(own, of_piece[piece])) for piece in sorted(told)]  # by place in the rows
    untold = max(pieces - len(told), 0)
    if untold or not walks:
        walks += [_walk(fact for _, fact in own)] * max(untold, 1)
    delivered = sum(walk.status == _S_DELIVERED for walk in walks)
    behind = min(walks, key=lambda walk: (walk.status in _TERMINAL, walk.percent, walk.since, walk.status, walk.reason))
    return behind, delivered

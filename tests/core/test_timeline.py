"""The fold: what a set of facts says, whatever order they came in."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from huoji.core.milestone import Milestone, Reason, Status
from huoji.core.timeline import (
    ACTUAL,
    DAY,
    DAY_S,
    ESTIMATED,
    MILESTONE_CODE,
    PLANNED,
    REASON_CODE,
    STATUSES,
    Fact,
    fold,
    fold_on,
    live,
    ordered,
)  # fmt: skip

T0 = 1_790_000_000
HOUR = 3600


def fact(milestone: Milestone, hour: float = 0, *, key: int | None = None, **more) -> Fact:
    at = T0 + int(hour * HOUR)
    reason = REASON_CODE[more.pop("reason", Reason.NONE)]
    code = MILESTONE_CODE[milestone]
    key = key if key is not None else code * 1000 + int(hour * 10) + 1
    more = {"recorded": at + 5, "digest": key * 7 + 1, "event_id": key, "reason": reason, **more}
    return Fact(key=key, at=at, milestone=code, **more)


def status(*facts: Fact, pieces: int = 1) -> Status:
    return STATUSES[fold(facts, pieces=pieces).status]


M = Milestone
WAY = (fact(M.PICKED_UP, 1), fact(M.DEPARTED, 5), fact(M.ARRIVED, 20), fact(M.OUT_FOR_DELIVERY, 30))
DELIVERED = fact(M.DELIVERED, 34)


def facts_of(**more):
    """Generate facts that clash in every way: of one instant, one key, one piece, taking back each other."""
    chosen = {
        "key": st.integers(1, 12),
        "digest": st.integers(1, 3),
        "classifier": st.sampled_from([PLANNED, ESTIMATED, ACTUAL, ACTUAL]),
        "precision": st.sampled_from([0, 1, 2, 2]),
        "offset_min": st.sampled_from([-480, 0, 480]),
        "reason": st.sampled_from([Reason.NONE, Reason.REDELIVERY, Reason.DAMAGED]),
        "voids": st.sampled_from([0, 0, 0, 1, 2, 3, 4, 99]),
        "rev": st.sampled_from([0, 0, 0, 1]),
        "piece": st.sampled_from([0, 0, 0, 7, 8]),
        "event_id": st.integers(1, 10**6),
    } | more
    one = st.builds(fact, st.sampled_from(list(Milestone)), st.integers(0, 40), **chosen)
    return st.lists(one, max_size=14, unique_by=lambda f: (f.key, f.digest))


facts_strategy = facts_of()
UNCORRECTED = {"voids": st.just(0), "rev": st.just(0)}


@given(facts_strategy, st.randoms(use_true_random=False), st.integers(1, 3))
def test_the_story_does_not_depend_on_the_order_in_which_facts_came(facts: list[Fact], rng: random.Random, pieces: int):
    shuffled = list(facts)
    rng.shuffle(shuffled)
    assert fold(facts, pieces=pieces) == fold(shuffled, pieces=pieces)
    assert ordered(facts) == ordered(shuffled)


# As nearly all are: scans of the whole, one after another; now and then one that is not so simple.
STEPS = (M.PICKED_UP, M.DEPARTED, M.ARRIVED, M.ATTEMPT_FAILED, M.EXCEPTION, M.RESOLVED, M.DELIVERED, M.RETURNING)
way_strategy = st.lists(
    st.builds(
        fact, st.sampled_from(STEPS) | st.sampled_from(list(Milestone)), st.integers(0, 30), key=st.integers(1, 10**6),
        reason=st.sampled_from([Reason.NONE, Reason.NONE, Reason.REDELIVERY]),
        precision=st.sampled_from([2] * 30 + [DAY]), piece=st.sampled_from([0] * 30 + [7]),
    ), max_size=8,
)  # fmt: skip


@settings(max_examples=500)
@given(way_strategy, way_strategy, st.integers(-4, 1), st.integers(0, 2))
def test_what_comes_later_is_folded_on_as_if_all_were_folded_anew(
    before: list[Fact], later: list[Fact], hours: int, pieces: int
):
    start = max((each.at for each in before), default=T0) + hours * HOUR
    added = [replace(each, at=start + each.at - T0, recorded=start + each.at - T0 + 5) for each in later]
    assert fold_on(fold(before, pieces=pieces), before, added, pieces=pieces) == fold([*before, *added], pieces=pieces)


@pytest.mark.parametrize(("before", "added"), [
    pytest.param([*WAY, fact(M.EXCEPTION, 31)], [fact(M.RESOLVED, 32)], id="what an exception interrupted"),
    pytest.param([fact(M.DEPARTED, 5, precision=DAY)], [fact(M.ARRIVED, 6)], id="a day holds the hours after it"),
    pytest.param([*WAY], [fact(M.DELIVERED, 34, piece=7)], id="a piece alone"),
    pytest.param([*WAY, DELIVERED], [fact(M.DEPARTED, 40, voids=DELIVERED.key)], id="a correction"),
    pytest.param([*WAY], [fact(M.DELIVERED, 34, rev=1, key=WAY[0].key)], id="a revision"),
    pytest.param([*WAY], [fact(M.DELIVERED, 34, recorded=T0)], id="a clock ahead"),
    pytest.param([*WAY, fact(M.RETURNING, 31)], [fact(M.DELIVERED, 34)], id="on the way back"),
])  # fmt: skip
def test_what_is_not_simple_is_folded_anew(before: list[Fact], added: list[Fact]):
    assert fold_on(fold(before), before, added) == fold([*before, *added])


@given(facts_strategy)
def test_telling_everything_twice_changes_nothing(facts: list[Fact]):
    assert {f.key for f in live([*facts, *facts])} == {f.key for f in live(facts)}


@given(facts_of(**UNCORRECTED), st.integers(0, 13))
def test_a_correction_takes_its_target_out_as_if_it_had_never_been_told(facts: list[Fact], index: int):
    if not facts:
        return
    target = facts[index % len(facts)]
    correction = fact(M.INFO, 50, key=1000, voids=target.key)
    assert fold([*facts, correction]) == fold([f for f in facts if f.key != target.key])
    undone = fact(M.INFO, 51, key=1001, voids=1000)
    assert fold([*facts, correction, undone]) == fold(facts)


@given(st.lists(st.sampled_from([m for m in Milestone if m not in {M.REFUSED, M.RETURNING, M.RETURNED}]), max_size=12))
def test_progress_never_falls_within_one_attempt(milestones: list[Milestone]):
    facts = [fact(milestone, hour, key=hour + 1) for hour, milestone in enumerate(milestones)]
    steps = [fold(facts[: count + 1]) for count in range(len(facts))]
    for before, after in itertools.pairwise(steps):
        if before.attempt == after.attempt:
            assert after.percent >= before.percent
            assert after.stage >= before.stage


@given(facts_of(**UNCORRECTED, piece=st.just(0)))
def test_an_older_event_does_not_change_what_a_newer_one_has_settled(facts: list[Fact]):
    newest = max((f.at for f in facts), default=T0) + 2 * DAY_S
    settled = fact(M.OUT_FOR_DELIVERY, (newest - T0) / HOUR, key=5000, reason=Reason.REDELIVERY)
    assert status(*facts, settled) is Status.OUT_FOR_DELIVERY


def test_a_late_scan_never_downgrades_a_delivered_parcel():
    assert status(*WAY, DELIVERED, fact(M.ARRIVED, 10, key=77)) is Status.DELIVERED
    assert status(*WAY, DELIVERED, fact(M.ARRIVED, 40, key=78)) is Status.DELIVERED


def test_a_scan_after_delivery_is_kept_and_flagged():
    after = fact(M.DEPARTED, 40, key=79)
    assert fold((*WAY, DELIVERED, after)).jumps == (after.event_id,)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((), Status.CREATED),
        (WAY[:1], Status.PICKED_UP),
        (WAY[:2], Status.IN_TRANSIT),
        ((*WAY, DELIVERED), Status.DELIVERED),
        ((*WAY, DELIVERED, fact(M.RETURNING, 40)), Status.RETURNING),
        ((*WAY, fact(M.REFUSED, 33), fact(M.RETURNING, 35), fact(M.ARRIVED, 40)), Status.RETURNING),
        ((*WAY, fact(M.RETURNING, 35), fact(M.DELIVERED, 60)), Status.RETURNED),
        ((*WAY, DELIVERED, fact(M.OUT_FOR_DELIVERY, 50, reason=Reason.REDELIVERY)), Status.OUT_FOR_DELIVERY),
        ((*WAY, fact(M.ATTEMPT_FAILED, 33), fact(M.ARRIVED, 36)), Status.ATTEMPT_FAILED),
        ((*WAY[:3], fact(M.EXCEPTION, 22, reason=Reason.DAMAGED)), Status.EXCEPTION),
        ((*WAY[:3], fact(M.EXCEPTION, 22), fact(M.RESOLVED, 24)), Status.IN_TRANSIT),
        ((*WAY[:3], fact(M.CANCELLED, 22), fact(M.ARRIVED, 24)), Status.CANCELLED),
        ((*WAY, fact(M.PICKED_UP, 32)), Status.OUT_FOR_DELIVERY),
        ((fact(M.DELIVERED, 3, classifier=PLANNED),), Status.CREATED),
    ],
)  # fmt: skip
def test_what_the_facts_say(facts, expected):
    assert status(*facts) is expected


def test_of_two_events_of_one_second_the_further_one_counts():
    packed, picked = fact(M.SORTED, 2, key=90), fact(M.PICKED_UP, 2, key=4)
    assert status(packed, picked) is status(picked, packed) is Status.SORTING


def test_a_day_without_a_time_is_compared_as_a_day():
    midnight = (T0 // DAY_S) * DAY_S - 8 * HOUR
    scan = replace(fact(M.OUT_FOR_DELIVERY, key=1), at=midnight + 9 * HOUR)
    signed = replace(fact(M.DELIVERED, key=2), at=midnight, precision=DAY)
    assert status(scan, signed) is Status.DELIVERED
    left = replace(fact(M.DEPARTED, key=3), at=midnight, precision=DAY)
    assert status(scan, left) is Status.OUT_FOR_DELIVERY


def test_a_clock_of_forty_years_ago_moves_nothing():
    old = replace(fact(M.DELIVERED, key=9), at=500_000_000)
    assert status(*WAY, old) is Status.OUT_FOR_DELIVERY
    assert status(old) is Status.CREATED


def test_a_clock_ahead_counts_from_when_we_were_told():
    ahead = replace(fact(M.DELIVERED, 34, key=9), at=T0 + 400 * DAY_S)
    assert fold((*WAY, ahead)).last_at == ahead.recorded
    assert status(*WAY, ahead, fact(M.RETURNING, 60)) is Status.RETURNING


def test_five_pieces_are_delivered_when_all_five_are():
    arrived = tuple(fact(M.DELIVERED, 34, key=100 + piece, piece=piece) for piece in range(1, 6))
    three = fold((*WAY, *arrived[:3]), pieces=5)
    assert (STATUSES[three.status], three.pieces_delivered) == (Status.OUT_FOR_DELIVERY, 3)
    assert status(*WAY, *arrived, pieces=5) is Status.DELIVERED


def test_the_newest_estimate_is_expected_and_lateness_is_against_the_first_promise():
    promise = fact(M.DELIVERED, 40, key=1, classifier=PLANNED)
    later = fact(M.DELIVERED, 48, key=2, classifier=PLANNED, recorded=T0 + 9 * HOUR + 10**6)
    estimate = fact(M.DELIVERED, 44, key=3, classifier=ESTIMATED)
    folded = fold((promise, later, estimate))
    assert (folded.expected, folded.planned) == (estimate.at, promise.at)


def test_a_correction_may_name_nothing_or_come_first_or_be_taken_back():
    nothing = fact(M.INFO, 1, key=500, voids=999)
    assert status(*WAY, nothing) is Status.OUT_FOR_DELIVERY
    first = fact(M.INFO, 1, key=501, voids=DELIVERED.key)
    assert status(first, *WAY, DELIVERED) is Status.OUT_FOR_DELIVERY
    back = fact(M.INFO, 2, key=502, voids=501)
    assert status(first, back, *WAY, DELIVERED) is Status.DELIVERED


def test_corrections_in_a_circle_take_nothing_back():
    one, two = fact(M.INFO, 1, key=600, voids=601), fact(M.INFO, 1, key=601, voids=600)
    assert status(one, two, *WAY) is Status.OUT_FOR_DELIVERY

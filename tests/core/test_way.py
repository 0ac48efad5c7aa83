"""How far cargo has come along its plan by what was told of it, and when to look at it again."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core import outlook, risk, way
from huoji.core.eta import Facts, estimate
from huoji.core.eta_history import History, Interval
from huoji.core.milestone import Line, Milestone, Mode
from huoji.core.timeline import ACTUAL, DAY, MILESTONE_CODE, PLANNED, Fact
from huoji.core.way import Done, Standing, Stretch

H = 3600
T0 = 1_790_000_000
PLAN = tuple(Stretch(n, n + 1, Mode.ROAD, T0 + 10 * n * H, T0 + (10 * n + 6) * H) for n in range(1, 5))


def fact(hours, milestone, place, *, classifier=ACTUAL, key=0, **more):
    at = T0 + round(hours * H)
    return Fact(key=key or hash((hours, milestone, place)) & 0xFFFF, digest=1, at=at, recorded=max(at, T0), milestone=MILESTONE_CODE[milestone], place=place, classifier=classifier, **more)  # fmt: skip


A, D, S = Milestone.ARRIVED, Milestone.DEPARTED, Milestone.SORTED
moments = st.lists(st.tuples(st.integers(0, 60), st.sampled_from([A, D, S, Milestone.UNLOADED, Milestone.INFO]), st.integers(0, 6)), max_size=12, unique=True)  # fmt: skip


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ([], Standing()),
        ([(9, Milestone.PICKED_UP, 1)], Standing(0, 0, T0 + 9 * H)),
        ([(9, S, 1), (11, D, 1)], Standing(0, T0 + 11 * H, T0 + 9 * H)),
        ([(9, S, 1), (11, D, 1), (14, A, 77)], Standing(0, T0 + 11 * H, T0 + 9 * H)),
        ([(9, S, 1), (14, A, 77)], Standing(0, T0 + 10 * H, T0 + 9 * H)),
        ([(11, D, 1), (17, A, 2), (18, S, 2)], Standing(1, 0, T0 + 17 * H)),
        ([(11, D, 1), (25, D, 3)], Standing(2, T0 + 25 * H, T0 + 25 * H)),
        ([(11, D, 1), (60, A, 5)], Standing(4, 0, T0 + 60 * H)),
    ],
    ids=["nothing", "picked up", "left", "left and seen elsewhere", "seen elsewhere, nobody told that it left", "at a hub", "a hub unseen", "at the end"],
)  # fmt: skip
def test_what_was_told_says_where_it_stands(told, standing):
    assert way.walk(PLAN, [fact(*each) for each in told])[0] == standing


@given(moments)
def test_more_news_never_takes_it_back_and_no_leg_is_made_twice(told):
    rows = [fact(*each) for each in sorted(told, key=lambda each: each[0])]
    numbers = [way.walk(PLAN, rows[:upto])[0].number for upto in range(len(rows) + 1)]
    assert numbers == sorted(numbers)
    assert 0 <= numbers[-1] <= len(PLAN)
    standing, done = way.walk(PLAN, rows)
    assert way.walk(PLAN, rows[::-1]) == (standing, done)
    assert all(one.number < other.number for one, other in pairwise(done))
    assert all(not each.departed or not each.arrived or each.departed <= each.arrived for each in done)


def test_a_leg_that_was_made_is_known_with_both_ends():
    done = way.walk(PLAN, [fact(11, D, 1), fact(17, A, 2), fact(21, D, 2), fact(30, A, 3)])[1]
    assert done == (Done(0, T0 + 11 * H, T0 + 17 * H), Done(1, T0 + 21 * H, T0 + 30 * H))


def test_planned_calls_make_a_plan_and_the_newest_estimate_of_one_counts():
    told = [
        fact(10, D, 1, classifier=PLANNED), fact(40, A, 2, classifier=PLANNED), fact(50, D, 2, classifier=PLANNED),
        fact(90, A, 3, classifier=PLANNED), fact(99, A, 3, classifier=1),
    ]  # fmt: skip
    assert [(each.start, each.end, (each.arrives - T0) // H, each.is_estimate) for each in way.told_plan(told)] == [(1, 2, 40, False), (2, 3, 99, True)]  # fmt: skip


def test_a_promise_for_a_day_is_kept_until_its_end():
    told = [fact(0, Milestone.DELIVERED, 5, classifier=PLANNED, precision=DAY)]
    assert way.promise(told, T0) == T0 + 86_400 - 1
    assert way.promise([], T0) == T0


def rest(lane, wide, *, arrives=0, since=T0):
    named = way.rest_of(line=Line.EXPRESS, here="A", origin="O", destination="B", since=since, distance_m=500_000)
    past = way.way_past(since=T0 - 40 * H, until=T0 - 10 * H, measure_s=named.measure_s)
    return way.rest_leg(named, arrives=arrives, ways=[History((past,) * lane), History((past,) * wide)], promises=[History(), History()])  # fmt: skip


def test_a_lane_says_more_than_a_date_and_a_date_more_than_ways_of_that_length():
    assert rest(8, 0, arrives=T0 + 9 * H)[1] == T0
    assert rest(2, 50, arrives=T0 + 9 * H)[0].arrives == T0 + 9 * H
    assert rest(2, 50)[0].measure_s
    assert rest(2, 3) is None
    assert rest(8, 50, since=0) is None


def test_the_rest_of_a_way_takes_as_long_as_those_before():
    leg, departed = rest(40, 40)
    told = estimate(Facts(legs=(leg,), departed=departed), now=T0 + H)
    assert told.final.interval.likely == pytest.approx(T0 + 30 * H, abs=60)


intervals = st.tuples(st.integers(-50, 400), st.integers(0, 200), st.integers(0, 200)).map(
    lambda each: Interval(early=T0 + each[0] * H, likely=T0 + (each[0] + each[1]) * H, late=T0 + sum(each) * H)
)


@given(st.none() | intervals, st.integers(-100, 100), st.sampled_from(Line), st.integers(0, 3 * H))
def test_it_is_looked_at_again_later_and_never_after_its_promise_breaks(told, promise_h, line, step_s):
    promise = T0 + promise_h * H
    memory = risk.step(risk.NEW, told, promise=promise, now=T0, limits=outlook.LIMITS[line])
    at = outlook.next_look(memory, told, departs=0, promise=promise, line=line, now=T0 + step_s)
    due = promise + outlook.LIMITS[line].tolerance_s
    assert at is None or at > T0 + step_s
    assert at is not None or (told is None and due < T0 + step_s) or (told and told.early <= told.late < T0 + step_s)
    assert due < T0 + step_s or at <= due + 1 + risk.STEP_S


@pytest.mark.parametrize(
    ("promise", "again"), [(0, None), (T0 + 20 * H, T0 + 22 * H + 1)], ids=["refused", "not known any more"]
)
def test_a_risk_that_was_about_to_open_is_not_waited_for_when_no_estimate_can_open_it(promise, again):
    told = Interval(early=T0 + 10 * H, likely=T0 + 30 * H, late=T0 + 40 * H)
    about = risk.step(risk.NEW, told, promise=T0 + 20 * H, now=T0, limits=outlook.LIMITS[Line.EXPRESS])
    kept = outlook.judge(about, None, (), promise=promise, line=Line.EXPRESS, now=T0 + 60).memory
    assert about.up_since
    assert outlook.next_look(kept, None, departs=0, promise=promise, line=Line.EXPRESS, now=T0 + 60) == again

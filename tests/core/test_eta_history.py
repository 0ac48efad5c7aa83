"""What past legs and halts teach."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.eta_history import (
    FLAT,
    KEPT_MAX,
    LEVEL_MAX,
    LEVEL_MIN,
    MARKS,
    MISS,
    DayPace,
    Halt,
    Halts,
    History,
    Interval,
    Levels,
    Past,
    elapsed_share,
    halt_excess,
    history_keys,
    mark_shares,
    mixed,
    paced,
    past_leg,
)  # fmt: skip
from huoji.core.milestone import Mode

T0 = 1_790_000_000
H = 3600


def outcome(at: int, late_s: int = 0) -> Past:
    return Past(at=at, late_s=late_s)


@given(st.lists(st.integers(0, 10**6), max_size=60))
def test_a_history_is_in_the_order_of_time_whatever_the_order_of_telling(ats):
    history = History()
    for at in ats:
        history = history.learn(outcome(at))
    assert [each.at for each in history.past] == sorted(ats)
    assert msgspec.json.decode(msgspec.json.encode(history), type=History) == history


def test_a_history_forgets_the_oldest():
    history, halts = History(), Halts()
    for at in range(KEPT_MAX + 5):
        history = history.learn(outcome(at))
        halts = halts.learn(Halt(at=at, planned_s=1, came_late_s=0, left_late_s=0))
    assert [each.at for each in history.past] == [each.at for each in halts.halts] == list(range(5, KEPT_MAX + 5))
    assert len(msgspec.msgpack.encode(halts)) < 5_000


@given(st.lists(st.lists(st.integers(-9, 9), max_size=30), max_size=3), st.integers(0, 10**8))
def test_a_mixture_is_whole_and_the_prior_is_never_forgotten(windows, later):
    told = [[outcome(T0 + n, late) for n, late in enumerate(window)] for window in windows]
    values, known = mixed(told, lambda past: float(past.late_s), prior=[100.0, 200.0], now=T0 + later)
    assert sum(weight for _, weight in values) == pytest.approx(1)
    assert sum(weight for value, weight in values if value >= 100) > 0
    assert 0 <= known <= sum(map(len, windows)) + 1e-9


@given(st.integers(0, 10**6), st.integers(0, 86_400), st.integers(-720, 720))
def test_on_an_even_day_the_plan_takes_as_long_as_planned(planned_s, start, offset_min):
    assert paced(planned_s, start=T0 + start, offset_min=offset_min, factors=FLAT) == pytest.approx(planned_s)


@given(
    st.lists(st.floats(0.6, 1.8), min_size=24, max_size=24),
    st.integers(0, 10**5),
    st.integers(0, 10**5),
    st.integers(0, 86_400),
)
def test_a_way_takes_as_long_as_its_two_halves_one_after_the_other(factors, one, other, start):
    def took(length, at):
        return paced(length, start=at, offset_min=480, factors=factors)

    first = took(one, T0 + start)
    assert took(one + other, T0 + start) == pytest.approx(first + took(other, T0 + start + first), abs=0.01)


def test_slow_hours_of_the_day_are_learnt():
    pace = DayPace()
    morning = T0 - T0 % 86_400  # 08:00 at +08:00
    for day in range(60):
        slow = Past(
            at=T0, late_s=0, planned_s=2 * H, paced_s=2 * H, actual_s=3 * H, marks=tuple(round(m * 1000) for m in MARKS)
        )
        quick = msgspec.structs.replace(slow, actual_s=2 * H)
        for past, hour in ((slow, 0), (quick, 6), (quick, 12)):
            pace = pace.learn(departed=morning + day * 86_400 + hour * H, planned_s=2 * H, past=past, offset_min=480)
    factors = pace.factors()
    assert min(factors[8:11]) > 1.1
    assert max(factors[14:16]) < 1
    assert factors[3] == 1
    assert paced(2 * H, start=morning, offset_min=480, factors=factors) > 2.2 * H


@given(st.lists(st.floats(0.02, 3), min_size=12, max_size=40), st.integers(600, 10**6))
def test_marks_tell_how_much_of_the_time_was_used_at_each_part_of_the_way(paces, length):
    total, share, at, progress = sum(paces), 0.0, float(T0), []
    for pace in paces:
        at += length * pace / total
        share += 1 / len(paces)
        progress.append((round(at), share))
    marks = mark_shares(progress, departed=T0, arrived=T0 + length)
    if not marks:
        return  # so short that its seconds run together
    assert list(marks) == sorted(marks)
    past = Past(at=T0, late_s=0, planned_s=1, paced_s=1, actual_s=length, marks=marks)
    for mark, told in zip(MARKS, marks, strict=True):
        assert elapsed_share(past, mark) == pytest.approx(told / 1000)
    shares = [elapsed_share(past, n / 20) for n in range(21)]
    assert all(a <= b + 1e-9 for a, b in pairwise(shares))
    assert (shares[0], shares[-1]) == (0, 1)


def test_too_few_positions_make_no_marks():
    assert mark_shares([(T0 + 5, 0.5)], departed=T0, arrived=T0 + 10) == ()


@pytest.mark.parametrize(
    ("planned", "actual", "expected"),
    [
        pytest.param((T0, T0 + H), (T0 + 60, T0 + H + 600), (600, H, H + 540), id="known throughout"),
        pytest.param((0, T0 + H), (0, T0 + H - 60), (-60, 0, 0), id="dates of delivery alone"),
        pytest.param((0, 0), (T0, T0 + 10), (0, 0, 10), id="no plan"),
    ],
)
def test_a_finished_leg_teaches_what_is_known_of_it(planned, actual, expected):
    past = past_leg(planned=planned, actual=actual, progress=(), factors=FLAT, offset_min=480)
    assert (past.late_s, past.planned_s, past.actual_s) == expected


@pytest.mark.parametrize(
    ("came_late", "left_late", "excess"),
    [
        pytest.param(0, 0, 0, id="on time"),
        pytest.param(-H, 0, 0, id="early, and waited for the timetable"),
        pytest.param(2 * H, 2 * H, 1440, id="late, and left no later than it came"),
        pytest.param(0, H, H, id="on time, and left an hour late"),
    ],
)
def test_a_halt_is_measured_against_when_it_could_leave(came_late, left_late, excess):
    assert halt_excess(Halt(at=0, planned_s=H, came_late_s=came_late, left_late_s=left_late)) == pytest.approx(excess)


@given(st.lists(st.integers(-10, 10), max_size=300))
def test_levels_widen_by_misses_and_narrow_by_hits_within_bounds(actuals):
    levels, told = Levels(), Interval(early=-5, likely=0, late=5)
    for actual in actuals:
        after = levels.learn(told, actual=actual)
        assert LEVEL_MIN <= after.low <= LEVEL_MAX
        assert LEVEL_MIN <= after.high <= LEVEL_MAX
        assert max(after.cautious.low, after.cautious.high) <= MISS
        assert (after.low < levels.low or after.low == LEVEL_MIN) if actual < -5 else after.low >= levels.low
        assert (after.high < levels.high or after.high == LEVEL_MIN) if actual > 5 else after.high >= levels.high
        levels = after


def test_keys_go_from_the_lane_to_the_mode():
    keys = history_keys(mode=Mode.ROAD, origin="A", destination="B", carrier="C", distance_m=500_000)
    assert keys == ("lane/road/A/B", "carrier/road/C/2", "mode/road/2")

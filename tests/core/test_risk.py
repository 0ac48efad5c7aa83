"""Delay risk: when it opens and clears."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.eta_history import Interval
from huoji.core.risk import NEW, Level, RiskLimits, RiskReason, RiskState, step, why

T0 = 1_790_000_000
DUE = T0 + 100_000
LIMITS = RiskLimits(tolerance_s=1800, band_s=1200, open_s=600, clear_s=1800)
NONE, LOW, HIGH = Level


def told(likely: int, late: int) -> Interval:
    """Return an interval by how far its likely and late ends lie after the promise."""
    return Interval(early=DUE + likely - 9_000, likely=DUE + likely, late=DUE + late)


def run(*estimates: tuple[int, int] | None, every: int = 300) -> list[Level]:
    state, levels = NEW, []
    for number, each in enumerate(estimates):
        state = step(state, told(*each) if each else None, promise=DUE, now=T0 + number * every, limits=LIMITS)
        levels.append(state.level)
    return levels


GOOD, MAYBE, BAD = (-5_000, 0), (0, 5_000), (5_000, 9_000)


@pytest.mark.parametrize(
    ("estimates", "expected"),
    [
        pytest.param([GOOD] * 4, [NONE] * 4, id="in time"),
        pytest.param([BAD] * 4, [NONE, NONE, HIGH, HIGH], id="late opens after ten minutes"),
        pytest.param([MAYBE] * 4, [NONE, NONE, LOW, LOW], id="perhaps late is low"),
        pytest.param([BAD, GOOD, BAD, GOOD, BAD], [NONE] * 5, id="now and then opens nothing"),
        pytest.param([MAYBE] * 3 + [BAD] * 3, [NONE, NONE, LOW, LOW, LOW, HIGH], id="low grows high"),
        pytest.param([BAD] * 3 + [GOOD] * 8, [NONE, NONE, *[HIGH] * 7, NONE, NONE], id="clears after half an hour"),
        pytest.param([BAD] * 3 + [(1_900, 9_000)] * 9, [NONE, NONE, *[HIGH] * 10], id="in the band nothing clears"),
        pytest.param([(1_900, 1_950)] * 9, [NONE] * 9, id="in the band nothing opens"),
        pytest.param([BAD] * 3 + [None] * 9, [NONE, NONE, *[HIGH] * 10], id="not knowing changes nothing"),
    ],
)
def test_a_risk_opens_late_and_clears_later(estimates, expected):
    assert run(*estimates) == expected


@given(st.integers(-20_000, 20_000), st.integers(0, 20_000), st.lists(st.integers(-599, 599), max_size=80))
def test_noise_smaller_than_the_band_never_makes_it_flip(likely, width, noise):
    levels = run(*((likely + each, likely + width + each) for each in noise))
    assert all(one <= other for one, other in pairwise(levels))


@given(st.lists(st.tuples(st.integers(-20_000, 20_000), st.integers(0, 20_000)), max_size=60))
def test_a_level_lasts_at_least_as_long_as_it_takes_to_change_it(estimates):
    levels = run(*((likely, likely + width) for likely, width in estimates))
    changes = [number for number, (one, other) in enumerate(pairwise(levels)) if one is not other]
    assert all(later - before >= 2 for before, later in pairwise(changes))


@given(
    st.none() | st.builds(lambda likely: told(likely, likely + 100), st.integers(-9_000, 9_000)), st.integers(0, 10**6)
)
def test_a_broken_promise_is_a_risk_whatever_is_estimated(interval, later):
    now = DUE + 1_801 + later
    state = step(NEW, interval, promise=DUE, now=now, limits=LIMITS)
    assert state.level is HIGH
    assert RiskReason.OVERDUE in [each.code for each in why(state, interval, promise=DUE, now=now)]


def test_a_new_promise_clears_what_the_old_one_broke():
    state = step(NEW, told(0, 0), promise=DUE, now=DUE + 9_000, limits=LIMITS)
    for minute in range(40):
        state = step(state, told(10_000, 20_000), promise=DUE + 90_000, now=DUE + 9_000 + minute * 60, limits=LIMITS)
    assert state.level is NONE


def test_where_nothing_was_promised_nothing_is_late():
    assert step(NEW, told(*BAD), promise=0, now=T0, limits=LIMITS).level is NONE
    assert step(RiskState(level=HIGH), None, promise=0, now=T0, limits=LIMITS).level is NONE


def test_an_estimate_older_than_the_last_changes_nothing():
    state = step(NEW, told(*BAD), promise=DUE, now=T0, limits=LIMITS)
    assert step(state, told(*GOOD), promise=DUE, now=T0 - 1, limits=LIMITS) == state
    assert msgspec.json.decode(msgspec.json.encode(state), type=RiskState) == state


@pytest.mark.parametrize(
    ("level", "interval", "now", "expected"),
    [
        pytest.param(NONE, told(*GOOD), T0, [], id="none"),
        pytest.param(LOW, told(-500, 5_000), T0, [(RiskReason.MAY_BE_LATE, 5_000)], id="perhaps late"),
        pytest.param(HIGH, told(*BAD), T0, [(RiskReason.LIKELY_LATE, 5_000)], id="late"),
        pytest.param(
            HIGH, None, DUE + 60, [(RiskReason.OVERDUE, 60), (RiskReason.NOT_KNOWN, 0)], id="overdue, and unknown"
        ),
    ],
)
def test_every_risk_says_why(level, interval, now, expected):
    reasons = why(RiskState(level=level), interval, promise=DUE, now=now)
    assert [(each.code, each.value) for each in reasons] == expected

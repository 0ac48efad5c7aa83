"""Excursions and minutes outside: from the set of readings alone, with gaps, margins and late readings."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core import sensing
from huoji.core.sensing import Limit, LimitRefusedError, Sample, Side

COLD = Limit(low=2.0, high=8.0, allowed_s=1_800, margin=0.5)
MINUTES = 60


def told(*values, every_s=600, start=10_000):
    return [Sample(start + number * every_s, value) for number, value in enumerate(values)]


def test_a_short_warmth_is_no_excursion_but_its_minutes_count():
    found = sensing.course(told(5, 5, 9, 9, 5, 5), COLD)
    assert not found.excursions
    # 5 to 9 crosses 8 after three quarters: 150 s, then 600 s above, then 150 s on the way back.
    assert found.above_s == pytest.approx(900)
    assert found.measured_s == 3_000


def test_an_excursion_opens_when_it_lasts_longer_than_allowed_and_ends_when_the_value_is_back():
    found = sensing.course(told(5, 9, 9, 9, 9, 10, 9, 5, 5), COLD)
    [one] = found.excursions
    assert (one.side, one.began_at, one.opened_at) == (Side.HIGH, 10_000 + 450, 10_000 + 2_400)
    assert one.ended_at == 10_000 + 7 * 600
    assert (one.extreme, one.extreme_at) == (10, 10_000 + 3_000)
    assert one.outside_s == pytest.approx(found.above_s) == pytest.approx(150 + 3_000 + 150)


def test_one_that_plays_around_the_limit_is_one_excursion():
    found = sensing.course(told(9, 9, 9, 9, 9, 7.8, 9, 7.9, 9, 9, 7.4), COLD)
    assert len(found.excursions) == 1
    assert found.excursions[0].ended_at == 10_000 + 10 * 600


def test_a_gap_counts_as_nothing_and_does_not_end_an_excursion():
    warm = told(9, 9, 9, 9, 9)
    later = [Sample(warm[-1].at + 7_200, 9.0), Sample(warm[-1].at + 7_800, 9.0)]
    found = sensing.course([*warm, *later], COLD)
    [one] = found.excursions
    assert not one.ended_at
    assert found.above_s == one.outside_s == 4 * 600 + 600
    assert (found.gap_s, found.measured_s) == (7_200, 3_000)


def test_a_gap_between_two_warm_readings_opens_nothing():
    found = sensing.course([Sample(0, 9.0), Sample(100_000, 9.0)], COLD)
    assert not found.excursions
    assert found.above_s == 0


def test_without_allowed_minutes_the_first_reading_outside_opens():
    shock = Limit(high=3.0)
    found = sensing.course([Sample(10, 0.2), Sample(20, 7.5)], shock)
    assert found.is_out
    assert found.current.opened_at == 20


def test_from_too_warm_to_too_cold_are_two_excursions():
    found = sensing.course(told(9, 9, 9, 9, 9, 1, 1, 1, 1, 1), COLD)
    assert [each.side for each in found.excursions] == [Side.HIGH, Side.LOW]
    assert found.excursions[0].ended_at == 10_000 + 3_000


def test_the_mean_kinetic_temperature_weighs_warmth_more_than_the_mean():
    found = sensing.course(told(2, 2, 20, 20), Limit(high=30.0))
    assert found.mean < found.kinetic_mean < 20
    constant = sensing.course(told(5, 5, 5), COLD)
    assert constant.kinetic_mean == pytest.approx(5)


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        (Limit(), "limit_missing"),
        (Limit(low=8, high=2), "limit_crossed"),
        (Limit(low=2, high=8, margin=4), "limit_margin"),
        (Limit(high=8, margin=-1), "limit_margin"),
        (Limit(high=8, allowed_s=-1), "limit_span"),
        (Limit(high=8, gap_s=1), "limit_span"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_with_its_reason(limit, code):
    with pytest.raises(LimitRefusedError) as refused:
        sensing.check(limit)
    assert refused.value.code == code
    assert sensing.check(COLD) is COLD


SAMPLES = st.lists(
    st.builds(Sample, st.integers(1, 40_000), st.sampled_from([0.0, 1.0, 2.0, 5.0, 7.6, 8.0, 8.5, 9.0, 15.0])),
    max_size=40,
)
LIMITS = st.sampled_from([COLD, Limit(high=8.0), Limit(low=2.0, allowed_s=600), Limit(low=2.0, high=8.0, gap_s=3_600)])


@given(SAMPLES, LIMITS, st.randoms())
def test_the_order_of_arrival_changes_nothing(samples, limit, random):
    shuffled = samples[:]
    random.shuffle(shuffled)
    assert sensing.course(shuffled, limit) == sensing.course(samples, limit)


@given(SAMPLES, LIMITS)
def test_sending_again_changes_nothing(samples, limit):
    assert sensing.course(samples + samples, limit) == sensing.course(samples, limit)


@given(SAMPLES, LIMITS)
def test_reading_by_reading_is_the_same_as_all_at_once(samples, limit):
    once = {}
    for at, value in samples:
        once[at] = max(value, once.get(at, value))
    found = sensing.NEW
    for each in sorted(once.items()):
        found = sensing.step(found, Sample(*each), limit)
    assert found == sensing.course(samples, limit)


@given(SAMPLES, LIMITS)
def test_sums_and_excursions_hold_together(samples, limit):
    found = sensing.course(samples, limit)
    times = sorted({each.at for each in samples})
    assert found.measured_s + found.gap_s == (times[-1] - times[0] if times else 0)
    assert 0 <= found.above_s + found.below_s <= found.measured_s + 1e-6
    outside = sum(each.outside_s for each in found.excursions)
    assert outside <= found.above_s + found.below_s + 1e-6
    for one, following in zip(found.excursions, found.excursions[1:], strict=False):
        assert one.ended_at
        assert one.ended_at <= following.opened_at
    for each in found.excursions:
        assert each.began_at <= each.opened_at <= (each.ended_at or math.inf)
        assert each.outside_s > limit.allowed_s or not limit.allowed_s


@given(SAMPLES)
def test_stricter_limits_never_find_less(samples):
    wide, narrow = Limit(low=1.0, high=9.0), Limit(low=2.0, high=8.0)
    loose, strict = sensing.course(samples, wide), sensing.course(samples, narrow)
    assert strict.above_s >= loose.above_s - 1e-6
    assert strict.below_s >= loose.below_s - 1e-6

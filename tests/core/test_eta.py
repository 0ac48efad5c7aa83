"""When a run arrives, how sure that is, and why."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.eta import LEGS_MAX, Because, Confidence, Estimate, Facts, Leg, ReasonCode, estimate
from huoji.core.eta_history import GUESSES, Halt, Halts, History, Past
from huoji.core.milestone import Mode

T0 = 1_790_000_000
H = 3600
ROAD = Mode.ROAD


def past(ratio: float, *, at: int = 0, planned_s: int = 10 * H, late_s: int | None = None, marks=()) -> Past:
    actual_s = round(planned_s * ratio)
    return Past(
        at=T0 + at, late_s=actual_s - planned_s if late_s is None else late_s, planned_s=planned_s, paced_s=planned_s,
        actual_s=actual_s, marks=marks,
    )  # fmt: skip


def history(*ratios: float) -> History:
    return History(tuple(past(ratio, at=number) for number, ratio in enumerate(ratios)))


def leg(departs: int = 0, arrives: int = 10 * H, **more) -> Leg:
    """Return a leg from T0 of ten hours and 600 km."""
    return Leg(
        **{"stop": "B", "mode": ROAD, "departs": T0 + departs, "arrives": T0 + arrives, "distance_m": 600_000} | more
    )


def hours(told: Estimate, stop: int = -1) -> tuple[float, float, float]:
    interval = told.stops[stop].interval
    return tuple((at - T0) / H for at in (interval.early, interval.likely, interval.late))


def codes(told: Estimate) -> list[ReasonCode]:
    return [because.code for because in told.because]


USUAL = history(*[0.9, 0.95, 1.0, 1.0, 1.05, 1.1] * 8)


@pytest.mark.parametrize(
    ("facts", "now", "likely", "reason"),
    [
        pytest.param(Facts(legs=(leg(history=(USUAL,)),)), -1, 10, ReasonCode.LANE_HISTORY, id="before departure"),
        pytest.param(Facts(legs=(leg(history=(USUAL,)),), departed=T0), 1, 10, ReasonCode.LANE_HISTORY, id="departed, no position"),
        pytest.param(Facts(legs=(leg(history=(USUAL,)),), departed=T0 + 2 * H), 2.1, 12, ReasonCode.DEPARTED_LATE, id="departed late"),
        pytest.param(Facts(legs=(leg(history=(USUAL,)),), departed=T0, left_m=300_000, seen=T0 + 5 * H), 5, 10, ReasonCode.POSITION, id="half way in time"),
        pytest.param(Facts(legs=(leg(history=(USUAL,)),), departed=T0, left_m=300_000, seen=T0 + 8 * H), 8, 13.5, ReasonCode.POSITION, id="half way, slow"),
        pytest.param(Facts(legs=(leg(history=(USUAL,)),), departed=T0, left_m=300_000, seen=T0 + 3 * H), 3, 7.8, ReasonCode.POSITION, id="half way, quick"),
        pytest.param(Facts(legs=(leg(),)), -1, 10, ReasonCode.PLAN_ONLY, id="a plan and nothing else"),
        pytest.param(Facts(legs=(leg(history=(History(), USUAL)),), departed=T0), 1, 10, ReasonCode.WIDER_HISTORY, id="a new lane"),
        pytest.param(Facts(legs=(leg(departs=-T0, arrives=-T0),), departed=T0, left_m=600_000, seen=T0), 0, 11.2, ReasonCode.NO_PLAN, id="no plan, a way"),
        pytest.param(Facts(legs=(leg(history=(USUAL,)),), came=T0 - H), -0.5, 10.3, ReasonCode.HALTING, id="halting before it"),
    ],
)  # fmt: skip
def test_what_is_known_makes_the_estimate(facts, now, likely, reason):
    told = estimate(facts, now=T0 + round(now * H))
    assert hours(told)[1] == pytest.approx(likely, abs=0.4)
    assert reason in codes(told)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(Facts(legs=(Leg(stop="B", mode=ROAD),)), id="nothing"),
        pytest.param(
            Facts(legs=(Leg(stop="B", mode=ROAD, history=(USUAL,)),), departed=T0), id="a history and no plan"
        ),
        pytest.param(
            Facts(legs=(Leg(stop="B", mode=ROAD, distance_m=9_000),)), id="a way, and nobody knows if it set out"
        ),
    ],
)
def test_where_nothing_is_known_nothing_is_told(facts):
    told = estimate(facts, now=T0)
    assert told.final.interval is None
    assert (told.confidence, told.because) == (Confidence.NONE, (Because(code=ReasonCode.UNKNOWN),))


def test_stops_after_an_unknown_leg_are_unknown_and_those_before_are_told():
    told = estimate(Facts(legs=(leg(), Leg(stop="C", mode=ROAD), leg(12 * H, 20 * H))), now=T0)
    assert [stop.interval is None for stop in told.stops] == [False, True, True]


@pytest.mark.parametrize("more", [{"departed": T0}, {"came": T0 - H}, {}], ids=["departed", "waiting", "a date alone"])
def test_a_plan_that_names_a_wrong_year_tells_no_time_nor_does_what_follows(more):
    year_9998 = 253_300_000_000 - T0
    told = estimate(Facts(legs=(leg(arrives=year_9998), leg(year_9998 + H, year_9998 + 2 * H)), **more), now=T0 + 60)
    assert [stop.interval for stop in told.stops] == [None, None]


@pytest.mark.parametrize("legs", [(), (leg(),) * (LEGS_MAX + 1)], ids=["none", "too many"])
def test_a_run_has_some_legs_and_not_too_many(legs):
    with pytest.raises(ValueError, match="legs"):
        estimate(Facts(legs=legs), now=T0)


@pytest.mark.parametrize("ratio", [0.7, 1.5], ids=["early", "late"])
def test_a_lane_that_is_always_early_or_late_is_believed_the_more_the_longer(ratio):
    def likely(count: int) -> float:
        return hours(estimate(Facts(legs=(leg(history=(history(*[ratio] * count),)),), departed=T0), now=T0 + H))[1]

    off = [abs(likely(count) - 10 * ratio) for count in (0, 3, 20, 100)]
    assert off == sorted(off, reverse=True)
    assert off[-1] < 0.01 < off[0]


def test_a_thin_lane_leans_on_what_is_like_it():
    slow, quick = history(*[1.4] * 60), history(1.0, 1.0)
    assert hours(estimate(Facts(legs=(leg(history=(quick, slow)),), departed=T0), now=T0))[1] == pytest.approx(14)
    many = history(*[1.0] * 60)
    assert hours(estimate(Facts(legs=(leg(history=(many, slow)),), departed=T0), now=T0))[1] == pytest.approx(10)


def test_what_was_lately_so_outweighs_what_was_long_ago():
    before = [past(1.0, at=number) for number in range(60)]
    lately = [past(1.3, at=180 * 86_400 + number) for number in range(20)]
    told = estimate(
        Facts(legs=(leg(history=(History((*before, *lately)),)),), departed=T0 + 180 * 86_400), now=T0 + 180 * 86_400
    )
    assert (told.final.interval.likely - T0 - 180 * 86_400) / H == pytest.approx(13)


def test_the_longer_without_a_position_the_wider_and_the_less_sure():
    facts = Facts(legs=(leg(history=(USUAL,)),), departed=T0, left_m=540_000, seen=T0 + H)
    told = [estimate(facts, now=T0 + at * H) for at in (1, 2, 4, 6)]
    widths = [each.final.interval.late - each.final.interval.early for each in told]
    assert widths == sorted(set(widths))
    assert [each.confidence for each in told][::3] == [Confidence.HIGH, Confidence.LOW]
    assert codes(told[-1])[0] is ReasonCode.SILENT


def test_a_long_stand_puts_the_arrival_off():
    driving = Facts(legs=(leg(history=(USUAL,)),), departed=T0, left_m=300_000, seen=T0 + 5 * H)
    standing = Facts(legs=driving.legs, departed=T0, left_m=300_000, seen=T0 + 5 * H, standing_s=3 * H)
    one, other = (hours(estimate(facts, now=T0 + 5 * H)) for facts in (driving, standing))
    assert other[1] > one[1]
    assert other[2] > one[2] + 1


def test_before_the_gate_it_has_not_arrived_and_the_queue_counts_from_its_first_minute():
    def at_gate(standing_s: int) -> tuple[float, float, float]:
        facts = Facts(legs=(leg(history=(USUAL,)),), departed=T0, left_m=0, seen=T0 + 10 * H, standing_s=standing_s)
        return hours(estimate(facts, now=T0 + 10 * H))

    assert 10 < at_gate(0)[0] < at_gate(0)[2] < 10.2
    assert at_gate(1200)[1] > at_gate(0)[1] + 0.1
    assert at_gate(1200)[2] > at_gate(600)[2]


def test_a_halt_waits_for_the_timetable_when_early_and_for_the_handling_when_late():
    halts = Halts(tuple(Halt(at=T0 + n, planned_s=2 * H, came_late_s=0, left_late_s=0) for n in range(60)))
    ahead = leg(12 * H, 22 * H, halt_s=2 * H, halts=(halts,), history=(history(*[1.0] * 60),), stop="C")

    def final(departed: int) -> float:
        first = leg(history=(history(*[1.0] * 60),))
        return hours(estimate(Facts(legs=(first, ahead), departed=T0 + departed), now=T0 + departed))[1]

    assert final(-2 * H) == final(0) == pytest.approx(22)
    assert final(4 * H) == pytest.approx(4 + 10 + 1.2 + 10)


def test_what_is_overdue_is_told_to_come_later_and_the_more_overdue_the_later():
    on_time = History(tuple(past(1.0, at=number, late_s=0) for number in range(60)))
    facts = Facts(legs=(leg(history=(on_time,)),))
    ahead = [estimate(facts, now=T0 + at * H) for at in (12, 24, 60)]
    more = [told.final.interval.likely - told.at for told in ahead]
    assert more == sorted(more)
    assert all(ReasonCode.OVERDUE in codes(told) for told in ahead)


def test_four_of_five_arrive_within_the_interval():
    dice = Random(7)
    covered, below, asked = 0, 0, 400
    for _ in range(asked):
        ratios = [dice.lognormvariate(0.05, 0.15) for _ in range(40)]
        told = hours(estimate(Facts(legs=(leg(history=(history(*ratios),)),), departed=T0), now=T0))
        actual = 10 * dice.lognormvariate(0.05, 0.15)
        covered += told[0] <= actual <= told[2]
        below += actual < told[1]
    assert 0.74 < covered / asked < 0.88
    assert 0.42 < below / asked < 0.58


PAST = st.builds(
    past, st.floats(0.2, 5), at=st.integers(-10**7, 0), planned_s=st.integers(600, 10**6),
    marks=st.just(()) | st.lists(st.integers(0, 1000), min_size=8, max_size=8).map(lambda marks: tuple(sorted(marks))),
)  # fmt: skip
HISTORIES = st.lists(st.lists(PAST, max_size=12), max_size=3).map(
    lambda windows: tuple(History(tuple(sorted(window, key=lambda each: each.at))) for window in windows)
)
HALTS = st.builds(
    Halt, at=st.integers(T0 - 10**7, T0), planned_s=st.integers(0, 10**5), came_late_s=st.integers(-(10**5), 10**5),
    left_late_s=st.integers(-(10**5), 10**5),
)  # fmt: skip


@st.composite
def situations(draw):
    at, legs = T0 + draw(st.integers(-10 * H, 10 * H)), []
    for number in range(draw(st.integers(1, 4))):
        length = draw(st.integers(60, 40 * H))
        known = draw(st.booleans())
        legs.append(
            Leg(
                stop=str(number), mode=draw(st.sampled_from(Mode)), departs=at * known, arrives=(at + length) * known,
                halt_s=draw(st.integers(0, 5 * H)), distance_m=draw(st.integers(0, 10**6)), history=draw(HISTORIES),
                halts=(Halts(tuple(draw(st.lists(HALTS, max_size=4)))),),
            )
        )  # fmt: skip
        at += length + draw(st.integers(0, 5 * H))
    departed = draw(st.sampled_from([0, T0]) | st.integers(T0 - 50 * H, T0))
    return Facts(
        legs=tuple(legs), departed=departed, came=0 if departed else draw(st.sampled_from([0, T0 - H])),
        left_m=draw(st.integers(-1, 1_100_000)), seen=draw(st.integers(T0 - 50 * H, T0)),
        standing_s=draw(st.integers(0, 10 * H)), off_route_m=draw(st.sampled_from([0, 5_000])),
    )  # fmt: skip


@given(situations())
def test_an_interval_lies_ahead_in_order_and_no_stop_comes_before_the_one_before_it(facts):
    told = estimate(facts, now=T0)
    assert told == estimate(facts, now=T0)
    assert len(told.stops) == len(facts.legs)
    known = [stop.interval for stop in told.stops if stop.interval is not None]
    assert all(each.interval is None for each in told.stops[len(known) :])
    for interval in known:
        assert T0 <= interval.early <= interval.likely <= interval.late
    for one, other in pairwise(known):
        assert one.early <= other.early
        assert one.likely <= other.likely
        assert one.late <= other.late
    assert (told.confidence is Confidence.NONE) == (not known)
    assert told.because


def test_every_mode_has_a_guess():
    assert set(GUESSES) == set(Mode)

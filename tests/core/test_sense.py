"""Rules of movement above the fleet: whose eyes see how exactly, how exceptions live, what a run's number says, and journeys without invention."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core import outlook, run
from huoji.core.answer import Audience, Entry, StageState
from huoji.core.eta_history import Interval
from huoji.core.exception import (
    CauseCode,
    ExceptionKind,
    ExceptionRefusedError,
    Life,
    Severity,
    graver,
    may_acknowledge,
    may_clear,
    reported,
)
from huoji.core.fleet import ConveyanceKind, RunState
from huoji.core.geo import quick_m
from huoji.core.journey import PlannedLeg, journey
from huoji.core.milestone import Classifier, Line, Milestone, Mode, Reason
from huoji.core.moment import Moment, Precision
from huoji.core.sight import TransportState
from huoji.core.timeline import MILESTONE_CODE, REASON_CODE, Fact
from huoji.core.whereabouts import GRID_M, Seen, cut

NOW = 1_795_000_000
VEHICLE, VESSEL = ConveyanceKind

seen = st.builds(
    Seen, kind=st.just(VEHICLE), at=st.integers(NOW - 10**6, NOW), lat_e6=st.integers(-89_000_000, 89_000_000),
    lon_e6=st.integers(-179_900_000, 179_900_000), speed_dkmh=st.integers(-1, 3000), course=st.none() | st.integers(0, 359),
    nav=st.none(), source=st.just("gps"),
)  # fmt: skip


# ---- whose eyes ------------------------------------------------------------------------------------------------------


@given(seen, st.sampled_from([Audience.BARE, Audience.VERIFIED, Audience.PARTY]))
def test_the_public_and_parties_learn_of_a_lorry_only_the_cell_it_is_in(each, audience):
    told = cut(each, audience=audience, sees_fleet=True, now=NOW)
    assert told.precision_m == GRID_M
    assert (told.speed_kmh, told.course) == (None, None)
    assert round(told.lat * 100) % 5 == 0
    assert told.at % 60 == 0
    assert quick_m(each.lat_e6, each.lon_e6, round(told.lat * 1e6), round(told.lon * 1e6)) < GRID_M
    nudged = replace(each, lat_e6=round(told.lat * 1e6), lon_e6=round(told.lon * 1e6), at=told.at)
    assert cut(nudged, audience=audience, sees_fleet=True, now=NOW).lat == told.lat  # nothing finer leaks


@given(seen, st.sampled_from(Audience))
def test_a_vessel_is_told_exactly_to_everybody_and_a_lorry_to_staff_who_see_the_fleet(each, audience):
    vessel = cut(replace(each, kind=VESSEL), audience=audience, sees_fleet=False, now=NOW)
    assert (round(vessel.lat * 1e6), round(vessel.lon * 1e6)) == (each.lat_e6, each.lon_e6)
    lorry = cut(each, audience=audience, sees_fleet=True, now=NOW)
    assert (lorry.precision_m == 0) is (audience is Audience.STAFF)
    assert cut(each, audience=Audience.STAFF, sees_fleet=False, now=NOW).precision_m == GRID_M


# ---- exceptions ------------------------------------------------------------------------------------------------------


@given(st.sampled_from(Severity), st.sampled_from(Severity), st.sampled_from(Severity))
def test_an_exception_only_gets_graver_in_whatever_order_it_is_told(one, two, three):
    assert graver(graver(one, two), three) == graver(one, graver(three, two))


@given(st.sampled_from(ExceptionKind), st.booleans(), st.booleans(), st.none() | st.sampled_from(CauseCode))
def test_what_is_over_is_not_taken_up_and_damage_is_not_cleared_by_hand_without_a_cause(kind, taken, over, cause):
    life = Life(kind=kind, is_acknowledged=taken, is_cleared=over, cause=cause)
    if over:
        with pytest.raises(ExceptionRefusedError):
            may_acknowledge(life)
        assert not may_clear(life, by_person=True)
        return
    assert may_acknowledge(life) is not taken
    if kind in {ExceptionKind.DAMAGE, ExceptionKind.LOSS} and cause is None:
        with pytest.raises(ExceptionRefusedError):
            may_clear(life, by_person=True)
    assert may_clear(life, by_person=False)


def fact(number, milestone, reason=Reason.NONE, **more):
    return Fact(key=number, digest=number, at=NOW + number, recorded=NOW + number, milestone=MILESTONE_CODE[milestone], reason=REASON_CODE[reason], **more)  # fmt: skip


@given(st.permutations(range(4)))
def test_what_events_report_does_not_depend_on_their_order_of_arrival(order):
    facts = [
        fact(1, Milestone.EXCEPTION, Reason.LOST), fact(2, Milestone.RESOLVED), fact(3, Milestone.EXCEPTION, Reason.DAMAGED),
        fact(4, Milestone.ARRIVED),
    ]  # fmt: skip
    assert [each.kind for each in reported([facts[number] for number in order])] == [ExceptionKind.DAMAGE]


def test_an_event_that_was_taken_back_reports_nothing():
    facts = [fact(1, Milestone.EXCEPTION, Reason.LOST), fact(2, Milestone.INFO, voids=1)]
    assert reported(facts) == []


# ---- runs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "number", "named"),
    [
        ("trip", "沪A12345/1126", run.Named(plate="沪A12345")),
        ("trip", "T2026112307", run.Named()),
        ("voyage", "IMO9074729/025W", run.Named(imo="9074729")),
        ("voyage", "9074729/025W", run.Named(imo="9074729")),
        ("voyage", "COSCO ARIES/025W", run.Named(name="COSCO ARIES")),
        ("voyage", "/025W", run.Named()),
    ],
)
def test_the_number_of_a_trip_or_voyage_names_its_conveyance(kind, number, named):
    assert run.named(kind, number) == named


@given(st.sampled_from(RunState), st.booleans())
def test_a_run_that_is_over_or_would_change_its_vehicle_on_the_way_is_not_planned_anew(state, same):
    if state is RunState.ENDED or (state is RunState.UNDER_WAY and not same):
        with pytest.raises(run.RunRefusedError):
            run.may_replan(state, same_conveyance=same)
    else:
        run.may_replan(state, same_conveyance=same)


@given(st.lists(st.tuples(st.floats(-80, 80), st.floats(-179, 179)), min_size=2, max_size=8, unique=True))
def test_a_path_straight_through_the_stops_leaves_room_for_how_roads_bend(sites):
    draft = run.RunDraft(unit_id=1, number="X", conveyance_id=1, starts_at=datetime.now(UTC))
    route = run.route(draft, sites)
    assert len(route.path) == len(sites)
    assert run.BEND_M_MIN <= route.corridor_m <= run.CORRIDOR_M_MAX


# ---- outlook ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(Line))
def test_without_a_promise_nothing_is_late_and_memory_survives_packing(spread, ahead, line):
    told = Interval(early=NOW, likely=NOW + spread, late=NOW + 2 * spread)
    judged = outlook.judge(outlook.unpack(b""), told, (), promise=0, line=line, now=NOW)
    assert judged.state is TransportState.NORMAL
    promised = outlook.judge(judged.memory, told, (), promise=NOW + ahead, line=line, now=NOW)
    assert outlook.unpack(outlook.pack(promised.memory)) == promised.memory
    assert outlook.unpack(b"\xc1 of another version") == outlook.unpack(b"")


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_the_part_of_the_route_is_whole_only_at_the_end(done, whole):
    told = outlook.percent(done_m=done, whole_m=whole)
    assert told is None if whole == 0 else 0 <= told <= 99


# ---- journeys --------------------------------------------------------------------------------------------------------


def entry(minutes, milestone, place, **more):
    when = Moment(datetime.fromtimestamp(NOW, UTC) + timedelta(minutes=minutes), Precision.MINUTE, 480)
    return Entry(when=when, classifier=Classifier.ACTUAL, milestone=milestone, place=place, **more)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Milestone.ARRIVED, Milestone.DEPARTED, Milestone.SORTED]), st.sampled_from("甲乙丙")
        ),
        max_size=12,
    )
)
def test_legs_join_end_to_end_and_none_is_invented(told):
    happened = [entry(number, milestone, place) for number, (milestone, place) in enumerate(told)]
    legs = journey(happened[::-1], ()).legs
    changes = sum(one[1] != two[1] for one, two in itertools.pairwise(told))
    assert len(legs) == changes
    for before, after in itertools.pairwise(legs):
        assert before.destination == after.origin
    assert all(leg.state is StageState.DONE for leg in legs)


def test_what_is_loaded_is_on_its_planned_leg_and_the_rest_lies_ahead():
    plan = [
        PlannedLeg(origin=one, destination=two, mode=Mode.ROAD, departs=None, arrives=None)
        for one, two in ("甲乙", "乙丙")
    ]
    told = journey([entry(0, Milestone.LOADED, "甲")], plan)
    assert [(leg.origin, leg.destination, leg.state) for leg in told.legs] == [
        ("甲", "乙", StageState.CURRENT), ("乙", "丙", StageState.AHEAD),
    ]  # fmt: skip
    done = journey([entry(9, Milestone.DELIVERED, "丙"), entry(0, Milestone.LOADED, "甲")], plan)
    assert [leg.state for leg in done.legs] == [StageState.DONE]

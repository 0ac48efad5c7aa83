"""The demonstration's vehicles drive as vehicles drive: on one way at a time, without leaps, silent now and then."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from huoji.core.demo import generate, movement, ways
from huoji.core.demo.movement import SILENT_EVERY, is_silent
from huoji.core.fleet import ConveyanceKind
from huoji.core.geo import distance_m
from huoji.core.position import ALL, DEFAULT_LIMITS, NEW, judge

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())


@pytest.fixture(scope="module")
def world():
    return generate(seed=1, now=NOW, numbers=[f"HJ{n:013d}" for n in range(6_000)], waybills=300)


@pytest.fixture(scope="module")
def atlas(world):
    return {site.code: (site.lat, site.lon) for site in world.sites}


@pytest.fixture(scope="module")
def journeys(world, atlas):
    kinds = dict.fromkeys(world.trucks, ConveyanceKind.VEHICLE)
    kinds |= {vessel.name_en.replace(" ", ""): ConveyanceKind.VESSEL for vessel in world.vessels}
    return movement.journeys(world.passages, atlas, kinds)


def test_every_ship_and_most_trucks_go_somewhere(journeys):
    kinds = [journey.kind for journey in journeys.values()]
    assert kinds.count(ConveyanceKind.VESSEL) == 6
    assert kinds.count(ConveyanceKind.VEHICLE) > 30


def test_nobody_is_in_two_places(journeys):
    for journey in journeys.values():
        assert all(one.arrives <= other.departs for one, other in pairwise(journey.passages))


def test_ships_sail_round_the_capes(world, atlas):
    for passage in world.passages:
        if passage.kind == "voyage":
            line = ways.way(passage.here, passage.there, atlas)
            assert len(line) > 2, f"{passage.here} to {passage.there} has no way round"


def test_a_road_is_the_same_both_ways_and_somewhat_longer_than_the_crow_flies():
    there = ways.road("SHA-HUB", "WUH-HUB", (31.2, 121.4), (30.6, 114.3))
    back = ways.road("WUH-HUB", "SHA-HUB", (30.6, 114.3), (31.2, 121.4))
    assert [pytest.approx(place, abs=1e-9) for place in reversed(back)] == there
    length = sum(distance_m(one, other) for one, other in pairwise(there))
    assert 1 < length / distance_m(there[0], there[-1]) < 1.35


def test_no_filter_sets_aside_what_the_trucks_tell_but_while_they_stand(journeys):
    for journey in list(journeys.values())[:25]:
        state = NEW
        for point in journey.track(NOW_S - 24 * 3600, NOW_S):
            verdict = judge(point, state, now=NOW_S, limits=DEFAULT_LIMITS, enabled=ALL)
            state = verdict.state
            assert verdict.filter in {"", "static"}, (journey.name, verdict.filter)


def test_a_run_stands_where_its_truck_stands(journeys, atlas):
    made = [
        course
        for journey in journeys.values()
        for course in movement.courses(journey, atlas, since=NOW_S - 8 * 86_400, now=NOW_S)
    ]
    assert made
    for course in made:
        times = [course.stops[0].departs, *(stop.arrives for stop in course.stops[1:])]
        assert times == sorted(times)
        assert len(course.path) >= len(course.stops)
    assert len({(course.kind, course.number) for course in made}) == len(made)


def test_a_few_terminals_are_silent():
    silent = [number for number in range(1, 201) if is_silent(f"1000000{number:04d}")]
    assert 200 // SILENT_EVERY <= len(silent) <= 200 // SILENT_EVERY + 1
    assert not is_silent("200000001")

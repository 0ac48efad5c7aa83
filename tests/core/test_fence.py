"""Arrivals and departures at fences."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from huoji.core.fence import (
    NEW,
    Change,
    ChangeKind,
    Circle,
    FenceError,
    FenceIndex,
    FenceLimits,
    FenceState,
    Polygon,
    step,
)
from huoji.core.geo import destination, distance_m, to_e6
from huoji.core.position import Point

T0 = 1_790_000_000
HUB = (31.2, 121.4)
INDEX = FenceIndex([Circle(id=1, lat=HUB[0], lon=HUB[1], radius_m=500)])
ARRIVED, DEPARTED = ChangeKind.ARRIVED, ChangeKind.DEPARTED
YARD = Polygon(id=2, corners=((31.0, 121.0), (31.0, 121.02), (31.01, 121.01), (31.02, 121.02), (31.02, 121.0)))
AWAY_M = st.floats(0, 3_000)


def point(at: int, metres: float, speed_dkmh: int = 0, course: float = 90) -> Point:
    lat, lon = destination(HUB, bearing=course, distance=metres)
    return Point(at=T0 + at, lat_e6=to_e6(lat), lon_e6=to_e6(lon), speed_dkmh=speed_dkmh)


def walk(*points: Point, index: FenceIndex = INDEX) -> list[Change]:
    state, changes = NEW, []
    for each in points:
        state, told = step(state, each, index)
        changes += told
    return changes


def brief(changes: list[Change]) -> list[tuple[ChangeKind, int]]:
    return [(change.kind, change.at - T0) for change in changes]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([(0, 900), (30, 100), (60, 90), (90, 80)], [(ARRIVED, 30)], id="three slow points inside"),
        pytest.param([(0, 900), (30, 100), (60, 90)], [], id="two are not enough"),
        pytest.param([(0, 900), (30, 100), (160, 90)], [(ARRIVED, 30)], id="two minutes are, whatever the points"),
        pytest.param([(0, 450, 800), (10, 200, 800), (20, 200, 800), (30, 450, 800), (40, 700)], [], id="driving past"),
        pytest.param(
            [(0, 100), (30, 100), (60, 100), (90, 900), (120, 950), (150, 980)], [(ARRIVED, 0), (DEPARTED, 90)], id="there and off again",
        ),
        pytest.param([(0, 100), (300, 100), (600, 900), (900, 99_000)], [(ARRIVED, 0), (DEPARTED, 600)], id="off by time"),
        pytest.param([(0, 100), (300, 100), (600, 600), (900, 610), (990, 620)], [(ARRIVED, 0)], id="between the lines"),
        pytest.param([(0, 100), (300, 100), (600, 900), (620, 100), (640, 900), (660, 100)], [(ARRIVED, 0)], id="a stray point or two"),
    ],
)  # fmt: skip
def test_arrival_and_departure_need_several_points_or_some_time(points, expected):
    assert brief(walk(*(point(*each) for each in points))) == expected


@given(st.lists(st.tuples(st.floats(-124, 124), st.integers(0, 900)), max_size=60), st.integers(5, 60))
def test_jitter_on_the_border_gives_one_arrival_at_most_and_no_departure(jitter, gap):
    changes = walk(*(point(gap * n, 500 + metres, speed) for n, (metres, speed) in enumerate(jitter)))
    assert [change.kind for change in changes] in ([], [ARRIVED])


@given(st.lists(st.tuples(st.integers(1, 400), AWAY_M, st.integers(-1, 900)), max_size=60))
def test_arrivals_and_departures_take_turns_and_go_forward_in_time(steps):
    at, points = 0, []
    for gap, metres, speed in steps:
        at += gap
        points.append(point(at, metres, speed))
    changes = walk(*points)
    assert all(a.kind is not b.kind and a.at <= b.at for a, b in pairwise(changes))
    assert not changes or changes[0].kind is ARRIVED
    for change in changes:
        there = next(each for each in points if each.at == change.at)
        outside = distance_m(HUB, (there.lat_e6 / 1e6, there.lon_e6 / 1e6)) - 500
        assert outside <= 1 if change.kind is ARRIVED else outside > 120


@given(st.lists(AWAY_M, min_size=2, max_size=20), st.integers(1, 100_000), AWAY_M)
def test_a_point_told_late_opens_and_closes_nothing(way, earlier, metres):
    state = NEW
    for number, each in enumerate(way):
        state, _ = step(state, point(30 * number, each), INDEX)
    late = point(30 * (len(way) - 1) - earlier, metres)
    assert step(state, late, INDEX) == (state, ())


def test_a_fence_that_was_removed_is_forgotten_without_a_word():
    state = NEW
    for number in range(5):
        state, _ = step(state, point(60 * number, 0), INDEX)
    assert state.inside == (1,)
    state, changes = step(state, point(400, 0), FenceIndex([]))
    assert (state.inside, changes) == ((), ())


def test_one_is_in_every_fence_that_lies_there():
    index = FenceIndex([Circle(id=n, lat=HUB[0], lon=HUB[1], radius_m=500 * n) for n in (1, 2, 3)])
    changes = walk(*(point(60 * n, 100 * n) for n in range(30)), index=index)
    assert [(change.kind, change.fence) for change in changes] == [
        (ARRIVED, 1), (ARRIVED, 2), (ARRIVED, 3), (DEPARTED, 1), (DEPARTED, 2), (DEPARTED, 3),
    ]  # fmt: skip


@given(st.lists(AWAY_M, max_size=20))
def test_what_is_remembered_survives_being_stored(way):
    state = NEW
    for number, each in enumerate(way):
        state, _ = step(state, point(30 * number, each), INDEX)
    assert msgspec.json.decode(msgspec.json.encode(state), type=FenceState) == state


CENTRES = st.tuples(st.floats(-89.9, 89.9), st.floats(-180, 179.999) | st.sampled_from([-180.0, -179.95, 179.95]))


@given(
    st.lists(st.tuples(CENTRES, st.floats(20, 50_000)), min_size=1, max_size=5), st.floats(0, 359), st.floats(0, 60_000)
)
def test_the_index_finds_what_looking_at_every_fence_finds(circles, course, distance):
    assume(abs(circles[0][0][0]) < 89)
    index = FenceIndex(
        [Circle(id=n, lat=lat, lon=lon, radius_m=radius) for n, ((lat, lon), radius) in enumerate(circles)]
    )
    lat, lon = map(to_e6, destination(circles[0][0], bearing=course, distance=distance))
    expected = tuple(n for n in range(len(circles)) if index.area(n).outside_m(lat, lon) <= 0)
    assert index.at(lat, lon) == expected
    if abs(circles[0][0][0]) < 70 and abs(distance - circles[0][1]) > 0.01 * distance + 1:
        assert (0 in expected) == (distance < circles[0][1])


@pytest.mark.parametrize(
    ("lat", "lon", "outside"),
    [
        pytest.param(31.005, 121.005, 0, id="inside"),
        pytest.param(31.01, 121.018, 579, id="in the bay"),
        pytest.param(31.0, 120.99, 953, id="west of it"),
        pytest.param(31.03, 120.99, 1463, id="off a corner"),
    ],
)
def test_a_polygon_has_an_inside_and_a_distance(lat, lon, outside):
    area = FenceIndex([YARD]).area(2)
    assert area.outside_m(to_e6(lat), to_e6(lon)) == pytest.approx(outside, abs=3)
    assert (2 in FenceIndex([YARD]).at(to_e6(lat), to_e6(lon))) == (outside == 0)


def test_a_polygon_over_the_antimeridian_is_one_area():
    fiji = FenceIndex([Polygon(id=7, corners=((-17, 179.9), (-17, -179.9), (-16.9, -179.9), (-16.9, 179.9)))])
    assert fiji.at(to_e6(-16.95), to_e6(179.95)) == (7,)
    assert fiji.at(to_e6(-16.95), to_e6(-179.95)) == (7,)
    assert fiji.at(to_e6(-16.95), to_e6(179.85)) == ()


@pytest.mark.parametrize(
    "fence",
    [
        pytest.param(Circle(id=1, lat=0, lon=0, radius_m=19), id="too small a circle"),
        pytest.param(Circle(id=1, lat=0, lon=0, radius_m=50_001), id="too large a circle"),
        pytest.param(Polygon(id=1, corners=((0, 0), (1, 1))), id="a line"),
        pytest.param(Polygon(id=1, corners=((0, 0), (0, 3), (3, 0))), id="too large a polygon"),
        pytest.param(Polygon(id=1, corners=((0, 0),) * 201), id="too many corners"),
    ],
)
def test_what_is_no_area_of_a_site_is_refused(fence):
    with pytest.raises(FenceError):
        FenceIndex([fence])


def test_limits_say_how_many():
    limits = FenceLimits(arrive_points=1, depart_points=1)
    state, arrived = step(NEW, point(0, 0), INDEX, limits=limits)
    _, departed = step(state, point(10, 2_000), INDEX, limits=limits)
    assert brief([*arrived, *departed]) == [(ARRIVED, 0), (DEPARTED, 10)]

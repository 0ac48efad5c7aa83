"""Geometry on the sphere."""

from itertools import pairwise
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core import geo

LAT = st.floats(-85, 85)
LON = st.floats(-180, 180, exclude_max=True)
PLACE = st.tuples(LAT, LON)
COURSE = st.floats(0, 360, exclude_max=True)
SHANGHAI, WUHAN, FIJI, SAMOA = (31.2304, 121.4737), (30.5928, 114.3055), (-17.8, 178.0), (-13.8, -172.1)


@st.composite
def routes(draw):
    """A walk from anywhere in steps of up to 100 km, going over the antimeridian if it comes so."""
    points = [draw(st.tuples(st.floats(-60, 60), LON))]
    course = draw(COURSE)
    for _ in range(draw(st.integers(1, 12))):
        course += draw(st.floats(-60, 60))
        points.append(geo.destination(points[-1], bearing=course, distance=draw(st.floats(1, 100_000))))
    return points


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        pytest.param(SHANGHAI, WUHAN, 688.5, id="Shanghai to Wuhan"),
        pytest.param(FIJI, SAMOA, 1_148.5, id="over the antimeridian"),
        pytest.param((0, 0), (0, 180), 20_015.1, id="half the earth"),
        pytest.param((90, 0), (-90, 77), 20_015.1, id="pole to pole"),
    ],
)
def test_distances_are_those_of_the_sphere(one, other, km):
    assert geo.distance_m(one, other) / 1000 == pytest.approx(km, abs=1.5)


@given(PLACE, PLACE, PLACE)
def test_no_detour_is_shorter(one, via, other):
    assert geo.distance_m(one, other) <= geo.distance_m(one, via) + geo.distance_m(via, other) + 1e-3


@given(PLACE, COURSE, st.floats(1, 5_000_000))
def test_setting_out_on_a_course_comes_as_far_as_said_and_the_course_is_read_back(start, course, distance):
    there = geo.destination(start, bearing=course, distance=distance)
    assert -180 <= there[1] < 180
    assert geo.distance_m(start, there) == pytest.approx(distance, rel=1e-6, abs=1e-3)
    turned = (geo.bearing_deg(start, there) - course + 180) % 360 - 180
    assert abs(turned) < 1e-3


@given(PLACE, COURSE, st.floats(0, 100_000))
def test_the_quick_distance_is_within_a_hundredth(start, course, distance):
    start = (start[0] * 70 / 85, start[1])
    there = geo.destination(start, bearing=course, distance=distance)
    quick = geo.quick_m(*map(geo.to_e6, (*start, *there)))
    assert quick == pytest.approx(geo.distance_m(start, there), rel=0.01, abs=0.3)


@given(PLACE)
def test_microdegrees_lose_less_than_a_tenth_of_a_metre(place):
    kept = (geo.from_e6(geo.to_e6(place[0])), geo.from_e6(geo.to_e6(place[1])))
    assert geo.distance_m(place, kept) < 0.1


@given(st.floats(-1e4, 1e4))
def test_a_longitude_is_wrapped_into_one_turn(lon):
    wrapped = geo.wrap_lon(lon)
    assert -180 <= wrapped < 180
    assert isclose((wrapped - lon + 180) % 360, 180, abs_tol=1e-6)


@given(routes(), st.floats(0, 1))
def test_a_place_on_the_path_is_found_on_it_and_the_rest_of_the_way_is_what_remains(points, share):
    path = geo.Path(points)
    there = path.at_m(share * path.length_m)
    found = path.locate(there)
    assert found.off_m < 0.01
    assert found.along_m + found.left_m == pytest.approx(path.length_m)
    assert geo.distance_m(path.at_m(found.along_m), there) < 0.02  # a path that crosses itself has two answers


@given(routes(), PLACE)
def test_no_corner_of_a_path_is_nearer_than_the_distance_to_the_path(points, place):
    found = geo.Path(points).locate(place)
    nearest = min(geo.distance_m(point, place) for point in points)
    assert found.off_m <= nearest + 1e-2 + nearest * 1e-6  # the direction of an edge of one metre is known to so much
    alone = min(geo.Path(edge).locate(place).off_m for edge in pairwise(points))
    assert found.off_m == pytest.approx(alone, abs=1e-2, rel=1e-6)


@given(st.floats(-60, 60), LON, COURSE, st.floats(100, 500_000), st.floats(0.05, 0.95), st.floats(0, 20_000))
def test_a_step_aside_is_as_far_off_as_it_was_long(lat, lon, course, length, share, aside):
    start = (lat, lon)
    end = geo.destination(start, bearing=course, distance=length)
    foot = geo.Path([start, end]).at_m(share * length)
    beside = geo.destination(foot, bearing=geo.bearing_deg(foot, end) + 90, distance=aside)
    assert geo.Path([start, end]).locate(beside).off_m == pytest.approx(aside, abs=0.05)


def test_a_path_that_returns_is_asked_about_one_arm():
    there_and_back = geo.Path([(30, 120), (30, 121), (30, 120)])
    half = there_and_back.length_m / 2
    assert there_and_back.locate((30, 120.25)).along_m == pytest.approx(half / 4, rel=1e-3)
    back = there_and_back.locate((30, 120.25), between_m=(half, 2 * half))
    assert back.along_m == pytest.approx(half * 7 / 4, rel=1e-3)


@pytest.mark.parametrize("between", [(-5, -1), (0, 0), (1e9, 2e9), (500, 100)])
def test_a_part_of_the_way_that_is_not_there_gives_its_nearest_edge(between):
    assert geo.Path([(30, 120), (30, 121), (31, 121)]).locate((30, 120.5), between_m=between).off_m >= 0


def test_a_path_of_one_position_is_that_position():
    path = geo.Path([SHANGHAI])
    assert path.length_m == 0
    assert path.at_m(5) == pytest.approx(SHANGHAI)
    assert path.locate(WUHAN).off_m == pytest.approx(geo.distance_m(SHANGHAI, WUHAN))


def test_a_path_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        geo.Path([])


@given(routes(), st.floats(1, 20_000))
def test_what_is_left_out_lies_within_the_tolerance_of_what_is_drawn(points, tolerance):
    kept = geo.simplify(points, tolerance_m=tolerance)
    drawn = geo.Path([points[number] for number in kept])
    assert kept[0] == 0
    assert kept[-1] == len(points) - 1
    assert all(drawn.locate(point).off_m <= tolerance + 1e-3 for point in points)


@given(routes(), st.integers(2, 12))
def test_a_line_for_the_map_has_no_more_points_than_asked(points, count_max):
    kept = geo.simplify_to(points, count_max=count_max, tolerance_m=10)
    assert len(kept) <= count_max
    assert {kept[0], kept[-1]} == {0, len(points) - 1}
    assert kept == sorted(set(kept))


def test_nothing_is_simplified_to_nothing():
    assert geo.simplify([], tolerance_m=1) == []

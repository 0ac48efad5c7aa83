"""Tracks: pieces, gaps, stops and the way between."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from huoji.core.geo import destination, to_e6
from huoji.core.position import Point
from huoji.core.track import Track, build

T0 = 1_790_000_000
START = (31.2, 121.4)


def point(at: int, metres: float, speed_dkmh: int = 600) -> Point:
    lat, lon = destination(START, bearing=90, distance=metres)
    return Point(at=T0 + at, lat_e6=to_e6(lat), lon_e6=to_e6(lon), speed_dkmh=speed_dkmh)


def drive(*legs: tuple[int, float], every: int = 30) -> list[Point]:
    """Make points of legs of (seconds, metres): standing is a leg of 0 m."""
    at, metres, points = 0, 0.0, [point(0, 0, 0)]
    for seconds, length in legs:
        for passed in range(every, seconds + 1, every):
            speed = round(length / seconds * 36)
            points.append(point(at + passed, metres + length * passed / seconds, speed))
        at, metres = at + seconds, metres + length
    return points


@st.composite
def walks(draw):
    at, metres, points = 0, 0.0, []
    for _ in range(draw(st.integers(0, 40))):
        at += draw(st.integers(1, 2_000))
        metres += draw(st.sampled_from([0, 5, 300, 9_000]))
        points.append(point(at, metres, draw(st.integers(-1, 900))))
    return points


def test_driving_standing_and_driving_on():
    track = build(drive((1_800, 30_000), (1_200, 0), (1_800, 30_000)))
    assert track.gaps == ()
    assert [(stop.at - T0, stop.until - T0) for stop in track.stops] == [(1_830, 3_000)]
    assert abs(track.distance_m - 60_000) < 150
    assert (track.moving_s, track.stopped_s) == (3_630, 1_170)


def test_silence_is_a_gap_and_no_way_is_guessed_through_it():
    before, after = drive((600, 10_000)), [point(7_200 + n * 30, 90_000 + n * 500) for n in range(5)]
    track = build(before + after)
    assert [len(piece) for piece in track.pieces] == [len(before), 5]
    assert [(gap.at - T0, gap.until - T0) for gap in track.gaps] == [(600, 7_200)]
    assert abs(track.gaps[0].distance_m - 80_000) < 200
    assert abs(track.distance_m - 12_000) < 100
    assert track.moving_s == 720


def test_a_blind_area_that_is_told_later_closes_its_gap():
    whole = drive((3_600, 60_000))
    assert build(whole[:20] + whole[80:]).gaps
    completed = build(whole[:20] + whole[80:] + whole[20:80])
    assert completed == build(whole)
    assert not completed.gaps


def test_the_jitter_of_a_parked_vehicle_is_no_way():
    parked = [point(30 * n, (n * 37) % 60, 0) for n in range(60)]
    assert build(parked).distance_m == 0
    assert len(build(parked).stops) == 1


def test_a_slow_queue_is_no_stop():
    assert not build(drive((3_600, 5_000))).stops


def test_nothing_makes_an_empty_track():
    assert build([]) == Track(pieces=(), gaps=(), stops=(), distance_m=0, moving_s=0, stopped_s=0)
    assert build([]).lines(count_max=10) == ()


@given(walks(), st.randoms())
def test_a_track_depends_on_the_points_and_not_on_their_order(points, random):
    shuffled = points[:]
    random.shuffle(shuffled)
    assert build(shuffled) == build(points)


@given(walks())
def test_every_second_is_driven_stood_or_unknown(points):
    track = build(points)
    assert [each for piece in track.pieces for each in piece] == points
    whole = points[-1].at - points[0].at if points else 0
    assert track.moving_s + track.stopped_s + sum(gap.until - gap.at for gap in track.gaps) == whole
    assert track.moving_s >= 0
    assert all(gap.until - gap.at > 900 for gap in track.gaps)
    assert all(b.at - a.at <= 900 for piece in track.pieces for a, b in pairwise(piece))
    assert all(one.until <= other.at for one, other in pairwise(track.stops))
    assert all(stop.dwell_s >= 300 for stop in track.stops)


@given(walks(), st.integers(2, 30))
def test_lines_for_the_map_are_bounded_and_end_where_the_pieces_end(points, count_max):
    track = build(points)
    lines = track.lines(count_max=count_max)
    assert len(lines) == len(track.pieces)
    assert sum(map(len, lines)) <= max(count_max, 2 * len(lines))
    for line, piece in zip(lines, track.pieces, strict=True):
        assert tuple(map(to_e6, line[0])) == (piece[0].lat_e6, piece[0].lon_e6)
        assert tuple(map(to_e6, line[-1])) == (piece[-1].lat_e6, piece[-1].lon_e6)

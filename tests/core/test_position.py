"""Which positions move a vehicle."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.geo import MICRO, destination, to_e6
from huoji.core.position import ALL, DEFAULT_LIMITS, FILTERS, NEW, Limits, Point, State, Verdict, judge

T0 = 1_790_000_000
NOW = T0 + 100_000
SHANGHAI = (31.2304, 121.4737)


def point(at: int = 0, place: tuple[float, float] = SHANGHAI, **more) -> Point:
    return Point(at=T0 + at, lat_e6=to_e6(place[0]), lon_e6=to_e6(place[1]), **{"speed_dkmh": 600} | more)


def told(*points: Point, now: int = NOW, limits: Limits = DEFAULT_LIMITS, enabled=ALL) -> list[Verdict]:
    state, verdicts = NEW, []
    for each in points:
        verdicts.append(judge(each, state, now=now, limits=limits, enabled=enabled))
        state = verdicts[-1].state
    return verdicts


def filters(*points: Point, **how) -> list[str]:
    return [verdict.filter for verdict in told(*points, **how)]


def away(metres: float, course: float = 90) -> tuple[float, float]:
    return destination(SHANGHAI, bearing=course, distance=metres)


@st.composite
def drives(draw):
    """A drive at up to 200 km/h, told of at least once a minute."""
    place, at, points = SHANGHAI, 0, [point()]
    for _ in range(draw(st.integers(3, 25))):
        gap = draw(st.integers(5, 60))
        at += gap
        place = destination(place, bearing=draw(st.floats(0, 359)), distance=draw(st.floats(40, gap * 55)))
        points.append(point(at, place))
    return points


POINTS = st.builds(
    Point,
    at=st.integers(T0 - 10**8, T0 + 10**6) | st.integers(T0, T0 + 50),
    lat_e6=st.integers(-100 * MICRO, 100 * MICRO) | st.integers(-3, 3),
    lon_e6=st.integers(-200 * MICRO, 200 * MICRO) | st.integers(-3, 3),
    speed_dkmh=st.integers(-1, 3000),
    alarm=st.integers(0, 3),
    status=st.integers(0, 3),
    history=st.booleans(),
    fixed=st.booleans(),
)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([point()], [""], id="the first point stands"),
        pytest.param([point(fixed=False)], ["invalid"], id="no fix"),
        pytest.param([point(place=(90.000001, 0))], ["invalid"], id="north of the pole"),
        pytest.param([point(place=(0, -180.000001))], ["invalid"], id="west of the antimeridian"),
        pytest.param([point(place=(0, 0))], ["zero"], id="zero"),
        pytest.param([point(place=(0, 0.5))], [""], id="on the equator"),
        pytest.param([point(NOW - T0 + 600)], [""], id="a clock ten minutes ahead"),
        pytest.param([point(NOW - T0 + 601)], ["future"], id="a clock further ahead"),
        pytest.param([point(-(90 * 86_400) + 100_000 - 1)], ["ancient"], id="a clock that was reset"),
        pytest.param([point(), point(alarm=1)], ["", "duplicate"], id="told twice"),
        pytest.param([point(), point(10, away(150))], ["", ""], id="54 km/h"),
        pytest.param([point(), point(10, away(5_000))], ["", "jump"], id="1,800 km/h"),
        pytest.param([point(), point(0, away(5_000))], ["", "jump"], id="two places at one time"),
        pytest.param([point(), point(1, away(900))], ["", ""], id="noise is no jump"),
        pytest.param([point(), point(3600, away(200_000))], ["", ""], id="200 km in an hour of silence"),
        pytest.param([point(), point(60, away(20), speed_dkmh=0)], ["", "static"], id="parked"),
        pytest.param([point(), point(60, away(20), speed_dkmh=-1)], ["", "static"], id="parked, speed not told"),
        pytest.param([point(), point(60, away(20), speed_dkmh=51)], ["", ""], id="creeping"),
        pytest.param([point(), point(60, away(31), speed_dkmh=0)], ["", ""], id="parked elsewhere"),
        pytest.param([point(), point(300, away(1), speed_dkmh=0)], ["", ""], id="parked for five minutes"),
        pytest.param([point(), point(60, away(1), speed_dkmh=0, alarm=1)], ["", ""], id="parked, and an alarm begins"),
        pytest.param([point(), point(60, away(1), speed_dkmh=0, status=2)], ["", ""], id="parked, and a door opens"),
    ],
)
def test_each_filter_holds_for_its_case_and_not_beside_it(points, expected):
    assert filters(*points) == expected


def test_the_pipeline_is_the_list():
    assert list(FILTERS) == ["invalid", "zero", "future", "ancient", "duplicate", "jump", "static"]
    assert all(rule.__doc__ for rule in FILTERS.values())


@given(st.lists(POINTS, max_size=12), st.sets(st.sampled_from(sorted(FILTERS))))
def test_a_filter_that_is_switched_off_sets_nothing_aside(points, off):
    assert not off & set(filters(*points, enabled=ALL - off))


@given(st.lists(POINTS, max_size=12))
def test_with_all_filters_off_everything_stands(points):
    assert set(filters(*points, enabled=frozenset())) <= {""}


@given(st.lists(POINTS, max_size=12), st.sets(st.sampled_from(sorted(FILTERS))))
def test_a_vehicle_is_never_moved_back_in_time(points, off):
    ats = [verdict.state.at for verdict in told(*points, enabled=ALL - off)]
    assert ats == sorted(ats)


@given(drives())
def test_an_honest_drive_stands_as_a_whole(points):
    assert set(filters(*points)) == {""}


@given(drives(), st.data())
def test_one_leap_is_set_aside_and_the_drive_goes_on(points, data):
    number = data.draw(st.integers(1, len(points) - 1))
    leap = point(points[number].at - T0, away(500_000, data.draw(st.floats(0, 359))))
    assert filters(*points[:number], leap, *points[number:]) == [""] * number + ["jump"] + [""] * (len(points) - number)


@given(st.integers(2, 9), st.integers(5, 60))
def test_a_new_place_is_believed_after_enough_points_that_agree(needed, gap):
    limits = Limits(jump_points=needed)
    there = [point(gap * (n + 1), away(300_000 + 200 * n)) for n in range(needed + 3)]
    assert filters(point(), *there, limits=limits) == ["", *["jump"] * (needed - 1), "", "", "", ""]


@pytest.mark.parametrize("speed_dkmh", [0, 600], ids=["parked", "driving"])
@given(st.lists(st.booleans(), max_size=40))
def test_two_terminals_under_one_number_do_not_toss_the_vehicle_to_and_fro(speed_dkmh, pattern):
    # The other terminal is believed only if it spoke five times in a row.
    places = [away(10 * n) if here else away(400_000) for n, here in enumerate(pattern)]
    points = [point(10 * (n + 1), place, speed_dkmh=speed_dkmh) for n, place in enumerate(places)]
    runs, run = 0, 0
    for here in pattern:
        run = 0 if here else run + 1
        runs = max(runs, run)
    moved = [verdict.state.lon_e6 for verdict in told(point(), *points)]
    if runs < 5:
        assert all(abs(lon - point().lon_e6) < MICRO for lon in moved)


@given(st.lists(st.tuples(st.floats(0, 14), st.floats(0, 359)), min_size=1, max_size=150), st.integers(5, 60))
def test_a_parked_vehicle_leaves_few_points_but_never_falls_silent(jitter, gap):
    points = [point(gap * n, away(*there), speed_dkmh=n % 30) for n, there in enumerate(jitter)]
    kept = [each.at for each, name in zip(points, filters(*points), strict=True) if not name]
    spans = [later - before for before, later in zip(kept, [*kept[1:], points[-1].at], strict=True)]
    assert all(span < 300 + gap for span in spans)
    assert len(kept) <= 1 + (points[-1].at - T0) / 300


@given(drives(), st.data())
def test_a_late_point_stands_and_moves_nothing(points, data):
    last = told(*points)[-1].state
    late = data.draw(st.sampled_from(points[:-1]))
    verdict = judge(late, last, now=NOW, limits=DEFAULT_LIMITS, enabled=ALL)
    assert verdict == Verdict("", True, last)


@given(POINTS, st.lists(POINTS, max_size=6))
def test_points_and_what_is_remembered_survive_being_stored(single, points):
    assert msgspec.json.decode(msgspec.json.encode(single), type=Point) == single
    for verdict in told(*points):
        stored = msgspec.json.encode(verdict.state)
        assert len(stored) < 120
        assert msgspec.json.decode(stored, type=State) == verdict.state

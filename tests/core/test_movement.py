"""One step of a terminal's life, whatever the batches in which its points come."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.alarm import KINDS, WORD, kinds_of
from huoji.core.corridor import CorridorLimits
from huoji.core.fence import Circle, FenceIndex
from huoji.core.geo import Path
from huoji.core.movement import NEW, Ground, Memory, pack, unpack, walk
from huoji.core.position import Point

T0 = 1_790_000_000
NOW = T0 + 90_000
LAT, LON = 31_230_400, 121_473_700
GROUND = Ground(
    fences=FenceIndex([Circle(id=7, lat=LAT / 1e6, lon=LON / 1e6, radius_m=500)]),
    run=5, path=Path([(LAT / 1e6, LON / 1e6), (LAT / 1e6 + 1, LON / 1e6)]), bounds=CorridorLimits(width_m=1_000),
)  # fmt: skip
POINTS = st.lists(
    st.builds(
        Point,
        at=st.integers(T0, T0 + 4_000),
        lat_e6=st.integers(LAT - 40_000, LAT + 40_000),
        lon_e6=st.integers(LON - 40_000, LON + 40_000),
        speed_dkmh=st.integers(0, 900),
        alarm=st.integers(0, 7),
        history=st.booleans(),
        fixed=st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


def point(at: int, **more) -> Point:
    return Point(**{"at": T0 + at, "lat_e6": LAT, "lon_e6": LON, "speed_dkmh": 600} | more)


@given(POINTS, st.lists(st.integers(0, 40), max_size=6), st.booleans())
def test_cutting_the_points_into_batches_changes_nothing(points, cuts, sort):
    points = sorted(points, key=lambda each: each.at) if sort else points
    whole = walk(points, NEW, GROUND, now=NOW)
    ends = sorted({0, len(points), *(cut for cut in cuts if cut < len(points))})
    memory, told = NEW, []
    for start, end in pairwise(ends):
        part = walk(points[start:end], unpack(pack(memory)), GROUND, now=NOW)
        memory = part.memory
        told.append(part)
    assert memory == whole.memory
    for name in ("verdicts", "visits", "routes", "alarms"):
        assert [each for part in told for each in getattr(part, name)] == getattr(whole, name)


@given(POINTS)
def test_the_last_position_never_moves_back_and_every_point_gets_one_verdict(points):
    walked = walk(points, NEW, GROUND, now=NOW)
    assert len(walked.verdicts) == len(points)
    stood = [each.at for each, verdict in zip(points, walked.verdicts, strict=True) if not verdict]
    assert stood == sorted(stood)
    assert (walked.last.at if walked.last else None) == (stood[-1] if stood else None)


@given(POINTS)
def test_history_raises_no_alarm(points):
    assert (
        walk(
            [Point(**{f: getattr(p, f) for f in p.__struct_fields__} | {"history": True}) for p in points],
            NEW,
            GROUND,
            now=NOW,
        ).alarms
        == []
    )


def test_the_first_point_of_a_life_settles_every_alarm():
    (turn,) = walk([point(0, alarm=5)], NEW, GROUND, now=NOW).alarms
    assert (turn.raised, turn.lifted) == (5, WORD & ~5)


def test_a_clock_that_runs_ahead_dates_no_alarm_into_the_future():
    walked = walk([point(0), point(99_999, alarm=1)], NEW, GROUND, now=NOW)
    assert (walked.verdicts, walked.alarms[-1].at) == (["", "future"], NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"at": 0, "fixed": False}, id="no time"),
        pytest.param({"at": NOW, "lat_e6": 91_000_000}, id="no place on earth"),
        pytest.param({"at": NOW + 400 * 86_400}, id="more than a year ahead"),
        pytest.param({"at": 946_684_800}, id="the clock was reset"),
        pytest.param({"at": NOW - 1_024 * 7 * 86_400}, id="the week of GPS rolled over"),
    ],
)
@pytest.mark.parametrize("before", [[], [point(0)]], ids=["the first word", "after a good point"])
def test_an_emergency_is_heard_whatever_clock_and_receiver_say(wrong, before):
    told = msgspec.structs.replace(point(0, alarm=1), **wrong)
    walked = walk([*before, told], NEW, GROUND, now=NOW)
    assert walked.verdicts[-1] in {"invalid", "future", "ancient"}
    assert (walked.alarms[-1].raised, walked.alarms[-1].at) == (1, NOW)
    better = Point(at=NOW + 60, lat_e6=LAT, lon_e6=LON)
    (turn,) = walk([better], walked.memory, GROUND, now=NOW + 90).alarms
    assert (turn.raised, turn.lifted & 1) == (0, 1)
    assert walk([msgspec.structs.replace(told, history=True)], NEW, GROUND, now=NOW).alarms == []


def test_two_points_of_one_second_raise_the_same_alarms_in_any_order_and_again():
    quiet, loud, later = point(10), point(10, alarm=1), point(11)
    for order in ([quiet, loud], [loud, quiet], [quiet, loud, quiet]):
        walked = walk([point(0), *order], NEW, GROUND, now=NOW)
        assert [(turn.raised, turn.lifted) for turn in walked.alarms[1:]] == [(1, 0)]
        assert walk([later], walked.memory, GROUND, now=NOW).alarms[0].lifted == 1


def test_another_run_begins_with_a_route_of_its_own():
    off = [point(60 * n, lat_e6=LAT + 20_000 * (n > 0), lon_e6=LON + 30_000 * (n > 0)) for n in range(5)]
    first = walk(off, NEW, GROUND, now=NOW)
    again = walk([point(600, lon_e6=LON + 30_000)], first.memory, GROUND._replace(run=6), now=NOW)
    assert (first.memory.route.out_points, again.memory.route.out_points) == (4, 1)


def test_what_nobody_can_read_is_a_terminal_without_a_past():
    assert unpack(b"") == unpack(b"\xc1 rubbish") == unpack(pack(Memory(format=99, alarm=3))) == NEW


def test_every_bit_has_a_name_of_its_own():
    assert len(set(KINDS)) == 32
    assert kinds_of(1 << 31 | 1) == ("emergency", "door_open")

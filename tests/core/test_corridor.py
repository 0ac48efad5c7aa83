"""Off the planned route and back on it."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.corridor import NEW, CorridorLimits, CorridorState, OffRoute, step

LIMITS = CorridorLimits(width_m=1_000, open_points=3, clear_points=2)


def drive(*off_m: float) -> list[OffRoute]:
    state, told = NEW, []
    for number, off in enumerate(off_m):
        state, change = step(state, at=100 + number, off_m=off, limits=LIMITS)
        told += [change] if change else []
    return told


@pytest.mark.parametrize(
    ("off_m", "expected"),
    [
        pytest.param([0, 1_100, 1_200, 1_300], [], id="as many as allowed"),
        pytest.param([0, 1_100, 1_200, 1_300, 1_250], [(True, 101, 1_300)], id="one more opens"),
        pytest.param([1_100, 1_100, 0, 1_100, 1_100], [], id="back in between"),
        pytest.param([2e3] * 4 + [500, 500], [(True, 100, 2_000), (False, 105, 2_000)], id="back clears"),
        pytest.param([2e3] * 4 + [5e3, 500, 500], [(True, 100, 2_000), (False, 106, 5_000)], id="the furthest is told"),
        pytest.param([2e3] * 4 + [500, 1_500, 500], [(True, 100, 2_000)], id="one point back is not back"),
        pytest.param([2e3] * 4 + [900] * 9, [(True, 100, 2_000)], id="just inside is not back"),
    ],
)
def test_a_deviation_opens_after_several_points_and_clears_on_return(off_m, expected):
    assert [(change.is_open, change.at, change.off_m) for change in drive(*off_m)] == expected


@given(st.lists(st.floats(0, 5_000), max_size=80))
def test_opening_and_clearing_take_turns(off_m):
    told = drive(*off_m)
    assert all(a.is_open != b.is_open and a.at <= b.at for a, b in pairwise(told))
    assert not told or told[0].is_open


@given(st.lists(st.floats(801, 1_199), max_size=200))
def test_a_drive_along_the_edge_is_told_of_once_at_most(off_m):
    assert len(drive(*off_m)) <= 1


@given(st.lists(st.floats(0, 1_000), max_size=80))
def test_within_the_corridor_nothing_opens(off_m):
    assert not drive(*off_m)


@given(st.lists(st.floats(0, 5_000), max_size=20), st.integers(1, 1_000), st.floats(0, 1e9))
def test_a_point_told_late_changes_nothing(off_m, earlier, off):
    state = NEW
    for number, each in enumerate(off_m):
        state, _ = step(state, at=100 + number, off_m=each, limits=LIMITS)
    assert step(state, at=state.at - earlier, off_m=off, limits=LIMITS) == (state, None)
    assert msgspec.json.decode(msgspec.json.encode(state), type=CorridorState) == state

"""A line of measured values as a picture: nothing outside the box, no peak lost, gaps left as gaps."""

from hypothesis import given
from hypothesis import strategies as st

from huoji.core import chart
from huoji.core.chart import Box
from huoji.core.sensing import Sample

BOX = Box(left=40, top=10, width=600, height=200)
FINEST = 1e-6  # what a tick is rounded to


def draw(samples, *, gap_s=600, low=2.0, high=8.0):
    return chart.draw(samples, box=BOX, gap_s=gap_s, low=low, high=high, offset_s=28_800)


def test_a_gap_is_left_open_and_a_lone_reading_is_a_dot():
    drawn = draw([Sample(0, 5.0), Sample(60, 5.0), Sample(5_000, 6.0), Sample(9_000, 5.0), Sample(9_060, 5.0)])
    assert len(drawn.lines) == 2
    assert len(drawn.dots) == 1


def test_without_readings_nothing_is_drawn():
    assert draw([]) is None


@given(st.dictionaries(st.integers(0, 10**6), st.floats(-1_000, 1_000), min_size=1, max_size=60))
def test_everything_lies_in_the_box_and_the_ticks_surround_it(values):
    drawn = draw([Sample(*each) for each in sorted(values.items())])
    points = [tuple(map(float, point.split(","))) for line in drawn.lines for point in line.split()] + drawn.dots
    assert all(40 <= x <= 640 and 9.9 <= y <= 210.1 for x, y in points)
    assert drawn.values[0][0] <= min(values.values()) + FINEST
    assert drawn.values[-1][0] >= max(values.values()) - FINEST
    assert len(drawn.values) <= 9
    assert len(drawn.times) <= 8


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=3_000))
def test_thinning_loses_no_peak(values):
    samples = [Sample(at, value) for at, value in enumerate(values)]
    kept = chart.thin(samples, first=0, last=len(values))
    assert max(kept, key=lambda each: each.value).value == max(values)
    assert min(kept, key=lambda each: each.value).value == min(values)
    assert len(kept) <= 4 * chart.BUCKETS
    assert kept == sorted(kept)

"""What a sensor may say: metrics, units, ranges and times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core import reading
from huoji.core.fleet import METRICS, Metric
from huoji.core.reading import RANGES, ReadingRefusedError

NOW, KEPT_S = 1_790_000_000, 186 * 86_400


def take(metric=Metric.TEMPERATURE, value=4.0, unit="", at=NOW):
    return reading.take(metric, value, unit, at=at, channel=0, now=NOW, kept_s=KEPT_S)


@pytest.mark.parametrize(
    ("metric", "value", "unit", "expected"),
    [
        (Metric.TEMPERATURE, 39.2, "°F", 4.0),
        (Metric.TEMPERATURE, 277.15, "KEL", 4.0),
        (Metric.TEMPERATURE, -18.5, "CEL", -18.5),
        (Metric.PRESSURE, 101.325, "kPa", 1013.25),
        (Metric.PRESSURE, 101_325, "PAL", 1013.25),
        (Metric.HUMIDITY, 55, "P1", 55.0),
        (Metric.SHOCK, 19.6133, "m/s2", 2.0),
        (Metric.LIGHT, 12, "lx", 12.0),
        (Metric.DOOR, 1, "", 1.0),
    ],
)
def test_values_are_kept_in_one_unit(metric, value, unit, expected):
    assert take(metric, value, unit).value == expected


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"unit": "furlong"}, "unknown_unit"),
        ({"value": -300}, "value_out_of_range"),
        ({"metric": Metric.HUMIDITY, "value": 101}, "value_out_of_range"),
        ({"value": float("nan")}, "value_out_of_range"),
        ({"at": NOW + 601}, "time_ahead"),
        ({"at": NOW - KEPT_S - 1}, "too_old"),
    ],
)
def test_what_no_sensor_measures_is_refused_with_its_reason(changed, code):
    with pytest.raises(ReadingRefusedError) as refused:
        take(**changed)
    assert refused.value.code == code


def test_an_unknown_metric_is_refused_and_the_known_ones_are_named():
    with pytest.raises(ReadingRefusedError) as refused:
        reading.metric_of("mood")
    assert refused.value.code == "unknown_metric"
    assert "temperature" in str(refused.value)


def test_every_metric_has_a_range_and_units():
    assert set(RANGES) == set(METRICS)


@given(st.sampled_from(METRICS), st.floats(), st.text(max_size=6))
def test_any_value_is_taken_within_its_range_or_refused(metric, value, unit):
    try:
        taken = take(metric, value, unit)
    except ReadingRefusedError:
        return
    lowest, highest = RANGES[metric]
    assert lowest <= taken.value <= highest

"""What sensors publish: patterns of topics, payloads in many shapes, and what is refused with its reason."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core import published
from huoji.core.fleet import Metric
from huoji.core.published import PatternError
from huoji.core.reading import ReadingRefusedError

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
PATTERNS = [published.pattern(each) for each in ("sensor/{device}/{metric}", "sensor/{device}", "site/+/{device}/up")]


def read(topic, payload, *, retained=False):
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return published.read(topic, raw, patterns=PATTERNS, retained=retained, now=NOW, kept_days=186)


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b"4.5", 4.5), (b" -18 \n", -18), ({"value": 4.5}, 4.5), ({"v": 40.1, "unit": "F"}, 4.5), ({"value": 4.5, "ts": AT - 60}, 4.5),
        ({"value": 4.5, "at": "2026-11-25T19:59:00+08:00"}, 4.5), ({"value": 4.5, "timestamp": (AT - 60) * 1000}, 4.5),
    ],
)  # fmt: skip
def test_a_topic_with_a_metric_takes_a_number_or_an_object(payload, value):
    [(device, taken)] = read("sensor/BOX-7/temperature", payload)
    assert (device, taken.metric, taken.value) == ("BOX-7", Metric.TEMPERATURE, value)
    assert AT - 60 <= taken.at <= AT


@pytest.mark.parametrize(
    ("payload", "value"), [(b"open", 1), (b"OFF", 0), (b"true", 1), ({"value": "closed"}, 0), ({"value": True}, 1)]
)
def test_a_door_is_told_in_words(payload, value):
    assert read("sensor/BOX-7/door", payload)[0][1].value == value


def test_a_topic_without_a_metric_takes_all_of_them_at_once():
    found = read("sensor/BOX-7", {"ts": AT - 5, "temperature": 4.5, "humidity": 61, "battery": 88, "rssi": -70})
    assert {each.metric: each.value for _, each in found} == {"temperature": 4.5, "humidity": 61, "battery": 88}
    assert {each.at for _, each in found} == {AT - 5}


def test_a_list_brings_what_was_kept_while_there_was_no_network():
    kept = [{"at": AT - 60 * minute, "temperature": minute} for minute in range(3)]
    kept.append({"metric": "humidity", "value": 50, "at": AT})
    assert [each.value for _, each in read("site/SHA/BOX-7/up", kept)] == [0, 1, 2, 50]


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        ("other/BOX-7/temperature", b"4", "unknown_topic"),
        ("sensor/BOX-7/mood", b"4", "unknown_metric"),
        ("sensor/BOX-7/temperature", b"warm", "invalid_payload"),
        ("sensor/BOX-7/temperature", {"value": None}, "invalid_payload"),
        ("sensor/BOX-7/temperature", {"value": 4, "channel": "a"}, "invalid_payload"),
        ("sensor/BOX-7", b"4", "invalid_payload"),
        ("sensor/BOX-7", {"rssi": -70}, "invalid_payload"),
        ("sensor/BOX-7/temperature", {"value": 4, "at": "noon"}, "invalid_time"),
        ("sensor/BOX-7/temperature", b"5" * 70_000, "too_large"),
        ("sensor//temperature", b"4", "invalid_device"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(topic, payload, code):
    with pytest.raises(ReadingRefusedError) as refused:
        read(topic, payload)
    assert refused.value.code == code


def test_a_retained_message_needs_its_time():
    with pytest.raises(ReadingRefusedError) as refused:
        read("sensor/BOX-7/temperature", b"4", retained=True)
    assert refused.value.code == "invalid_time"
    assert read("sensor/BOX-7/temperature", {"value": 4, "at": AT - 3_600}, retained=True)[0][1].at == AT - 3_600


def test_a_pattern_is_subscribed_to_with_a_level_for_each_name():
    assert [each.subscription for each in PATTERNS] == ["sensor/+/+", "sensor/+", "site/+/+/up"]


@pytest.mark.parametrize(
    "text", ["", "sensor/temperature", "{device}/{device}", "a/{device}/#", "a b/{device}", "{device}/{x}"]
)
def test_a_pattern_that_is_none_is_refused(text):
    with pytest.raises(PatternError):
        published.pattern(text)


@given(st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["at", "value", "temperature", "metric", "unit"]), inner, max_size=4),
    max_leaves=6,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_payload_is_read_or_refused(payload):
    for topic in ("sensor/B/temperature", "sensor/B"):
        try:
            found = read(topic, payload)
        except ReadingRefusedError:
            continue
        assert all(NOW - timedelta(days=187) < datetime.fromtimestamp(each.at, UTC) for _, each in found)

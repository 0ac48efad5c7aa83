"""Movements and shelves as they come in: what is taken, what is refused, and how a wrong clock is put right."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.handling import PASTE_MAX, MoveError, MoveTold, check, location_code, move_id, parts_of, pasted, skew
from huoji.core.storage import Verb

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def told(**more):
    return MoveTold(
        **{"id": "1", "verb": Verb.IN, "number": "HJ1", "site": "SHA-WH", "at": "2026-11-25T07:50:00Z"} | more
    )


def checked(one, **more):
    return check(one, source="storage", now=NOW, assumed_offset_min=480, **more)


def test_a_clock_that_is_wrong_is_put_right_by_how_long_ago_the_scan_was():
    behind = skew(NOW - timedelta(hours=3), now=NOW)
    asked = checked(told(at="2026-11-25T04:50:00Z"), behind=behind)
    assert asked.at == NOW - timedelta(minutes=10)
    assert asked.told_at == NOW - timedelta(hours=3, minutes=10)


@pytest.mark.parametrize(("seconds", "lacks"), [(3, 0), (-20, 0), (90, 90), (-90, -90)])
def test_the_way_through_the_network_is_no_wrong_clock(seconds, lacks):
    assert skew(NOW - timedelta(seconds=seconds), now=NOW) == timedelta(seconds=lacks)


def test_a_clock_that_is_a_year_off_is_refused():
    with pytest.raises(MoveError, match="set it"):
        skew(NOW - timedelta(days=800), now=NOW)


def test_a_scan_a_little_ahead_of_us_is_taken_as_now():
    assert checked(told(at="2026-11-25T08:05:00Z")).at == NOW
    with pytest.raises(MoveError) as refused:
        checked(told(at="2026-11-25T08:15:00Z"))
    assert refused.value.code == "time_ahead"


def test_two_sources_may_use_one_id_for_two_things():
    assert move_id("wms", "1") != move_id("storage", "1")
    assert move_id("wms", "1") == move_id("wms", "1")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("A-01-03", ["A-01-03"]),
        ("a-1，B\nLOC:C-02", ["A-1", "B", "C-02"]),
        ("A-01~03", ["A-01", "A-02", "A-03"]),
        ("A~", []),
        ("F1~2-A", ["F1-A", "F2-A"]),
        ("A-9~10", ["A-9", "A-10"]),
        ("A-1 A-1", ["A-1"]),
    ],
)
def test_a_pasted_list_of_shelves_is_read(text, codes):
    found, wrong = pasted(text)
    assert [each.code for each in found] == codes
    assert bool(wrong) == (not codes)


def test_a_paste_has_a_limit():
    with pytest.raises(MoveError) as refused:
        pasted(f"A-1~{PASTE_MAX}-1~9")
    assert refused.value.code in {"too_many_locations", "invalid_location"}


@given(st.text(max_size=60))
def test_any_paste_is_read_or_refused(text):
    try:
        found, _ = pasted(text)
    except MoveError:
        return
    assert all(parts_of(each.code) == each for each in found)


@given(st.text(max_size=30))
def test_a_code_read_twice_is_the_same(text):
    assert location_code(location_code(text)) == location_code(text)

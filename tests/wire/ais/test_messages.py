"""Messages of ships: what each type tells, parts put together within limits, and what no ship knows."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais.encode import encode_dict

from huoji.wire import ais

MMSI = "413001234"


def lines(sequence=0, **fields):
    """Write a message as pyais does: an encoder that is not ours."""
    return [line.encode() for line in encode_dict({"mmsi": MMSI} | fields, radio_channel="B", seq_id=sequence)]


def told(*raws, source="test"):
    reader = ais.Reader()
    return [each for raw in raws for each in reader.feed(raw, source=source, now_s=0)]


PLACES = st.fixed_dictionaries(
    {
        "type": st.sampled_from([1, 2, 3, 18]),
        "lat": st.integers(-90_000_000, 90_000_000).map(lambda e6: e6 / 1e6),
        "lon": st.integers(-179_999_000, 179_999_000).map(lambda e6: e6 / 1e6),
        "speed": st.integers(0, 1_022).map(lambda tenths: tenths / 10),
        "course": st.integers(0, 3_599).map(lambda tenths: tenths / 10),
        "heading": st.integers(0, 359),
        "second": st.integers(0, 59),
        "status": st.integers(0, 15),
    }
)


@given(PLACES)
def test_a_position_that_was_encoded_is_read_back(fields):
    (place,) = told(*lines(**fields))
    assert place.mmsi == MMSI
    assert abs(place.lat_e6 - fields["lat"] * 1e6) < 2  # AIS counts in 1/10,000 minute
    assert abs(place.lon_e6 - fields["lon"] * 1e6) < 2
    assert place.sog_dkn == round(fields["speed"] * 10)
    assert place.cog_ddeg == round(fields["course"] * 10)
    assert (place.heading, place.second) == (fields["heading"], fields["second"])
    assert place.nav == (fields["status"] if fields["type"] != 18 else None)


TEXT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=7)
VOYAGES = st.fixed_dictionaries(
    {
        "imo": st.integers(1_000_000, 9_999_999), "callsign": TEXT, "shipname": TEXT, "destination": TEXT,
        "month": st.integers(1, 12), "day": st.integers(1, 28), "hour": st.integers(0, 23), "minute": st.integers(0, 59),
        "draught": st.integers(1, 255).map(lambda tenths: tenths / 10), "ship_type": st.just(70),
        "to_bow": st.integers(1, 511), "to_stern": st.integers(0, 511), "to_port": st.integers(1, 63), "to_starboard": st.integers(0, 63),
    }
)  # fmt: skip


@given(VOYAGES)
def test_a_voyage_that_was_encoded_in_two_parts_is_read_back(fields):
    first, second = lines(type=5, **fields)
    (voyage,) = told(first, second)
    assert (voyage.imo, voyage.name, voyage.call_sign) == (
        str(fields["imo"]),
        fields["shipname"],
        fields["callsign"],
    )
    assert voyage.destination == fields["destination"]
    assert voyage.eta == ais.Eta(**{name: fields[name] for name in ("month", "day", "hour", "minute")})
    assert voyage.draught_dm == round(fields["draught"] * 10)
    assert voyage.length_m == fields["to_bow"] + fields["to_stern"]
    assert voyage.beam_m == fields["to_port"] + fields["to_starboard"]


def test_what_a_ship_does_not_know_is_none_and_never_a_number():
    unknown = lines(type=1, lat=30.0, lon=122.0, speed=102.3, course=360.0, heading=511, second=60, status=15)
    (place,) = told(*unknown)
    assert (place.sog_dkn, place.cog_ddeg, place.heading, place.second, place.nav) == (None, None, None, None, 15)
    (voyage,) = told(*lines(type=5, imo=0, shipname="", callsign="", destination="", month=0, day=0, draught=0))
    assert (voyage.imo, voyage.name, voyage.destination, voyage.eta, voyage.draught_dm) == (None,) * 5


def test_a_ship_without_a_fix_tells_no_place():
    assert told(*lines(type=1, lat=91.0, lon=181.0, status=0)) == [ais.Other(mmsi=MMSI, type=1)]


@pytest.mark.parametrize("status", [2, 6, 14], ids=["not under command", "aground", "SART"])
def test_a_ship_in_distress_is_heard_without_a_fix(status):
    (place,) = told(*lines(type=1, lat=91.0, lon=181.0, status=status))
    assert (place.nav, place.is_placed) == (status, False)
    (placed,) = told(*lines(type=1, lat=30.0, lon=122.0, status=status))
    assert placed.is_placed


def test_an_arrival_without_hour_is_the_day():
    (voyage,) = told(*lines(type=5, month=11, day=26, hour=24, minute=60))
    assert voyage.eta == ais.Eta(month=11, day=26, hour=0, minute=0)


@pytest.mark.parametrize(
    ("mmsi", "type_", "station"),
    [
        ("413001234", 1, ais.Station.CLASS_A),
        ("413001234", 18, ais.Station.CLASS_B),
        ("413001234", 27, ais.Station.LONG_RANGE),
        ("004132100", 4, ais.Station.BASE),
        ("994131234", 21, ais.Station.ATON),
        ("111413123", 9, ais.Station.AIRCRAFT),
        ("970123456", 1, ais.Station.BEACON),
        ("972123456", 1, ais.Station.BEACON),
    ],
)
def test_each_kind_of_station_is_recognised(mmsi, type_, station):
    (place,) = told(*lines(type=type_, mmsi=mmsi, lat=30.5, lon=122.5, status=14))
    assert (place.mmsi, place.station) == (mmsi, station)
    assert abs(place.lat_e6 - 30_500_000) < 2_000


def test_a_satellite_report_has_whole_knots_and_degrees():
    (place,) = told(*lines(type=27, lat=30.5, lon=122.5, speed=14, course=181, status=0))
    assert (place.sog_dkn, place.cog_ddeg, place.second) == (140, 1810, None)
    (place,) = told(*lines(type=27, lat=30.5, lon=122.5, speed=63, course=511, status=0))
    assert (place.sog_dkn, place.cog_ddeg) == (None, None)


def test_class_b_tells_its_name_in_one_part_and_its_call_sign_in_another():
    (name,) = told(*lines(type=24, partno=0, shipname="HAI YAN"))
    (call,) = told(*lines(type=24, partno=1, callsign="BXYZ", ship_type=36))
    assert (name.name, name.call_sign) == ("HAI YAN", None)
    assert (call.name, call.call_sign, call.ship_type) == (None, "BXYZ", 36)


def test_an_extended_class_b_report_tells_a_place_and_a_name():
    place, static = told(*lines(type=19, lat=30.5, lon=122.5, speed=5, course=10, heading=9, shipname="HAI YAN"))
    assert (place.sog_dkn, static.name) == (50, "HAI YAN")


def test_parts_of_different_feeds_are_not_put_together():
    first, second = lines(type=5, shipname="A")
    reader = ais.Reader()
    assert reader.feed(first, source="north", now_s=0) == ()
    assert reader.feed(second, source="south", now_s=0) == ()
    assert len(reader.feed(second, source="north", now_s=1)) == 1


def test_parts_may_come_in_any_order_and_among_others():
    whole = [lines(type=5, shipname=f"SHIP {number}", sequence=number) for number in range(8)]
    shuffled = [line for pair in whole for line in pair]
    random.Random(7).shuffle(shuffled)
    assert sorted(each.name for each in told(*shuffled)) == [f"SHIP {number}" for number in range(8)]


def test_a_message_whose_other_part_never_comes_is_given_up_after_a_time():
    first, second = lines(type=5, shipname="A")
    reader = ais.Reader()
    reader.feed(first, source="test", now_s=0)
    assert reader.expire(now_s=ais.PART_WAIT_S) == ()
    assert reader.expire(now_s=ais.PART_WAIT_S + 1) == (ais.Odd(ais.Oddity.INCOMPLETE, 1),)
    assert reader.feed(second, source="test", now_s=30) == ()


def test_a_part_that_comes_again_begins_another_message():
    first, second = lines(type=5, shipname="LATE")
    stale, _ = lines(type=5, shipname="STALE")
    heard = told(stale, first, second)
    assert heard[0] == ais.Odd(ais.Oddity.INCOMPLETE, 1)
    assert heard[1].name == "LATE"


def test_no_flood_of_first_parts_takes_more_than_its_room():
    first, _ = lines(type=5, shipname="A")
    reader = ais.Reader()
    for number in range(ais.PENDING_MAX + 500):
        reader.feed(first, source=f"feed {number}", now_s=0)
    assert reader.odd[ais.Oddity.INCOMPLETE] >= 499


def test_a_ship_that_nobody_wants_is_not_unpacked():
    reader = ais.Reader(wanted=lambda mmsi, _type: mmsi != MMSI)
    assert reader.feed(lines(type=1, lat=30, lon=120)[0], source="test", now_s=0) == (ais.Other(mmsi=MMSI, type=1),)


@settings(max_examples=300)
@given(st.binary(max_size=90) | st.from_regex(rb"[!\\$][!-~]{0,80}", fullmatch=True))
def test_random_bytes_never_raise(raw):
    for each in told(raw, b"\\g:1-2-3*60\\" + raw):
        assert isinstance(each, ais.Position | ais.Static | ais.Other | ais.Odd)


PAYLOADS = st.text("0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw", min_size=1, max_size=80)


@settings(max_examples=300)
@given(PAYLOADS, st.integers(0, 5))
def test_a_sound_line_with_any_payload_never_raises(payload, fill):
    body = f"AIVDM,1,1,,A,{payload},{fill}".encode()
    sum_ = 0
    for byte in body:
        sum_ ^= byte
    for each in told(b"!" + body + b"*%02X" % sum_):
        if isinstance(each, ais.Position):
            assert abs(each.lat_e6) <= 90_000_000
            assert each.nav is None or 0 <= each.nav <= 15

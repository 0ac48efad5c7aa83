"""Lines that carry AIS: what is read, what is set aside, and with which code."""

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.wire import ais
from huoji.wire.ais import sentence


def signed(body: bytes, mark: bytes = b"!") -> bytes:
    return mark + body + b"*%02X" % reduce(xor, body, 0)


LINE = signed(b"AIVDM,1,1,,B,15RTgt0PAso;90TKcjM8h6g208CQ,0")


def heard(line, **when):
    return ais.Reader().feed(line, source="test", **({"now_s": 0.0} | when))


@given(st.binary(max_size=1_100))
def test_the_checksum_is_the_exclusive_or_of_all_bytes(body):
    assert sentence.checksum(body) == reduce(xor, body, 0)


def test_a_position_is_read():
    (place,) = heard(LINE)
    assert (place.mmsi, place.station, place.type, place.nav) == ("371798000", ais.Station.CLASS_A, 1, 0)
    assert (place.lat_e6, place.lon_e6) == (48381633, -123395383)
    assert (place.sog_dkn, place.cog_ddeg, place.heading, place.second) == (123, 2240, 215, 33)
    assert place.at_s is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param(b"hello", "not_nmea", id="prose"),
        pytest.param(b"\\no end of the tag block", "not_nmea", id="half a tag block"),
        pytest.param("!AIVDM,1,1,,B,é,0*00".encode(), "not_nmea", id="not ascii"),
        pytest.param(b"!" + b"x" * 1_100, "too_long", id="endless"),
        pytest.param(signed(b"GPGGA,092750.000,5321.6802,N", b"$"), "not_ais", id="GPS"),
        pytest.param(signed(b"AIABM,1,1,,B,15R,0"), "not_ais", id="another AIS sentence"),
        pytest.param(LINE[:-2] + b"00", "checksum", id="wrong checksum"),
        pytest.param(LINE.partition(b"*")[0], "checksum", id="no checksum"),
        pytest.param(signed(b"AIVDM,1,1,,B,15RTgt0PAso"), "fields", id="a field too few"),
        pytest.param(signed(b"AIVDM,x,1,,B,15RTgt0PAso,0"), "fields", id="a letter for a number"),
        pytest.param(signed(b"AIVDM,1,1,,B,15RTgt0PAso,6"), "fields", id="too many fill bits"),
        pytest.param(signed(b"AIVDM,1,2,,B,15RTgt0PAso,0"), "fragment", id="part 2 of 1"),
        pytest.param(signed(b"AIVDM,99,1,,B,15RTgt0PAso,0"), "fragment", id="99 parts"),
        pytest.param(signed(b"AIVDM,1,1,,B,,0"), "empty", id="no payload"),
        pytest.param(signed(b"AIVDM,1,1,,B,15RT,0"), "truncated", id="no whole MMSI"),
        pytest.param(signed(b"AIVDM,1,1,,B,15RTgt0PAso;9,0"), "truncated", id="half a position"),
        pytest.param(signed(b"AIVDM,1,1,,B,w5RTgt0PAso;90TKcjM8h6g208CQ,0"), "unknown_type", id="type 63"),
        pytest.param(signed(b"AIVDM,1,1,,B,1wwwwwwwwwwwwwwwwwwwwwwwwwww,0"), "value", id="MMSI of ten digits"),
        pytest.param(signed(b"PGHP,1,2009,13,9,0,0,0,10,338,2,,1,09", b"$"), "fields", id="Gatehouse month 13"),
        pytest.param(b"$PGHP,1,2009,5,9,0,0,0,10,338,2,,1,09*00", "checksum", id="Gatehouse checksum"),
    ],
)
def test_an_odd_line_is_set_aside_with_its_code(line, code):
    reader = ais.Reader()
    assert [odd.code for odd in reader.feed(line, source="test", now_s=0)] == [code]
    assert reader.odd == {code: 1}


@pytest.mark.parametrize("line", [b"", b"  \r\n", b"# a comment"])
def test_empty_lines_and_comments_are_no_lines(line):
    reader = ais.Reader()
    assert reader.feed(line, source="test", now_s=0) == ()
    assert reader.lines == 0


@pytest.mark.parametrize(
    ("line", "at_s"),
    [
        pytest.param(signed(b"s:r003669945,c:1428621738", b"\\") + b"\\" + LINE, 1428621738.0, id="tag block"),
        pytest.param(signed(b"c:1428621738123", b"\\") + b"\\" + LINE, 1428621738.123, id="tag block in milliseconds"),
        pytest.param(signed(b"c:12415440354", b"\\") + b"\\" + LINE, None, id="tag block of the year 2363"),
        pytest.param(b"\\c:1428621738*00\\" + LINE, None, id="damaged tag block"),
        pytest.param(LINE + b",rnhjel,1247096400", 1247096400.0, id="time behind the checksum"),
        pytest.param(LINE + b",rnhjel", None, id="station behind the checksum"),
    ],
)
def test_the_time_is_the_one_told_with_the_line(line, at_s):
    (place,) = heard(line)
    assert place.at_s == at_s


def test_a_gatehouse_sentence_gives_its_time_to_the_next_line_of_the_same_feed_only():
    reader = ais.Reader()
    clock = signed(b"PGHP,1,2009,5,9,1,2,3,500,338,2,,1,09", b"$")
    assert reader.feed(clock, source="north", now_s=0) == ()
    assert reader.feed(LINE, source="south", now_s=0)[0].at_s is None
    assert reader.feed(LINE, source="north", now_s=0)[0].at_s == 1241830923.5
    assert reader.feed(LINE, source="north", now_s=0)[0].at_s is None


def test_feeds_that_say_nothing_after_their_time_take_no_room_from_those_that_do():
    reader = ais.Reader()
    clock = signed(b"PGHP,1,2009,5,9,1,2,3,500,338,2,,1,09", b"$")
    for number in range(ais.PENDING_MAX + 50):
        reader.feed(clock, source=f"udp {number}", now_s=0)
    assert len(reader._clocks) == ais.PENDING_MAX
    assert reader.feed(LINE, source=f"udp {ais.PENDING_MAX + 49}", now_s=0)[0].at_s == 1241830923.5
    assert reader.feed(LINE, source="udp 0", now_s=0)[0].at_s is None


def test_a_station_that_counts_its_only_part_as_0_is_understood():
    assert len(heard(signed(b"AIVDM,0,1,,B,15RTgt0PAso;90TKcjM8h6g208CQ,0"))) == 1


@given(st.integers(0, 2_000_000_000), st.integers(0, 59), st.integers(0, 5))
def test_the_second_that_a_ship_names_moves_the_time_of_receipt_by_less_than_a_minute(base_s, second, later_s):
    at_s = ais.at_s(base_s, second)
    assert at_s % 60 == second
    assert base_s - 55 < at_s + 1
    assert at_s <= base_s + 5
    if at_s < base_s:  # heard a little later by another station: still the same point
        assert ais.at_s(base_s + later_s, second) == at_s or base_s + later_s - at_s > 54


def test_without_the_second_the_time_of_receipt_stands():
    assert ais.at_s(1247096400.9, None) == 1247096400


@given(st.lists(st.binary(max_size=40), max_size=8), st.data())
def test_lines_are_cut_the_same_however_the_bytes_come(lines, data):
    stream = b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)
    cutter, found, at = ais.Lines(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 50))
        found += cutter.feed(stream[at : at + size])
        at += size
    assert found == stream.split(b"\n")[:-1]


def test_a_feed_without_line_ends_takes_no_more_than_its_buffer():
    cutter = ais.Lines()
    for _ in range(40):
        assert not list(cutter.feed(b"x" * 4_096))
    assert list(cutter.feed(b"\nnext\n"))[-1] == b"next"

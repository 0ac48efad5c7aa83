"""What terminals in the field do that the standard does not say."""

import pytest

from huoji.wire import jt808
from huoji.wire.jt808 import (
    Authentication,
    Code,
    Driver,
    Frame,
    Framer,
    Header,
    Media,
    MessageError,
    Registration,
    Version,
)
from huoji.wire.jt808.frame import MAX_FRAME_BYTES, enclose
from huoji.wire.jt808.header_bytes import VERSIONED, write_header
from tests.wire.jt808 import frames

PHONE = "13800138000"
PLACE = bytes.fromhex("000000000000000201dc89c0073d8aa4000c03c30057261123093000")


def header(**changed):
    return Header(**({"message_id": 0x0002, "version": Version.V2013, "terminal": PHONE, "serial": 9} | changed))


def wire(body=b"", **changed):
    return write_header(header(**changed), body_bytes=len(body)) + body


def fed(*chunks):
    framer = Framer()
    return [each for chunk in chunks for each in framer.feed(chunk)]


def test_one_flag_may_end_a_frame_and_begin_the_next():
    first, second = (bytes.fromhex(each) for each in (frames.HEARTBEAT, frames.ANSWER))
    assert fed(first + second[1:]) == [frames.frame(frames.HEARTBEAT), frames.frame(frames.ANSWER)]


def test_a_frame_that_was_never_closed_does_not_take_the_next_with_it():
    broken = bytes.fromhex(frames.OVERSPEED)[:40]
    noise, frame = fed(broken + bytes.fromhex(frames.HEARTBEAT))
    assert (noise.code, noise.size, noise.pieces) == (Code.CHECK_SUM, 39, 1)
    assert frame == frames.frame(frames.HEARTBEAT)


def test_empty_frames_are_nothing():
    assert fed(b"\x7e\x7e\x7e\x7e", b"\x7e") == []


def test_an_escape_may_be_cut_in_two():
    text = bytes.fromhex(frames.ESCAPED)
    at = text.index(b"\x7d") + 1
    assert fed(text[:at], text[at:]) == [frames.frame(frames.ESCAPED)]


def test_a_request_of_a_web_browser_is_told_at_once_and_not_kept():
    framer = Framer()
    (noise,) = framer.feed(b"GET /robots.txt HTTP/1.1\r\nHost: example.com\r\n\r\n")
    assert (noise.code, noise.sample[:15], framer.pending) == (Code.NO_FRAME, b"GET /robots.txt", 0)
    assert framer.feed(bytes.fromhex(frames.HEARTBEAT)) == [frames.frame(frames.HEARTBEAT)]


def test_what_never_ends_is_thrown_away_and_the_next_frame_is_found():
    framer = Framer()
    (noise,) = framer.feed(b"\x7e" + b"x" * (MAX_FRAME_BYTES + 1))
    assert (noise.code, framer.pending) == (Code.TOO_LONG, 0)
    assert [each for each in framer.feed(b"xxx" + bytes.fromhex(frames.HEARTBEAT)) if isinstance(each, Frame)]


@pytest.mark.parametrize("size", [1, 11, 12])
def test_what_is_shorter_than_a_header_is_noise(size):
    (noise,) = fed(enclose(b"x" * (size - 1)))
    assert noise.code is Code.TOO_SHORT


def test_an_old_header_with_the_version_bit_is_an_old_header():
    lying = bytearray(wire(b"\x01\x02"))
    lying[2] |= VERSIONED >> 8
    message = jt808.decode(Frame(bytes(lying)))
    assert message.header == header()
    assert message.content.data == b"\x01\x02"


def test_a_new_header_without_the_version_bit_is_a_new_header():
    lying = bytearray(wire(b"\x01", version=Version.V2019))
    lying[2] &= ~(VERSIONED >> 8) & 0xFF
    assert jt808.decode(Frame(bytes(lying))).header == header(version=Version.V2019, protocol=1)


def test_a_forced_version_must_fit():
    old, new = Frame(wire()), Frame(wire(version=Version.V2019))
    assert jt808.decode(old, forced=Version.V2011).header.version is Version.V2011
    assert jt808.decode(new, forced=Version.V2019).header.version is Version.V2019
    for frame, forced in [(old, Version.V2019), (new, Version.V2013)]:
        with pytest.raises(MessageError) as caught:
            jt808.decode(frame, forced=forced)
        assert caught.value.code == Code.LENGTH


@pytest.mark.parametrize("version", Version)
def test_a_wrong_length_is_told_with_the_header(version):
    with pytest.raises(MessageError) as caught:
        jt808.decode(Frame(wire(b"12345678", version=version)[:-1]))
    assert caught.value.code == Code.LENGTH
    assert (caught.value.header.terminal, caught.value.header.serial) == (PHONE, 9)


def test_a_part_out_of_range_is_told_with_the_header():
    with pytest.raises(MessageError) as caught:
        jt808.decode(Frame(wire(b"x", total=3, index=4)))
    assert (caught.value.code, caught.value.header.serial) == (Code.PARTS, 9)


def test_a_whole_message_that_is_marked_as_parted_is_taken_as_it_is():
    lying = bytearray(wire(b"\x01"))
    lying[2] |= 0x20
    assert jt808.decode(Frame(bytes(lying))) == jt808.Message(header=header(), content=jt808.Heartbeat(data=b"\x01"))


def test_one_part_of_one_is_a_whole_message():
    assert jt808.decode(Frame(wire(b"\x07", total=1, index=1))).content == jt808.Heartbeat(data=b"\x07")


@pytest.mark.parametrize(
    ("digits", "number"), [("0138", "138"), ("000000000000", "0"), ("12345678901234567890", "12345678901234567890")]
)
def test_a_number_has_no_leading_zeros_whatever_the_edition(digits, number):
    assert jt808.decode(Frame(wire(terminal=digits, version=Version.V2019))).header.terminal == number


def test_a_number_that_is_no_decimal_is_kept():
    assert jt808.decode(Frame(wire(terminal="d80a12"))).header.terminal == "d80a12"


def test_an_encrypted_body_is_kept_and_told():
    message = jt808.decode(Frame(wire(b"secret", message_id=0x0200, encryption=1)))
    assert (message.header.encryption, message.content) == (1, jt808.Unknown(data=b"secret"))


def test_an_unknown_message_is_kept():
    message = jt808.decode(Frame(wire(b"\x01\x02", message_id=0x0900)))
    assert message.content == jt808.Unknown(data=b"\x01\x02")


def test_a_position_that_is_too_short_is_told_with_the_header():
    with pytest.raises(MessageError) as caught:
        jt808.decode(Frame(wire(PLACE[:27], message_id=0x0200)))
    assert (caught.value.code, caught.value.header.message_id) == (Code.TOO_SHORT, 0x0200)


@pytest.mark.parametrize(
    "time", ["000000000000", "261301000000", "260230000000", "2611230a0000", "261123250000", "261123096000"]
)
def test_a_time_that_cannot_be_is_none(time):
    position = jt808.read_position(PLACE[:22] + bytes.fromhex(time))
    assert position.time is None
    assert position.latitude == 31_230_400


def test_the_hemisphere_is_in_the_status():
    place = bytearray(PLACE)
    place[7] = 0x0E
    position = jt808.read_position(bytes(place))
    assert (position.latitude, position.longitude) == (-31_230_400, -121_473_700)


def test_the_same_report_has_the_same_name_however_it_comes():
    position = jt808.read_position(PLACE + b"\x30\x01\x1f")
    batch = jt808.PositionBatch(kind=1, count=1, positions=(position,))
    again = jt808.PositionBatch.read(batch.write(Version.V2013), Version.V2013).positions[0]
    assert again.digest == position.digest == jt808.digest(position.raw)
    assert 0 <= position.digest < 2**63
    assert position.digest != jt808.read_position(PLACE + b"\x30\x01\x1e").digest


def batch(*items, count=None, kind=0):
    body = b"".join(len(each).to_bytes(2) + each for each in items)
    return (len(items) if count is None else count).to_bytes(2) + bytes([kind]) + body


@pytest.mark.parametrize(
    ("body", "read", "broken"),
    [
        pytest.param(batch(PLACE, PLACE, count=9), 2, (), id="counts too many"),
        pytest.param(batch(PLACE, PLACE, count=1), 2, (), id="counts too few"),
        pytest.param(batch(PLACE, b"short", PLACE), 2, (b"short",), id="an item too short"),
        pytest.param(batch(PLACE, PLACE)[:-3], 1, (PLACE[:-3],), id="cut off"),
        pytest.param(batch(PLACE) + b"\x00", 1, (b"\x00",), id="something behind"),
        pytest.param(batch(PLACE + b"\xe1\x03abc"), 1, (), id="with items of a maker"),
        pytest.param(batch(), 0, (), id="empty"),
    ],
)
def test_a_batch_gives_what_is_whole_in_it(body, read, broken):
    found = jt808.PositionBatch.read(body, Version.V2013)
    assert (len(found.positions), found.broken) == (read, broken)


@pytest.mark.parametrize(
    ("layout", "body"),
    [
        pytest.param(Version.V2011, b"\0\x1f\0\x6ecd123www.808.7654321\x01" + "测A12345678".encode("gbk"), id="2011 with a long plate"),
        pytest.param(Version.V2011, b"\0\x1f\0\x6ecd123www.808.7654321\x00LSVAU2180N2183294", id="2011 with a VIN"),
        pytest.param(Version.V2013, b"\0\x1f\0\x6ecd123" + b"www.808.".ljust(20, b"\0") + b"7654321\x00", id="2013 without a plate"),
        pytest.param(Version.V2019, b"\0\x1f\0\x6e" + b"cd123".ljust(11, b"\0") + b"www.808.".ljust(30, b"\0") + b"7654321".ljust(30, b"\0") + b"\x02" + "粤B1".encode("gbk"), id="2019 behind an old header"),
    ],
)  # fmt: skip
def test_the_layout_of_a_registration_is_found_by_its_plate_colour(layout, body):
    found = Registration.read(body, Version.V2013)
    assert (found.layout, found.maker, found.model, found.terminal_id) == (layout, "cd123", "www.808.", "7654321")


def test_a_registration_of_2013_behind_a_new_header_is_read():
    body = Registration.read(frames.frame(frames.REGISTRATION_2013).data[12:], Version.V2013).write(Version.V2013)
    assert Registration.read(body, Version.V2019).layout is Version.V2013


@pytest.mark.parametrize(
    ("plate", "read"),
    [
        pytest.param(b"\xd4\xc1A12345\0\0\0", "粤A12345", id="padded"),
        pytest.param(b"\xd4\xc1A12345\0\xff\xfe", "粤A12345", id="rubbish behind the end"),
        pytest.param(b"\xd4", "�", id="half a character"),
        pytest.param(b"\xff\xff", "", id="only padding"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_a_plate_of_broken_bytes_is_read_as_far_as_it_goes(plate, read):
    start = b"\0\0\0\0" + bytes(5) + bytes(20) + bytes(7) + b"\x02"
    assert Registration.read(start + plate, Version.V2013).plate == read


@pytest.mark.parametrize(
    ("body", "version", "code", "imei"),
    [
        pytest.param(b"", Version.V2013, "", "", id="nothing at all"),
        pytest.param(b"", Version.V2019, "", "", id="nothing at all in 2019"),
        pytest.param(b"abc\0", Version.V2013, "abc", "", id="ended by NUL"),
        pytest.param(b"987654321", Version.V2019, "987654321", "", id="2013 behind a new header"),
        pytest.param(b"\x03abc", Version.V2019, "abc", "", id="without IMEI"),
        pytest.param(b"\x03abc123456789012345", Version.V2019, "abc", "123456789012345", id="without software"),
    ],
)
def test_an_authentication_is_read_whatever_is_left_out(body, version, code, imei):
    found = Authentication.read(body, version)
    assert (found.code, found.imei) == (code, imei)


def test_a_picture_of_2011_has_no_position():
    head = bytes([0, 0, 0, 7, 0, 0, 0, 1])
    assert Media.read(head + b"\xff\xd8\xff\xe0" + bytes(60), Version.V2013).position is None
    with_place = Media.read(head + PLACE + b"\xff\xd8\xff\xe0", Version.V2013)
    assert (with_place.position.latitude, with_place.data) == (31_230_400, b"\xff\xd8\xff\xe0")


def test_the_driver_of_2011_is_known_behind_an_old_header():
    driver = Driver(layout=Version.V2011, name="张三", identity="110101", certificate="Q1", issuer="北京")
    assert Driver.read(driver.write(Version.V2013), Version.V2013) == driver


def test_a_waybill_with_a_wrong_length_is_what_is_there():
    waybill = jt808.Waybill.read(b"\x00\x00\xff\xff" + "运单1".encode("gbk"), Version.V2013)
    assert waybill.text == "运单1"


@pytest.mark.parametrize(
    ("body", "version"),
    [(b"\x00\x6f\x03\x00\x02\x00\x03\x00\x04", Version.V2019), (b"\x00\x6f\x00\x03\x00\x02\x00\x03\x00\x04", Version.V2013)],
)  # fmt: skip
def test_a_resend_request_is_read_with_either_count(body, version):
    assert jt808.PlatformResend.read(body, version).indices == (2, 3, 4)


def test_a_camera_that_refuses_a_zero_count_gets_none():
    assert jt808.MediaAnswer(media_id=2).write(Version.V2013) == b"\0\0\0\x02"
    assert jt808.MediaAnswer.read(b"\0\0\0\x02\0", Version.V2013) == jt808.MediaAnswer(media_id=2)


@pytest.mark.parametrize(
    "content",
    [
        jt808.Track(interval_s=70_000),
        jt808.Registration(layout=Version.V2011, province=1, city=1, maker="123456", model="", terminal_id="", plate_colour=1, plate=""),
        jt808.Authentication(layout=Version.V2019, code="x" * 256),
        jt808.DeleteCircles(ids=tuple(range(256))),
        jt808.QueryTheseParameters(numbers=tuple(range(256))),
        jt808.SetParameters(parameters=(jt808.Parameter(number=1, data=bytes(256)),)),
        jt808.SetCircles(action=0, areas=(jt808.Circle(area_id=1, alarms=0, centre=(1, 1), radius_m=1),) * 126),
        jt808.PositionBatch(kind=0, count=0, positions=(), broken=(b"x",)),
    ],
    ids=lambda content: type(content).__name__,
)  # fmt: skip
def test_what_does_not_fit_is_not_sent(content):
    with pytest.raises(MessageError) as caught:
        jt808.encode(content, version=Version.V2013, terminal=PHONE, serial=0)
    assert caught.value.code == Code.UNWRITABLE


def test_a_number_of_thirteen_digits_does_not_fit_an_old_header():
    with pytest.raises(MessageError):
        jt808.encode(jt808.Heartbeat(), version=Version.V2013, terminal="1" * 13, serial=0)


def test_parameters_that_could_lead_a_terminal_away_are_known():
    server = jt808.make_parameter(0x0013, "example.com")
    assert (server.name, server.value, server.redirects) == ("main_server", "example.com", True)
    interval = jt808.make_parameter(0x0029, 30)
    assert (interval.name, interval.value, interval.redirects) == ("report_interval_s", 30, False)
    assert jt808.Parameter(number=0x0029, data=b"\x1e").value == b"\x1e"
    with pytest.raises(MessageError):
        jt808.make_parameter(0x0029, "soon")


def test_alarm_and_status_bits_have_names():
    assert jt808.alarms(0x0080_0002) == (jt808.Alarm.OVERSPEED, jt808.Alarm.OFF_ROUTE)
    assert len(jt808.alarms(0xFFFF_FFFF)) == 32
    assert jt808.Alarm.OFF_ROUTE not in jt808.CLEARED_BY_ANSWER
    assert jt808.Alarm.AREA in jt808.CLEARED_BY_ANSWER
    assert jt808.statuses(0x000C_0003) == (
        jt808.Status.ACC_ON, jt808.Status.POSITIONED, jt808.Status.GPS, jt808.Status.BEIDOU,
    )  # fmt: skip
    assert jt808.load(0x300) is jt808.Load.FULL

"""The published examples of JT/T 808, field by field."""

from datetime import datetime

import pytest

from huoji.wire import jt808
from huoji.wire.jt808 import Authentication, Header, Registration, Version
from tests.wire.jt808 import frames


def read(text):
    return jt808.decode(frames.frame(text))


def at(text):
    return int(datetime.fromisoformat(text).timestamp())


def test_a_position_with_escapes_is_read():
    message = read(frames.ESCAPED)
    assert message.header == Header(message_id=0x0200, version=Version.V2013, terminal="123456789012", serial=126)
    position = message.content.position
    assert (position.alarm, position.status, position.positioned) == (1, 2, True)
    assert (position.latitude, position.longitude, position.altitude) == (12_222_222, 132_444_444, 40)
    assert (position.speed, position.direction, position.time) == (60, 0, at("2018-10-15T10:10:10+08:00"))


def test_an_alarm_on_the_way_is_read():
    position = read(frames.OVERSPEED).content.position
    assert (position.latitude, position.longitude) == (31_230_400, 121_473_700)
    assert (position.speed, position.direction) == (963, 87)
    assert position.time == at("2026-11-23T09:30:00+08:00")


@pytest.mark.parametrize(
    ("text", "layout", "maker", "model", "terminal_id"),
    [
        (frames.REGISTRATION_2011, Version.V2011, "1234", "tk12345", "CHI123"),
        (frames.REGISTRATION_2013, Version.V2013, "1234", "smallchi123", "CHI123"),
        (frames.REGISTRATION_2019, Version.V2019, "1234", "smallchi123", "CHI123"),
    ],
    ids=["2011", "2013", "2019"],
)
def test_a_registration_of_each_edition_is_read(text, layout, maker, model, terminal_id):
    message = read(text)
    assert (message.header.terminal, message.header.serial) == ("123456789", 10)
    assert message.content == Registration(
        layout=layout,
        province=40,
        city=50,
        maker=maker,
        model=model,
        terminal_id=terminal_id,
        plate_colour=1,
        plate="粤A12345",
    )


def test_an_authentication_is_read_in_both_layouts():
    message = read(frames.AUTHENTICATION_2013)
    assert (message.header.serial, message.content.code) == (12345, "456121111")
    body = bytes.fromhex("05343536313231323334353637383930616263646576322E302E300000000000000000000000000000")
    assert Authentication.read(body, Version.V2019) == Authentication(
        layout=Version.V2019, code="45612", imei="1234567890abcde", software="v2.0.0"
    )


def test_a_batch_is_read():
    message = read(frames.BATCH)
    assert (message.header.terminal, message.header.serial) == ("112233445566", 8888)
    batch = message.content
    assert (batch.kind, batch.count, batch.is_history, batch.broken) == (0, 2, False, ())
    first, second = batch.positions
    assert (first.latitude, first.longitude, first.speed) == (12_222_222, 132_444_444, 60)
    assert (second.latitude, second.longitude, second.speed) == (13_333_333, 132_555_555, 54)
    assert (first.time, second.time) == (at("2018-07-15T10:10:10+08:00"), at("2018-07-15T10:10:30+08:00"))


def test_the_time_of_the_server_is_read_behind_a_number_of_twenty_digits():
    message = read(frames.SERVER_TIME)
    assert message.header == Header(
        message_id=0x8004, version=Version.V2019, terminal="123456789012", serial=1, protocol=1
    )
    assert message.content.time == at("2019-12-02T10:10:10Z")


def test_a_heartbeat_and_its_answer_are_read():
    assert read(frames.HEARTBEAT) == jt808.Message(
        header=Header(message_id=2, version=Version.V2013, terminal="13800138000", serial=1),
        content=jt808.Heartbeat(),
    )
    assert read(frames.ANSWER).content == jt808.PlatformAnswer(answer_serial=7, answer_id=0x0200, result=0)


def test_what_has_a_wrong_check_byte_is_noise():
    (noise,) = jt808.Framer().feed(bytes.fromhex(frames.BAD_CHECK_SUM))
    assert (noise.code, noise.pieces, noise.size) == (jt808.Code.CHECK_SUM, 1, 77)


@pytest.mark.parametrize("text", frames.WHOLE)
def test_every_example_is_written_again_byte_for_byte(text):
    message = read(text)
    (again,) = jt808.encode(
        message.content,
        version=message.header.version,
        terminal=message.header.terminal,
        serial=message.header.serial,
    )
    assert again.hex().upper() == text

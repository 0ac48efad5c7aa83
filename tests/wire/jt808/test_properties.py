"""What holds for every message and every stream: it comes back as it went, however it is cut, and nothing foreign hurts."""

import random
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from huoji.wire import jt808
from huoji.wire.jt808 import Assembler, Frame, Framer, MessageError, Noise, Version
from huoji.wire.jt808.codec import CONTENTS
from huoji.wire.jt808.frame import MAX_FRAME_BYTES, enclose, xor
from tests.wire.jt808 import frames
from tests.wire.jt808 import strategies as some


def received(wire, *, forced):
    """Read what was sent, put together where it came in parts."""
    assembler = Assembler()
    header = body = None
    for frame in Framer().feed(b"".join(wire)):
        message = jt808.decode(frame, forced=forced)
        if not isinstance(message.content, jt808.Part):
            return message
        whole, _ = assembler.add(message.header, message.content.data, now=0)
        header, body = (whole.header, whole.body) if whole else (header, body)
    return jt808.decode_body(header, body)


@pytest.mark.parametrize("kind", CONTENTS.values(), ids=lambda kind: f"{kind.ID:04x}")
@settings(max_examples=25, deadline=None)
@given(data=st.data(), version=some.versions, terminal=some.digits, serial=some.word)
def test_every_message_comes_back_as_it_was_written(kind, data, version, terminal, serial):
    content = data.draw(some.contents(version)[kind])
    wire = jt808.encode(content, version=version, terminal=terminal, serial=serial)
    message = received(wire, forced=version)
    assert message.content == content
    assert (message.header.version, message.header.terminal, message.header.serial) == (version, terminal, serial)


@settings(deadline=None)
@given(some.items())
def test_items_come_back_as_they_were_written(items):
    assert jt808.read_items(jt808.write_items(items)) == items


@settings(deadline=None)
@given(st.binary(max_size=120))
def test_items_of_any_bytes_are_read_and_none_is_lost(data):
    items = jt808.read_items(data)
    assert sorted(jt808.write_items(items)) == sorted(data) or items.temperature is not None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), some.versions | st.none())
def test_random_bytes_raise_nothing_but_the_typed_error(data, forced):
    with suppress(MessageError):
        jt808.decode(Frame(data), forced=forced)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted(CONTENTS)), st.binary(max_size=160), some.versions)
def test_random_bodies_raise_nothing_but_the_typed_error_and_it_knows_the_header(message_id, body, version):
    header = jt808.Header(message_id=message_id, version=version, terminal="1", serial=1)
    try:
        jt808.decode_body(header, body)
    except MessageError as error:
        told = error.header
    else:
        told = header
    assert told == header


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_frames_are_found_however_the_stream_is_cut(seed):
    dice = random.Random(seed)
    texts = [dice.choice(frames.WHOLE) for _ in range(12)]
    stream = b"".join(bytes.fromhex(text) + b"\x7e" * dice.choice([0, 0, 1, 3]) for text in texts)
    framer, found, at = Framer(), [], 0
    while at < len(stream):
        size = dice.choice([1, 1, 2, 3, 7, 40, 500])
        found += framer.feed(stream[at : at + size])
        at += size
    assert found == [frames.frame(text) for text in texts]
    assert framer.noise_bytes == 0


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), garbage=st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_frames_are_found_between_garbage(seed, garbage):
    dice = random.Random(seed)
    pieces = [("noise", each) for each in garbage] + [("frame", each) for each in frames.WHOLE]
    dice.shuffle(pieces)
    stream = b"".join(each if kind == "noise" else bytes.fromhex(each) for kind, each in pieces)
    found = [each for each in Framer().feed(stream + b"\x7e") if isinstance(each, Frame)]
    wanted = [frames.frame(each) for kind, each in pieces if kind == "frame"]
    assume(len(found) == len(wanted))  # garbage with a true check byte is a frame
    assert found == wanted


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3_000), max_size=12))
def test_a_framer_holds_no_more_than_one_frame(chunks):
    framer = Framer()
    for chunk in chunks:
        framer.feed(chunk)
        assert framer.pending <= MAX_FRAME_BYTES


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=1_100))
def test_the_check_byte_is_the_exclusive_or_of_all_bytes(data):
    plain = 0
    for each in data:
        plain ^= each
    assert xor(data) == plain


@settings(deadline=None)
@given(st.binary(min_size=12, max_size=1_044))
def test_escapes_are_undone(message):
    assert Framer().feed(enclose(message)) == [Frame(message)]


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1_100, 9_000), version=some.versions, serial=some.word)
def test_sub_packages_come_together_in_any_order_and_more_than_once(seed, size, version, serial):
    dice = random.Random(seed)
    waybill = jt808.Waybill(data=dice.randbytes(size))
    wire = list(jt808.encode(waybill, version=version, terminal="13800138000", serial=serial))
    last = dice.randrange(len(wire))
    sent = [each for index, each in enumerate(wire) if index != last] * 2
    dice.shuffle(sent)
    assembler = Assembler()
    for text in [*sent, wire[last]]:
        (frame,) = Framer().feed(text)
        message = jt808.decode(frame)
        whole, lost = assembler.add(message.header, message.content.data, now=0)
        assert lost == ()
        assert (whole is not None) == (text is wire[last])
    assert whole.header.serial == serial
    assert jt808.decode_body(whole.header, whole.body).content == waybill
    assert assembler.size == 0


def test_noise_is_one_object_however_much_of_it_comes():
    found = Framer().feed(b"\x7e" + b"GET / HTTP/1.1\r\n~" * 50_000)
    assert len(found) == 1
    assert isinstance(found[0], Noise)
    assert (found[0].pieces, found[0].size) == (50_000, 800_000)


def test_versions_are_told_apart_without_being_told():
    for version in Version:
        (wire,) = jt808.encode(jt808.Heartbeat(), version=version, terminal="13800138000", serial=1)
        (frame,) = Framer().feed(wire)
        told = jt808.decode(frame).header.version
        assert (told is Version.V2019) == (version is Version.V2019)


@given(
    st.sampled_from(list(Version)), st.integers(0, 10**11 - 1), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF), st.integers(0, 255),
)  # fmt: skip
def test_general_answers_written_in_bulk_are_those_written_one_by_one(version, number, serial, told, told_id, result):
    answers = jt808.GeneralAnswers(version=version, terminal=str(number))
    content = jt808.PlatformAnswer(answer_serial=told, answer_id=told_id, result=result)
    assert answers.write(serial=serial, answer_serial=told, answer_id=told_id, result=result) == b"".join(
        jt808.encode(content, version=version, terminal=str(number), serial=serial)
    )

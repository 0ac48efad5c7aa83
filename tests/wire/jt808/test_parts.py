"""Sub-packages: lost, late, repeated, mixed, and too many."""

import pytest

from huoji.wire.jt808 import Assembler, AssemblyError, Header, Limits, Lost, Missing, Version

PHONE = "13800138000"


def part(index, *, total=3, serial=None, terminal=PHONE, first=100, message_id=0x0801):
    return Header(
        message_id=message_id,
        version=Version.V2013,
        terminal=terminal,
        serial=first + index - 1 if serial is None else serial,
        total=total,
        index=index,
    )


def add(assembler, header, body=b"x", *, now=0.0):
    whole, lost = assembler.add(header, body, now=now)
    assert lost == ()
    return whole


def test_what_is_missing_is_asked_for_after_a_silence_and_given_up_at_last():
    assembler = Assembler(Limits(ask_after_s=5, asks=2, give_up_s=60))
    add(assembler, part(2))
    assert assembler.overdue(now=4.9) == ()
    asked = Missing(header=part(2), first_serial=100, indices=(1, 3))
    assert assembler.overdue(now=5) == (asked,)
    assert assembler.overdue(now=9) == ()
    assert assembler.overdue(now=10) == (asked,)
    assert assembler.overdue(now=15) == ()
    assert assembler.overdue(now=15) == (Lost(header=part(2), parts=1, reason="too late"),)
    assert (assembler.overdue(now=99), assembler.size) == ((), 0)


def test_a_message_that_never_ends_is_given_up_although_parts_keep_coming():
    assembler = Assembler(Limits(give_up_s=60))
    for index in range(1, 21):
        add(assembler, part(index, total=50), now=index * 3)
    assert assembler.overdue(now=62) == ()
    assert [type(each) for each in assembler.overdue(now=63)] == [Lost]


def test_what_was_asked_for_completes_the_message_with_its_old_serial_or_a_new_one():
    for serial in (101, 900):
        assembler = Assembler()
        add(assembler, part(1), b"a")
        add(assembler, part(3), b"c")
        assembler.overdue(now=5)
        whole = add(assembler, part(2, serial=serial), b"b", now=6)
        assert (whole.body, whole.header.serial, whole.header.total) == (b"abc", 100, 0)


def test_parts_that_all_have_one_serial_are_one_message():
    assembler = Assembler()
    add(assembler, part(1, serial=7), b"a")
    add(assembler, part(3, serial=7), b"c")
    assert add(assembler, part(2, serial=7), b"b").body == b"abc"


def test_two_messages_and_two_terminals_are_kept_apart():
    assembler = Assembler()
    add(assembler, part(1, total=2), b"a")
    add(assembler, part(1, total=2, first=500), b"1")
    add(assembler, part(1, total=2, terminal="139"), b"!")
    assert add(assembler, part(2, total=2, first=500), b"2").body == b"12"
    assert add(assembler, part(2, total=2, terminal="139"), b"?").body == b"!?"
    assert add(assembler, part(2, total=2), b"b").body == b"ab"


def test_serials_go_on_from_the_last_to_zero():
    assembler = Assembler()
    add(assembler, part(1, serial=0xFFFF))
    add(assembler, part(2, serial=0))
    assert add(assembler, part(3, serial=1)).header.serial == 0xFFFF


def test_a_part_that_came_before_changes_nothing():
    assembler = Assembler()
    add(assembler, part(1, total=2), b"a")
    add(assembler, part(1, total=2), b"other")
    assert add(assembler, part(2, total=2), b"b").body == b"ab"


@pytest.mark.parametrize(("index", "total"), [(0, 3), (4, 3), (1, 9)])
def test_parts_that_cannot_be_are_refused(index, total):
    with pytest.raises(AssemblyError):
        Assembler(Limits(parts=8)).add(part(index, total=total), b"", now=0)


def test_a_new_message_makes_room_for_itself():
    assembler = Assembler(Limits(messages=2, bytes=10))
    add(assembler, part(1, terminal="1"), b"aaa")
    add(assembler, part(1, terminal="2"), b"bbb")
    whole, lost = assembler.add(part(1, terminal="3"), b"ccc", now=0)
    assert (whole, [each.header.terminal for each in lost]) == (None, ["1"])
    whole, lost = assembler.add(part(2, terminal="3"), b"c" * 9, now=0)
    assert [(each.header.terminal, each.reason) for each in lost] == [("2", "no room"), ("3", "no room")]
    assert assembler.size == 0

"""Lines that others recorded: every one is read or set aside with a code, and the counts are those of pyais itself."""

from collections import Counter

import pytest
from pyais.exceptions import AISBaseException
from pyais.stream import IterMessages

from huoji.wire import ais


def ours(lines):
    reader, found = ais.Reader(), Counter()
    for line in lines:
        for each in reader.feed(line, source="file", now_s=0):
            if not isinstance(each, ais.Odd):
                found[each.type] += 1
    reader.expire(now_s=1e9)
    return reader, found


def theirs(lines):
    found, empty = Counter(), 0
    for sentence in IterMessages([line for line in lines if line[:1] in (b"!", b"$", b"\\")]):
        if not sentence.is_valid:
            continue
        try:
            found[sentence.decode().msg_type] += 1
        except AISBaseException:
            empty += 1
    return found, empty


@pytest.mark.parametrize("name", ["nmea_data_sample.txt", "sample.ais"])
def test_every_line_of_others_is_read_as_pyais_reads_it_or_set_aside_with_a_code(foreign, name):
    lines = (foreign / "ais" / name).read_bytes().splitlines()
    reader, found = ours(lines)
    expected, empty = theirs(lines)
    ours_alone = sum(b"VDM,0,1," in line for line in lines)  # "part 1 of 0", which pyais drops
    assert found - expected == Counter({1: ours_alone} if ours_alone else {})
    assert not expected - found
    assert reader.odd[ais.Oddity.EMPTY] == empty
    assert reader.lines >= sum(found.values()) > 0


def test_the_odd_lines_of_the_sample_are_told_apart(foreign):
    reader, _ = ours((foreign / "ais" / "sample.ais").read_bytes().splitlines())
    assert reader.odd == {"not_nmea": 1, "checksum": 2, "tag_checksum": 3}

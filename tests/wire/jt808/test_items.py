"""Items behind a position, and the data files that describe those of a maker."""

import json
from pathlib import Path

import pytest

from huoji.wire import FormatError, jt808
from tests.wire.jt808 import frames

DIALECTS = Path(jt808.__file__).parent / "dialects"
SUBIAO_ADAS = bytes.fromhex(
    "642f000000dedf6f03420b0c0d0e0f04d201d907f2073d336c1410211951090001313233343536371410211951090101"
) + b"\x00"  # fmt: skip


def dialect(name):
    return jt808.read_dialect((DIALECTS / f"{name}.json").read_bytes())


def test_the_standard_items_of_the_examples_are_read():
    assert jt808.read_items(jt808.decode(frames.frame(frames.ESCAPED)).content.position.items) == jt808.Items(
        mileage=100, fuel=125
    )
    assert jt808.read_items(jt808.decode(frames.frame(frames.OVERSPEED)).content.position.items) == jt808.Items(
        mileage=1_234_567, recorder_speed=950, network=31, satellites=14
    )


@pytest.mark.parametrize(
    ("word", "degrees"),
    [
        pytest.param("0005", 5, id="above zero"),
        pytest.param("ffee", -18, id="two's complement"),
        pytest.param("8012", -18, id="a bit for the sign"),
        pytest.param("8000", 0, id="minus zero"),
        pytest.param("ffff", -1, id="minus one"),
    ],
)
def test_the_cold_is_read_however_it_is_written(word, degrees):
    assert jt808.read_items(bytes.fromhex("0602" + word)).temperature == degrees


@pytest.mark.parametrize(
    ("data", "items"),
    [
        pytest.param("1700", jt808.Items(unknown=((0x17, b""),)), id="empty"),
        pytest.param("0103000001", jt808.Items(unknown=((0x01, b"\0\0\x01"),)), id="odd length"),
        pytest.param("0202006402020065", jt808.Items(fuel=100, unknown=((0x02, b"\0\x65"),)), id="twice"),
        pytest.param("020200640104", jt808.Items(fuel=100, trailing=b"\x01\x04"), id="cut off"),
        pytest.param("ff", jt808.Items(trailing=b"\xff"), id="one byte"),
        pytest.param("1101000000", jt808.Items(overspeed=jt808.Overspeed(kind=0), unknown=((0, b""),), trailing=b""), id="zeros behind"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_kept(data, items):
    assert jt808.read_items(bytes.fromhex(data)) == items


def test_every_dialect_that_is_shipped_can_be_read():
    names = {file.stem: jt808.read_dialect(file.read_bytes()).name for file in DIALECTS.glob("*.json")}
    assert len(names) == 3
    assert all(file == name for file, name in names.items())


def test_an_alarm_of_the_driver_assistance_is_read_by_its_dialect():
    items = jt808.read_items(SUBIAO_ADAS, dialects=[dialect("jt1078"), dialect("subiao")])
    (found,) = items.vendor
    assert (found.dialect, found.name, found.data) == ("subiao", "adas", SUBIAO_ADAS[2:])
    assert (found.values["level"], found.values["front_speed"], found.values["latitude"]) == (3, 66, 31.000562)
    assert found.values["alarm_terminal"] == "1234567"
    assert items.unknown == ()
    assert jt808.write_items(items) == SUBIAO_ADAS


def test_cell_towers_are_read_as_a_list():
    (found,) = jt808.read_items(bytes.fromhex("5d0b0101cc0827b1000010c516"), dialects=[dialect("cells")]).vendor
    assert found.values == {
        "count": 1,
        "towers": [{"mcc": 460, "mnc": 8, "lac": 0x27B1, "cell": 0x10C5, "signal": 22}],
    }


def test_an_item_of_another_length_is_none_of_the_dialect():
    items = jt808.read_items(
        bytes.fromhex("6404000020d01701021803011d00"), dialects=[dialect("subiao"), dialect("jt1078")]
    )
    assert items.unknown == ((0x64, bytes.fromhex("000020d0")), (0x17, b"\x02"))
    assert [each.name for each in items.vendor] == ["driving"]


GOOD = {"name": "mine", "title": "Mine", "source": "A manual", "items": {"E1": {"name": "battery", "fields": [{"name": "volt", "type": "u16", "scale": 0.01, "unit": "V"}]}}}  # fmt: skip


def test_a_stranger_adds_a_dialect_by_a_file():
    mine = jt808.read_dialect(json.dumps(GOOD).encode())
    (found,) = jt808.read_items(bytes.fromhex("e10204e2"), dialects=[mine]).vendor
    assert found.values == {"volt": 12.5}


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"name": "Not A Name"}, "$.name"),
        ({"source": ""}, "$.source"),
        ({"items": {"XYZ": {}}}, "$.items.XYZ"),
        ({"items": {"E1": {"name": "a", "fields": []}}}, "$.items.E1.fields"),
        ({"items": {"E1": {"name": "a", "fields": [{"name": "b", "type": "u64"}]}}}, "$.items.E1.fields[0].type"),
        ({"items": {"E1": {"name": "a", "fields": [{"name": "b", "type": "hex0"}]}}}, "$.items.E1.fields[0].type"),
        ({"items": {"E1": {"name": "a", "fields": [{"name": "b", "type": "text"}, {"name": "c", "type": "u8"}]}}}, "$.items.E1.fields"),
        ({"items": {"E1": {"name": "a", "fields": [{"name": "b", "type": "list", "of": [{"name": "c", "type": "hex"}]}]}}}, "$.items.E1.fields[0].of[0].type"),
    ],
)  # fmt: skip
def test_a_faulty_dialect_is_refused_at_its_fault(changed, path):
    with pytest.raises(FormatError) as caught:
        jt808.read_dialect(json.dumps(GOOD | changed).encode())
    assert caught.value.path == path

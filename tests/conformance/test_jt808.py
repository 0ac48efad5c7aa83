"""Frames of other makers: what they say of themselves is what is read."""

import json
import random
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from huoji.wire import jt808
from huoji.wire.jt808 import Framer, Noise, Version

CHINA = timezone(timedelta(hours=8))
DIALECTS = sorted((Path(jt808.__file__).parent / "dialects").glob("*.json"))


@pytest.fixture
def folder(foreign):
    found = foreign / "jt808"
    if not found.is_dir():
        pytest.skip(f"no JT/T 808 frames at {found}")
    return found


def decoded(data):
    return [each if isinstance(each, Noise) else jt808.decode(each) for each in Framer().feed(data)]


def field_frames(folder):
    for line in (folder / "field_frames.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            _, _, told, text = line.split("\t")
            yield told, bytes.fromhex(text)


def annotated(folder):
    """Give the frames of the annotated files with what is told of them, up to the next frame."""
    for file in sorted((folder / "annotated_frames" / "terminal" / "testdata").glob("*.txt")):
        pieces = re.split(r"^(7e[0-9a-f]+7e)\s*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        yield from (
            (file.name, bytes.fromhex(text), told) for text, told in zip(pieces[1::2], pieces[2::2], strict=True)
        )


def told_number(told, name):
    found = re.search(rf"\[[0-9a-f]+\] ?{name}:\[(\d+)\]", told)
    return int(found[1]) if found else None


def test_every_annotated_frame_is_read_as_it_is_annotated(folder):
    frames = list(annotated(folder))
    assert len(frames) >= 36
    for name, data, told in frames:
        if not told.strip():  # answers without a body, which their maker sends and no standard knows
            with pytest.raises(jt808.MessageError) as caught:
                decoded(data)
            assert caught.value.header is not None, name
            continue
        (message,) = decoded(data)
        assert message.header.message_id == told_number(told, "消息ID"), name
        assert message.header.serial == told_number(told, "消息流水号"), name
        number = re.search(r"终端手机号:\[0*(\d+)\]", told)[1]
        assert message.header.terminal == number, name
        assert (message.header.version is Version.V2019) == ("版本号:[JT2019]" in told), name
        same_body(name, message.content, told)


def same_body(name, content, told):
    match content:
        case jt808.PositionReport(position=position):
            same_position(name, position, told)
        case jt808.PositionBatch(positions=positions):
            # the annotations repeat their items twice, which the frames do not
            assert len(positions) == told_number(told, "数据项个数"), name
            for position in positions:
                same_position(name, position, told)
        case jt808.Registration():
            found = (content.maker, content.model, content.terminal_id, content.plate, str(content.plate_colour))
            stated = [
                re.search(rf"\] {label}(?:\(\d+\))?:\[(.*)\]", told)[1]
                for label in ("制造商ID", "终端型号", "终端ID", "车牌号", "车牌颜色")
            ]
            assert list(found) == stated, name
            assert content.layout in name, name
        case jt808.Authentication():
            assert content.code == re.search(r"鉴权码:\[(.*)\]", told)[1], name
            if content.layout is Version.V2019:
                assert (content.imei, content.software) == (
                    re.search(r"终端IMEI:\[(.*)\]", told)[1],
                    re.search(r"软件版本:\[(.*)\]", told)[1],
                ), name
        case jt808.PlatformAnswer():
            assert content.answer_serial == told_number(told, "应答消息流水号"), name
            assert content.answer_id == told_number(told, "应答消息ID"), name
            assert content.result == told_number(told, "结果"), name
        case jt808.RegistrationAnswer():
            assert content.code == re.search(r"鉴权码:\[(.*)\]", told)[1], name
        case _:
            assert content == jt808.Heartbeat(), name


def same_position(name, position, told):
    stated = [
        told_number(told, label) for label in ("报警标志", "状态标志", "纬度", "经度", "海拔高度", "速度", "方向")
    ]
    found = [position.alarm, position.status, position.latitude, position.longitude]
    assert [*found, position.altitude, position.speed, position.direction] == stated, name
    assert position.time == at(re.search(r"时间:\[(.*)\]", told)[1]), name


def at(text):
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


def test_every_frame_with_a_stated_body_is_read_as_stated(folder):
    samples = [json.loads(line) for line in (folder / "frames_2019.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(samples) == 12
    for sample in samples:
        (message,) = decoded(bytes.fromhex(sample["hex"]))
        stated = sample["stated_body"]
        assert f"0x{message.header.message_id:04x}" in sample["desc"].lower()
        if stated is not None:
            assert simplified(message.content) == stated, sample["desc"]


def simplified(content):
    """Say a body in the words of those who stated it."""
    match content:
        case jt808.PositionBatch():
            items = [simplified_position(each) for each in content.positions]
            found = {"count": content.count, "type": content.kind, "itemList": items}
        case jt808.PositionReport():
            items = jt808.read_items(content.position.items)
            found = simplified_position(content.position) | {"extraItems": {"1": items.mileage, "2": items.fuel}}
        case jt808.PlatformAnswer():
            serial, message_id = content.answer_serial, content.answer_id
            found = {"clientFlowId": serial, "clientMessageId": message_id, "result": content.result}
        case jt808.PlatformResend() | jt808.TerminalResend():
            serial, indices = content.first_serial, list(content.indices)
            found = {"originalMessageFlowId": serial, "packageCount": len(indices), "packageIdList": indices}
        case jt808.RegistrationAnswer():
            found = {"clientFlowId": content.answer_serial, "result": content.result, "authCode": content.code}
        case jt808.Text():
            found = {"identifier": content.flags, "text": content.text}
        case jt808.Track():
            found = {"timeDurationInSeconds": content.interval_s, "traceValidityDurationInSeconds": content.valid_s}
        case jt808.SetPolygon():
            found = {
                "areaId": content.area_id,
                "areaProps": content.alarms | 3,
                "startTime": str(datetime.strptime(content.times.start, "%y%m%d%H%M%S")),  # noqa: DTZ007
                "endTime": str(datetime.strptime(content.times.end, "%y%m%d%H%M%S")),  # noqa: DTZ007
                "topSpeed": content.limit.speed_kmh,
                "durationOfOverSpeed": content.limit.seconds,
                "pointCount": len(content.points),
                "pointList": [{"latitude": lat, "longitude": lon} for lat, lon in content.points],
            }
        case _:
            found = {}
    return found


def simplified_position(position):
    return {
        "alarmFlag": position.alarm,
        "status": position.status,
        "latitude": abs(position.latitude),  # stated without the sign, which is in the status
        "longitude": abs(position.longitude),
        "altitude": position.altitude,
        "speed": position.speed,
        "direction": position.direction,
        "time": datetime.fromtimestamp(position.time, tz=CHINA).strftime("%Y-%m-%d %H:%M:%S"),
    }


def test_frames_that_broke_other_servers_are_read(folder):
    dialects = [jt808.read_dialect(file.read_bytes()) for file in DIALECTS]
    contents, noise, vendor = [], [], []
    for told, data in field_frames(folder):
        for each in decoded(data):
            if isinstance(each, Noise):
                noise.append((told, each.code))
                continue
            contents.append(type(each.content).__name__)
            if isinstance(each.content, jt808.PositionReport):
                items = jt808.read_items(each.content.position.items, dialects=dialects)
                vendor += [(found.dialect, found.name) for found in items.vendor]
                assert items.trailing == b""
    assert sorted(set(contents)) == [
        "Heartbeat", "MediaAnswer", "PlatformAnswer", "PositionReport", "Registration", "TerminalAnswer",
    ]  # fmt: skip
    assert len(contents) == 8
    assert [code for _, code in noise] == [jt808.Code.NO_FRAME]
    assert set(vendor) >= {("cells", "cell_towers"), ("jt1078", "video_alarm"), ("jt1078", "video_covered")}


def test_all_of_it_is_found_in_one_stream_cut_at_random_bytes(folder):
    whole = [data for _, data in field_frames(folder)] + [data for _, data, _ in annotated(folder)]
    dice = random.Random(808)
    stream = b"".join(whole)
    framer, found, at = Framer(), [], 0
    while at < len(stream):
        size = dice.randint(1, 40)
        found += [each.data for each in framer.feed(stream[at : at + size]) if not isinstance(each, Noise)]
        at += size
    assert found == [each.data for data in whole for each in Framer().feed(data) if not isinstance(each, Noise)]
    assert len(found) >= 44


def test_files_between_frames_do_not_hide_the_frames(folder):
    """An attachment server gets raw files between its messages: the messages are still found."""
    text = (folder / "annotated_frames" / "attachment" / "testdata" / "su_biao" / "file.log").read_text().strip()
    logs = sorted((folder / "annotated_frames" / "attachment" / "testdata" / "su_biao").glob("7e12*.log"))
    stream = b"".join(bytes.fromhex(log.read_text().strip()) + bytes.fromhex(text) for log in logs)
    found = [each for each in Framer().feed(stream) if not isinstance(each, Noise)]
    assert [jt808.decode(each).header.message_id for each in found].count(0x1210) == 2

"""What terminals say over their sockets, and what becomes of it."""

import asyncio
import contextlib
import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from huoji.apps.fleet.actions import contacts, silence
from huoji.apps.fleet.models import (
    Alarm,
    Contact,
    FilteredPosition,
    LastPosition,
    Media,
    Position,
    Reading,
    Terminal,
    TerminalReport,
)  # fmt: skip
from huoji.kit import blob
from huoji.wire import jt808
from huoji.wire.jt808 import Version
from tests.gateways.harness import play, until, within
from tools.driving import drive
from tools.fake_terminal import HANGZHOU, SHANGHAI, Bad, Refused

NOW = int(datetime.now(UTC).timestamp())
MOMENTS = [moment for moment in drive(SHANGHAI, HANGZHOU) if moment.speed_ms > 8][::20][:40]
# 96.3 km/h near Shanghai on 2026-11-23 at 09:30 in China, mileage 123 456.7 km; the terminal's number and time are put in.
ITEMS = bytes.fromhex("01040012D687030203B630011F31010E")


def at(terminal, seconds: int) -> None:
    """Set the terminal's clock to so many seconds from now."""
    terminal._clock = lambda: NOW + seconds


async def reports(terminal, ats, **more) -> list[jt808.Position]:
    told = []
    for number, seconds in enumerate(ats):
        at(terminal, seconds)
        told.append(terminal.position(MOMENTS[number], **more))
        await terminal.report(told[-1])
    return told


@pytest.mark.req("F02", part="register, authenticate, heartbeat, location and batch in 2011, 2013, 2019")
@pytest.mark.parametrize("version", Version, ids=str)
def test_a_terminal_registers_signs_in_and_reports_in_every_edition(version, make_terminal, terminal_at):
    row = make_terminal()

    async def scene():
        async with terminal_at(version=version) as terminal:
            await terminal.log_in()
            await terminal.heartbeat()
            live = await reports(terminal, [-200, -180, -160])
            terminal.blind = True
            await reports(terminal, [-500, -480])
            terminal.blind = False
            await terminal.send_collected()
            await terminal.drain()
            return terminal, live

    terminal, live = play(scene())
    assert not terminal.refused
    assert len(terminal.acknowledged) == 7
    assert list(Position.objects.order_by("at").values_list("history", flat=True)) == [True, True, False, False, False]
    last = LastPosition.objects.get()
    assert (int(last.at.timestamp()), last.lat, last.lon, last.speed) == (
        NOW - 160, live[-1].latitude, live[-1].longitude, live[-1].speed,
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.auth_code, row.maker, row.version) == (terminal.code, "HUOJI", int(version))
    assert last.conveyance_id == row.conveyance_id


@pytest.mark.req("F03", part="from the terminal's bytes to the last known position, at once and exactly")
def test_the_numbers_of_a_report_arrive_exactly_as_the_standard_means_them(make_terminal, terminal_at):
    row = make_terminal()

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            position = jt808.write_position(
                alarm=0x0080_0002, status=0x000C_0003, latitude=31_230_400, longitude=121_473_700, altitude=12,
                speed=963, direction=87, time=NOW - 5, items=ITEMS,
            )  # fmt: skip
            await terminal.report(position)
            await terminal.drain()

    play(scene())
    last = LastPosition.objects.get(terminal=row)
    assert (last.lat, last.lon, last.speed, last.course, last.altitude) == (31_230_400, 121_473_700, 963, 87, 12)
    assert (last.mileage, last.alarm, int(last.at.timestamp())) == (1_234_567, 0x0080_0002, NOW - 5)
    assert bytes(Position.objects.get().extra) == ITEMS[6:]
    assert set(Alarm.objects.values_list("kind", flat=True)) == {"overspeed", "route_deviation"}


def test_south_and_west_a_shifted_place_and_a_cold_box(make_terminal, terminal_at):
    make_terminal()

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            common = {"alarm": 0, "altitude": 65_531, "speed": 300, "direction": 360}
            cold = jt808.write_items(jt808.Items(temperature=-18))
            await terminal.report(jt808.write_position(
                status=3, latitude=-23_500_000, longitude=-46_600_000, time=NOW - 9000, items=cold, **common
            ))  # fmt: skip
            await terminal.report(jt808.write_position(
                status=3 | 1 << 5, latitude=39_916_404, longitude=116_410_244, time=NOW - 100, **common
            ))  # fmt: skip
            await terminal.drain()

    Terminal.objects.update(filters_off=["jump"])
    play(scene())
    south, beijing = Position.objects.order_by("at")
    assert (south.lat, south.lon, south.altitude, south.course) == (-23_500_000, -46_600_000, -5, 0)
    assert abs(beijing.lat - 39_915_000) < 10
    assert abs(beijing.lon - 116_404_000) < 10
    assert Reading.objects.get().value == -18.0


def picture(side: int = 400) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


@pytest.mark.parametrize("version", [Version.V2013, Version.V2019], ids=str)
def test_a_picture_in_shuffled_parts_with_some_missing_is_put_together_and_kept(
    version, make_terminal, terminal_at, monkeypatch
):
    from huoji.gateways.jt808 import limits
    from huoji.wire.jt808 import parts

    monkeypatch.setattr(limits, "SWEEP_S", 0.2)
    monkeypatch.setattr("huoji.gateways.jt808.pieces.PARTS", parts.Limits(ask_after_s=0.2))
    row = make_terminal()
    data = picture()

    async def scene():
        async with terminal_at(version=version) as terminal:
            await terminal.log_in()
            await terminal.send_picture(data, drop=[2, 5], shuffle=True)
            await until(lambda: isinstance(terminal.received[-1].content, jt808.MediaAnswer))
            return terminal

    terminal = play(scene())
    assert any(isinstance(message.content, jt808.PlatformResend) for message in terminal.received)
    media = Media.objects.get(terminal=row)
    with blob.open(media.blob) as kept, Image.open(kept) as image:
        assert image.size == (400, 400)


def test_waybill_and_driver_are_kept_and_the_driver_masked(make_terminal, terminal_at):
    row = make_terminal()
    driver = jt808.Driver(
        layout=Version.V2019, status=1, time=NOW - 60, result=0, name="欧阳娜娜", certificate="310101199001011234",
        issuer="上海市交通委", valid_until="20301231", identity="310101199001011234",
    )  # fmt: skip

    async def scene():
        async with terminal_at(version=Version.V2019) as terminal:
            await terminal.log_in()
            for content in (jt808.Waybill(data="运单 HJ123".encode("gbk")), driver, driver):
                await terminal.request(content)
            await terminal.request(jt808.MediaEvent(media_id=1, kind=0, format=0, event=2, channel=1))
            return terminal

    assert not play(scene()).refused
    kept = {report.kind: report.body for report in TerminalReport.objects.filter(terminal=row)}
    assert set(kept) == {"waybill", "driver", "media"}
    assert kept["waybill"] == {"text": "运单 HJ123"}
    assert (kept["driver"]["name"], kept["driver"]["certificate"]) == ("欧阳**", "***1234")
    assert "19900101" not in str(kept)


def test_unknown_messages_are_answered_as_such_and_counted_and_the_time_is_told(make_terminal, terminal_at):
    row = make_terminal()

    async def scene():
        async with terminal_at(version=Version.V2019) as terminal:
            answer = await terminal.request(jt808.TimeQuery())
            assert abs(answer.content.time - datetime.now(UTC).timestamp()) < 120
            await terminal.log_in()
            frames = jt808.encode(
                jt808.Unknown(data=b"?"), version=Version.V2019, terminal=terminal.number, serial=900, message_id=0x0F0F
            )
            terminal._expect(900, jt808.Unknown(data=b"?"))
            await terminal._write(frames[0])
            await terminal.drain()
            return terminal.refused

    assert [result for _, result in play(scene())] == [jt808.Result.UNSUPPORTED]
    contacts.flush()
    assert Contact.objects.get(terminal=row).counts == {"unknown": 1}


@pytest.mark.parametrize(
    ("row", "plate", "result"),
    [
        (None, "粤A12345", 4),
        ({"state": "blocked"}, "粤A12345", 4),
        ({"state": "pending"}, "粤A12345", 4),
        ({}, "沪B99999", 2),
        ({}, "粤a·12345", 0),
        ({}, "", 0),
    ],
    ids=["unknown", "blocked", "pending", "another plate", "the plate as people write it", "no plate"],
)
def test_who_may_register(row, plate, result, make_terminal, terminal_at):
    if row is not None:
        make_terminal(**row)

    async def scene():
        async with terminal_at(plate=plate) as terminal:
            with contextlib.suppress(Refused):
                await terminal.register()
            return terminal.received[-1].content

    answer = play(scene())
    assert (answer.result, bool(answer.code)) == (result, result == 0)
    assert not Terminal.objects.filter(state="pending", auth_code__gt="").exists()


def test_a_stranger_is_listed_for_a_person_when_that_is_the_policy(terminal_at, settings):
    from dataclasses import replace

    settings.HUOJI = replace(settings.HUOJI, jt808_admission="pending")

    async def scene():
        async with terminal_at("19900001111") as terminal:
            with pytest.raises(Refused):
                await terminal.register()

    play(scene())
    row = Terminal.objects.get()
    assert (row.number, row.state, row.maker, row.auth_code) == ("19900001111", "pending", "HUOJI", "")


def test_nothing_is_taken_before_the_right_code(make_terminal, terminal_at):
    make_terminal(auth_code="right-code-1")

    async def scene():
        async with terminal_at(code="wrong") as terminal:
            await reports(terminal, [-60])
            await terminal.drain()
            with pytest.raises(Refused):
                await terminal.authenticate()
            await reports(terminal, [-50])
            await terminal.drain()
            terminal.code = "right-code-1"
            await terminal.authenticate()
            await reports(terminal, [-40])
            await terminal.drain()
            return [result for _, result in terminal.refused]

    assert play(scene()) == [1, 1, 1]
    assert [NOW - int(row.at.timestamp()) for row in Position.objects.all()] == [40]


def test_what_is_sent_in_haste_behind_the_code_is_taken(make_terminal, terminal_at):
    make_terminal(auth_code="right-code-1")

    async def scene():
        async with terminal_at(code="right-code-1") as terminal:
            await terminal.send(jt808.Authentication(layout=Version.V2013, code="right-code-1"))
            await reports(terminal, [-60, -40, -20])
            await terminal.drain()
            return terminal.refused

    assert play(scene()) == []
    assert Position.objects.count() == 3


def test_a_terminal_that_is_blocked_is_signed_out(make_terminal, terminal_at, monkeypatch):
    from huoji.gateways.jt808 import limits

    monkeypatch.setattr(limits, "SWEEP_S", 0.1)
    make_terminal()

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            await asyncio.to_thread(lambda: Terminal.objects.update(state="blocked"))
            await until(lambda: not terminal.connected)
            return True

    assert play(scene())


def test_bad_behaviour_beside_good_data_harms_neither(make_terminal, terminal_at):
    make_terminal("1")
    make_terminal("2", plate="粤B00002")

    async def scene():
        bad = {Bad.CHECK_SUM, Bad.GARBAGE, Bad.DUPLICATES, Bad.SPLIT}
        async with terminal_at("1", bad=bad) as wild, terminal_at("2", plate="粤B00002") as calm:
            await asyncio.gather(wild.log_in(), calm.log_in())
            ats = list(range(-600, -300, 20))
            await asyncio.gather(reports(wild, ats), reports(calm, ats))
            await asyncio.gather(wild.drain(), calm.drain())
            return wild.refused + calm.refused

    assert play(scene()) == []
    assert Position.objects.count() == 30


@pytest.mark.req("F02", part="a terminal that goes silent raises the alarm offline")
def test_a_terminal_that_goes_silent_raises_the_alarm_offline(make_terminal, terminal_at):
    from datetime import timedelta

    row = make_terminal()

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            await reports(terminal, [-60])
            await terminal.drain()

    play(scene())
    within(5, lambda: contacts.flush() or Contact.objects.filter(disconnected_at__isnull=False).exists())
    contact = Contact.objects.get()
    assert contact.counts == {"stored": 1}
    assert contact.peer == "127.0.0.1"
    later = contact.last_at + timedelta(minutes=31)
    assert silence.watch(now=later) == (1, 0)
    assert Alarm.objects.get().kind == "offline"
    play(scene())
    contacts.flush()
    Contact.objects.update(last_at=later + timedelta(minutes=1))
    assert silence.watch(now=later + timedelta(minutes=2)) == (0, 1)
    assert Alarm.objects.get(terminal=row).cleared_at is not None


def test_filtered_points_are_acknowledged_too(make_terminal, terminal_at):
    make_terminal()

    async def scene():
        async with terminal_at(bad={Bad.WRONG_CLOCK}) as terminal:
            await terminal.log_in()
            await reports(terminal, [-60])
            await terminal.drain()
            return terminal.refused

    assert play(scene()) == []
    assert FilteredPosition.objects.get().filter == "future"
    assert not Position.objects.exists()


def test_a_sound_is_kept_and_rubbish_that_calls_itself_a_picture_is_received_and_not_kept(make_terminal, terminal_at):
    row = make_terminal()
    wave = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            for media_id, (kind, form, data) in enumerate([(1, 3, wave), (0, 0, b"\xff\xd8\xff" + bytes(60))], start=1):
                sent = jt808.Media(
                    media_id=media_id, kind=kind, format=form, event=0, channel=1, position=terminal._last_position(), data=data
                )  # fmt: skip
                await terminal.send(sent)
            await until(lambda: sum(isinstance(m.content, jt808.MediaAnswer) for m in terminal.received) == 2)

    play(scene())
    kept = Media.objects.get(terminal=row)
    assert (kept.media_id, kept.kind, kept.format) == (1, 1, 3)


def saying(terminal, **more) -> jt808.Registration:
    said = {
        "layout": terminal.version, "province": 44, "city": 100, "maker": "HUOJI", "model": "FAKE-1",
        "terminal_id": terminal.number[-7:], "plate_colour": 2, "plate": terminal.plate,
    }  # fmt: skip
    return jt808.Registration(**said | more)


def test_who_knows_a_number_alone_gets_no_code_and_the_same_terminal_gets_its_own_at_every_start(
    make_terminal, terminal_at, gateway, client_of
):
    row = make_terminal()
    staff = client_of("dispatch")

    async def ask(**more) -> tuple[int, str]:
        async with terminal_at() as terminal:
            answer = (await terminal.request(saying(terminal, **more))).content
            return answer.result, answer.code

    def registered(**more) -> tuple[int, str]:
        return play(ask(**more))

    result, code = registered()
    assert (result, bool(code)) == (0, True)
    assert registered() == (0, code), "as after every start"
    strangers = (
        {"plate": "", "plate_colour": 0, "terminal_id": "", "maker": "", "model": ""},
        {"plate": ""}, {"terminal_id": "9999999"}, {"maker": "OTHER"},
    )  # fmt: skip
    assert [registered(**said) for said in strangers] == [(3, "")] * len(strangers)
    contacts.flush()
    assert Contact.objects.get(terminal=row).counts["register_terminal_taken"] == len(strangers)
    page = f"/app/terminals/{row.pk}"
    assert f"已有 {len(strangers)} 次这样的注册被拒" in staff.get(page).content.decode()

    assert client_of("cs_agent").post(f"{page}/register").status_code == 403
    staff.post(f"{page}/register")
    assert "之前，用此终端号来的任何设备都可以注册一次" in staff.get(page).content.decode()
    result, fresh = registered(terminal_id="REPLACE")
    assert (result, bool(fresh), fresh != code) == (0, True, True)
    assert registered() == (3, ""), "one device for one permission, and the old one is out"
    assert "允许终端重新注册" in client_of("it_admin").get("/app/audit/").content.decode()

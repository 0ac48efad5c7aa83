"""The dispatch map in a real browser: what moves is drawn and listed, found, followed, asked, told and replayed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.conf import settings
from playwright.sync_api import expect

from huoji.apps.accounts.models import AuditRow
from huoji.apps.fleet.actions import runs
from huoji.apps.fleet.models import Alarm, Command, Conveyance, Fitting, LastPosition, Terminal
from huoji.apps.places import queries as places
from huoji.apps.shipments.models import Unit
from huoji.core.permission import system
from huoji.core.run import RunDraft, StopDraft
from tests.apps.shipments import moving_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"  # as when the tab comes back: the map reads what moved


@pytest.fixture
def moving():
    """A truck under way with a parcel aboard, one that is stale, and a vessel."""
    moving = moving_world.build()
    moving.load()
    unit = Unit.objects.get(kind="trip", number=moving_world.TRIP)
    now = moving.now
    Fitting.objects.bulk_create(
        Fitting(terminal_id=moving.terminals[name], conveyance_id=owner, since=now - timedelta(days=9))
        for name, owner in (("truck", moving.truck_id), ("other", moving.other_id), ("vessel", moving.vessel_id))
    )
    atlas = {place.code: place.id for place in places.places().values()}
    stops = tuple(
        StopDraft(site_id=atlas[code], arrives_at=now + timedelta(hours=hours))
        for code, hours in (("SHQP", -2), ("WUH", 8), ("CDJJ", 24))
    )
    runs.put_run(system("tests"), RunDraft(unit_id=unit.pk, number=unit.number, conveyance_id=moving.truck_id, starts_at=now - timedelta(hours=2), stops=stops))  # fmt: skip
    for minutes in (100, 99, 98, 20, 19, 18, 1):
        moving.seen("truck", 31.1, 121.0 - (101 - minutes) / 100, seconds_ago=minutes * 60)
    moving.seen("other", 30.6, 114.1, seconds_ago=3 * 3600, kmh=0)
    moving.seen("vessel", 25.0, 122.5, seconds_ago=300, kmh=30, nav=0)
    Alarm.objects.create(
        terminal_id=moving.terminals["other"], conveyance_id=moving.other_id, kind="low_voltage", source="terminal",
        opened_at=now, last_at=now,
    )  # fmt: skip
    return moving


@pytest.fixture
def scene(context, page, live_server, client_of, moving):
    client = client_of("dispatch")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/app/dispatch/")
    expect(page.locator("#hj-rows li")).to_have_count(3)
    return page


def objects_of(page) -> dict[str, dict]:
    return {one["number"]: one for one in page.evaluate("[...huojiDispatch.known.values()].map(one => ({...one}))")}


@pytest.mark.req("A03")
def test_dispatch_sees_where_everything_is_how_it_runs_and_what_is_aboard(scene, moving):
    known = objects_of(scene)
    assert {number: one["fresh"] for number, one in known.items()} == {
        "沪A12345": 0,
        "鄂B67890": 1,
        "中远海运白羊座": 0,
    }
    first = scene.locator("#hj-rows button").first
    expect(first).to_contain_text("鄂B67890")  # what has an alarm comes first
    expect(first).to_contain_text("1 个报警")
    expect(first).to_contain_text("位置已旧")
    scene.fill("#hj-text", "沪A")
    expect(scene.locator("#hj-rows li")).to_have_count(1)
    scene.keyboard.press("Enter")
    panel = scene.locator("#hj-object")
    for told in ("沪A12345", "80.0 公里/小时", moving_world.TRIP, "武汉分拨中心", "1 票在车船上", moving_world.NUMBER):
        expect(panel).to_contain_text(told)


def test_the_map_works_by_keyboard_alone(scene):
    scene.locator("h1").click()
    scene.keyboard.press("j")
    scene.keyboard.press("j")
    focused = scene.evaluate("document.activeElement.textContent")
    scene.keyboard.press("Enter")
    panel = scene.locator("#hj-object")
    expect(panel).to_be_focused()
    assert panel.locator("h2").inner_text().strip() in focused
    scene.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert scene.evaluate("document.activeElement.textContent") == focused


def test_a_list_however_long_is_one_stop_for_tab_and_grows_as_one_walks_down(scene, live_server):
    Conveyance.objects.bulk_create(Conveyance(kind="vehicle", plate=f"京C{n:05d}") for n in range(210))
    trucks = list(Conveyance.objects.filter(plate__startswith="京C").order_by("plate"))
    devices = Terminal.objects.bulk_create(
        Terminal(kind="jt808", number=f"9{n:05d}", conveyance=truck) for n, truck in enumerate(trucks)
    )
    now = datetime.now(UTC)
    LastPosition.objects.bulk_create(
        LastPosition(
            terminal=device, conveyance_id=device.conveyance_id, at=now, recorded_at=now, lat=31_000_000, lon=n * 10_000,
            speed=0,
        )
        for n, device in enumerate(devices)
    )  # fmt: skip
    scene.goto(f"{live_server.url}/app/dispatch/")
    expect(scene.locator("#hj-count")).to_have_text("显示 100，共 213")
    rows = scene.locator("#hj-rows [data-row]")
    rows.first.focus()
    scene.keyboard.press("End")
    expect(scene.locator("#hj-count")).to_have_text("显示 200，共 213")
    scene.keyboard.press("ArrowDown")
    assert (
        scene.evaluate("[...document.querySelectorAll('#hj-rows [data-row]')].indexOf(document.activeElement)") == 100
    )
    scene.locator("#hj-rows").evaluate("list => { list.scrollTop = list.scrollHeight }")
    expect(rows).to_have_count(213)
    assert scene.locator("#hj-rows [tabindex='0']").count() == 1
    scene.keyboard.press("Enter")
    panel = scene.locator("#hj-object")
    expect(panel).to_be_focused()
    first = panel.locator("h2").inner_text()
    scene.keyboard.press("j")
    expect(panel.locator("h2")).not_to_have_text(first)
    scene.fill("#hj-text", "京C0")
    expect(scene.locator("#hj-count")).to_have_text("显示 100，共 210")


def test_a_vehicles_page_opens_the_map_on_it_and_the_map_leads_back(scene, live_server, moving):
    scene.goto(f"{live_server.url}/app/fleet/{moving.vessel_id}")
    scene.get_by_role("link", name="在地图上看").click()
    panel = scene.locator("#hj-object")
    expect(panel).to_contain_text("16.2 节")
    expect(panel.get_by_role("button", name="取消跟随")).to_be_visible()
    centre = scene.evaluate("huojiDispatch.map.getCenter()")
    assert (centre["lat"], centre["lng"]) == pytest.approx((25.0, 122.5), abs=0.01)
    expect(scene.locator(f"#hj-rows [data-id='{moving.vessel_id}']")).to_contain_text("16 节")
    panel.get_by_role("link", name="中远海运白羊座").click()
    scene.wait_for_url(f"**/app/fleet/{moving.vessel_id}")
    scene.go_back()
    expect(panel.locator("h2")).to_contain_text("中远海运白羊座")
    scene.goto(f"{live_server.url}/app/dispatch/?conveyance=999999")
    expect(scene.locator("#hj-note")).to_contain_text("不在地图上")


def test_filters_narrow_and_say_how_many(scene):
    scene.locator("#hj-filter summary").click()
    scene.select_option("[name=kind]", label="船舶")
    expect(scene.locator("#hj-count")).to_have_text("显示 1，共 1")
    scene.select_option("[name=fresh]", label="失联")
    expect(scene.locator("#hj-note")).to_have_text("没有符合条件的车船")
    scene.get_by_role("button", name="清除筛选").click()
    expect(scene.locator("#hj-count")).to_have_text("显示 3，共 3")
    scene.check("[name=alarm]")
    expect(scene.locator("#hj-rows li")).to_have_count(1)


def test_a_waybill_leads_to_what_carries_it(scene):
    scene.fill("#hj-text", moving_world.NUMBER)
    scene.keyboard.press("Enter")
    expect(scene.locator("#hj-object h2")).to_contain_text("沪A12345")


@pytest.mark.req("F03", part="what came in is on the map without reloading the page")
def test_what_moved_is_read_again_and_followed(scene, moving):
    scene.get_by_role("button", name="沪A12345").click()
    scene.get_by_role("button", name="跟随").click()
    moving.world.now = datetime.now(UTC)
    moving.seen("truck", 31.1, 119.992, seconds_ago=0, kmh=66)
    scene.evaluate(LOOK)
    expect(scene.locator(f"#hj-rows [data-id='{moving.truck_id}']")).to_contain_text("66 公里/小时")
    centre = scene.evaluate("huojiDispatch.map.getCenter()")
    assert (centre["lat"], centre["lng"]) == pytest.approx((31.1, 119.992), abs=0.005)


def test_the_driver_is_told_and_the_position_asked_with_a_reason(scene, moving):
    scene.get_by_role("button", name="沪A12345").click()
    panel = scene.locator("#hj-object")
    panel.get_by_text("下发文本").click()
    panel.locator("#say_text").fill("请回电调度")
    panel.locator("#say_reason").fill("客户改地址")
    panel.get_by_role("button", name="下发").last.click()
    expect(panel).to_contain_text("等待下发")
    row = Command.objects.get()
    assert (row.terminal_id, row.body["text"], row.reason) == (moving.terminals["truck"], "请回电调度", "客户改地址")


@pytest.mark.req("F01", part="the map draws the seen pieces of a track and only the ends of a gap")
def test_a_replay_asks_the_purpose_and_draws_no_line_over_a_gap(scene, moving):
    scene.get_by_role("button", name="沪A12345").click()
    panel = scene.locator("#hj-object")
    panel.get_by_text("回放（记入审计）").click()
    with scene.expect_response(lambda answer: "/track" in answer.url) as answer:
        panel.locator("#replay_purpose").fill("核对绕路投诉")
        panel.get_by_role("button", name="回放").click()
    told = answer.value.json()
    assert len(told["lines"]) == 3
    assert len(told["gaps"]) == 2
    assert max(abs(one[1] - other[1]) for line in told["lines"] for one, other in pairwise(line)) < 0.03
    expect(panel.locator("[data-replayed]")).to_contain_text("2 处中断")
    assert AuditRow.objects.get(verb="track.replay").cause == "核对绕路投诉"
    assert Conveyance.objects.count() == 3
    assert datetime.fromtimestamp(told["gaps"][0]["from"], UTC) < moving.now


@pytest.mark.parametrize(("lang", "width", "scheme"), [("zh", 1440, "light"), ("en", 390, "dark")])
def test_the_map_fits_and_has_no_serious_fault(scene, live_server, faults_of, lang, width, scheme):
    scene.set_viewport_size({"width": width, "height": 844})
    scene.emulate_media(color_scheme=scheme)
    scene.goto(f"{live_server.url}/app/dispatch/?lang={lang}")
    scene.locator("#hj-rows button").first.click()
    expect(scene.locator("#hj-object")).to_be_visible()
    for part in scene.locator("main details").all():
        part.evaluate("part => { part.open = true }")
    assert not faults_of(scene)

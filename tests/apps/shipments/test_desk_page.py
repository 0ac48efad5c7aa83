"""The page of one shipment: everything with its source and age, nothing edited, nobody named without a reason."""

import base64
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from huoji.apps.accounts import queries as accounts
from huoji.apps.shipments.actions import sourcing
from huoji.core.report import Told
from huoji.kit import blob
from tests.apps.shipments import desk_world
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PHONE, NAME, FLAT = "138 1234 5678", "张三丰", "502室"


@pytest.fixture
def world(db):
    return desk_world.build()


def page(client, number, **query):
    answer = client.get(f"/app/shipments/{number}", query)
    assert answer.status_code == 200
    return answer.text


def sentences(html):
    """Return the lines of the timeline that happened, newest first."""
    past = html.split('<ol class="hj-line hj-line-dense">')[-1].split("</ol>")[0]
    return [text.strip() for text in re.findall(r"<li class=\"(?!gap|plan)[^\"]*\"><p>([^<]*)", past)]


def corrections(html, number):
    return re.findall(rf"/app/shipments/{number}/events/(\d+)/correct", html)


@pytest.mark.req("A20", part="every line with event time, source and age; an event is corrected, never edited")
@pytest.mark.req("D09", part="the newest event on top in the console")
def test_every_line_tells_its_time_source_and_age_and_plans_stand_apart(client_of, world):
    html = page(client_of("cs_agent"), "HJEXP0001")
    assert sentences(html)[:2] == ["已离开 武汉分拨中心 → 成都锦江营业部", "已到达 武汉分拨中心"]
    first = html.split("已离开 武汉分拨中心")[1].split("</li>")[0]
    assert "3 分钟前" in first
    assert "来源 扫描" in first
    assert "收到" in first
    ahead = html.split("计划与预计")[1].split("已发生")[0]
    assert "预计</span>" in ahead
    assert "计划</span>" in ahead
    assert "比计划晚 6 小时" in html


@pytest.mark.req("F01", part="silence is shown as a gap")
def test_a_gap_a_stale_shipment_and_odd_clocks_are_said(client_of, world):
    client = client_of("cs_agent")
    assert re.search(r"期间 \d+ 小时没有更新|期间 \d+ 天没有更新", page(client, "HJSEA0001")) is None
    world.tell(Told(number="HJROAD0001", occurred_at=world.ago(minutes=1), milestone="arrived", place="成都锦江营业部"))
    assert "期间 5 天没有更新" in page(client, "HJROAD0001")
    odd = page(client, "HJDONE0001")
    assert "时间晚于收到时刻，可能有误" in odd
    assert "时间明显过早，可能有误" in odd
    assert "更新于 <time" in odd
    assert "400 天后" not in odd.split("<h2>轨迹")[0]


@pytest.mark.req("A20", part="staff cannot edit a tracking event, only add a correcting one")
def test_an_event_is_taken_back_with_a_reason_and_stays_in_sight_struck_out(client_of, world):
    manager = client_of("cs_manager", name="董经理")
    newest = corrections(page(manager, "HJEXP0001"), "HJEXP0001")
    path = f"/app/shipments/HJEXP0001/events/{newest[2]}/correct"
    assert "已离开" in manager.get(path).text
    assert manager.post(path, {"cause": ""}).status_code == 422
    assert manager.post(path, {"cause": "扫错了货,司机已确认"}).status_code == 302

    html = page(client_of("cs_agent"), "HJEXP0001")
    assert sentences(html)[0] == "已到达 武汉分拨中心"
    struck = html.split("已撤销或被替换")[1]
    assert "<s>已离开" in struck
    assert "扫错了货,司机已确认" in struck
    assert "董经理" in struck
    assert manager.actor.principal not in struck
    raw = page(manager, "HJEXP0001").split('id="raw"')[1]
    assert 'class="hj-void"' in raw
    assert "见更正" in raw
    assert [row.verb for row in accounts.audit_of("waybill:HJEXP0001", limit=9)] == ["event.correct"]
    assert manager.get(path).status_code == 404


def test_who_may_not_correct_is_offered_nothing_and_refused(client_of, world):
    event_id = corrections(page(client_of("cs_manager"), "HJEXP0001"), "HJEXP0001")[0]
    agent = client_of("cs_agent")
    html = page(agent, "HJEXP0001")
    assert "/correct" not in html
    assert 'id="raw"' not in html
    assert agent.post(f"/app/shipments/HJEXP0001/events/{event_id}/correct", {"cause": "试试"}).status_code == 403


@pytest.mark.req("H03", part="an outlet's arrival entered at the desk")
def test_staff_adds_an_event_once_however_often_the_form_is_sent(client_of, world):
    agent = client_of("cs_agent")
    local = timezone.localtime(world.now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    form = {
        "milestone": "out_for_delivery", "classifier": "ACT", "occurred_at": local, "offset_min": "480",
        "place": "成都锦江营业部", "note": "网点来电确认", "key": "k1",
    }  # fmt: skip
    assert agent.post("/app/shipments/HJEXP0001/events", form | {"note": ""}).status_code == 422
    for _ in range(2):
        assert agent.post("/app/shipments/HJEXP0001/events", form).status_code == 302
    html = page(agent, "HJEXP0001")
    assert sentences(html)[0].startswith("正在派送") or "派送" in sentences(html)[0]
    assert len([line for line in sentences(html) if "派送" in line]) == 1
    assert "来源 人工录入" in html
    assert [row.cause for row in accounts.audit_of("waybill:HJEXP0001", limit=9)] == ["网点来电确认"]


@pytest.mark.req("T05", part="staff sees parties masked; every unmasking has a reason and a row")
@pytest.mark.req(
    "D02",
    part="details stay masked until the agent says why they are needed, which is logged; the check itself is the desk's",
)
def test_parties_are_masked_until_a_reason_is_given_and_then_for_one_view(client_of, world):
    agent = client_of("cs_agent")
    html = page(agent, "HJEXP0001")
    assert not [secret for secret in (PHONE, NAME, FLAT) if secret in html]
    assert "张**" in html
    refused = agent.post("/app/shipments/HJEXP0001/unmask", {"unmask-cause": " "})
    assert refused.status_code == 422
    assert NAME not in refused.text

    seen = agent.post("/app/shipments/HJEXP0001/unmask", {"unmask-cause": "核对收件地址"})
    assert all(secret in seen.text for secret in (PHONE, NAME, FLAT))
    assert seen["Cache-Control"] == "no-store"
    assert NAME not in page(agent, "HJEXP0001")
    row = accounts.audit_of("waybill:HJEXP0001", limit=1)[0]
    assert (row.verb, row.cause, row.actor) == ("party.unmask", "核对收件地址", agent.actor.principal)


def test_the_it_admin_is_never_offered_names(client_of, world):
    admin = client_of("it_admin")
    assert "查看完整信息" not in page(admin, "HJEXP0001")
    assert admin.post("/app/shipments/HJEXP0001/unmask", {"unmask-cause": "好奇"}).status_code == 403


@pytest.mark.req("H03", part="the chain of units that held a parcel, with times")
def test_the_units_that_held_it_are_named_with_their_times_and_their_events(client_of, world):
    html = page(client_of("cs_agent"), "HJSEA0001")
    holds = html.split("装载经过", 1)[1]
    assert "/app/units/voyage/IMO9074729/025W" in holds
    assert "仍在其上" in holds
    assert sentences(html)[0] == "船舶已抵港 Singapore"
    world.tell(
        Told(number="HJSEA0001", occurred_at=world.ago(hours=1), milestone="unloaded", holder=desk_world.VOYAGE, place="Singapore"),
        source="dcsa",
    )  # fmt: skip
    assert "仍在其上" not in page(client_of("cs_agent"), "HJSEA0001")


def test_both_numbers_of_a_return_lead_to_each_other_and_any_reference_leads_home(client_of, world):
    client = client_of("cs_agent")
    assert 'href="/app/shipments/HJBACK0001"' in page(client, "HJDONE0001")
    assert 'href="/app/shipments/HJDONE0001"' in page(client, "HJBACK0001")
    for asked in ("cosu 6100250", "CSQU305438-3", "hjsea0001"):
        assert client.get(f"/app/shipments/{asked}")["Location"] == "/app/shipments/HJSEA0001"


def test_the_story_fragment_holds_a_token_for_live_news(client_of, world):
    answer = client_of("cs_agent").get("/app/shipments/HJEXP0001/story")
    assert "data-live-token" in answer.text
    assert "<html" not in answer.text


def test_a_vehicle_tells_its_own_events_and_what_is_aboard_and_takes_events(client_of, world):
    dispatch = client_of("dispatch")
    path = "/app/units/trip/T2026112307"
    assert "HJROAD0001" in dispatch.get(path).text
    local = timezone.localtime(world.now).strftime("%Y-%m-%dT%H:%M")
    form = {
        "milestone": "arrived",
        "classifier": "ACT",
        "occurred_at": local,
        "place": "成都锦江营业部",
        "note": "司机电话",
        "key": "v",
    }
    assert dispatch.post("/app/unit-events/trip/T2026112307", form).status_code == 302
    assert "已到达 成都锦江营业部" in dispatch.get(path).text
    assert sentences(page(dispatch, "HJROAD0001"))[0] == "已到达 成都锦江营业部"
    assert client_of("cs_agent").get("/app/units/trip/NOSUCH").status_code == 404


def test_a_piece_leads_to_its_shipment(client_of, world):
    world.tell(Told(number="HJNEW0001", occurred_at=world.ago(hours=2), milestone="picked_up", piece="1", place="北京"))
    client = client_of("cs_agent")
    assert "/app/units/piece/HJNEW0001/1" in page(client, "HJNEW0001")
    assert "/app/shipments/HJNEW0001" in client.get("/app/units/piece/HJNEW0001/1").text


def test_what_a_source_revised_or_took_back_is_struck_out_and_says_so(client_of, world):
    sourcing.ensure("tms", revising=True)
    event = {"number": "HJNEW0001", "occurred_at": world.ago(hours=9), "milestone": "picked_up", "id": "r1"}
    world.tell(Told(**event, place="北京"), source="tms")
    world.tell(Told(**event, place="天津"), source="tms")
    world.tell(Told(number="HJNEW0001", occurred_at=world.ago(hours=8), milestone="sorted", id="r2"), source="tms")
    world.tell(
        Told(number="HJNEW0001", occurred_at=world.ago(hours=1), milestone="info", id="r3", retracts="r2"), source="tms"
    )
    html = page(client_of("cs_chief_clerk"), "HJNEW0001")
    assert sentences(html) == ["已揽收 · 天津"]
    struck = html.split("已撤销或被替换")[1].split('id="raw"')[0]
    assert "已被同一来源的新版本替换" in struck
    assert "已由来源撤回" in struck
    raw = html.split('id="raw"')[1]
    assert raw.count('class="hj-void"') == 2
    assert "第 1 次修订" in raw


def test_a_correction_can_itself_be_taken_back(client_of, world):
    manager = client_of("cs_manager")
    newest = corrections(page(manager, "HJEXP0001"), "HJEXP0001")[2]
    manager.post(f"/app/shipments/HJEXP0001/events/{newest}/correct", {"cause": "扫错了货"})
    raw = page(manager, "HJEXP0001").split('id="raw"')[1]
    correction = re.search(r'href="#event-(\d+)">见更正', raw)[1]
    assert (
        manager.post(f"/app/shipments/HJEXP0001/events/{correction}/correct", {"cause": "没有扫错"}).status_code == 302
    )
    html = page(manager, "HJEXP0001")
    assert sentences(html)[0] == "已离开 武汉分拨中心 → 成都锦江营业部"
    assert "已撤销或被替换" not in html


def test_a_picture_that_proves_delivery_is_shown_to_who_sees_the_shipment_only(client_of, world):
    sha = blob.put(PICTURE, content_type="image/png", actor=SYSTEM)
    world.tell(
        Told(
            number="HJROAD0001",
            occurred_at=world.ago(minutes=1),
            milestone="delivered",
            blobs=(sha,),
            signed_by="张三丰",
        )
    )
    agent = client_of("cs_agent")
    path = f"/app/shipments/HJROAD0001/proof/{sha}"
    assert path in page(agent, "HJROAD0001")
    assert agent.get(path)["Content-Type"] == "image/png"
    assert agent.get(f"/app/shipments/HJEXP0001/proof/{sha}").status_code == 404
    assert client_of("courier").get(path).status_code == 404

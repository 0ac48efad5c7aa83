"""Finding shipments at the desk: filters, pages, the palette, worklists, the file; people only with a trace in the audit."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from huoji.apps.accounts import queries as accounts
from huoji.apps.accounts.actions import privacy
from huoji.apps.shipments.actions import renewing
from huoji.apps.shipments.models import Event
from huoji.apps.shipments.views import lists as list_views
from huoji.core.draft import ShipmentTold
from huoji.core.report import Told
from tests.apps.shipments import desk_world

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(db):
    made = desk_world.build()
    renewing.watch_silence(now=made.now)
    return made


def listed(client, **query):
    answer = client.get("/app/shipments", query)
    assert answer.status_code == 200
    return re.findall(r'data-row href="/app/shipments/([A-Z0-9]+)"', answer.text)


def found(client, text):
    answer = client.get("/app/search", {"q": text}, headers=HTMX)
    assert "<html" not in answer.text
    return re.findall(r'href="/app/(?:shipments|units)/([^"]+)" data-hit', answer.text)


def people(client, text):
    answer = client.post("/app/search/people", {"q": text}, headers=HTMX)
    return re.findall(r'href="/app/shipments/([^"]+)" data-hit', answer.text), answer.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"line": "ocean"}, {"HJSEA0001"}),
        ({"status": "delivered"}, {"HJDONE0001"}),
        ({"stalled": "on"}, {"HJROAD0001"}),
        ({"late": "on"}, {"HJEXP0001"}),
        ({"text": "hjexp 00"}, {"HJEXP0001"}),
        ({"text": "COSU61"}, {"HJSEA0001"}),
        ({"text": "广州"}, {"HJNEW0001"}),
        ({"open": "on", "line": "express"}, {"HJEXP0001", "HJBACK0001", "HJNEW0001"}),
        ({"text": "NOSUCH1"}, set()),
    ],
)
def test_the_list_is_narrowed_by(query, expected, client_of, world):
    assert set(listed(client_of("cs_agent"), **query)) == expected


def test_the_list_is_narrowed_by_site_and_by_days(client_of, world):
    client = client_of("cs_agent")
    assert set(listed(client, site=world.sites["CDJJ"])) == {"HJEXP0001", "HJROAD0001"}
    day = (world.now - timedelta(days=16)).date().isoformat()
    later = (world.now - timedelta(days=10)).date().isoformat()
    assert listed(client, since=day, until=later) == ["HJSEA0001"]
    assert listed(client, since="0001-01-01", until="9999-12-31") == listed(client)
    assert client.get("/app/shipments", {"since": "31.12."}).status_code == 422


def test_a_long_list_comes_in_pages_that_lose_and_repeat_nothing(client_of, world, monkeypatch):
    monkeypatch.setattr(list_views, "PAGE_ROWS", 2)
    client, seen, query = client_of("cs_agent"), [], {}
    for _ in range(9):
        html = client.get("/app/shipments", query).text
        seen += re.findall(r'data-row href="/app/shipments/([A-Z0-9]+)"', html)
        more = re.search(r'rel="next" href="([^"]+)"', html)
        if more is None:
            break
        query = {"cursor": parse_qs(urlsplit(more[1].replace("&amp;", "&")).query)["cursor"][0]}
    assert sorted(seen) == sorted(desk_world_numbers())
    assert client.get("/app/shipments", {"cursor": "forged"}).status_code == 400


def desk_world_numbers():
    return ["HJEXP0001", "HJROAD0001", "HJSEA0001", "HJDONE0001", "HJBACK0001", "HJNEW0001"]


def test_a_view_is_kept_for_its_owner_alone(client_of, world):
    agent, other = client_of("cs_agent"), client_of("cs_agent")
    answer = agent.post("/app/shipments/views", {"name": "海运", "query": "line=ocean&evil=1"})
    assert answer["Location"] == "/app/shipments?line=ocean"
    html = agent.get("/app/shipments").text
    assert 'href="/app/shipments?line=ocean">海运</a>' in html
    assert "海运</a>" not in other.get("/app/shipments").text
    view_id = re.search(r"/app/shipments/views/(\d+)/drop", html)[1]
    other.post(f"/app/shipments/views/{view_id}/drop")
    assert "海运</a>" in agent.get("/app/shipments").text
    agent.post(f"/app/shipments/views/{view_id}/drop")
    assert "海运</a>" not in agent.get("/app/shipments").text


@pytest.mark.req("T03", part="an export is masked, needs its permission and leaves a row")
def test_the_file_is_masked_audited_and_holds_what_the_list_holds(client_of, world):
    world.ship(
        ShipmentTold(line="road", number="HJEVIL0001", goods='=HYPERLINK("x")', origin="北京", destination="广州")
    )
    assert client_of("cs_agent").post("/app/shipments/export", {"query": ""}).status_code == 403
    chief = client_of("cs_chief_clerk")
    answer = chief.post("/app/shipments/export", {"query": "open=on"})
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {*desk_world_numbers(), "HJEVIL0001"} - {"HJDONE0001"}
    assert not [secret for secret in ("张三丰", "13812345678", "138 1234") if secret in answer.content.decode()]
    assert next(row for row in rows if row[0] == "HJEVIL0001")[5].startswith("'=")
    row = accounts.audit_of("shipments", limit=1)[0]
    assert (row.verb, row.changed["rows"], row.changed["masked"]) == ("shipment.export", 6, True)


@pytest.mark.req("D01", part="the number box has the first focus; part of a number with spaces is found")
def test_the_first_page_asks_for_the_number_and_tells_what_waits(client_of, world):
    html = client_of("cs_chief_clerk").get("/app/").text
    assert "请您报一下运单号" in html
    assert re.search(r'id="ask-number" name="q" autofocus', html)
    assert re.search(r"<b>1</b><span>停滞运单", html)
    assert re.search(r"<b>2</b><span>待认领轨迹", html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HJEXP", []),
        ("hjexp0", ["HJEXP0001"]),
        (" HJ EXP-0001 ", ["HJEXP0001"]),
        ("COSU6100250", ["HJSEA0001"]),
        ("CSQU 305438", ["HJSEA0001"]),
        ("cg-880", ["HJEXP0001"]),
        ("IMO9074", ["voyage/IMO9074729/025W"]),
        ("HJEXP0001 和 COSU6100250", ["HJEXP0001", "HJSEA0001"]),
        ("999999", []),
    ],
)
def test_the_palette_finds_numbers_by_their_beginning(text, expected, client_of, world):
    assert found(client_of("cs_agent"), text) == expected


def test_enter_on_the_only_hit_opens_it(client_of, world):
    assert client_of("cs_agent").get("/app/search", {"q": "hjexp 0001"})["Location"] == "/app/shipments/HJEXP0001"


@pytest.mark.parametrize(
    "text", ["张三", "三丰", "锦江区", "13812345678", "138-1234-5678", "+86 138 1234 5678", "5678"]
)
def test_a_person_is_found_by_two_characters_a_phone_or_its_end_and_the_answer_is_masked(text, client_of, world):
    agent = client_of("cs_agent")
    assert "hj-hit-people" in agent.get("/app/search", {"q": text}, headers=HTMX).text
    hits, html = people(agent, text)
    by_end = {"HJSEA0001"} if text == "5678" else set()  # the sender's telephone ends so too
    assert set(hits) == {"HJEXP0001", "HJROAD0001", "HJDONE0001", *by_end}
    assert "张三丰" not in html
    assert "138 1234 5678" not in html
    row = accounts.audit(accounts.AuditFilter(actor=agent.actor.principal), cursor="", limit=1).rows[0]
    assert row.verb == "party.search"
    assert text not in str(row.changed)


def test_other_words_find_nobody(client_of, world):
    agent = client_of("cs_agent")
    for text in ("李四", "13900000000", "0000", "三张", "% %", "张"):
        assert people(agent, text)[0] == [], text
    assert people(agent, "van dijk")[0] == ["HJSEA0001"]


@pytest.mark.req("T03", part="staff look-ups by name or phone are limited, counted and alarmed")
def test_look_ups_of_people_need_permission_and_are_limited_with_an_alarm(client_of, world, monkeypatch):
    monkeypatch.setattr(
        privacy, "SEARCH", privacy.Look(verb="party.search", permission=privacy.SEARCH.permission, per_hour=2)
    )
    outlet = client_of("outlet")
    assert "hj-hit-people" not in outlet.get("/app/search", {"q": "张三"}, headers=HTMX).text
    assert outlet.post("/app/search/people", {"q": "张三"}).status_code == 403
    agent = client_of("cs_agent")
    assert people(agent, "张三")[0]
    assert people(agent, "张三")[0]
    hits, html = people(agent, "张三")
    assert hits == []
    assert "过多" in html
    rows = accounts.audit(accounts.AuditFilter(actor=agent.actor.principal, verb="party."), cursor="", limit=9).rows
    assert [row.verb for row in rows] == ["party.alarm", "party.search", "party.search"]


@pytest.mark.req("H07", part="the silent parcels are a list for customer service")
def test_the_stalled_are_listed_longest_first_until_news_comes(client_of, world):
    client = client_of("cs_agent")
    assert "HJROAD0001" in client.get("/app/worklists/stalled").text
    world.tell(Told(number="HJROAD0001", occurred_at=world.ago(minutes=1), milestone="arrived", place="成都锦江营业部"))
    assert "HJROAD0001" not in client.get("/app/worklists/stalled").text


def test_odd_clocks_are_listed(client_of, world):
    client = client_of("cs_supervisor")

    def rows():
        return client.get("/app/worklists/clocks").text.count('data-row href="/app/units/waybill/HJDONE0001"')

    def take_back(event):
        correct = f"/app/shipments/HJDONE0001/events/{event.id}/correct"
        assert client.post(correct, {"cause": "its clock was wrong"}).status_code == 302

    assert rows() == 2
    take_back(Event.objects.get(source_event_id="ancient"))
    assert rows() == 1
    take_back(Event.objects.get(voids__isnull=False))
    assert rows() == 2, "what was taken back by mistake waits again"


def test_a_parked_event_is_given_to_its_shipment_with_a_reason(client_of, world):
    manager = client_of("cs_manager")
    html = manager.get("/app/worklists/parked").text
    assert "HJEXP00O1" in html
    path = re.search(r'/app/worklists/parked/\d+/retarget\?number=HJEXP0001"', html)[0].rstrip('"').partition("?")[0]
    assert manager.post(path, {"number": "HJ404404", "cause": "字迹不清"}).status_code == 422
    assert "HJEXP00O1" in manager.get("/app/worklists/parked").text
    assert manager.post(path, {"number": "HJEXP0001", "cause": ""}).status_code == 422
    assert manager.post(path, {"number": "hjexp 0001", "cause": "O 误作 0"}).status_code == 302
    left = manager.get("/app/worklists/parked").text
    assert left.count("/discard") == 1
    row = accounts.audit_of("waybill:HJEXP0001", limit=1)[0]
    assert (row.verb, row.cause) == ("parked.retarget", "O 误作 0")
    assert manager.get(path)["Location"] == "/app/worklists/parked"


def test_a_parked_event_is_discarded_with_a_reason_by_who_may(client_of, world):
    chief = client_of("cs_chief_clerk")
    html = chief.get("/app/worklists/parked").text
    assert "HJEXP00017" in html
    assert "/discard" not in html
    manager = client_of("cs_manager")
    path = re.search(r"/app/worklists/parked/\d+/discard", manager.get("/app/worklists/parked?text=HJEXP00017").text)[0]
    assert chief.post(path, {"cause": "x重复"}).status_code == 403
    assert manager.post(path, {"cause": "他人单号"}).status_code == 302
    assert "HJEXP00017" not in manager.get("/app/worklists/parked").text
    assert client_of("cs_agent").get("/app/worklists/parked").status_code == 403


def test_texts_that_mean_no_site_are_counted_for_the_list_of_places(client_of, world):
    html = client_of("it_admin").get("/app/places/unknown").text
    assert "上海洋山港" in html
    assert "武汉分拨中心" not in html.split("<tbody>")[1]

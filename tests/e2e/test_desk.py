"""The desk in a real browser: keys, an input method, a draft that keeps itself, and pages that fit and have no serious fault."""

import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from playwright.sync_api import expect

from huoji.apps.shipments.actions import exceptions, renewing
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.models import Unit
from huoji.apps.shipments.queries import lists
from huoji.core.exception import ExceptionKind
from tests.apps.shipments import desk_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/app/", "/app/shipments", "/app/shipments?status=delivered&text=HJ", "/app/shipments/HJEXP0001", "/app/shipments/HJDONE0001",
    "/app/shipments/HJSEA0001", "/app/units/voyage/IMO9074729/025W", "/app/worklists/parked", "/app/worklists/stalled",
    "/app/worklists/clocks", "/app/shipments/new", "/app/search?q=HJ%200",
)  # fmt: skip


@pytest.fixture
def desk(context, live_server, client_of):
    """A browser in which a chief clerk with a manager's rights sits; `actor` is he."""
    desk_world.build()
    renewing.watch_silence(now=datetime.now(UTC))
    client = client_of("cs_chief_clerk", "cs_manager")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    context.actor = client.actor
    return context


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("lang", "width", "scheme"), [pytest.param("zh", 1440, "light", marks=pytest.mark.soak), ("en", 390, "dark")]
)
def test_every_page_of_the_desk_fits_and_has_no_serious_fault(desk, page, live_server, faults_of, lang, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    faults = []
    for path in PAGES:
        page.goto(f"{live_server.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        for part in page.locator("main details").all():
            part.evaluate("part => { part.open = true }")
        faults += faults_of(page)
    assert not faults


def test_on_a_phone_a_row_is_a_card_with_its_action_in_sight_that_is_still_read_out_as_a_table(desk, page, live_server):
    now = datetime.now(UTC)
    exceptions.open_exception(
        desk_world.SYSTEM, Opening(kind=ExceptionKind.DAMAGE, at=now, source="tests", unit_id=Unit.objects.get(number="HJEXP0001").pk), now=now
    )  # fmt: skip
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/app/exceptions/?kind=damage")
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name="受理")).first
    expect(page.get_by_role("columnheader", name="发生")).to_have_count(1)
    expect(row.get_by_role("cell")).to_have_count(5)  # neither a later time nor a cause is known
    button = row.get_by_role("button", name="受理")
    assert button.bounding_box()["x"] + button.bounding_box()["width"] <= 390
    assert button.bounding_box()["height"] >= 40
    button.click()
    expect(page.get_by_role("main")).to_contain_text("已受理")


@pytest.mark.req("D01", part="search works with partial paste and spaces, from the keyboard")
def test_the_palette_opens_by_key_searches_and_opens_by_key(desk, page, live_server):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/app/shipments")
    for key in ("/", "Control+k"):
        page.locator("h1").click()
        page.keyboard.press(key)
        expect(page.locator("#hj-find")).to_be_focused()
    page.keyboard.type("hj exp 0")
    expect(page.locator("#hj-hits a")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#hj-hits")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/app/shipments/HJEXP0001$"))


def test_nothing_is_searched_while_an_input_method_composes_and_people_only_when_asked(desk, page, live_server):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/app/shipments")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/app/search" in request.url else None)
    page.keyboard.press("/")
    typist = page.context.new_cdp_session(page)
    for half in ("z", "zh", "zhang san"):
        typist.send("Input.imeSetComposition", {"text": half, "selectionStart": len(half), "selectionEnd": len(half)})
    page.wait_for_timeout(400)
    assert asked == []
    typist.send("Input.insertText", {"text": "张三"})
    button = page.locator(".hj-hit-people")
    expect(button).to_contain_text("张三")
    assert not [url for url in asked if "people" in url]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#hj-hits a")).to_have_count(3)
    expect(page.locator("#hj-hits")).not_to_contain_text("张三丰")


def test_rows_are_walked_by_j_and_k_and_not_while_typing(desk, page, live_server):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/app/shipments")
    rows = page.locator("[data-row]")
    for key, index in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(rows.nth(index)).to_be_focused()
    page.locator("#id_text").focus()
    page.keyboard.type("jk")
    expect(page.locator("#id_text")).to_have_value("jk")
    chosen = rows.nth(1).get_attribute("href")
    rows.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{chosen}$"))


def test_an_event_is_added_and_taken_back_with_a_reason(desk, page, live_server):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/app/shipments/HJEXP0001")
    page.locator("#add-event summary").first.click()
    page.select_option("#id_milestone", "delivered")
    assert page.input_value("#id_occurred_at")
    page.fill("#id_note", "收件人来电确认")
    page.locator("#add-event button[type=submit]").click()
    expect(page.locator(".hj-state-row")).to_contain_text("已签收")
    page.locator("#story .first a", has_text="撤销").click()
    page.fill("#id_cause", "听错了单号")
    page.locator("main button[type=submit]").click()
    expect(page.locator(".hj-state-row")).to_contain_text("运输中")
    expect(page.locator("#story")).to_contain_text("听错了单号")


def test_a_new_shipment_shows_what_its_line_needs_and_keeps_its_draft(desk, page, live_server):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/app/shipments/new")
    notify = page.locator("[data-lines=ocean]")
    expect(notify).to_be_hidden()
    page.select_option("#id_line", "ocean")
    expect(notify).to_be_visible()
    expect(page.locator("#id_leg1-origin")).to_be_hidden()
    page.locator("[data-rowset] > button").last.click()
    expect(page.locator("#id_leg1-mode")).to_be_focused()
    page.fill("#id_goods", "家具")
    expect(page.locator("[data-kept]")).to_contain_text("草稿已保存", timeout=5_000)
    kept = lists.kept_draft(desk.actor)
    assert kept is not None
    assert kept[0]["goods"] == ["家具"]
    page.reload()
    expect(page.locator("#id_goods")).to_have_value("家具")

"""The whole way of a customer, over real rows: home page, answer, last 4 digits, list; with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from huoji.apps.places.actions import create_site
from huoji.core.place import SiteDraft, SiteKind
from huoji.web import brand
from tests.people import SYSTEM

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.req("H06")
def test_from_the_home_page_the_status_is_two_interactions_away(page, live_server, parcel):
    page.goto(live_server.url)
    page.get_by_role("search").get_by_role("textbox").fill(parcel)  # one
    page.keyboard.press("Enter")  # two
    expect(page.locator(".hj-state strong")).to_have_text("运输中")


@pytest.mark.req("H05")
@pytest.mark.parametrize(
    ("language", "button", "status"), [("zh-CN", "查询", "运输中"), ("en-GB", "Track", "In transit")]
)
def test_one_field_no_login_no_javascript_two_languages(browser, live_server, parcel, language, button, status):
    context = browser.new_context(java_script_enabled=False, locale=language)
    page = context.new_page()
    page.goto(live_server.url)
    expect(page.locator("input:visible, textarea:visible, select:visible")).to_have_count(1)
    page.get_by_role("textbox").fill(parcel)
    page.get_by_role("button", name=button).click()
    expect(page.locator(".hj-state strong")).to_have_text(status)
    expect(page.locator("main")).not_to_contain_text(re.compile("13811115678|张三丰"))
    context.close()


def test_the_last_four_digits_open_the_masked_parties_also_without_javascript(browser, live_server, parcel):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/track/{parcel}")
    page.fill("#last4", "0000")
    page.get_by_role("button", name="验证").click()
    expect(page.get_by_role("alert")).to_contain_text("后 4 位不对")
    page.fill("#last4", "5678")
    page.get_by_role("button", name="验证").click()
    expect(page.locator("main")).to_contain_text("张**")
    context.close()


def test_two_numbers_give_a_list_whose_rows_open_in_place(page, live_server, carrier, parcel):
    other = carrier.ship(line="road")
    page.goto(live_server.url)
    page.get_by_role("search").get_by_role("textbox").fill(f"{parcel}\n{other}")
    page.get_by_role("button", name="查询").click()
    page.locator(".hj-many summary").first.press("Enter")
    expect(page.locator(".hj-many details[open] .hj-line")).to_contain_text("上海分拨中心")


@pytest.fixture
def with_map(db):
    for code, name, lat, lon in (("SHA", "上海分拨中心", 31.2, 121.5), ("WUH", "武汉分拨中心", 30.6, 114.3)):
        create_site(SYSTEM, SiteDraft(code=code, name=name, kind=SiteKind.HUB, lat=lat, lon=lon))
    brand.remember(brand.Brand(map_shown=True, map_review="GS(2026)0000号"), for_s=600)
    yield
    brand.remember(brand.Brand(), for_s=24 * 3600)


def test_a_map_is_drawn_where_the_operator_switched_it_on_and_asks_nobody_outside(page, live_server, with_map, parcel):
    outside = []
    page.on("request", lambda request: None if live_server.url in request.url else outside.append(request.url))
    page.goto(f"{live_server.url}/track/{parcel}")
    page.get_by_role("heading", name="地图").click()
    expect(page.locator(".hj-map canvas")).to_be_visible()
    expect(page.locator(".leaflet-tooltip")).to_have_text(["上海分拨中心", "武汉分拨中心"])
    expect(page.locator("[data-map]")).to_contain_text("GS(2026)0000号")
    assert not [url for url in outside if "/live/" not in url]
    page.screenshot(path="test-results/map.png")


def test_without_that_setting_there_is_only_the_schematic_route(page, live_server, parcel):
    page.goto(f"{live_server.url}/track/{parcel}")
    expect(page.locator(".hj-route")).to_be_visible()
    expect(page.locator("[data-map]")).to_have_count(0)

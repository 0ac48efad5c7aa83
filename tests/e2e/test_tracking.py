"""The whole way of a customer, over real rows: home page, answer, last 4 digits, list; with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

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

"""A customer with a phone: asks, reads, in both languages, by keyboard, without JavaScript, with a screen reader."""

import re

import pytest
from playwright.sync_api import expect

from tests.web import samples

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.web.sample_site"), pytest.mark.django_db(transaction=True)]
NUMBERS = list(samples.answers())
MOVING, DELIVERED, DELAYED = NUMBERS[4], NUMBERS[10], "HJ2611990001"
PAGES = [
    "/", "/help", "/contact", f"/track?numbers={MOVING},{DELIVERED},SF7444400554417", "/track/COSU6100250", "/track/HJ2611990002",
    f"/track/{DELAYED}", "/track/HJ2611990006", "/track/HJ2611990007", "/track/HJ2611990008", "/accounts/login/",
]  # fmt: skip


def test_the_status_of_a_number_is_two_interactions_from_the_home_page(page, live_server):
    page.goto(live_server.url)
    page.get_by_role("search").get_by_role("textbox").fill(MOVING)  # one
    page.keyboard.press("Enter")  # two
    expect(page.locator(".hj-state strong")).to_have_text("运输中")


def test_a_pasted_chat_gives_a_list_that_opens_in_place(page, live_server):
    page.goto(live_server.url)
    page.get_by_role("search").get_by_role("textbox").fill(
        f"您好,帮我看看{MOVING}和 {DELIVERED} 到哪了,电话13800138000"
    )
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".hj-many details")).to_have_count(2)
    page.locator(".hj-many summary").first.click()
    expect(page.locator(".hj-many details[open] .hj-line")).to_contain_text("武汉分拨中心")


def test_a_number_of_another_carrier_is_told_so_with_what_to_do(page, live_server):
    page.expects_missing = True
    page.goto(f"{live_server.url}/track/SF7444400554417")
    expect(page.locator("main")).to_contain_text("看起来像顺丰单号")
    expect(page.locator("main")).to_contain_text("可以这样做")


def test_it_works_without_javascript(browser, live_server):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(live_server.url)
    expect(page.get_by_role("button", name="扫码")).to_be_hidden()
    page.get_by_role("search").get_by_role("textbox").fill(MOVING)
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".hj-state strong")).to_have_text("运输中")
    expect(page.locator(".hj-line time").first).to_have_text(re.compile(r"\d\d-\d\d \d\d:\d\d"))
    context.close()


def test_the_keyboard_alone_reaches_the_answer_and_the_verification(page, live_server):
    page.goto(live_server.url)
    page.keyboard.type(MOVING)  # the field has the focus
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="查询")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".hj-state strong")).to_have_text("运输中")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "last4":
            break
    assert page.evaluate("document.activeElement.id") == "last4"


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("lang", "scheme"), [("zh", "light"), ("en", "dark")])
def test_no_page_has_a_serious_fault_or_scrolls_sideways_at_360_pixels(page, live_server, faults_of, lang, scheme):
    page.expects_missing = True  # one of the pages says that nobody knows its number
    page.set_viewport_size({"width": 360, "height": 780})
    page.emulate_media(color_scheme=scheme)
    faults = []
    for path in PAGES:
        page.goto(f"{live_server.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        faults += faults_of(page)
    assert not faults


def test_times_are_told_in_the_zone_of_the_reader(browser, live_server):
    context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB")
    page = context.new_page()
    page.goto(f"{live_server.url}/track/{MOVING}")
    for part in (".hj-line time", ".hj-route time"):
        at = page.evaluate("part => new Date(document.querySelector(part).dateTime).getHours()", part)
        expect(page.locator(part).first).to_have_text(re.compile(rf"\d+ \w{{3}} {at:02d}:\d\d"))
    expect(page.locator("[data-zone]")).to_have_text(re.compile(r"UTC\+[12]"))
    context.close()


def test_a_code_that_the_camera_reads_is_asked_at_once(browser, live_server):
    context = browser.new_context(locale="zh-CN", permissions=["camera"])
    page = context.new_page()
    page.add_init_script(
        f"window.BarcodeDetector = class {{ async detect() {{ return [{{ rawValue: '{MOVING}' }}]; }} }};"
        "navigator.mediaDevices.getUserMedia = async () => document.createElement('canvas').captureStream();"
        "HTMLMediaElement.prototype.play = async () => {};"
    )
    page.goto(live_server.url)
    page.get_by_role("button", name="扫码").click()
    expect(page.locator(".hj-state strong")).to_have_text("运输中")
    context.close()


def test_the_bundled_reader_is_there_when_the_browser_has_none(page, live_server):
    page.goto(live_server.url)
    source = page.locator("[data-scanner]").get_attribute("data-script")
    page.evaluate(
        "source => new Promise((done, fail) => document.head.append("
        "Object.assign(document.createElement('script'), { src: source, onload: done, onerror: fail })))",
        source,
    )
    assert page.evaluate("typeof ZXingBrowser.BrowserMultiFormatReader") == "function"


def test_the_printed_page_keeps_the_answer_and_leaves_out_the_controls(page, live_server):
    page.goto(f"{live_server.url}/track/{MOVING}")
    page.emulate_media(media="print")
    expect(page.locator(".hj-state strong")).to_be_visible()
    expect(page.locator("#last4")).to_be_hidden()
    expect(page.get_by_role("search")).to_be_hidden()

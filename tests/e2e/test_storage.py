"""The warehouse scan page in a real browser: a scanner that types, 360 px, ten minutes without a network, a reload and a cut connection."""

import re

import pytest
from playwright.sync_api import Page, expect

from huoji.apps.places import actions as places
from huoji.apps.warehouse.models import Anomaly, Movement, Stay
from huoji.core.permission import system
from tests.e2e.test_staff import in_the_wrong_language, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HANDHELD = {"width": 360, "height": 720}


def beep(page: Page, *texts: str) -> None:
    """Scan as a keyboard wedge does: keys without pause, Enter behind each."""
    for text in texts:
        page.keyboard.type(text)
        page.keyboard.press("Enter")


@pytest.fixture
def handheld(page, live_server, make_staff, sites):
    make_staff("warehouse", number="W3", name="Wang")
    places.assign_staff(system("tests"), site_id=sites["SHA-WH"], staff_number="W3")
    page.set_viewport_size(HANDHELD)
    sign_in(page, live_server, "W3")
    page.goto(f"{live_server.url}/app/storage/scan")
    return page


def state(page: Page):
    return page.locator("[data-queue-state]")


def kept_for_later(page: Page) -> None:
    """Wait until the worker has kept the page and its scripts."""
    script = page.locator("script[src*='storage.js']").get_attribute("src")
    for address in ("/app/storage/scan", script):
        look = "address => caches.match(new URL(address, location.href), {ignoreVary: true}).then(Boolean)"
        for _ in range(200):
            if page.evaluate(look, address):
                break
            page.wait_for_timeout(50)
        else:
            pytest.fail(f"{address} was not kept")


@pytest.mark.req("G01", part="on a handheld of 360 px with a scanner that types, one scan after the other")
def test_a_clerk_shelves_a_pallet_without_touching_the_screen_between_scans(handheld, carrier, no_serious_fault):
    numbers = [carrier.ship() for _ in range(4)]
    beep(handheld, *numbers)
    expect(handheld.locator("[data-scans] li[data-state=done]")).to_have_count(4)
    handheld.get_by_role("link", name="上架", exact=True).click()
    beep(handheld, "LOC:A-01-02", *numbers[:3], "B", numbers[3])
    expect(handheld.locator("[data-scans] li[data-state=done]")).to_have_count(8)
    found = dict(Stay.objects.values_list("goods__number", "location__code"))
    assert found == dict.fromkeys(numbers[:3], "A-01-02") | {numbers[3]: "B"}
    beep(handheld, "LOC:Z-9")
    expect(handheld.locator("[data-last]")).to_contain_text("本站点没有这个库位")
    handheld.locator("[data-scans] li").first.get_by_role("button", name="撤销").click()
    expect(handheld.locator("[data-scans] li[data-state=undone]")).to_have_count(1)
    expect(state(handheld)).to_have_text("全部已发送")
    assert Stay.objects.get(goods__number=numbers[3]).location is None
    no_serious_fault(handheld)


@pytest.mark.req("A04", part="without a network: queued on the device, kept over a reload, sent once")
def test_scans_made_without_a_network_outlive_a_reload_and_are_sent_once(handheld, carrier):
    numbers = [carrier.ship() for _ in range(3)]
    kept_for_later(handheld)
    handheld.context.set_offline(True)
    beep(handheld, *numbers)
    expect(state(handheld)).to_contain_text("待发送 3 条")
    expect(state(handheld)).to_contain_text("离线")
    handheld.reload()
    expect(state(handheld)).to_contain_text("待发送 3 条")
    handheld.get_by_role("link", name="出库", exact=True).click()
    beep(handheld, numbers[0])
    expect(state(handheld)).to_contain_text("待发送 4 条")
    assert not Movement.objects.exists()
    handheld.context.set_offline(False)
    handheld.get_by_role("button", name="立即发送").click()
    expect(state(handheld)).to_have_text("全部已发送")
    assert Movement.objects.count() == 4
    assert Stay.objects.filter(until=None).count() == 2
    handheld.complaints.clear()  # the browser complains of each try without a network


def test_a_connection_that_is_cut_before_the_answer_neither_loses_nor_doubles(handheld, carrier):
    number = carrier.ship()
    taken = []

    def cut(route):
        taken.append(route.fetch())
        route.abort()

    handheld.route("**/app/storage/scan/send", cut)
    beep(handheld, number)
    expect(state(handheld)).to_contain_text("待发送 1 条")
    expect(state(handheld)).to_contain_text("离线")
    assert Movement.objects.count() == 1
    handheld.unroute("**/app/storage/scan/send")
    handheld.reload()
    expect(state(handheld)).to_have_text("全部已发送")
    assert len(taken) >= 1
    assert Movement.objects.count() == 1
    handheld.complaints.clear()


def test_what_the_server_refuses_stays_on_the_device_with_the_reason_until_somebody_has_seen_it(
    handheld, carrier, sites
):
    number = carrier.ship()
    handheld.get_by_role("link", name="出库", exact=True).click()
    beep(handheld, number)
    expect(handheld.locator("[data-scans]")).to_contain_text("有出库、无入库")
    handheld.get_by_role("link", name="入库", exact=True).click()
    handheld.get_by_label("库位", exact=True).fill("A-01-01")
    from huoji.apps.warehouse.actions import shelving
    from huoji.apps.warehouse.models import Location

    shelf = Location.objects.get(site_id=sites["SHA-WH"], code="A-01-01")
    shelving.set_active(system("tests"), site_id=shelf.site_id, location_id=shelf.pk, is_active=False)
    handheld.locator("#st-number").focus()
    beep(handheld, number)
    refused = handheld.locator("[data-scans] li[data-state=refused]")
    expect(refused).to_contain_text("本站点没有这个库位")
    expect(state(handheld)).to_contain_text("未接受 1 条")
    refused.get_by_role("button", name=re.compile("知道了")).click()
    expect(refused).to_have_count(0)


@pytest.mark.req("G02", part="reported on the handheld with photos, also without a network")
def test_damage_is_reported_with_a_photo_from_the_queue(handheld, carrier, tmp_path):
    from PIL import Image

    number = carrier.ship()
    Image.new("RGB", (60, 40), "red").save(tmp_path / "p.jpg")
    handheld.get_by_role("link", name="报异常", exact=True).click()
    handheld.context.set_offline(True)
    handheld.get_by_label("件数").fill("1")
    handheld.get_by_label("照片").set_input_files(tmp_path / "p.jpg")
    handheld.locator("#st-number").focus()
    beep(handheld, number)
    expect(state(handheld)).to_contain_text("待发送 1 条")
    handheld.context.set_offline(False)
    handheld.get_by_role("button", name="立即发送").click()
    expect(state(handheld)).to_have_text("全部已发送")
    row = Anomaly.objects.get()
    assert (row.kind, row.pieces, len(row.blobs)) == ("damage", 1, 1)
    assert row.exception_id
    handheld.complaints.clear()


def test_the_pages_of_the_warehouse_fit_a_handheld_and_have_no_serious_fault(handheld, live_server, carrier, faults_of):
    number = carrier.ship()
    beep(handheld, number)
    handheld.get_by_role("link", name="报异常", exact=True).click()
    beep(handheld, number)
    handheld.get_by_role("link", name="出库", exact=True).click()
    beep(handheld, "OTHER1")
    expect(handheld.locator("[data-scans] li[data-state=done]")).to_have_count(3)
    anomaly = Anomaly.objects.get().pk
    faults = []
    for path in (
        "/app/storage/", f"/app/storage/goods/{number}", "/app/storage/scan?verb=anomaly", "/app/storage/shelves/SHA-WH",
        "/app/storage/shelves/SHA-WH/labels", "/app/storage/counts/", "/app/storage/discrepancies/",
        "/app/storage/anomalies/", f"/app/storage/anomalies/{anomaly}",
    ):  # fmt: skip
        handheld.goto(f"{live_server.url}{path}{'&' if '?' in path else '?'}lang=en")
        faults += [*in_the_wrong_language(handheld, "en"), *faults_of(handheld)]
        if handheld.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults.append(f"{path} is wider than a handheld")
    assert not faults

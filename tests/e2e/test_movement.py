"""A shipper with a small phone finds her container's vessel; staff open every page of movement: nothing broken, nothing too wide."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from huoji.apps.fleet.models import Run
from huoji.apps.shipments.actions import exceptions, forecasting
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.models import CargoException, Unit
from huoji.core.draft import LegTold, ShipmentTold
from huoji.core.exception import ExceptionKind
from huoji.core.report import Name
from tests.apps.shipments import moving_world
from tests.apps.shipments.moving_world import SYSTEM, TRIP

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = "HJETA00001"


@pytest.fixture
def moving(db):
    """A parcel late on its way to Chengdu, a vessel near Singapore, and exceptions."""
    moving = moving_world.build()

    def at(hours):
        return (moving.now + timedelta(hours=hours)).isoformat()

    legs = (
        LegTold(mode="road", origin="SHQP", destination="WUH", departs_at=at(-4), arrives_at=at(4), vehicle=Name("trip", TRIP)),
        LegTold(mode="road", origin="WUH", destination="CDJJ", departs_at=at(6), arrives_at=at(20)),
    )  # fmt: skip
    told = ShipmentTold(
        line="road", number=NUMBER, goods="零件", origin="SHQP", destination="CDJJ", legs=legs, promised_at=at(21)
    )
    moving.world.ship(told, at=moving.now - timedelta(hours=6))
    moving.load(NUMBER, minutes_ago=250)
    moving.seen("truck", 31.1, 120.5, seconds_ago=30 * 60, kmh=60)
    moving.seen("truck", 31.08, 120.2, seconds_ago=40, kmh=72)
    moving.seen("vessel", 1.25, 103.8, kmh=22, nav=0)
    unit = Unit.objects.get(number=NUMBER).pk
    for minutes in (1, 6, 13):
        Run.objects.update(forecast_due_at=moving.now)
        forecasting.tick(now=moving.now + timedelta(minutes=minutes))
    opening = Opening(
        kind=ExceptionKind.TEMPERATURE, at=moving.now - timedelta(minutes=40), source="sensor", unit_id=unit,
        facts={"worst": 9.5, "limit_high": 8, "minutes_outside": 34},
    )  # fmt: skip
    exceptions.open_exception(SYSTEM, opening, now=moving.now)
    moving.relay()
    return moving


def test_when_it_comes_is_told_by_the_clock_of_whoever_reads(moving, browser, live_server):
    told = []
    for zone in ("Asia/Shanghai", "America/New_York"):
        page = browser.new_context(timezone_id=zone, locale="zh-CN").new_page()
        page.goto(f"{live_server.url}/track/{NUMBER}")
        told.append(page.locator(".hj-facts dd:has([data-since])").first.inner_text())
        page.context.close()
    assert told[0] != told[1]


@pytest.mark.req("B10")
@pytest.mark.parametrize("number", ["COSU6100250", "BK7788", "CSQU3054383"])
def test_by_bill_booking_or_container_a_phone_of_360_pixels_shows_milestones_and_the_vessel(
    moving, page, live_server, faults_of, number
):
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(live_server.url)
    page.get_by_role("search").get_by_role("textbox").fill(number)
    page.keyboard.press("Enter")
    expect(page.locator(".hj-facts")).to_contain_text("新加坡港附近")
    expect(page.locator(".hj-facts")).to_contain_text("机动航行")
    expect(page.locator(".hj-past")).to_contain_text("已装船")
    assert not faults_of(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_of_movement_has_a_serious_fault_or_is_too_wide(moving, page, live_server, faults_of, client_of, lang):
    client: Client = client_of("dispatch", "cs_agent")
    context = page.context
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}]
    )  # fmt: skip
    damage = CargoException.objects.get(kind="damage")
    faults = []
    for path in (
        "/app/exceptions/", f"/app/exceptions/{damage.pk}", f"/app/shipments/{NUMBER}", f"/app/shipments/{NUMBER}/journey",
        "/app/runs/", "/app/runs/new", f"/app/units/trip/{TRIP}",
    ):  # fmt: skip
        page.goto(f"{live_server.url}{path}?lang={lang}")
        faults += faults_of(page)
    page.goto(f"{live_server.url}/track/{NUMBER}?lang={lang}")
    assert not faults + faults_of(page)

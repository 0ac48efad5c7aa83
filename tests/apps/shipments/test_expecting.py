"""When cargo comes that no vehicle of ours carries: from its plan, from what was told of it, and from what such ways have taught."""

import re
import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client

from huoji.apps.fleet.models import Learnt
from huoji.apps.places.queries import places
from huoji.apps.shipments.actions import expecting
from huoji.apps.shipments.models import CargoException, Outlook, OutlookDue, Unit
from huoji.core.draft import LegTold, ShipmentTold
from huoji.core.report import Told
from huoji.kit import apart, health
from tests.apps.shipments import moving_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def carrier(db):
    moving = moving_world.build()
    OutlookDue.objects.all().delete()  # what else the carrier has is not asked for here
    return moving


def at(carrier, hours):
    return (carrier.now + timedelta(hours=hours)).isoformat()


def look(carrier, hours=0.0):
    """Let the worker do at a time what is due then."""
    carrier.relay()
    OutlookDue.objects.filter(due_at__gt=carrier.now, due_at__lt=carrier.now + timedelta(minutes=5)).update(
        due_at=carrier.now
    )  # the relay of a test has no clock of its own
    return expecting.tick(now=carrier.now + timedelta(hours=hours))


def ship(carrier, number, *, hours=-40.0, line="express", legs=(), promised=None, origin="SHQP", destination="CDJJ"):
    promised_at = at(carrier, promised) if promised is not None else ""
    told = ShipmentTold(line=line, number=number, goods="样品", origin=origin, destination=destination, legs=legs, promised_at=promised_at)  # fmt: skip
    carrier.world.ship(told, at=carrier.now + timedelta(hours=hours))


def scan(carrier, number, *events):
    told = [Told(number=number, occurred_at=at(carrier, hours), milestone=milestone, place=place) for hours, milestone, place in events]  # fmt: skip
    carrier.world.tell(*told, at=carrier.now + timedelta(hours=max(hours for hours, _, _ in events)))


def public(number):
    return Client().get("/api/v1/track", {"numbers": number}).json()["results"][0]["outlook"]


def hours(carrier, told):
    return [(datetime.fromisoformat(told[name]) - carrier.now).total_seconds() / 3600 for name in ("early", "likely", "late")]  # fmt: skip


AIR = lambda carrier: (  # noqa: E731  a plan in one expression
    LegTold(mode="road", origin="SHQP", destination="WUH", departs_at=at(carrier, -30), arrives_at=at(carrier, -20)),
    LegTold(mode="air", origin="WUH", destination="CDJJ", departs_at=at(carrier, 4), arrives_at=at(carrier, 10)),
)

CASES = {
    "a parcel with a promise alone": ({"promised": 20}, [(-30, "picked_up", "SHQP"), (-3, "arrived", "WUH")], (12, 30)),
    "not picked up yet": ({"promised": 20}, [], (10, 35)),
    "waiting for its flight": ({"legs": True, "promised": 30}, [(-29, "departed", "SHQP"), (-19, "arrived", "WUH")], (9, 12)),
    "flown late": ({"legs": True, "promised": 30}, [(-29, "departed", "SHQP"), (-8, "arrived", "WUH"), (-1, "departed", "WUH")], (4, 7)),
    "not handed over although it ought to have left": ({"legs": True, "promised": 9}, [], (10, 90)),
}  # fmt: skip


@pytest.mark.req("F04", part="cargo that only scans and events tell of: interval, reason and risk alike at every door")
@pytest.mark.req("F07", part="its forecast is the same on the page, by the API and in the console")
@pytest.mark.parametrize(("plan", "events", "likely"), CASES.values(), ids=CASES.keys())
def test_what_only_scans_tell_of_is_estimated_and_told_alike_at_every_door(carrier, client_of, plan, events, likely):
    ship(carrier, "HJSCAN0001", **{**plan, "legs": AIR(carrier) if plan.get("legs") else ()})
    if events:
        scan(carrier, "HJSCAN0001", *events)
    look(carrier)
    told = public("HJSCAN0001")
    early, middle, late = hours(carrier, told)
    assert 0 <= early <= middle <= late
    assert likely[0] <= middle <= likely[1]
    assert told["reasons"]
    assert told["risk"] in {"none", "low", "high"}
    assert client_of("cs_agent").get("/api/v1/shipments/HJSCAN0001").json()["outlook"] == told
    for page in (Client().get("/track/HJSCAN0001").text, client_of("cs_agent").get("/app/shipments/HJSCAN0001").text):
        assert told["reasons"][0]["text"] in page


@pytest.mark.parametrize(("bound_for", "is_known"), [("CDJJ", True), ("鹿特丹", False)], ids=["there", "further on"])
def test_a_container_goes_by_what_its_carrier_estimates_as_far_as_that_leads(carrier, bound_for, is_known):
    ship(carrier, "HJBOX00001", line="ocean", destination=bound_for)
    scan(carrier, "HJBOX00001", (-70, "gate_in", "SHQP"), (-50, "departed", "SHQP"))
    for told_at, eta in ((-60, 200), (-40, 300)):
        told = Told(number="HJBOX00001", occurred_at=at(carrier, eta), milestone="arrived", place="CDJJ", mode="sea", classifier="EST", id=f"e{eta}")  # fmt: skip
        carrier.world.tell(told, at=carrier.now + timedelta(hours=told_at))
    look(carrier)
    told = public("HJBOX00001")
    assert (told["likely"] is not None) is is_known
    assert not is_known or 290 < hours(carrier, told)[1] < 325


def test_where_nothing_is_known_the_page_says_so_and_nobody_looks_again(carrier):
    ship(carrier, "HJBARE0001")
    scan(carrier, "HJBARE0001", (-3, "picked_up", "SHQP"))
    look(carrier)
    assert (public("HJBARE0001")["likely"], public("HJBARE0001")["confidence"]) == (None, "none")
    assert "资料不足，无法预计" in Client().get("/track/HJBARE0001").text
    assert "too little is known" in Client().get("/track/HJBARE0001", {"lang": "en"}).text
    assert not OutlookDue.objects.exists()


def test_what_is_hopelessly_late_or_not_bound_for_its_consignee_is_promised_no_time(carrier):
    ship(carrier, "HJLOST0001", hours=-700, promised=-500)
    scan(carrier, "HJLOST0001", (-600, "picked_up", "SHQP"))
    ship(carrier, "HJTURN0001", promised=20)
    scan(carrier, "HJTURN0001", (-30, "picked_up", "SHQP"), (-9, "refused", "CDJJ"), (-5, "returning", "CDJJ"))
    look(carrier)
    lost, back = public("HJLOST0001"), public("HJTURN0001")
    assert (lost["likely"], lost["risk"], lost["reasons"][0]["code"]) == (None, "high", "overdue")
    assert (back["likely"], back["risk"]) == (None, "none")


def test_a_shipment_that_an_undone_import_brought_is_late_for_nobody_and_not_looked_at_again(carrier):
    ship(carrier, "HJGONE0001", promised=20)
    look(carrier)
    Unit.objects.filter(number="HJGONE0001").update(voided_at=carrier.now)
    look(carrier, hours=30)
    assert not OutlookDue.objects.exists()
    assert not CargoException.objects.filter(kind="delay").exists()


@pytest.mark.req("F04", part="finished ways teach those that come after")
def test_finished_ways_of_a_lane_tell_when_the_next_comes_without_any_plan(carrier):
    for number in range(8):
        name = f"HJDONE{number:04d}"
        ship(carrier, name, hours=-300)
        scan(carrier, name, (-200, "picked_up", "SHQP"), (-180, "arrived", "WUH"), (-150 + number, "delivered", "CDJJ"))
    look(carrier)
    assert Learnt.objects.filter(key="way/express/WUH/CDJJ").exists()
    assert not Outlook.objects.exists()
    ship(carrier, "HJNEXT0001")
    scan(carrier, "HJNEXT0001", (-30, "picked_up", "SHQP"), (-10, "arrived", "WUH"))
    look(carrier)
    told = public("HJNEXT0001")
    assert {"code": "lane_history", "value": 8, "text": "参考本线路最近 8 次行程"} in told["reasons"]
    assert hours(carrier, told)[1] == pytest.approx(-10 + 33.5, abs=2)


@pytest.mark.req("F04", part="late beyond the promise opens delay, and what comes back in time clears it")
def test_time_alone_opens_delay_and_news_of_the_delivery_clears_it(carrier, client_of):
    ship(carrier, "HJLATE0001", promised=5)
    scan(carrier, "HJLATE0001", (-30, "picked_up", "SHQP"), (-3, "departed", "SHQP"))
    look(carrier)
    due_at = OutlookDue.objects.get().due_at
    assert carrier.now < due_at <= carrier.now + timedelta(hours=5)
    assert look(carrier, hours=0.01) == 0  # nothing happened and no time has come: nothing is done
    for later in (5, 7.5):
        OutlookDue.objects.filter(due_at__lte=carrier.now + timedelta(hours=later)).update(due_at=carrier.now)
        look(carrier, hours=later)
    assert public("HJLATE0001")["risk"] == "high"
    delay = CargoException.objects.get(kind="delay", unit__number="HJLATE0001")
    assert delay.cleared_at is None
    manager = client_of("cs_manager")
    late = manager.get("/app/shipments?late=on&open=on&order=late").text
    assert "HJLATE0001" in late
    assert "晚 " in late
    assert re.search(r"order=late[^<]*<svg.*?<b>[1-9]", manager.get("/app/").text)
    scan(carrier, "HJLATE0001", (9, "delivered", "CDJJ"))
    look(carrier, hours=9)
    delay.refresh_from_db()
    assert delay.cleared_at is not None
    assert not OutlookDue.objects.exists()
    assert not Outlook.objects.exists()
    assert places()


def test_the_list_begins_with_what_is_expected_the_latest_after_its_plan(carrier, client_of):
    for number, promised in (("HJBEHIND01", 2), ("HJBEHIND02", 9), ("HJBEHIND03", 5)):
        ship(carrier, number, promised=promised)
        scan(carrier, number, (-30, "picked_up", "SHQP"))
    look(carrier)
    planned = F("planned_at") + timedelta(hours=1)
    Outlook.objects.update(state="delayed", likely_at=planned)
    latest = Unit.objects.get(number="HJBEHIND02")
    Outlook.objects.filter(unit_id=latest.pk).update(likely_at=planned + timedelta(hours=7))
    page = client_of("cs_manager").get("/app/shipments?order=late").text
    shown = re.findall(r'/app/shipments/(HJBEHIND\d\d)"', page)
    assert list(dict.fromkeys(shown)) == ["HJBEHIND02", "HJBEHIND03", "HJBEHIND01"]
    assert "晚 8 小时" in page


def test_news_that_comes_while_a_worker_looks_is_neither_waited_for_nor_lost(carrier, monkeypatch):
    """The relay holds the rows of one message while it goes on to those of the next, which the worker may hold."""
    for number in ("HJNEWS0001", "HJNEWS0002"):
        ship(carrier, number, promised=20)
        scan(carrier, number, (-3, "picked_up", "SHQP"))
    carrier.relay()
    OutlookDue.objects.update(due_at=carrier.now)
    first, second = sorted(OutlookDue.objects.values_list("unit_id", flat=True))
    carried, begun, looked = expecting.onward.carried, threading.Event(), threading.Event()

    def news():
        with transaction.atomic():
            expecting.look_again([second], now=carrier.now)
            begun.set()
            assert looked.wait(20)
            expecting.look_again([first], now=carrier.now)
        connection.close()

    relay = threading.Thread(target=news)

    def meanwhile(unit_ids):
        relay.start()
        assert begun.wait(20)
        return carried(unit_ids)

    monkeypatch.setattr(expecting.onward, "carried", meanwhile)
    assert expecting.tick(now=carrier.now) == 2
    looked.set()
    relay.join(20)
    assert set(OutlookDue.objects.filter(due_at__lte=carrier.now).values_list("unit_id", flat=True)) == {first, second}


def test_a_waybill_at_which_the_estimate_fails_holds_up_none_and_the_watchdog_names_it(carrier, client_of):
    for number in range(9):
        ship(carrier, f"HJAPART00{number}", promised=20)
        scan(carrier, f"HJAPART00{number}", (-3, "arrived", "WUH"))
    carrier.relay()
    broken = damage("HJAPART004")
    assert look(carrier) >= 9
    told = [public(f"HJAPART00{number}") for number in range(9) if number != 4]
    assert all(each["likely"] for each in told)
    assert OutlookDue.objects.get(pk=broken).due_at == carrier.now + apart.AGAIN
    health.run_all(now=carrier.now)
    assert f"shipments.expect {broken}" in client_of("it_admin").get("/app/health").text
    health.run_all(now=carrier.now + apart.STILL)
    assert f"shipments.expect {broken}" not in client_of("it_admin").get("/app/health").text


def damage(number):
    """Make the story of a waybill unreadable, as a disk might; return whose it is."""
    unit_id = Unit.objects.get(number=number).pk
    with connection.cursor() as cursor:
        cursor.execute("UPDATE story SET body = '\\xc1' WHERE unit_id = %s", [unit_id])
    return unit_id

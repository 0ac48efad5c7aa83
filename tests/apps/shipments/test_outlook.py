"""When cargo comes and how sure that is: estimated from runs and plans, told alike at every door, late cargo an exception that clears."""

from datetime import timedelta

import pytest
from django.test import Client

from huoji.apps.fleet.actions.forecasting import EVERY
from huoji.apps.fleet.models import Learnt, Run, RunStop
from huoji.apps.fleet.queries import plans
from huoji.apps.shipments.actions import expecting, forecasting
from huoji.apps.shipments.models import CargoException, Outlook, OutlookDue, OutlookStep, Unit
from huoji.core.draft import LegTold, ShipmentTold
from huoji.core.report import Name, Told
from huoji.kit import apart, health
from tests.apps.shipments import moving_world
from tests.apps.shipments.moving_world import TRIP
from tests.apps.shipments.test_expecting import damage

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "HJETA00001"
MIDWAY = (30.9, 117.6)  # about half way from Shanghai to Wuhan


@pytest.fixture
def moving(db):
    return moving_world.build()


def at(moving, **span):
    return (moving.now + timedelta(**span)).isoformat()


@pytest.fixture
def ride(moving, client_of):
    """A parcel from Shanghai over Wuhan to Chengdu, four hours under way, due in Wuhan in four and in Chengdu in twenty."""
    trip = Name("trip", TRIP)
    legs = (
        LegTold(mode="road", origin="SHQP", destination="WUH", departs_at=at(moving, hours=-4), arrives_at=at(moving, hours=4), vehicle=trip),
        LegTold(mode="road", origin="WUH", destination="CDJJ", departs_at=at(moving, hours=6), arrives_at=at(moving, hours=20)),
    )  # fmt: skip
    moving.world.ship(
        ShipmentTold(line="road", number=NUMBER, goods="零件", origin="SHQP", destination="CDJJ", legs=legs, promised_at=at(moving, hours=24)),
        at=moving.now - timedelta(hours=6),
    )  # fmt: skip
    moving.load(NUMBER, minutes_ago=260)
    moving.world.tell(
        Told(unit=trip, occurred_at=moving.world.ago(hours=4), milestone="departed", place="SHQP"),
    )
    moving.relay()
    return moving


def tick(ride, **later):
    ride.relay()
    Run.objects.filter(state="under_way").update(forecast_due_at=ride.now)
    forecasting.tick(now=ride.now + timedelta(**later))
    OutlookDue.objects.update(due_at=ride.now)
    expecting.tick(now=ride.now + timedelta(**later))


def public(number=NUMBER):
    return Client().get("/api/v1/track", {"numbers": number}).json()["results"][0]


def hours(iso, moving):
    from datetime import datetime

    return (datetime.fromisoformat(iso) - moving.now).total_seconds() / 3600


@pytest.mark.req(
    "F04", part="percent of the route, an ETA as an interval, a risk with its reason, on page, API and console"
)
@pytest.mark.req("F07", part="the forecast is the same on the page, by the API and in the console")
def test_a_waybill_under_way_shows_interval_reasons_risk_and_percent_alike_at_every_door(ride, client_of):
    ride.seen("truck", *MIDWAY)
    tick(ride)
    told = public()["outlook"]
    assert 0 < hours(told["early"], ride) <= hours(told["likely"], ride) <= hours(told["late"], ride)
    assert 14 < hours(told["likely"], ride) < 28
    assert told["state"] == "normal"
    assert told["risk"] == "none"
    assert 12 <= told["route_percent"] <= 25
    assert {reason["code"] for reason in told["reasons"]} >= {"position", "plan_only"}
    assert client_of("cs_agent").get(f"/api/v1/shipments/{NUMBER}").json()["outlook"] == told
    for page in (Client().get(f"/track/{NUMBER}").text, client_of("cs_agent").get(f"/app/shipments/{NUMBER}").text):
        assert f"{told['route_percent']}%" in page
        assert "按最新位置" in page
    english = Client().get(f"/track/{NUMBER}", {"lang": "en"}).text
    assert "by the last position" in english


def test_what_was_delivered_is_expected_no_more_though_somebody_scanned_it_onto_a_run_again(ride):
    unit_id = Unit.objects.get(number=NUMBER).pk
    ride.world.tell(Told(number=NUMBER, occurred_at=ride.world.ago(minutes=9), milestone="delivered", place="CDJJ"))
    ride.load(NUMBER, minutes_ago=5)
    ride.seen("truck", 31.1, 120.5)
    for minutes in (0, 5, 11):
        tick(ride, minutes=minutes)
        assert not Outlook.objects.filter(unit_id=unit_id).exists()
    assert not CargoException.objects.filter(kind="delay", unit_id=unit_id).exists()


@pytest.mark.req("F05", part="a list of ETAs per stop of the run")
def test_every_stop_ahead_has_its_interval(ride, client_of):
    ride.seen("truck", *MIDWAY)
    tick(ride)
    run = client_of("dispatch").get("/api/v1/runs/one", {"kind": "trip", "number": TRIP}).json()
    assert [stop["eta_at"] is not None for stop in run["stops"]] == [False, True]
    assert run["stops"][1]["reason"]["because"]
    assert "–" in client_of("dispatch").get(f"/app/units/trip/{TRIP}").text.split('id="run"')[1]


@pytest.mark.req("F04")
@pytest.mark.req("F06")
def test_too_late_for_its_promise_it_is_delayed_with_reasons_and_on_time_again_it_clears(ride, client_of):
    ride.seen("truck", 31.1, 120.5)  # has hardly moved in four hours
    for minutes in (0, 5, 11):
        tick(ride, minutes=minutes)
    told = public()["outlook"]
    assert (told["state"], told["risk"]) == ("delayed", "high")
    assert 0 < told["route_percent"] < 20
    assert ride.now.isoformat() < told["early"] < told["late"]
    assert told["reasons"][0]["code"] == "likely_late"
    assert "已延误" in Client().get(f"/track/{NUMBER}").text
    assert CargoException.objects.filter(kind="delay", cleared_at=None, unit__number=NUMBER).count() == 1
    page = client_of("cs_agent").get(f"/app/shipments/{NUMBER}").text
    assert 'title="outlook@1' in page.split('id="states"')[1]  # for who looks into it; nobody reads it as text
    changes = client_of("cs_agent").get(f"/api/v1/shipments/{NUMBER}/states").json()
    assert [(each["state"], each["rule"]) for each in changes] == [(state, "outlook@1/eta@1/risk@1") for state in ("delayed", "normal")]  # fmt: skip
    ride.seen("truck", 30.62, 114.4, seconds_ago=-3600 * 3, kmh=90)  # by a miracle nearly in Wuhan
    for minutes in (180, 200, 215):
        tick(ride, minutes=minutes)
    assert not CargoException.objects.filter(kind="delay", cleared_at=None, unit__number=NUMBER).exists()
    steps = OutlookStep.objects.filter(unit_id=Unit.objects.get(number=NUMBER).pk).order_by("id")
    states = [step.state for step in steps]
    assert states[:2] == ["normal", "delayed"]
    assert states[-1] in {"at_risk", "normal"}


def test_estimates_add_no_event_and_only_news_is_told(ride):
    from huoji.kit.models import OutboxRow

    ride.seen("truck", *MIDWAY)
    before = len(public()["events"])
    unit_id = Unit.objects.get(number=NUMBER).pk
    told = []
    for minute in range(4):
        tick(ride, minutes=minute)
        told.append(OutboxRow.objects.filter(topic="outlook.changed", ids__contains=[unit_id]).count())
    assert told == [1, 0, 0, 0]
    assert len(public()["events"]) == before


def test_a_leg_that_ends_teaches_its_lane_and_the_next_estimate_says_so(ride):
    from huoji.apps.fleet.actions import forecasting as fleet

    run = Run.objects.get(number=TRIP)
    one, two = run.stops.order_by("seq")
    RunStop.objects.filter(pk=one.pk).update(departed_at=ride.now - timedelta(hours=4))
    for number in range(6):
        RunStop.objects.filter(pk=two.pk).update(arrived_at=ride.now + timedelta(hours=4 + number))
        assert fleet.learn_arrival(run.pk, seq=2)
    assert Learnt.objects.filter(key="lane/road/SHQP/WUH").exists()
    RunStop.objects.filter(pk=two.pk).update(arrived_at=None)
    ride.seen("truck", *MIDWAY)
    tick(ride)
    assert {"code": "lane_history", "value": 6, "text": "参考本线路最近 6 次行程"} in public()["outlook"]["reasons"]


def test_unloaded_on_the_way_it_is_estimated_from_its_plan_and_delivered_it_is_not_estimated_any_more(ride):
    ride.seen("truck", *MIDWAY)
    tick(ride)
    ride.unload(NUMBER, minutes_ago=-60 * 4)
    tick(ride, hours=5)
    row = Outlook.objects.get(unit_id=Unit.objects.get(number=NUMBER).pk)
    assert row.run_id is None
    assert row.likely_at
    assert row.likely_at > ride.now + timedelta(hours=18)
    ride.world.tell(Told(number=NUMBER, occurred_at=at(ride, hours=21), milestone="delivered", place="CDJJ"), at=ride.now + timedelta(hours=21))  # fmt: skip
    tick(ride, hours=22)
    assert not Outlook.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("destination", ["CDJJ", "乌有乡"], ids=["a site the run does not reach", "no site of ours"])
def test_where_the_end_is_not_known_nothing_is_promised(ride, destination):
    ride.world.ship(
        ShipmentTold(line="road", number="HJNOEND001", goods="零件", origin="SHQP", destination=destination), at=ride.now - timedelta(hours=6)
    )  # fmt: skip
    ride.load("HJNOEND001")
    ride.seen("truck", *MIDWAY)
    tick(ride)
    assert public(NUMBER)["outlook"]["likely"]
    assert (public("HJNOEND001")["outlook"] or {}).get("likely") is None


@pytest.mark.req(
    "F05", part="a first stop that nobody saw the run at lies behind once it goes its way, its times unknown"
)
def test_a_first_stop_that_no_fence_told_of_is_passed_once_the_run_goes_its_way_and_not_while_it_comes_to_load(
    moving, client_of
):
    client = client_of("dispatch")
    plan = {
        "kind": "trip", "number": TRIP, "conveyance": moving_world.PLATE, "starts_at": at(moving, hours=-4),
        "stops": [
            {"place": "SHQP", "departs_at": at(moving, hours=-4)}, {"place": "WUH", "arrives_at": at(moving, hours=4)},
            {"place": "CDJJ", "arrives_at": at(moving, hours=20)},
        ],
    }  # fmt: skip
    assert client.post("/api/v1/runs", plan, content_type="application/json").status_code == 201
    assert (
        client.post("/api/v1/runs/start", {"kind": "trip", "number": TRIP}, content_type="application/json").status_code
        == 200
    )

    def seen(lat, lon, seconds_ago):
        moving.seen("truck", lat, lon, seconds_ago=seconds_ago)
        tick(moving)
        run = client.get("/api/v1/runs/one", {"kind": "trip", "number": TRIP}).json()
        assert run["stops"][0]["arrived_at"] is None, "no time is invented"
        return [stop["passed"] for stop in run["stops"]], run["stops"][1]["reason"].get("because", [])

    assert seen(31.13, 120.6, 3600)[0] == [False] * 3
    assert seen(31.14, 120.9, 2400)[0] == [False] * 3, "it comes nearer: perhaps to load"
    passed, because = seen(31.1, 120.0, 600)
    assert passed == [True, False, False]
    assert "position" in [code for code, _ in because]
    assert [stop.site.code for stop in plans.under_way_of(moving.truck_id).ahead] == ["WUH", "CDJJ"]
    assert "已驶过，时间不明" in client.get(f"/app/units/trip/{TRIP}").text
    assert "已驶过，时间不明" in client.get(f"/app/fleet/{moving.truck_id}").text

    told = Told(unit=Name("trip", TRIP), occurred_at=moving.world.ago(minutes=5), milestone="arrived", place="CDJJ")
    moving.world.tell(told)
    moving.relay()
    run = client.get("/api/v1/runs/one", {"kind": "trip", "number": TRIP}).json()
    assert [(stop["passed"], stop["arrived_at"] is not None) for stop in run["stops"]] == [
        (True, False),
        (True, False),
        (False, True),
    ]


def test_a_run_or_a_waybill_at_which_the_forecast_fails_holds_up_no_other(ride, client_of):
    other = "HJETA00002"
    ride.world.ship(
        ShipmentTold(line="road", number=other, goods="零件", origin="SHQP", destination="CDJJ"),
        at=ride.now - timedelta(hours=6),
    )
    ride.load(other, minutes_ago=250)
    ride.seen("truck", *MIDWAY)
    broken = damage(other)
    tick(ride)
    assert public()["outlook"]["likely"]
    run_id = Unit.objects.get(kind="trip", number=TRIP).pk
    RunStop.objects.filter(run_id=run_id, arrived_at=None).update(eta_reason={"risk": "no risk"})
    tick(ride)
    due = dict(Run.objects.filter(state="under_way").values_list("pk", "forecast_due_at"))
    assert due.pop(run_id) == ride.now + apart.AGAIN
    assert set(due.values()) == {ride.now + EVERY}
    health.run_all(now=ride.now)
    page = client_of("it_admin").get("/app/health").text
    assert f"shipments.forecast cargo {broken}" in page
    assert f"shipments.forecast {run_id}" in page

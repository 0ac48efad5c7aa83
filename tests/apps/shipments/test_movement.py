"""Positions reach a waybill only while its cargo is aboard, coarsened for the public, and the same through every door."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huoji.apps.fleet.actions import contacts, silence
from huoji.apps.fleet.models import Conveyance, Run
from huoji.apps.shipments.actions import forecasting, running
from huoji.apps.shipments.models import CargoException
from huoji.core.permission import KeyScope
from huoji.core.report import Name, Told
from tests.apps.shipments import moving_world
from tests.apps.shipments.moving_world import NUMBER, PLATE, TRIP

pytestmark = pytest.mark.django_db(transaction=True)
LAT, LON = 30.613742, 114.283911  # on a street of Wuhan


@pytest.fixture
def moving(db):
    return moving_world.build()


def public(number=NUMBER, **more):
    return Client().get("/api/v1/track", {"numbers": number, **more}).json()["results"][0]


def plan(client, **more):
    body = {"kind": "trip", "number": TRIP, "conveyance": PLATE} | more
    return client.post("/api/v1/runs", body, content_type="application/json")


# ---- the window ------------------------------------------------------------------------------------------------------


def test_a_trip_whose_number_names_a_known_plate_becomes_a_run_when_cargo_is_loaded_and_shows_where_it_is(moving):
    moving.load()
    assert public()["position"] is None
    moving.seen("truck", LAT, LON)
    told = public()["position"]
    assert (told["lat"], told["lon"], told["precision_m"]) == (30.6, 114.3, 5000)
    assert told["text"] == "武汉附近"
    assert told["speed_kmh"] is None
    assert told["source"] == "gps"
    assert told["at"].endswith(":00+00:00")


def test_the_position_is_dropped_at_unload_and_one_from_before_the_load_is_nobodys(moving):
    moving.seen("truck", LAT, LON, seconds_ago=7200)
    moving.load(minutes_ago=60)
    assert public()["position"] is None  # two hours old: the cargo was not aboard then
    moving.seen("truck", LAT, LON)
    assert public()["position"]
    moving.unload()
    assert public()["position"] is None


def test_the_vehicle_of_another_trip_and_a_run_that_ended_tell_nothing(moving):
    moving.load()
    moving.seen("other", LAT, LON)
    assert public()["position"] is None
    moving.seen("truck", LAT, LON)
    moving.load("HJROAD0001", trip=f"{PLATE}/1127", minutes_ago=1)  # the same truck begins its next trip
    assert public()["position"] is None


def test_a_piece_in_a_container_aboard_a_voyage_is_where_the_vessel_is(moving, client_of):
    tell = moving.world.tell
    box = Name("container", "CSQU3054383")
    tell(
        Told(number="HJSEA0001", occurred_at=moving.world.ago(days=11), milestone="stuffed", holder=box, place="上海洋山港"),
        source="dcsa",
    )  # fmt: skip
    moving.relay()
    moving.seen("vessel", 1.25, 103.8, kmh=22, nav=0)
    told = public("HJSEA0001")["position"]
    assert (told["lat"], told["lon"], told["precision_m"]) == (1.25, 103.8, 0)  # AIS is public
    assert told["kind"] == "vessel"


@pytest.mark.req(
    "B10",
    part="by bill, booking and container number: milestones and the vessel's position, on the page and by the API",
)
@pytest.mark.parametrize("number", ["COSU6100250", "BK7788", "CSQU3054383"])
def test_a_bill_a_booking_and_a_container_lead_to_the_vessels_position(moving, number):
    moving.seen("vessel", 1.25, 103.8, kmh=22, nav=0)
    told = public(number)
    assert told["position"]["near"] == "新加坡港"
    assert any(event["milestone"] == "loaded" for event in told["events"])
    html = Client().get(f"/track/{number}").text
    assert "新加坡港附近" in html
    assert "机动航行" in html


# ---- who sees what ---------------------------------------------------------------------------------------------------


def test_only_staff_who_see_the_fleet_see_a_lorry_exactly(moving, client_of, make_key):
    moving.load()
    moving.seen("truck", LAT, LON)
    dispatch = client_of("dispatch").get(f"/api/v1/shipments/{NUMBER}").json()["position"]
    assert (dispatch["lat"], dispatch["lon"], dispatch["speed_kmh"]) == (LAT, LON, 80.0)
    agent = client_of("cs_agent").get(f"/api/v1/shipments/{NUMBER}").json()["position"]
    assert (agent["lat"], agent["precision_m"]) == (30.6, 5000)
    for page in (Client().get(f"/track/{NUMBER}"), Client().get("/api/v1/track", {"numbers": NUMBER})):
        assert PLATE not in page.text
        assert "30.61" not in page.text


@pytest.mark.req("F07", part="position and outlook: page, public API and console tell the same at the same moment")
def test_every_door_tells_the_same_place(moving, client_of):
    moving.load()
    moving.seen("truck", LAT, LON)
    told = public()["position"]
    assert told["text"] in Client().get(f"/track/{NUMBER}").text
    assert told["text"] in client_of("cs_agent").get(f"/app/shipments/{NUMBER}").text
    console = client_of("cs_agent").get(f"/api/v1/shipments/{NUMBER}").json()["position"]
    same = ("at", "lat", "lon", "near", "precision_m", "source")
    assert {key: told[key] for key in same} == {key: console[key] for key in same}


@pytest.mark.req("A20")
def test_a_status_carries_time_source_and_age_what_is_old_is_said_to_be_old_and_nothing_is_edited(moving, client_of):
    moving.load(minutes_ago=300)
    moving.seen("truck", LAT, LON, seconds_ago=3 * 3600)
    told = public()["position"]
    assert told["stale"] is True
    assert told["age_seconds"] >= 3 * 3600 - 60
    html = Client().get(f"/track/{NUMBER}").text
    assert "3 小时前" in html
    assert "车载定位" in html
    assert "位置较旧" in html
    newest = public()["events"][0]
    assert newest["occurred"]["at"]
    assert newest["source"] == "scan"
    manager = client_of("cs_manager")
    page = manager.get(f"/app/shipments/{NUMBER}").text
    first = page.split('<ol class="hj-line hj-line-dense">')[-1].split("</li>")[0]
    assert "5 小时前" in first
    assert "来源 扫描" in first
    event = page.split(f"/app/shipments/{NUMBER}/events/")[1].split("/")[0]
    for verb in ("put", "patch", "delete"):
        assert getattr(manager, verb)(f"/app/shipments/{NUMBER}/events/{event}/correct").status_code == 405
        assert getattr(manager, verb)(f"/api/v1/shipments/{NUMBER}/events").status_code == 405
    corrected = manager.post(f"/app/shipments/{NUMBER}/events/{event}/correct", {"cause": "扫错了货"})
    assert corrected.status_code == 302
    assert "扫错了货" in manager.get(f"/app/shipments/{NUMBER}").text  # struck out, with the reason, not gone


def test_a_query_reads_the_position_of_fifty_numbers_in_one_more_statement_and_of_none_in_no_more(moving):
    moving.load()
    moving.seen("truck", LAT, LON)

    def statements(*numbers):
        public(numbers[0])  # sources and sites are remembered
        with CaptureQueriesContext(connection) as queries:
            Client().get("/api/v1/track", {"numbers": " ".join(numbers)})
        return [query["sql"] for query in queries if "run_position" in query["sql"]]

    assert len(statements(NUMBER, "HJSEA0001", "HJROAD0001")) <= 1
    assert statements("HJNEW0001", "HJEXP0001") == []


# ---- runs ------------------------------------------------------------------------------------------------------------


def stops(now):
    def at(hours):
        return (now + timedelta(hours=hours)).isoformat()

    return [
        {"place": "SHQP", "departs_at": at(-1)},
        {"place": "WUH", "arrives_at": at(11), "departs_at": at(12)},
        {"place": "CDJJ", "arrives_at": at(30)},
    ]


def test_a_dispatcher_plans_a_run_and_planning_it_again_changes_nothing(moving, client_of):
    client = client_of("dispatch")
    body = {"starts_at": moving.now.isoformat(), "stops": stops(moving.now)}
    first = plan(client, **body)
    assert first.status_code == 201, first.content
    assert [stop["place"] for stop in first.json()["stops"]] == [moving_world.SITES[code][0] for code in ("SHQP", "WUH", "CDJJ")]  # fmt: skip
    again = plan(client, **body)
    assert (again.status_code, again.json()) == (200, first.json())
    assert client.get("/api/v1/runs/one", {"kind": "trip", "number": TRIP}).json() == first.json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"conveyance": "沪A99999"}, "unknown_conveyance"),
        ({"stops": [{"place": "nowhere"}]}, "unknown_stop"),
        ({"stops": [{"place": "SHQP", "departs_at": "2026-11-26T10:00:00Z"}, {"place": "WUH", "arrives_at": "2026-11-26T09:00:00Z"}]}, "times_disorder"),
        ({"path": [[95, 0], [30, 114]]}, "not_on_earth"),
        ({"corridor_m": 5}, "invalid_request"),
    ],
    ids=["vehicle", "site", "times", "path", "corridor"],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused_with_a_word(moving, client_of, body, code):
    answer = plan(client_of("dispatch"), **({"starts_at": moving.now.isoformat()} | body))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_one_vehicle_is_on_one_run_and_a_trip_under_way_keeps_its_vehicle(moving, client_of):
    client = client_of("dispatch")
    later = {"starts_at": (moving.now + timedelta(hours=1)).isoformat()}

    def turn(verb, number):
        return client.post(f"/api/v1/runs/{verb}", {"kind": "trip", "number": number}, content_type="application/json")

    plan(client, **later)
    plan(client, number="SECOND", **later)
    assert turn("start", TRIP).json()["state"] == "under_way"
    busy = turn("start", "SECOND")
    assert (busy.status_code, busy.json()["code"], busy.json()["run"]) == (409, "conveyance_busy", TRIP)
    changed = plan(client, conveyance="鄂B67890", **later)
    assert (changed.status_code, changed.json()["code"]) == (409, "vehicle_changed")
    assert turn("end", TRIP).json()["state"] == "ended"
    assert turn("start", "SECOND").json()["state"] == "under_way"
    assert plan(client, **later).json()["code"] == "run_ended"


def test_who_may_not_manage_the_fleet_plans_nothing(moving, client_of, make_key):
    assert plan(client_of("cs_agent"), starts_at=moving.now.isoformat()).status_code == 403
    outside = {"x-api-key": make_key("customer:1", KeyScope.SHIPMENTS_READ)}
    assert Client().get("/api/v1/runs", headers=outside).status_code == 403


def test_a_run_is_planned_on_its_page_and_shown_on_the_trips(moving, client_of):
    client = client_of("dispatch")
    form = {
        "kind": "trip", "number": TRIP, "conveyance": PLATE, "starts_at": "2026-11-26T08:00", "place_0": "SHQP",
        "departs_0": "2026-11-26T08:00", "place_1": "武汉分拨中心", "arrives_1": "2026-11-26T19:00",
    }  # fmt: skip
    assert client.post("/app/runs/new", {**form, "conveyance": "nobody"}).status_code == 422
    answer = client.post("/app/runs/new", form, follow=True)
    assert answer.status_code == 200
    assert "11-26 19:00" in answer.text.split('id="run"')[1]
    assert TRIP in client.get("/app/runs/").text


def test_a_vehicle_registered_after_its_cargo_was_loaded_is_found_and_history_makes_no_run(moving):
    moving.load(trip="苏C55555/7")
    moving.load("HJROAD0001", trip="苏C55555/1", minutes_ago=90 * 24 * 60)
    Conveyance.objects.create(kind="vehicle", plate="苏C55555")
    running.keep_time(now=datetime.now(UTC))
    assert [row.number for row in Run.objects.filter(conveyance__plate="苏C55555")] == ["苏C55555/7"]


def test_what_people_scan_of_a_trip_counts_for_its_stops_once(moving, client_of):
    client = client_of("dispatch")
    plan(client, starts_at=moving.now.isoformat(), stops=stops(moving.now))
    for minutes, milestone, place in ((50, "departed", "SHQP"), (20, "arrived", "WUH"), (5, "departed", "WUH")):
        moving.world.tell(
            Told(
                unit=Name("trip", TRIP), occurred_at=moving.world.ago(minutes=minutes), milestone=milestone, place=place
            )
        )
        moving.relay()
    told = client.get("/api/v1/runs/one", {"kind": "trip", "number": TRIP}).json()["stops"]
    assert [(bool(stop["arrived_at"]), bool(stop["departed_at"])) for stop in told] == [(False, True), (True, True), (False, False)]  # fmt: skip


# ---- what the fleet tells --------------------------------------------------------------------------------------------


def test_arrival_and_departure_at_a_stop_become_events_of_all_cargo_aboard_once(moving, client_of):
    plan(client_of("dispatch"), starts_at=moving.now.isoformat(), stops=stops(moving.now))
    moving.load()
    moving.relay()
    client_of("dispatch").post("/api/v1/runs/start", {"kind": "trip", "number": TRIP}, content_type="application/json")
    for seconds in (600, 560, 520, 480):
        moving.seen("truck", 30.62, 114.12, seconds_ago=seconds, kmh=0, status=seconds)
    arrived = [event for event in public()["events"] if event["milestone"] == "arrived"]
    assert [(event["place"], event["source"]) for event in arrived] == [("武汉分拨中心", "gps")]
    moving.relay()
    for minutes, lon in ((6, 114.09), (5, 114.06), (4, 114.03), (3, 114.0), (2, 113.97)):
        moving.seen("truck", 30.62, lon, seconds_ago=minutes * 60)
    assert [event["milestone"] for event in public()["events"]][:2] == ["departed", "arrived"]


@pytest.mark.req("F05")
def test_leaving_the_route_opens_an_exception_of_the_trip_and_coming_back_clears_it(moving, client_of):
    client = client_of("dispatch")
    body = {"path": [[30.0, 114.0], [30.0, 116.0]], "corridor_m": 3000, "starts_at": moving.now.isoformat()}
    plan(client, stops=stops(moving.now), **body)
    moving.load()
    client.post("/api/v1/runs/start", {"kind": "trip", "number": TRIP}, content_type="application/json")
    for number in range(7):
        moving.seen("truck", 30.1, 114.5 + number * 0.01, seconds_ago=900 - number * 60)
    assert CargoException.objects.filter(kind="off_route", cleared_at=None).count() == 1
    assert "偏离路线" in client.get(f"/app/shipments/{NUMBER}").text
    forecasting.tick(now=datetime.now(UTC))
    run = client.get("/api/v1/runs/one", {"kind": "trip", "number": TRIP}).json()
    assert run["off_route_since"]
    assert [bool(stop["eta_early_at"]) and bool(stop["eta_late_at"]) for stop in run["stops"]] == [False, True, True]
    for number in range(4):
        moving.seen("truck", 30.0, 114.6 + number * 0.01, seconds_ago=400 - number * 60)
    assert not CargoException.objects.filter(kind="off_route", cleared_at=None).exists()


def test_an_emergency_and_silence_reach_the_cargo_of_the_run_and_hearing_it_again_clears_silence(moving):
    contacts._heard.clear()  # of terminals that other tests made and took away
    moving.load()
    moving.seen("truck", LAT, LON, seconds_ago=30, alarm=1)
    contacts.hear(moving.terminals["truck"], now=moving.now, counts={})
    contacts.flush()
    silence.watch(now=moving.now + timedelta(hours=3))
    moving.relay()
    open_now = CargoException.objects.filter(cleared_at=None, unit__number=TRIP)
    assert sorted(open_now.values_list("kind", flat=True)) == ["emergency", "offline"]
    contacts.hear(moving.terminals["truck"], now=moving.now + timedelta(hours=4), counts={})
    contacts.flush()
    silence.watch(now=moving.now + timedelta(hours=4))
    moving.relay()
    assert list(open_now.values_list("kind", flat=True)) == ["emergency"]


def test_what_opens_for_a_vehicle_without_a_run_belongs_to_the_dataset_of_the_vehicle(moving):
    contacts._heard.clear()
    Conveyance.objects.filter(plate=PLATE).update(dataset="demo")
    contacts.hear(moving.terminals["truck"], now=moving.now, counts={})
    contacts.flush()
    silence.watch(now=moving.now + timedelta(hours=3))
    moving.relay()
    assert list(CargoException.objects.filter(unit=None).values_list("kind", "dataset")) == [("offline", "demo")]


def test_an_emergency_tells_the_exact_place_only_to_who_sees_the_fleet(moving, client_of):
    moving.load()
    moving.seen("truck", 30.613742, 114.283911, seconds_ago=30, alarm=1)
    places = {}
    for role in ("dispatch", "cs_agent"):
        (told,) = client_of(role).get(f"/api/v1/shipments/{NUMBER}/exceptions").json()["items"]
        places[role] = (told["kind"], told["facts"]["lat"], told["facts"]["lon"])
    assert places == {"dispatch": ("emergency", 30.613742, 114.283911), "cs_agent": ("emergency", 30.6, 114.3)}

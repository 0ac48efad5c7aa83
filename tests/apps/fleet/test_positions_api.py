"""Positions over HTTP as a telematics provider reports them, and the answers to who may ask where something is or was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from huoji.apps.accounts.models import AuditRow
from huoji.apps.fleet.actions import fitting
from huoji.apps.fleet.models import Conveyance, FilteredPosition, LastPosition, Position, Terminal
from huoji.core import datum, position_told
from huoji.core.datum import Datum
from huoji.core.fleet import ConveyanceKind, TerminalKind, TerminalState
from huoji.core.permission import KeyScope
from huoji.core.position_told import Placed, PositionError, Told
from huoji.kit.problem import Problem
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)
SHANGHAI = {"lat": 31.2304, "lon": 121.4737}


@pytest.fixture
def truck() -> Conveyance:
    return Conveyance.objects.create(kind=ConveyanceKind.VEHICLE, plate="沪A12345")


@pytest.fixture
def dispatch_key(make_staff, make_key) -> str:
    actor = make_staff("dispatch", number="DISP")
    return make_key(actor.principal, KeyScope.POSITIONS_WRITE, KeyScope.FLEET_READ, KeyScope.TRACKS_READ)


@pytest.fixture
def device() -> Terminal:
    return Terminal.objects.create(kind=TerminalKind.HTTP, number="tracker-1")


def iso(at: datetime) -> str:
    return at.isoformat()


def post(key: str, items: object, **more):
    kind = more.pop("content_type", "application/json")
    return Client().post("/api/v1/positions", items, content_type=kind, headers={"x-api-key": key})


def get(key: str, path: str, **params):
    return Client().get(f"/api/v1/conveyances{path}", params, headers={"x-api-key": key})


def results(answer) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.content
    return [(item["result"], item.get("code", "")) for item in answer.json()["items"]]


@pytest.mark.req("F02", part="HTTP ingest")
@pytest.mark.req("F03", part="last position at once after ingest, in km/h")
def test_a_position_is_stored_and_is_the_last_one_at_once(dispatch_key, truck):
    told = {"plate": "沪A·12345", "at": iso(NOW), **SHANGHAI, "speed_kmh": 63.4, "course": 87, "load": "full"}
    assert results(post(dispatch_key, [told])) == [("accepted", "")]
    answer = get(dispatch_key, f"/{truck.pk}/position").json()
    assert (answer["lat"], answer["lon"], answer["speed_kmh"], answer["course"]) == (31.2304, 121.4737, 63.4, 87)
    assert answer["freshness"] == "live"
    assert datetime.fromisoformat(answer["at"]) == NOW
    assert LastPosition.objects.get().status >> 8 & 3 == 3


def test_every_item_is_judged_by_itself(dispatch_key, device, truck):
    Terminal.objects.create(kind=TerminalKind.HTTP, number="thief", state=TerminalState.BLOCKED)
    here = {"at": iso(NOW - timedelta(minutes=2)), **SHANGHAI}
    items = [
        {"device": "tracker-1", **here},
        {"device": "tracker-1", **here},
        {"device": "nobody", **here},
        {"device": "thief", **here},
        {"plate": "粤B99999", **here},
        {"device": "tracker-1", **here, "lat": 91},
        {"device": "tracker-1", **here, "at": "2026-11-23 10:00:00"},
        {**here},
        {"device": "tracker-1", "plate": "沪A12345", **here},
        {"device": "tracker-1", "at": iso(NOW), "lat": 0, "lon": 0},
        {"device": "tracker-1", "at": iso(NOW), "lat": "x", "lon": 0},
        {"device": "tracker-1", **here, "at": iso(NOW + timedelta(hours=3))},
        {"device": "tracker-1", **here, "speed_kmh": -4},
    ]
    answer = post(dispatch_key, items)
    assert results(answer) == [
        ("accepted", ""), ("duplicate", ""), ("rejected", "unknown_terminal"), ("rejected", "terminal_blocked"),
        ("rejected", "unknown_conveyance"), ("rejected", "invalid_place"), ("rejected", "invalid_time"),
        ("rejected", "unnamed_position"), ("rejected", "unnamed_position"), ("filtered", "zero"),
        ("rejected", "invalid_item"), ("filtered", "future"), ("rejected", "invalid_value"),
    ]  # fmt: skip
    body = answer.json()
    assert (body["accepted"], body["duplicate"], body["filtered"], body["rejected"]) == (1, 1, 2, 9)
    assert all(item["detail"] for item in body["items"] if item["result"] == "rejected")
    assert FilteredPosition.objects.count() == 2


def test_the_same_call_again_changes_nothing(dispatch_key, device):
    lines = b"\n".join(
        f'{{"device":"tracker-1","at":"{iso(NOW - timedelta(minutes=9 - n))}","lat":31.00{n},"lon":121.4}}'.encode()
        for n in range(1, 9)
    )
    first = post(dispatch_key, lines, content_type="application/x-ndjson")
    again = post(dispatch_key, lines, content_type="application/x-ndjson")
    assert first.json()["accepted"] == 8
    assert again.json()["duplicate"] == 8
    assert Position.objects.count() == 8


def test_a_device_that_nobody_added_waits_or_is_admitted_as_the_setting_says(dispatch_key, monkeypatch):
    item = {"device": "new-1", "at": iso(NOW), **SHANGHAI}
    monkeypatch.setattr(settings, "HUOJI", replace(settings.HUOJI, http_admission="pending"))
    assert results(post(dispatch_key, [item])) == [("rejected", "terminal_pending")]
    assert Terminal.objects.get().state == TerminalState.PENDING
    monkeypatch.setattr(settings, "HUOJI", replace(settings.HUOJI, http_admission="open"))
    assert results(post(dispatch_key, [item | {"device": "new-2"}])) == [("accepted", "")]


def test_a_partner_speaks_for_his_own_devices_and_for_nothing_else(make_key, device, truck, monkeypatch):
    monkeypatch.setattr(settings, "HUOJI", replace(settings.HUOJI, http_admission="open"))
    mine, others = make_key("partner:7", KeyScope.POSITIONS_WRITE), make_key("partner:8", KeyScope.POSITIONS_WRITE)
    here = {"at": iso(NOW), **SHANGHAI}
    named = [{"device": "tracker-1"}, {"plate": "沪A12345"}, {"device": "partner-1"}]
    assert results(post(mine, [each | here for each in named])) == [
        ("rejected", "not_your_terminal"), ("rejected", "not_your_terminal"), ("accepted", ""),
    ]  # fmt: skip
    assert results(post(others, [{"device": "partner-1"} | here])) == [("rejected", "not_your_terminal")]


def test_nobody_takes_the_name_in_which_a_vehicle_is_reported(make_key, dispatch_key, truck, monkeypatch):
    monkeypatch.setattr(settings, "HUOJI", replace(settings.HUOJI, http_admission="open"))
    here = {"at": iso(NOW), **SHANGHAI}
    thief = make_key("partner:7", KeyScope.POSITIONS_WRITE)
    assert results(post(thief, [{"device": f"conveyance/{truck.pk}"} | here])) == [("rejected", "unknown_terminal")]
    assert results(post(dispatch_key, [{"plate": truck.plate} | here])) == [("accepted", "")]
    assert LastPosition.objects.get().conveyance_id == truck.pk


def test_without_the_scope_no_position_is_taken(make_key, device):
    key = make_key("partner:7", KeyScope.EVENTS_WRITE)
    answer = post(key, [{"device": "tracker-1", "at": iso(NOW), **SHANGHAI}])
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_vessel_is_named_by_imo_or_mmsi_and_found_in_the_list(dispatch_key):
    vessel = Conveyance.objects.create(kind=ConveyanceKind.VESSEL, name="货迹一号", imo="9074729", mmsi="413000001")
    here = {"at": iso(NOW), "lat": 30.626, "lon": 122.0667}
    items = [{"imo": "IMO 9074729"} | here, {"mmsi": "413000001"} | here | {"at": iso(NOW - timedelta(minutes=5))}]
    assert post(dispatch_key, items).json()["accepted"] == 2
    assert Terminal.objects.count() == 1
    found = get(dispatch_key, "", text="9074729", kind="vessel").json()["items"]
    assert [(row["id"], row["position"]["lat"]) for row in found] == [(vessel.pk, 30.626)]


# ---- F08: one datum inside, no double conversion ----------------------------------------------------------------------


@pytest.mark.req("F08")
@pytest.mark.parametrize(
    ("place", "shown_as"),
    [
        pytest.param((31.2304, 121.4737), Datum.GCJ02, id="Shanghai by a phone's map"),
        pytest.param((31.2304, 121.4737), Datum.BD09, id="Shanghai by Baidu's map"),
        pytest.param((31.2304, 121.4737), Datum.WGS84, id="Shanghai by a receiver"),
        pytest.param((1.264, 103.84), Datum.GCJ02, id="Singapore, where no map is shifted"),
        pytest.param((22.3, 114.17), Datum.GCJ02, id="Hong Kong, neither"),
    ],
)
def test_a_place_comes_back_as_wgs84_whatever_map_it_was_read_from_however_often(dispatch_key, truck, place, shown_as):
    for step in range(3):
        shown = datum.show(*place, datum=shown_as)
        told = {
            "plate": "沪A12345",
            "at": iso(NOW - timedelta(minutes=30 - 10 * step)),
            "lat": shown.lat,
            "lon": shown.lon,
        }
        assert results(post(dispatch_key, [told | {"datum": shown_as.value}])) == [("accepted", "")]
        answer = get(dispatch_key, f"/{truck.pk}/position").json()
        place = (answer["lat"], answer["lon"])
    row = LastPosition.objects.get()
    assert abs(row.lat - round(answer["lat"] * 1e6)) <= 1
    first = (31.2304, 121.4737) if answer["lat"] > 30 else (1.264, 103.84) if answer["lat"] < 10 else (22.3, 114.17)
    assert place == pytest.approx(first, abs=3e-6), "a third of a metre after three ways there and back"


# ---- what a position must say ----------------------------------------------------------------------------------------


@given(
    st.builds(
        Told, at=st.text(max_size=30) | st.just("2026-11-23T10:00:00Z"), lat=st.floats(-100, 100), lon=st.floats(),
        device=st.text(max_size=50), plate=st.text(max_size=20), speed_kmh=st.none() | st.floats(),
        course=st.none() | st.floats(), altitude_m=st.none() | st.floats(), mileage_km=st.none() | st.floats(),
        datum=st.sampled_from(Datum),
    )
)  # fmt: skip
def test_whatever_is_told_is_understood_or_refused_with_what_to_do(told):
    try:
        placed = position_told.check(told)
    except PositionError as refused:
        found = (refused.code, refused.detail)
    else:
        assert isinstance(placed, Placed)
        found = (abs(placed.point.lat_e6) <= 90_000_000, abs(placed.point.lon_e6) <= 180_000_000)
    assert all(found)


# ---- replay ----------------------------------------------------------------------------------------------------------


def drive(key: str, minutes: list[int]) -> None:
    items = [
        {"plate": "沪A12345", "at": iso(NOW - timedelta(minutes=each)), "lat": 31 + each / 200, "lon": 121, "speed_kmh": 60}
        for each in minutes
    ]  # fmt: skip
    assert post(key, items).json()["accepted"] == len(items)


def ask_track(key: str, truck: Conveyance, **changes):
    asked = {"from": iso(NOW - timedelta(hours=5)), "to": iso(NOW), "purpose": "客户投诉绕路 C-12"}
    return get(key, f"/{truck.pk}/track", **(asked | changes))


@pytest.mark.req("F01", part="a replayed track shows gaps as gaps and interpolates nothing")
def test_a_replay_shows_what_was_seen_and_gaps_where_nothing_was(dispatch_key, truck):
    drive(dispatch_key, [180, 179, 178, 90, 89, 88])
    track = ask_track(dispatch_key, truck).json()
    assert [len(piece) for piece in track["pieces"]] == [3, 3]
    gap = track["gaps"][0]
    assert (datetime.fromisoformat(gap["to"]) - datetime.fromisoformat(gap["from"])) == timedelta(minutes=88)
    row = AuditRow.objects.get(verb="track.replay")
    assert (row.target, row.cause) == (f"conveyance:{truck.pk}", "客户投诉绕路 C-12")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"purpose": "  "}, "purpose_needed", id="no purpose"),
        pytest.param({"from": iso(NOW - timedelta(days=8))}, "track_span_too_long", id="more than a week"),
        pytest.param({"to": iso(NOW - timedelta(days=1))}, "track_span_empty", id="ends before it begins"),
    ],
)
def test_a_replay_needs_a_purpose_and_has_bounds(dispatch_key, truck, changes, code):
    answer = ask_track(dispatch_key, truck, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not AuditRow.objects.filter(verb="track.replay").exists()


def test_who_sees_the_fleet_may_not_for_that_replay_it(make_staff, make_key, truck):
    manager = make_staff("dept_manager").principal
    key = make_key(manager, KeyScope.FLEET_READ)
    with pytest.raises(Problem, match="role_scope"):
        make_key(manager, KeyScope.TRACKS_READ)
    assert get(key, f"/{truck.pk}").status_code == 200
    assert ask_track(key, truck).status_code == 403


def test_a_track_follows_the_vehicle_when_its_terminal_moves_to_another(dispatch_key, truck):
    drive(dispatch_key, [180, 179, 178])
    terminal = Terminal.objects.get()
    fitting.take_off(SYSTEM, terminal_id=terminal.pk, until=NOW - timedelta(minutes=100), now=NOW)
    other = Conveyance.objects.create(kind=ConveyanceKind.VEHICLE, plate="沪B00001")
    fitting.fit(SYSTEM, terminal_id=terminal.pk, conveyance_id=other.pk, since=NOW - timedelta(minutes=100), now=NOW)
    Terminal.objects.filter(pk=terminal.pk).update(number="tracker-9")
    items = [{"device": "tracker-9", "at": iso(NOW - timedelta(minutes=50)), "lat": 30.0, "lon": 121.0}]
    assert post(dispatch_key, items).json()["accepted"] == 1
    assert [len(piece) for piece in ask_track(dispatch_key, truck).json()["pieces"]] == [3]
    assert [len(piece) for piece in ask_track(dispatch_key, other).json()["pieces"]] == [1]

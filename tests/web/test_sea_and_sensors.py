"""What a customer of ocean cargo reads, and how late each source's news comes: planned, expected and true, with the vessel; lag by source."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huoji.apps.fleet.actions import ais as gateway
from huoji.apps.fleet.actions import vessels
from huoji.apps.fleet.actions.conveyances import ConveyanceDraft, create_conveyance
from huoji.core.fleet import ConveyanceKind
from huoji.core.permission import KeyScope
from huoji.kit import ingest
from huoji.wire import ais
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)
BOX, BILL = "MSKU1234565", "HJBL20260001"
VOYAGE = {"kind": "voyage", "number": "HAIYUESTAR/005W"}


def when(hours):
    return (NOW + timedelta(hours=hours)).isoformat()


@pytest.mark.req("I03")
def test_milestones_of_a_container_and_a_bill_are_told_planned_expected_and_true_with_vessel_and_voyage(carrier):
    number = carrier.ship(
        line="ocean", references=[{"kind": "bill", "number": BILL}, {"kind": "container", "number": BOX}]
    )
    box = {"kind": "container", "number": BOX}
    told = carrier.post("/api/v1/events", [
        {"number": number, "occurred_at": when(-90), "milestone": "stuffed", "holder": box, "place": "CNSHA"},
        {"unit": box, "occurred_at": when(-80), "milestone": "gate_in", "place": "CNSHA"},
        {"unit": box, "occurred_at": when(-72), "milestone": "loaded", "holder": VOYAGE, "place": "CNSHA", "mode": "sea"},
        {"unit": VOYAGE, "occurred_at": when(-70), "milestone": "departed", "place": "CNSHA", "mode": "sea"},
        {"unit": VOYAGE, "occurred_at": when(100), "milestone": "arrived", "place": "SGSIN", "classifier": "PLN", "mode": "sea"},
        {"unit": VOYAGE, "occurred_at": when(110), "milestone": "arrived", "place": "SGSIN", "classifier": "EST", "mode": "sea"},
    ])  # fmt: skip
    assert told["accepted"] == 6
    for asked in (BILL, BOX):
        [answer] = (
            Client().get("/api/v1/track", {"numbers": asked}, headers={"Accept-Language": "en"}).json()["results"]
        )
        assert answer["found"]
        entries = json.dumps(answer["events"])
        assert {each["classifier"] for each in answer["events"]} >= {"EST", "ACT"}
        assert "HAIYUESTAR/005W" in json.dumps(answer)
        assert "loaded" in entries
        page = Client().get(f"/track/{asked}", headers={"Accept-Language": "en"}, follow=True).content.decode()
        for text in ("Loaded", "HAIYUESTAR/005W", "Estimated"):
            assert text in page, text


@pytest.mark.req("I04")
def test_the_health_page_reports_how_late_each_source_is_events_positions_ais_and_sensors(
    carrier, make_staff, make_key, client_of, django_capture_on_commit_callbacks
):
    now = datetime.now(UTC)  # a lag is measured to the moment at which this test runs, not at which its file was read
    number = carrier.ship()
    with django_capture_on_commit_callbacks(execute=True):
        carrier.report(number, "picked_up", hours_ago=1)
    key = make_key(make_staff("dispatch").principal, KeyScope.READINGS_WRITE, source="late-boxes")
    reading = [{"device": "BOX-1", "metric": "temperature", "value": 4, "at": (now - timedelta(hours=1.9)).isoformat()}]
    Client().post(
        "/api/v1/readings",
        json.dumps(reading),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    create_conveyance(SYSTEM, ConveyanceDraft(kind=ConveyanceKind.VESSEL, name="海岳远星", mmsi="413001234"))
    place = ais.Position(
        mmsi="413001234", station=ais.Station.CLASS_A, type=1, lat_e6=30_000_000, lon_e6=122_000_000, nav=0
    )
    heard = gateway.Heard(place, now.timestamp() - 240)
    vessels.muster(now=now)
    with django_capture_on_commit_callbacks(execute=True):
        gateway.take([heard], source="ais-late", keep_all=False, history=False, now=datetime.now(UTC))
    ingest.flush()
    found = {each.name: each for each in ingest.sources(now=datetime.now(UTC))}
    assert found["late-boxes"].lag_p95_s == 7_200
    assert found["ais-late"].lag_p95_s == 300
    assert found["erp"].lag_p95_s >= 3_600
    page = client_of("it_admin").get("/app/health").content.decode()
    for name in ("late-boxes", "ais-late", "erp"):
        assert name in page

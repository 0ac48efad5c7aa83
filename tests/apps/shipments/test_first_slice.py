"""The first slice: a shipment and its events go in over the API and come out on every door."""

import json

import pytest

from huoji.apps.customers import actions as customers
from huoji.core.customer import CustomerKind
from huoji.core.permission import KeyScope
from tests.people import SYSTEM, WRITER

pytestmark = pytest.mark.django_db(transaction=True)


def post(client, path, body, key):
    return client.post(
        path, json.dumps(body), content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )


def test_a_shipment_and_its_scans_are_answered_to_anyone_who_knows_the_number(client, staff_key):
    made = post(client, "/api/v1/shipments", [{"line": "express", "origin": "上海", "destination": "成都"}], staff_key)
    assert made.status_code == 200, made.content
    number = made.json()["items"][0]["number"]
    assert number.startswith("HJ")

    events = [
        {"number": number, "occurred_at": "2026-11-22T09:00:00+08:00", "milestone": "picked_up", "place": "上海", "id": "a"},
        {"number": number, "occurred_at": "2026-11-22T20:00:00+08:00", "milestone": "departed", "place": "上海",
         "next_place": "武汉分拨中心", "id": "b"},
        {"number": number, "occurred_at": "x", "milestone": "departed"},
        {"number": "HJ404", "occurred_at": "2026-11-22", "milestone": "departed"},
    ]  # fmt: skip
    told = post(client, "/api/v1/events", events, staff_key).json()
    assert [item["result"] for item in told["items"]] == ["accepted", "accepted", "rejected", "parked"]
    assert told["items"][2]["code"] == "invalid_time"

    again = post(client, "/api/v1/events", events[:2], staff_key).json()
    assert again["duplicate"] == 2

    answer = client.get("/api/v1/track", {"numbers": f"我的货 {number} 在哪"}).json()["results"][0]
    assert answer["status"] == "in_transit"
    assert [event["milestone"] for event in answer["events"]][:2] == ["departed", "picked_up"]
    assert answer["parties"] == []


def test_what_a_key_tells_is_nobodys_typing_and_the_customer_reads_whose_system_it_was(
    client, make_staff, make_key, staff_key
):
    post(client, "/api/v1/shipments", [{"line": "road", "number": "KEYS0001"}], staff_key)
    said = {"number": "KEYS0001", "occurred_at": "2026-11-22T09:00:00+08:00", "milestone": "picked_up", "id": "1"}
    ours = make_key(make_staff("cs_chief_clerk").principal, KeyScope.EVENTS_WRITE)
    assert post(client, "/api/v1/events", [said], ours).json()["accepted"] == 1
    page = client.get("/track/KEYS0001").text
    assert ("承运商系统" in page, "人工录入" in page) == (True, False)
    partner = customers.create_customer(SYSTEM, code="P1", name="顺达物流", kind=CustomerKind.PARTNER)
    theirs = make_key(f"partner:{partner}", *WRITER)
    post(client, "/api/v1/shipments", [{"line": "road", "number": "KEYS0002"}], theirs)
    told = post(client, "/api/v1/events", [said | {"number": "KEYS0002"}], theirs).json()
    assert told["accepted"] == 1, "an id of one sender is not another's"
    assert "partner&#x27;s system" in client.get("/track/KEYS0002?lang=en").text
    assert "顺达物流" not in client.get("/track/KEYS0002").text


def test_an_event_that_came_before_its_shipment_is_joined_when_it_appears(client, staff_key):
    event = {"number": "EARLY1", "occurred_at": "2026-11-22T09:00:00+08:00", "milestone": "picked_up"}
    assert post(client, "/api/v1/events", [event], staff_key).json()["parked"] == 1
    assert client.get("/api/v1/track?numbers=EARLY1").json()["results"][0]["found"] is False
    post(client, "/api/v1/shipments", [{"line": "road", "number": "EARLY1"}], staff_key)
    assert client.get("/api/v1/track?numbers=EARLY1").json()["results"][0]["status"] == "picked_up"


def test_the_story_of_a_vessel_is_told_to_the_cargo_aboard_and_to_no_other(client, staff_key):
    post(
        client,
        "/api/v1/shipments",
        [{"line": "ocean", "number": "OCEAN1001"}, {"line": "ocean", "number": "OCEAN1002"}],
        staff_key,
    )
    voyage = {"kind": "voyage", "number": "IMO9074729/025W"}
    told = post(client, "/api/v1/events", [
        {"number": "OCEAN1001", "occurred_at": "2026-11-01T00:00:00Z", "milestone": "loaded", "holder": voyage, "place": "CNSHA"},
        {"unit": voyage, "occurred_at": "2026-11-02T00:00:00Z", "milestone": "departed", "place": "CNSHA"},
        {"number": "OCEAN1001", "occurred_at": "2026-11-20T00:00:00Z", "milestone": "unloaded", "holder": voyage, "place": "NLRTM"},
        {"unit": voyage, "occurred_at": "2026-11-21T00:00:00Z", "milestone": "departed", "place": "NLRTM"},
    ], staff_key).json()  # fmt: skip
    assert told["accepted"] == 4
    results = client.get("/api/v1/track?numbers=OCEAN1001,OCEAN1002").json()["results"]
    assert [(e["milestone"], e["place"], e["via"]) for e in results[0]["events"]][:3] == [
        ("unloaded", "NLRTM", ""), ("departed", "CNSHA", "IMO9074729/025W"), ("loaded", "CNSHA", ""),
    ]  # fmt: skip
    assert len(results[0]["events"]) == 3
    assert results[1]["events"] == []


def test_what_is_told_of_a_booking_is_told_to_each_of_its_waybills(client, staff_key):
    booking = {"kind": "booking", "number": "BKG7788001"}
    post(client, "/api/v1/shipments", [
        {"line": "ocean", "number": f"OCEAN200{n}", "references": [booking]} for n in range(3)
    ], staff_key)  # fmt: skip
    event = {"unit": booking, "occurred_at": "2026-11-01T00:00:00Z", "milestone": "customs_cleared", "id": "c1"}
    assert post(client, "/api/v1/events", [event], staff_key).json()["accepted"] == 1
    assert post(client, "/api/v1/events", [event], staff_key).json()["duplicate"] == 1
    results = client.get("/api/v1/track?numbers=OCEAN2000 OCEAN2001 OCEAN2002").json()["results"]
    assert [result["status"] for result in results] == ["customs"] * 3


def test_a_call_repeated_with_its_key_makes_no_second_shipment(client, staff_key):
    headers = {"Authorization": f"Bearer {staff_key}", "Idempotency-Key": "order-20261123-1"}
    body = json.dumps([{"line": "road"}])
    calls = [client.post("/api/v1/shipments", body, content_type="application/json", headers=headers) for _ in range(2)]
    assert calls[0].json() == calls[1].json()
    other = client.post("/api/v1/shipments", body + " ", content_type="application/json", headers=headers)
    assert other.json()["code"] == "idempotency_key_reused"

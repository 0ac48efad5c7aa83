"""Whatever a system sends to the API: a clear refusal or a flagged record, and the good items of the call are kept."""

import json

import pytest
from django.test import Client

from huoji.apps.shipments.actions import parking
from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.apps.shipments.models import Event, Unit
from huoji.core.permission import KeyScope
from huoji.core.story import FACTS_MAX
from tests.anomaly.invariant import EVENTS, SHIPMENTS, send, stored, stories_equal_events

pytestmark = pytest.mark.django_db(transaction=True)
AT = "2026-11-20T09:00:00+08:00"
GOOD = {"number": "GOOD1", "occurred_at": AT, "milestone": "picked_up", "id": "good"}
BAG_A, BAG_B = {"kind": "bag", "number": "A"}, {"kind": "bag", "number": "B"}
VOYAGE = {"kind": "voyage", "number": "EMPTY/1"}


@pytest.fixture
def key(staff_key) -> str:
    PUBLIC_QUERIES.forget()
    made = send(staff_key, SHIPMENTS, [{"line": "express", "number": number} for number in ("GOOD1", "ODD1")])
    assert made.json()["accepted"] == 2
    return staff_key


def event(milestone: str, **more) -> dict:
    """Describe an event of ODD1 unless it names another unit."""
    named = {} if "unit" in more else {"number": "ODD1"}
    return {**named, "occurred_at": AT, "milestone": milestone, **more}


def results(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["result"] for item in answer.json()["items"]]


def read(number: str) -> dict:
    PUBLIC_QUERIES.forget()
    return Client().get("/api/v1/track", {"numbers": number}).json()["results"][0]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b'[{"number":"GOOD1","occurred_at":"2026-11-20T09:0', "application/json", 400, "malformed_body"),
        (b"[" + b" " * 20_000_000 + b"]", "application/json", 413, "body_too_large"),
        (json.dumps([GOOD] * 5_001).encode(), "application/json", 413, "too_many_items"),
        (b"[" * 200_000, "application/json", 400, "malformed_body"),
        (b'[{"number":' + b"[" * 100_000 + b"]" * 100_000 + b"}]", "application/json", 400, "malformed_body"),
        (b"number=GOOD1&milestone=arrived", "application/x-www-form-urlencoded", 400, "malformed_body"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x", 400, "malformed_body"),
        (json.dumps([GOOD]).encode("utf-16"), "application/json; charset=utf-16", 400, "malformed_body"),
        (b"", "application/json", 400, "malformed_body"),
        (b"[]", "application/json", 422, "empty_body"),
    ],
    ids=("truncated", "20 MB", "5001 items", "deep", "deep item", "form", "multipart", "UTF-16", "nothing", "no item"),
)  # fmt: skip
@pytest.mark.parametrize("path", [EVENTS, SHIPMENTS])
def test_a_body_that_is_no_list_of_items_is_refused_whole_by_a_stable_code(key, path, body, kind, status, code):
    answer = send(key, path, body, kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    "place",
    [b'"\\ud800"', b'"\xff\xfe"', b'"a\x01b"', b'"\\x41"'],
    ids=["half a character", "no UTF-8", "a control character", "an escape that there is not"],
)
def test_a_string_that_cannot_be_read_spoils_its_item_alone(key, place):
    bad = json.dumps(event("arrived", place="PLACE")).encode().replace(b'"PLACE"', place)
    after = json.dumps({**GOOD, "id": "after", "milestone": "sorted"}).encode()
    answer = send(key, EVENTS, b"[%s, %s, %s]" % (json.dumps(GOOD).encode(), bad, after))
    assert results(answer) == ["accepted", "rejected", "accepted"]
    assert answer.json()["items"][1]["code"] == "invalid_item"
    assert Event.objects.count() == 2


def test_one_source_cannot_take_the_room_in_which_events_of_all_wait(key, make_key, make_staff, monkeypatch):
    monkeypatch.setattr(parking, "PARKED_SOURCE_MAX", 3)
    unknown = [{**GOOD, "number": f"UNKNOWN{n}", "id": str(n)} for n in range(4)]
    assert results(send(key, EVENTS, unknown[:3])) == ["parked"] * 3
    refused = send(key, EVENTS, unknown[3:])
    assert (refused.status_code, refused.json()["code"]) == (507, "parking_full")
    other = make_key(make_staff("cs_chief_clerk").principal, KeyScope.EVENTS_WRITE, source="another")
    assert results(send(other, EVENTS, unknown[3:])) == ["parked"]


NUL = "a\x00b"
BAD_EVENTS = {
    "no object": [1],
    "null": None,
    "wrong type": event("arrived", place=5),
    "unknown field": event("arrived", colour="red"),
    "huge number": event("arrived", id=10**400),
    "10 KB place": event("arrived", place="上" * 3_400),
    "year 0001": event("arrived", occurred_at="0001-01-01"),
    "year 9999": event("arrived", occurred_at="9999-12-31T23:59:59Z"),
    "offset 19 h": event("arrived", occurred_at="2026-11-20T09:00:00+19:00"),
    "offset 99:99": event("arrived", occurred_at="2026-11-20T09:00:00-99:99"),
    "30 February": event("arrived", occurred_at="2026-02-30"),
    "epoch": event("arrived", occurred_at="1763600000"),
    "NUL in the number": event("arrived", number=NUL),
    "NUL in a code": event("arrived", code=NUL),
    "NUL in the provider": event("arrived", provider=NUL),
    "NUL in the piece": event("arrived", piece=NUL),
    "NUL in the signature": event("delivered", signed_by=NUL),
    "NUL in an EPC": event("arrived", unit={"kind": "epc", "number": NUL}),
    "NUL in a trip": event("arrived", unit={"kind": "trip", "number": NUL}),
    "NUL in a holder": event("loaded", holder={"kind": "epc", "number": NUL}),
    "NUL in a retraction": event("info", retracts=NUL),
    "no hash": event("delivered", blobs=["../../etc/passwd"]),
    "a long hash": event("delivered", blobs=["a" * 100_000]),
    "a piece of a voyage": event("arrived", unit=VOYAGE, piece="1"),
    "loaded into a waybill": event("loaded", holder={"kind": "waybill", "number": "GOOD1"}),
}


@pytest.mark.parametrize("bad", BAD_EVENTS.values(), ids=BAD_EVENTS.keys())
def test_one_bad_event_spoils_no_other_of_its_call(key, bad):
    answer = send(key, EVENTS, [GOOD, bad, {**GOOD, "id": "after", "milestone": "sorted"}])
    assert results(answer) == ["accepted", "rejected", "accepted"]
    refused = answer.json()["items"][1]
    assert refused["code"]
    assert refused["detail"]
    assert Event.objects.count() == 2


BAD_SHIPMENTS = {
    "NUL in the customer": {"customer": NUL},
    "NUL in the number": {"number": NUL},
    "NUL in a reference": {"references": [{"kind": "order", "number": NUL}]},
    "NUL in a vehicle": {"legs": [{"vehicle": {"kind": "trip", "number": NUL}}]},
    "NUL in a link": {"links": [{"relation": "return_of", "number": NUL}]},
    "NUL in a name": {"parties": [{"role": "shipper", "name": NUL}]},
    "a customer of 100 KB": {"customer": "c" * 100_000},
    "5000 links": {"links": [{"relation": "return_of", "number": f"N{index}"} for index in range(5_000)]},
    "offset 23 h": {"placed_at": "2026-11-20T09:00:00-23:00"},
    "no number": {"weight_kg": "NaN"},
    "endless weight": {"weight_kg": "1e400"},
    "pieces beyond count": {"pieces": 10**30},
    "two shippers": {"parties": [{"role": "shipper"}, {"role": "shipper"}]},
}


@pytest.mark.parametrize("bad", BAD_SHIPMENTS.values(), ids=BAD_SHIPMENTS.keys())
def test_one_bad_shipment_spoils_no_other_of_its_call(key, bad):
    answer = send(key, SHIPMENTS, [{"line": "road", "number": "N1"}, {"line": "road", **bad}, {"line": "road"}])
    assert results(answer) == ["accepted", "rejected", "accepted"]
    assert Unit.objects.filter(kind="waybill").count() == 4


def test_gbk_and_half_sequences_spoil_their_item_alone(key):
    bad = json.dumps(event("arrived", place="上海分拨中心"), ensure_ascii=False).encode("gbk")
    good = json.dumps(GOOD).encode()
    assert results(send(key, EVENTS, b"[" + good + b"," + bad + b"]")) == ["accepted", "rejected"]
    assert results(send(key, EVENTS, b'[{"number":"\xed\xa0\x80"}]')) == ["rejected"]


def test_a_broken_line_of_ndjson_is_told_by_its_place(key):
    lines = [json.dumps(GOOD), '{"number": "OD', "", json.dumps(event("arrived"))]
    answer = send(key, EVENTS, "\n".join(lines).encode(), kind="application/x-ndjson")
    assert results(answer) == ["accepted", "rejected", "accepted"]


def test_duplicates_inside_one_call_and_another_order_change_nothing(key):
    items = [event("arrived", id=f"d{index}", place=f"P{index}") for index in range(4)]
    assert results(send(key, EVENTS, [*items, *items])) == ["accepted"] * 4 + ["duplicate"] * 4
    assert results(send(key, EVENTS, items[::-1])) == ["duplicate"] * 4
    assert results(send(key, EVENTS, [GOOD, {**GOOD, "milestone": "sorted"}])) == ["accepted", "rejected"]
    assert set(stored([f"d{index}" for index in range(4)]).values()) == {1}


@pytest.mark.parametrize("number", ["ODD\u200b1", "\u202eODD1", "ＯＤＤ１", " o-d-d_1 ", "odd1\n"])
def test_a_number_is_the_same_with_invisible_wide_or_turned_characters(key, number):
    assert results(send(key, EVENTS, [event("arrived", number=number)])) == ["accepted"]
    assert read(number)["status"] == "in_transit"


@pytest.mark.parametrize(
    ("when", "flag"),
    [
        ("1986-11-20T09:00:00+08:00", "ancient"),
        ("2066-11-20T09:00:00+08:00", "future"),
        ("0002-01-02T00:00:00+18:00", "ancient"),
        ("9998-12-30T23:59:59-18:00", "future"),
    ],
)
def test_a_clock_that_is_wrong_by_years_is_kept_flagged_and_decides_nothing_alone(key, when, flag):
    send(key, EVENTS, [event("departed", id="now"), event("delivered", id="odd", occurred_at=when)])
    told = Client().get("/api/v1/shipments/ODD1", headers={"Authorization": f"Bearer {key}"}).json()
    [odd] = [each for each in told["events"] if each["milestone"] == "delivered"]
    assert flag in odd["flags"]
    if flag == "ancient":
        assert told["status"] == "in_transit"
    assert Client().get("/track/ODD1").status_code == 200


def test_offsets_at_the_ends_and_bare_days_are_the_instants_they_name(key):
    send(key, EVENTS, [
        event("departed", id="east", occurred_at="2026-11-20T18:00:00+18:00"),
        event("arrived", id="west", occurred_at="2026-11-19T06:00:00-18:00"),
        event("sorted", id="day", occurred_at="2026-11-20"),
    ])  # fmt: skip
    moments = dict(Event.objects.values_list("source_event_id", "occurred_at"))
    assert moments["east"] == moments["west"]
    assert {each["occurred"]["precision"] for each in read("ODD1")["events"]} == {"second", "day"}


def test_a_circle_of_bags_and_a_bag_in_itself_end_no_answer(key):
    items = [
        event("loaded", unit=BAG_A, holder=BAG_B), event("loaded", unit=BAG_B, holder=BAG_A),
        event("loaded", unit={"kind": "bag", "number": "S"}, holder={"kind": "bag", "number": "S"}),
        event("loaded", holder=BAG_A),
        event("arrived", unit=BAG_B, occurred_at="2026-11-20T10:00:00+08:00", place="武汉"),
        event("arrived", unit=BAG_A, occurred_at="2026-11-20T11:00:00+08:00", place="成都"),
    ]  # fmt: skip
    assert results(send(key, EVENTS, items)) == ["accepted", "accepted", "rejected", *["accepted"] * 3]
    assert [each["place"] for each in read("ODD1")["events"]][:2] == ["成都", "武汉"]
    stories_equal_events()


def test_an_unload_without_a_load_a_vessel_without_events_and_pieces_beyond_the_count_are_shown_as_told(key):
    send(key, EVENTS, [event("unloaded", holder=VOYAGE)])
    assert [each["milestone"] for each in read("ODD1")["events"]] == ["unloaded"]
    send(key, SHIPMENTS, [{"line": "express", "number": "FEW1", "pieces": 2}])
    send(key, EVENTS, [event("delivered", number="FEW1", piece=piece) for piece in ("1", "2", "3", "4/5")])
    assert read("FEW1")["pieces"] == {"total": 4, "delivered": 4}
    stories_equal_events()


def test_a_piece_told_by_a_reference_is_the_same_piece_and_never_another_shipments(key):
    """The order number of one shipment reads like the waybill number of another."""
    send(key, SHIPMENTS, [
        {"line": "express", "number": "PARCEL1", "pieces": 2, "references": [{"kind": "order", "number": "GOOD1"}]},
    ])  # fmt: skip
    send(key, EVENTS, [{**GOOD, "piece": "1"}])
    by_order = {"unit": {"kind": "order", "number": "GOOD1"}, "occurred_at": AT, "milestone": "delivered"}
    send(key, EVENTS, [by_order | {"piece": "1"}, by_order | {"piece": "2"}])
    send(key, EVENTS, [event("delivered", number="PARCEL1", piece="1", id="again")])
    assert read("PARCEL1")["pieces"] == {"total": 2, "delivered": 2}
    assert read("GOOD1")["status"] == "picked_up"
    assert Unit.objects.filter(kind="piece").count() == 3
    stories_equal_events()


def test_corrections_of_nothing_of_corrections_and_before_their_target_stand_as_they_name(key):
    assert results(send(key, EVENTS, [event("info", retracts="never", id="r0")])) == ["accepted"]
    send(key, EVENTS, [event("info", retracts="late", id="r1"), event("delivered", id="late")])
    assert read("ODD1")["status"] == "created"  # the retraction came first
    send(key, EVENTS, [event("picked_up", id="p"), event("info", retracts="p", id="r2")])
    assert [each["milestone"] for each in read("ODD1")["events"]] == []
    stories_equal_events()


def test_the_same_id_with_other_content_conflicts_unless_the_source_revises(key, make_key, make_staff):
    changed = {**GOOD, "place": "武汉"}
    assert send(key, EVENTS, [GOOD, changed]).json()["items"][1]["code"] == "id_conflict"
    from huoji.apps.shipments.actions import sourcing

    sourcing.ensure("scanner9", revising=True)
    revising = make_key(make_staff("cs_chief_clerk").principal, KeyScope.EVENTS_WRITE, source="scanner9")
    assert results(send(revising, EVENTS, [GOOD, changed])) == ["accepted", "revision"]
    assert "武汉" in {each["place"] for each in read("GOOD1")["events"]}
    stories_equal_events()


def test_a_unit_that_is_full_says_so_and_keeps_what_it_has(key):
    items = [event("arrived", id=f"f{index}", place=f"P{index % 7}") for index in range(FACTS_MAX + 1)]
    told = send(key, EVENTS, items).json()
    assert (told["accepted"], told["rejected"]) == (FACTS_MAX, 1)
    assert told["items"][-1]["code"] == "too_many_events"
    assert send(key, EVENTS, items).json()["duplicate"] == FACTS_MAX
    assert len(read("ODD1")["events"]) == FACTS_MAX
    assert Client().get("/track/ODD1").status_code == 200
    assert stories_equal_events() == 2


def test_a_full_unit_can_still_be_corrected(key):
    items = [event("arrived", id=f"f{index}", place=f"P{index % 7}") for index in range(FACTS_MAX)]
    send(key, EVENTS, items)
    assert results(send(key, EVENTS, [event("info", retracts="f0", id="r")])) == ["accepted"]
    assert len(read("ODD1")["events"]) == FACTS_MAX - 1

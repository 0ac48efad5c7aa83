"""EPCIS through its door: custody, corrections, whole documents, and who may see an EPC."""

import itertools
import json

import pytest

from huoji.core.permission import KeyScope
from tests.apps.shipments.foreign import (
    HERE,
    ITEM,
    OTHER,
    SSCC,
    SSCC_NUMBER,
    Caller,
    declared_wrong,
    document,
    packed,
    seen,
)

pytestmark = pytest.mark.django_db(transaction=True)
PARENT = f"https://id.gs1.org/00/{SSCC_NUMBER}"
ALL = (KeyScope.SHIPMENTS_READ, KeyScope.SHIPMENTS_WRITE, KeyScope.EVENTS_WRITE)


@pytest.fixture
def staff(client, staff_key) -> Caller:
    return Caller(client, staff_key)


@pytest.fixture
def partner(client, make_key):
    def make(number: int = 7, **more) -> Caller:
        return Caller(client, make_key(f"partner:{number}", *ALL, **more))

    return make


def job(caller, answer):
    assert answer.status_code == 202, answer.content
    return caller.read(answer["Location"].removeprefix("/api/v1/")).json()


def test_what_a_packed_item_lives_through_is_told_by_what_holds_it(staff):
    told = document(
        packed("a", 1, "ADD", SSCC, ITEM, OTHER),
        seen("b", 2, "shipping", SSCC),
        packed("c", 3, "DELETE", SSCC, ITEM, step="unpacking"),
        seen("d", 4, "receiving", SSCC),
    )
    assert job(staff, staff.send("epcis/capture", told))["success"]
    assert staff.of_epc(ITEM) == [
        ("unloaded", ""), ("sorted", ""), ("departed", PARENT), ("loaded", ""), ("sorted", PARENT),
    ]  # fmt: skip
    assert [milestone for milestone, _ in staff.of_epc(OTHER)] == [
        "arrived",
        "sorted",
        "departed",
        "loaded",
        "sorted",
    ]  # still inside while its sister was taken out


def test_a_parent_emptied_without_naming_its_content_holds_nothing_any_more(staff):
    staff.send("epcis/capture", document(packed("a", 1, "ADD", SSCC, ITEM, OTHER)))
    staff.send("epcis/capture", document(packed("b", 2, "DELETE", SSCC), seen("c", 3, "shipping", SSCC)))
    for epc in (ITEM, OTHER):
        assert "departed" not in dict(staff.of_epc(epc)), epc


def test_the_same_item_by_urn_and_by_digital_link_is_one(staff):
    link = "https://example.com/some/path/01/10614141073464/21/2017?linkType=all"
    staff.send("epcis/capture", document(seen("a", 1, "shipping", ITEM), seen("b", 2, "receiving", link)))
    assert staff.of_epc(ITEM) == staff.of_epc(link) == [("arrived", ""), ("departed", "")]


def test_the_place_the_offset_and_the_document_itself_are_kept(staff):
    event = seen("a", 1, "inspecting", ITEM, **{"example:colour": "red"}, disposition="conformant")
    staff.send("epcis/capture", document(event))
    found = staff.epc(ITEM)
    assert found["events"][0]["milestone"] == "info"
    assert found["events"][0]["place"] == HERE
    assert found["events"][0]["occurred"] == {"at": "2026-11-20T09:00:00+08:00", "precision": "second"}
    assert found["documents"] == [event]


def test_an_event_declared_wrong_does_not_count_whatever_came_first(staff):
    wrong = packed("a", 1, "ADD", SSCC, ITEM)
    events = [wrong, declared_wrong(wrong), seen("b", 2, "shipping", SSCC), seen("c", 3, "arriving", ITEM)]
    for index, order in enumerate(itertools.permutations(events)):
        named = f"{ITEM}{index}", f"{SSCC[:-3]}{index:03}"
        for event in order:
            text = json.dumps(document(event)).replace(ITEM, named[0]).replace(SSCC, named[1])
            answer = staff.send("epcis/capture", text.replace("urn:uuid:", f"urn:uuid:{index}-"))
            assert answer.status_code == 202, answer.content
        assert staff.of_epc(named[0]) == [("arrived", "")], order
        assert staff.of_epc(named[1]) == [("departed", "")], order


def test_all_orders_of_a_history_tell_the_same(staff):
    events = [
        packed("a", 1, "ADD", SSCC, ITEM),
        seen("b", 2, "departing", SSCC),
        packed("c", 3, "DELETE", SSCC, ITEM, step="unloading"),
        seen("d", 4, "departing", SSCC),
    ]
    found = set()
    for index, order in enumerate(itertools.permutations(events)):
        named = f"{ITEM}{index}", f"{SSCC[:-3]}{index:03}"
        for event in (*order, order[0]):
            text = json.dumps(document(event)).replace(ITEM, named[0]).replace(SSCC, named[1])
            staff.send("epcis/capture", text.replace("urn:uuid:", f"urn:uuid:{index}-"))
        found.add(tuple(milestone for milestone, _ in staff.of_epc(named[0])))
    assert found == {("unloaded", "departed", "loaded", "sorted")}


def test_a_document_is_whole_or_refused_unless_its_sender_asks_to_proceed(staff):
    staff.send("epcis/capture", document(seen("a", 1, "shipping", ITEM)))
    clash = document(seen("b", 2, "arriving", OTHER), seen("a", 3, "receiving", ITEM))
    refused = staff.send("epcis/capture", clash)
    assert refused.status_code == 400
    assert [(e["path"], e["code"]) for e in refused.json()["errors"]] == [("$.epcisBody.eventList[1]", "id_conflict")]
    assert staff.read("epcis/epcs", epc=OTHER).status_code == 404
    found = staff.read(f"capture/{refused.json()['capture']}").json()
    assert (found["success"], found["running"], found["captureErrorBehaviour"]) == (False, False, "rollback")

    kept = job(staff, staff.send("epcis/capture", clash, **{"GS1-Capture-Error-Behaviour": "proceed"}))
    assert not kept["success"]
    assert [error["path"] for error in kept["errors"]] == ["$.epcisBody.eventList[1]"]
    assert kept["counts"]["accepted"] == 1
    assert staff.of_epc(OTHER) == [("arrived", "")]


def test_an_unknown_error_behaviour_is_refused(staff):
    answer = staff.send("epcis/capture", document(), **{"GS1-Capture-Error-Behaviour": "maybe"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_header")


def test_each_partner_sees_its_own_telling_of_an_epc_staff_all_and_the_public_none(client, staff, partner):
    one, other = partner(7), partner(8)
    for caller, step in ((one, "shipping"), (other, "receiving"), (staff, "storing")):
        assert caller.send("epcis/capture", document(seen(step, 1, step, ITEM))).status_code == 202
    assert one.of_epc(ITEM) == [("departed", "")]
    assert other.of_epc(ITEM) == [("arrived", "")]
    owners = [unit["owner"] for unit in staff.read("epcis/epcs", epc=ITEM).json()["units"]]
    assert owners[:2] == ["partner:7", "partner:8"]
    assert len(owners) == 3
    one.send("epcis/capture", document(seen("x", 2, "shipping", OTHER)))
    assert other.read("epcis/epcs", epc=OTHER).status_code == 404
    assert client.get("/api/v1/epcis/epcs", {"epc": ITEM}).status_code == 401
    for text in (ITEM, PARENT):
        found = client.get("/api/v1/track", {"numbers": text}).json()["results"]
        assert not any(result["found"] for result in found)


def test_a_capture_is_known_only_to_its_sender_and_to_staff(staff, partner):
    answer = partner(7).send("epcis/capture", document(seen("a", 1, "shipping", ITEM)))
    path = answer["Location"].removeprefix("/api/v1/")
    assert partner(7).read(path).status_code == 200
    assert staff.read(path).status_code == 200
    assert partner(8).read(path).status_code == 404


@pytest.mark.req("A01", part="a partner's key writes only the milestones granted to it")
def test_a_partner_writes_only_the_milestones_granted_to_it(partner):
    limited = partner(7, milestones=["departed"])
    assert limited.send("epcis/capture", document(seen("a", 1, "shipping", ITEM))).status_code == 202
    refused = limited.send("epcis/capture", document(seen("b", 2, "receiving", ITEM)))
    assert [error["code"] for error in refused.json()["errors"]] == ["milestone_not_granted"]
    answer = limited.send("events", [{"number": "X1", "occurred_at": "2026-11-20", "milestone": "delivered"}]).json()
    assert answer["items"][0]["code"] == "milestone_not_granted"
    assert limited.of_epc(ITEM) == [("departed", "")]


def test_a_partner_cannot_write_to_a_voyage_that_carries_the_cargo_of_others(staff, partner):
    voyage = {"kind": "voyage", "number": "IMO9321483/025W"}
    intruder = partner(8)
    leg = {"mode": "sea", "vehicle": voyage}
    intruder.ship("MINE1", legs=[leg])  # names the voyage before anybody else
    staff.ship("THEIRS1")
    loaded = {"number": "THEIRS1", "occurred_at": "2026-11-01T00:00:00Z", "milestone": "loaded", "holder": voyage}
    staff.send("events", [loaded])
    false = {"unit": voyage, "occurred_at": "2026-11-02T00:00:00Z", "milestone": "exception", "reason": "lost"}
    assert intruder.send("events", [false]).json()["accepted"] == 1  # on a voyage of its own
    assert staff.milestones("THEIRS1") == ["loaded"]
    assert staff.send("events", [false]).json()["accepted"] == 1
    assert staff.milestones("THEIRS1") == ["exception", "loaded"]


def test_a_waybill_that_carries_the_sscc_as_a_reference_tells_its_story(staff, partner):
    staff.ship("PALLET1", ("customer", SSCC_NUMBER))
    told = document(seen("a", 1, "shipping", SSCC), seen("b", 2, "receiving", SSCC))
    staff.send("epcis/capture", told)
    assert staff.milestones("PALLET1") == ["arrived", "departed"]
    partner(8).send("epcis/capture", document(seen("c", 3, "destroying", SSCC)))
    assert staff.milestones("PALLET1") == ["arrived", "departed"]


def test_an_event_about_classes_or_measurements_alone_is_kept_and_shown(staff):
    lot = "urn:epc:class:lgtin:4012345.012345.998877"
    amount = seen("a", 1, "receiving") | {"quantityList": [{"epcClass": lot, "quantity": 200, "uom": "KGM"}]}
    sensor = "urn:epc:id:giai:4000001.111"
    measured = seen("b", 2, "sensor_reporting") | {
        "sensorElementList": [
            {
                "sensorMetadata": {"time": "2026-11-20T02:00:00Z", "deviceID": sensor},
                "sensorReport": [{"type": "Temperature", "value": 26.0, "uom": "CEL"}],
            }
        ]
    }
    for event in (amount, measured):
        del event["epcList"]
    assert job(staff, staff.send("epcis/capture", document(amount, measured)))["success"]
    assert staff.epc(lot)["documents"] == [amount]
    assert staff.epc(sensor)["documents"] == [measured]


def test_two_senders_at_once_of_the_same_things_in_opposite_order_are_both_taken(staff):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection
    from django.test import Client

    epcs = [f"{ITEM}{index:04}" for index in range(600)]

    def send(turn):
        caller = Caller(Client(), staff.key)
        order = epcs if turn % 2 else epcs[::-1]
        events = [seen(f"{turn}-{part}", 1 + turn, "storing", *order[part::3]) for part in range(3)]
        try:
            return caller.send("epcis/capture", document(*events)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(6))) == [202] * 6
    assert len(staff.of_epc(epcs[0])) == len(staff.of_epc(epcs[-1])) == 6

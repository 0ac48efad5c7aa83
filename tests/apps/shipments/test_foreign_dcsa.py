"""DCSA Track & Trace through its door: voyages, revisions, retractions, and numbers nobody knows yet."""

import itertools
import json

import pytest

from tests.apps.shipments.foreign import Caller, box, retracted, vessel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(client, staff_key) -> Caller:
    return Caller(client, staff_key)


def test_the_vessel_tells_the_cargo_aboard_and_is_named(staff):
    staff.ship("SEA1", ("container", "APZU4812090"))
    events = [
        box(1, "GTIN"),
        box(2, "LOAD"),
        vessel(3, "DEPA"),
        vessel(20, "ARRI", at="NLRTM", classifier="EST"),
    ]
    answer = staff.send("dcsa/events", {"events": events}).json()
    assert answer["accepted"] == 4, answer
    assert staff.milestones("SEA1") == ["departed", "loaded", "gate_in"]
    told = staff.read("shipments/SEA1").json()
    assert told["vehicle"] == "King of the Seas 025W"
    assert [(e["milestone"], e["via"], e["mode"]) for e in told["events"] if e["via"]] == [
        ("arrived", "King of the Seas 025W", "sea"), ("departed", "King of the Seas 025W", "sea"),
    ]  # fmt: skip
    staff.send("dcsa/events", [box(21, "DISC", at="NLRTM"), vessel(22, "DEPA", at="NLRTM") | {"eventID": "onward"}])
    assert staff.milestones("SEA1") == ["unloaded", "departed", "loaded", "gate_in"]


def test_what_the_voyage_and_the_booking_both_tell_is_told_once(staff):
    staff.ship("SEA2", ("container", "APZU4812090"), ("booking", "BKG2"))
    for body in ([box(2, "LOAD")], [vessel(3, "DEPA", booking="BKG2")], [vessel(3, "DEPA", booking="BKG2")]):
        assert staff.send("dcsa/events", body).status_code == 200
    assert staff.milestones("SEA2") == ["departed", "loaded"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_content_updated_last_stands_in_whatever_order_it_came(staff, order):
    staff.ship("SEA3", ("container", "APZU4812090"))
    versions = [box(day, "GTIN", event_id="one", updated=updated) for day, updated in ((4, 5), (6, 7), (4, 8))]
    results = [staff.send("dcsa/events", versions[index]).json()["items"][0]["result"] for index in order]
    assert results == ["accepted", "revision", "revision"]
    events = staff.read("shipments/SEA3").json()["events"]
    assert [event["occurred"]["at"] for event in events] == ["2026-11-04T08:00:00+08:00"]
    assert staff.send("dcsa/events", versions).json()["duplicate"] == 3


def test_a_retracted_event_is_gone_whether_told_before_or_after_and_for_shipments_to_come(staff):
    events = [box(1, "GTIN"), box(2, "LOAD"), vessel(3, "DEPA")]
    calls = [*events, retracted(events[1])]
    for index, order in enumerate(itertools.permutations(calls)):
        number = f"PERM{index}"
        if index % 2:
            staff.ship(number, ("container", f"APZU48120{index:02}"))
        for event in order:
            text = json.dumps(event).replace("APZU4812090", f"APZU48120{index:02}")
            text = (
                text.replace('"box-', f'"{index}box-')
                .replace('"vessel-', f'"{index}vessel-')
                .replace("025W", f"{index}W")
            )
            assert staff.send("dcsa/events", text).status_code == 200
        if index % 2 == 0:
            staff.ship(number, ("container", f"APZU48120{index:02}"))
        assert staff.milestones(number) == ["gate_in"], [each["eventID"] for each in order]


def test_events_of_unknown_numbers_wait_for_their_shipment(staff):
    answer = staff.send("dcsa/events", [box(1, "GTIN"), box(2, "LOAD")]).json()
    assert answer["parked"] == 2
    assert staff.send("dcsa/events", [box(1, "GTIN")]).json()["duplicate"] == 1
    staff.ship("LATE1", ("container", "APZU4812090"))
    assert staff.milestones("LATE1") == ["loaded", "gate_in"]
    assert staff.send("dcsa/events", [box(1, "GTIN"), box(2, "LOAD")]).json()["duplicate"] == 2


def test_a_faulty_event_is_told_with_its_path_and_the_others_are_kept(staff):
    staff.ship("SEA4", ("container", "APZU4812090"))
    bad = box(2, "LOAD") | {"eventDateTime": "yesterday"}
    answer = staff.send("dcsa/events", {"events": [box(1, "GTIN"), bad]}).json()
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    assert [error["path"] for error in answer["errors"]] == ["$.events[1].eventDateTime"]
    assert staff.milestones("SEA4") == ["gate_in"]
    alone = staff.send("dcsa/events", bad)
    assert (alone.status_code, alone.json()["errors"][0]["path"]) == (400, "$.eventDateTime")
    assert staff.send("dcsa/events", b"[").json()["errors"][0]["path"] == "$"


def test_streets_and_names_in_a_document_are_not_kept(staff):
    from huoji.apps.shipments.models import Evidence

    staff.ship("SEA5", ("container", "APZU4812090"))
    event = box(1, "GTIN")
    event["eventLocation"]["address"] = {"name": "Henrik", "street": "Kronprincessegade", "city": "København"}
    staff.send("dcsa/events", event)
    kept = Evidence.objects.get().raw
    assert kept["eventLocation"]["address"] == {"city": "København"}
    assert kept["equipmentDetails"]["equipmentReference"] == "APZU4812090"


def test_a_voyage_known_before_by_its_number_alone_gets_its_name(staff):
    staff.ship(
        "SEA6",
        ("container", "APZU4812090"),
        legs=[{"mode": "sea", "vehicle": {"kind": "voyage", "number": "IMO9321483/025W"}}],
    )
    staff.send("dcsa/events", [box(2, "LOAD"), vessel(3, "DEPA")])
    assert staff.read("shipments/SEA6").json()["vehicle"] == "King of the Seas 025W"


def test_the_health_page_is_told_what_came_in_and_what_was_refused(staff):
    from datetime import UTC, datetime

    from huoji.kit import ingest

    ingest._tallies.clear()  # of the tests before
    staff.ship("SEA7", ("container", "APZU4812090"))
    staff.send("dcsa/events", [box(1, "GTIN"), box(2, "LOAD") | {"eventDateTime": "x"}])
    staff.send("dcsa/events", [box(1, "GTIN")])
    ingest.flush()
    [seen] = [each for each in ingest.sources(now=datetime.now(UTC)) if each.name == "erp/dcsa"]
    assert (seen.accepted, seen.duplicates, seen.rejected) == (1, 1, 1)
    assert seen.last_event_at == datetime(2026, 11, 1, tzinfo=UTC)

"""Bookings and bills of lading: what is told of one is the story of every waybill that names it, whichever came first."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.test import Client

from huoji.apps.shipments.actions import chunk, renewing
from huoji.apps.shipments.models import Custody, Event, Reference, Unit
from huoji.core.custody import Hold, chain
from tests.anomaly.invariant import EVENTS, SHIPMENTS, at_once, send, stories_equal_events
from tests.anomaly.test_histories import api, gist, story_is_the_same_everywhere
from tests.apps.shipments.foreign import Caller, box, dcsa, retracted, vessel
from tests.people import WRITER

pytestmark = pytest.mark.django_db(transaction=True)


def paper(kind: str, number: str) -> dict:
    return {"typeCode": {"booking": "BKG", "bill": "TRD"}[kind], "reference": number}


def confirmed(day: int, booking: str) -> dict:
    papers = {"documentTypeCode": "BKG", "documentReference": paper("booking", booking)}
    return dcsa(f"conf-{booking}", day, "SHIPMENT", "CONF", shipmentDetails=papers)


def on_bill(day: int, code: str, bill: str) -> dict:
    """Write that the cargo of a bill went aboard the vessel or came off it."""
    return box(day, code, event_id=f"{code}-{bill}") | {"shipmentDetails": {"documentReference": paper("bill", bill)}}


def event(kind: str, number: str, milestone: str, day: int, **more) -> dict:
    at = f"2026-11-{day:02}T10:00:00+08:00"
    return {"unit": {"kind": kind, "number": number}, "milestone": milestone, "occurred_at": at, **more}


def renamed(body: dict, run: str) -> str:
    text = json.dumps(body)
    for name in ("BKG", "BL", "025W", "APZU48120"):
        text = text.replace(name, f"{name}{run}")
    return text.replace('"typeCode": "BKG' + run, '"typeCode": "BKG').replace(
        '"documentTypeCode": "BKG' + run, '"documentTypeCode": "BKG'
    )


def test_documents_of_a_booking_and_a_bill_tell_the_same_whenever_the_shipment_comes(staff, staff_key, client_of):
    documents = [confirmed(1, "BKG"), on_bill(2, "LOAD", "BL"), vessel(3, "DEPA"), retracted(confirmed(1, "BKG"))]
    answers = []
    for run, order in enumerate(itertools.permutations((*documents, None))):
        if run % 13:  # a prime share of all orders, the shipment at each place among them
            continue
        number = f"PAPER{run}"
        for body in order:
            if body is None:
                staff.ship(number, ("booking", f"BKG{run}"), ("bill", f"BL{run}"))
            else:
                assert staff.send("dcsa/events", renamed(body, str(run))).status_code == 200
        answers.append(gist(api(number, staff_key)))
        assert answers[-1] == answers[0], [each and each["eventID"] for each in order]
    assert [each[0] for each in answers[0][1]] == ["departed", "loaded"]
    story_is_the_same_everywhere(number, staff_key, client_of("cs_supervisor"))
    stories_equal_events()


def test_a_later_waybill_gets_the_earlier_events_and_one_taken_out_of_the_booking_keeps_its_time_there(
    staff, staff_key, client_of
):
    clerk = client_of("cs_supervisor")
    staff.ship("FIRST1", ("booking", "BKG1"))
    answer = staff.send(
        "events",
        [
            event("booking", "BKG1", "customs_cleared", 1, id="c"),
            event("booking", "BKG1", "loaded", 2, id="l", holder={"kind": "voyage", "number": "IMO1/1"}),
            event("voyage", "IMO1/1", "departed", 3, id="d"),
        ],
    ).json()
    assert (answer["accepted"], Event.objects.count()) == (3, 3), "each is stored once, however many name the booking"
    staff.ship("SECOND2", ("booking", "BKG1"))
    staff.ship("THIRD3", ("booking", "OTHER"))
    told = ["departed", "loaded", "customs_cleared"]
    Reference.objects.filter(unit__number="FIRST1").update(named_at=datetime(2026, 11, 2, tzinfo=UTC))
    assert (staff.milestones("FIRST1"), staff.milestones("SECOND2"), staff.milestones("THIRD3")) == (told, told, [])
    staff.ship("THIRD3", ("booking", "BKG1"), goods="revised")
    staff.ship("FIRST1", ("booking", "OTHER"), goods="revised")
    after = {"occurred_at": (datetime.now(UTC) + timedelta(seconds=2)).isoformat()}
    later = [event("booking", "BKG1", "info", 1, id="i"), event("voyage", "IMO1/1", "arrived", 1, id="a")]
    later = [each | after for each in later]
    assert staff.send("events", later).json()["accepted"] == 2
    assert (staff.milestones("FIRST1"), staff.milestones("THIRD3")) == (told[:2], ["arrived", "info", *told])
    for number in ("FIRST1", "SECOND2", "THIRD3"):
        story_is_the_same_everywhere(number, staff_key, clerk)
    aboard = clerk.get("/app/units/booking/BKG1").text
    assert [number in aboard for number in ("FIRST1", "SECOND2", "THIRD3")] == [False, True, True]
    own = Event.objects.get(source_event_id="l")
    taken = clerk.post(f"/app/unit-correct/{own.id}/booking/BKG1", {"cause": "wrong vessel"})
    assert taken.status_code == 302
    assert (staff.milestones("SECOND2"), staff.milestones("FIRST1")) == (["info", "customs_cleared"], [])
    assert not Custody.objects.exists()
    stories_equal_events()


def test_a_booking_with_more_waybills_than_are_rewritten_at_once_is_never_read_old(staff, staff_key, monkeypatch):
    monkeypatch.setattr(chunk, "INLINE_MAX", 1)
    for number in ("MANY1", "MANY2", "MANY3"):
        staff.ship(number, ("bill", "BL1"))
    send(
        staff_key, EVENTS, [event("bill", "BL1", "stuffed", 1, id="s", holder={"kind": "container", "number": "BOX1"})]
    )
    send(staff_key, EVENTS, [event("container", "BOX1", "gate_in", 2, id="g")])  # before anybody has renewed them
    load = {"kind": "voyage", "number": "IMO2/2"}
    send(staff_key, EVENTS, [event("container", "BOX1", "loaded", 3, id="l", holder=load)])
    send(staff_key, EVENTS, [event("waybill", "MANY1", "stripped", 4, id="u")])  # what is told of itself ends its hold
    send(staff_key, EVENTS, [event("voyage", "IMO2/2", "departed", 5, id="d")])
    inside = ["loaded", "gate_in", "stuffed"]

    def read() -> tuple[list[str], ...]:
        return tuple(staff.milestones(number) for number in ("MANY1", "MANY2", "MANY3"))

    expected = (["stripped", *inside], ["departed", *inside], ["departed", *inside])
    assert read() == expected
    renewing.renew_stale()
    assert read() == expected
    boxes = Unit.objects.get(kind="container", number="BOX1")
    assert Custody.objects.filter(holder_id=boxes.pk).exclude(unit_id__in=Unit.objects.filter(kind="bill")).count() == 3
    assert stories_equal_events()


def test_a_shipment_and_an_event_of_its_booking_that_come_together_find_each_other(staff_key):
    for turn in range(8):
        booking, number = f"RACE{turn}", f"RACER{turn}"
        shipment = {"line": "ocean", "number": number, "references": [{"kind": "booking", "number": booking}]}
        load = event(
            "booking", booking, "loaded", 2, id=f"l{turn}", holder={"kind": "voyage", "number": f"IMO3/{turn}"}
        )
        departure = event("voyage", f"IMO3/{turn}", "departed", 3, id=f"d{turn}")
        calls = [partial(send, staff_key, EVENTS, [each]) for each in (load, departure)]
        calls.append(partial(send, staff_key, SHIPMENTS, [shipment]))
        assert {answer.status_code for answer in at_once(*calls)} == {200}
        assert [each["milestone"] for each in api(number, staff_key)["events"]] == ["departed", "loaded"]
    stories_equal_events()


def test_what_a_partner_tells_of_a_booking_reaches_its_own_shipments_alone(staff, make_key):
    partner, other = (Caller(Client(), make_key(f"partner:{n}", *WRITER, source=f"p{n}")) for n in (7, 8))
    partner.send("events", [event("booking", "BKG9", "cancelled", 1, id="mine")])
    for who, number in ((staff, "OURS"), (partner, "THEIRS"), (other, "OTHERS")):
        who.ship(number, ("booking", "BKG9"))
    other.send("events", [event("booking", "BKG9", "picked_up", 2, id="mine too")])
    assert (staff.milestones("OURS"), partner.milestones("THEIRS")) == ([], ["cancelled"])
    assert other.milestones("OTHERS") == ["picked_up"]


def test_nothing_is_in_itself_and_a_circle_ends_where_it_would_close(staff):
    def load(kind: str, number: str, into: tuple[str, str], day: int) -> str:
        holder = {"kind": into[0], "number": into[1]}
        [item] = staff.send("events", [event(kind, number, "loaded", day, holder=holder)]).json()["items"]
        return item.get("code") or item["result"]

    assert load("bag", "A", ("bag", "A"), 1) == "invalid_holder"
    assert load("voyage", "V", ("container", "C"), 1) == "invalid_holder"
    assert load("booking", "B", ("booking", "B"), 1) == "invalid_unit"
    staff.ship("ROUND")
    told = [
        load("waybill", "ROUND", ("bag", "A"), 1),
        load("bag", "A", ("bag", "B"), 1),
        load("bag", "B", ("bag", "A"), 1),
    ]
    assert told == ["accepted"] * 3
    staff.send("events", [event("bag", name, "arrived", 2, place=name, id=name) for name in ("A", "B")])
    assert sorted(e["place"] for e in staff.read("shipments/ROUND").json()["events"] if e["place"]) == ["A", "B"]
    assert chain(1, {1: [Hold(2, 0)], 2: [Hold(3, 0)], 3: [Hold(1, 0), Hold(2, 0)]}) == [Hold(2, 0), Hold(3, 0)]
    stories_equal_events()

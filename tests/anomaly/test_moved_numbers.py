"""A number that a shipment stops naming: what was told under it stays where it stands, what comes later goes elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huoji.apps.shipments.models import Event, Reference
from tests.anomaly.invariant import stories_equal_events
from tests.anomaly.test_reused_numbers import BOX, ago, named_since, public, tell
from tests.apps.shipments.foreign import Caller
from tests.people import WRITER

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(client, staff_key) -> Caller:
    return Caller(client, staff_key)


@pytest.fixture
def partners(make_key) -> tuple[Caller, Caller]:
    first, second = (make_key(f"partner:{n}", *WRITER, source=f"p{n}") for n in (1, 2))
    return Caller(Client(), first), Caller(Client(), second)


@pytest.mark.parametrize("kind", ["container", "customer"])
def test_an_event_stays_where_it_stood_when_its_number_moves_to_another_shipment(staff, kind):
    target = {"container": "container_number"}.get(kind, kind)
    staff.ship("HAD1", (kind, BOX))
    assert tell(staff, "gate_in", 2, kind=target) == "accepted"
    assert tell(staff, "stuffed", 1.9, kind=target, piece="1") == "accepted"
    staff.ship("HAD1", goods="it names the number no more")
    staff.ship("HAS1", (kind, BOX))
    assert tell(staff, "gate_in", 2, kind=target) == "duplicate"
    assert tell(staff, "stuffed", 1.9, kind=target, piece="1") == "duplicate"
    assert staff.milestones("HAS1") == []
    assert staff.milestones("HAD1") == ["stuffed", "gate_in"]
    wrong = {"unit": {"kind": target, "number": BOX}, "retracts": "gate_in2", "occurred_at": ago(0)}
    assert staff.send("events", [wrong]).json()["accepted"] == 1
    assert staff.milestones("HAD1") == ["stuffed"]
    assert tell(staff, "gate_out", -0.01, kind=target) == "accepted"
    assert staff.milestones("HAS1") == ["gate_out"]
    stories_equal_events()


def test_what_the_desk_took_back_from_a_shipment_that_never_had_the_box_goes_to_the_right_one(staff, client_of):
    staff.ship("WRONG4", ("container", BOX))
    assert tell(staff, "gate_in", 2) == tell(staff, "gate_out", 1) == "accepted"
    staff.ship("WRONG4", goods="the box was a slip of the pen")
    staff.ship("RIGHT4", ("container", BOX))
    event = Event.objects.get(source_event_id="gate_in2")
    taken = client_of("cs_supervisor").post(
        f"/app/shipments/WRONG4/events/{event.id}/correct", {"cause": "not its container"}
    )
    assert taken.status_code == 302
    assert (tell(staff, "gate_in", 2), tell(staff, "gate_out", 1)) == ("accepted", "duplicate")
    assert (staff.milestones("WRONG4"), staff.milestones("RIGHT4")) == (["gate_out"], ["gate_in"])
    stories_equal_events()


def test_a_number_that_moved_on_leads_to_who_names_it_now_and_late_news_to_who_had_it_then(staff):
    staff.ship("HAD2", ("container", BOX))
    staff.ship("HAD2", goods="names it no more")
    assert Client().get(f"/track/{BOX}").status_code == 404
    assert tell(staff, "gate_in", 1.5) == "parked", "of a time that nobody had it in"
    named_since("HAD2", 5)
    Reference.objects.filter(unit__number="HAD2").update(left_at=datetime.now(UTC) - timedelta(days=2))
    staff.ship("HAS2", ("container", BOX))
    assert tell(staff, "departed", 1) == "accepted"
    assert tell(staff, "stuffed", 4) == "accepted"
    assert (staff.milestones("HAD2"), staff.milestones("HAS2")) == (["stuffed"], ["departed", "gate_in"])
    assert public() == ["departed", "gate_in"]
    staff.ship("HAD2", ("container", BOX), goods="names it again, as the second now")
    assert Reference.objects.filter(unit__number="HAD2").count() == 2
    assert tell(staff, "gate_out", -0.001) == "accepted"
    assert public() == staff.milestones(BOX) == ["gate_out", "stuffed"], "of one principal's the use that began last"


def test_a_partner_that_comes_after_another_on_a_booking_reads_of_it_from_when_that_one_left(staff, partners):
    first, second = partners
    first.ship("EARLY3", ("booking", BOX))
    second.ship("LATE3", ("booking", BOX))
    named_since("EARLY3", 9)
    named_since("LATE3", 8)
    assert tell(staff, "departed", 5, kind="booking") == "accepted"
    assert (first.milestones("EARLY3"), second.milestones("LATE3")) == (["departed"], [])
    first.ship("EARLY3", goods="names it no more")
    Reference.objects.filter(unit__number="EARLY3").update(left_at=datetime.now(UTC) - timedelta(days=4))
    assert tell(staff, "arrived", 3, kind="booking") == "accepted"
    assert tell(staff, "loaded", 6, kind="booking", holder={"kind": "voyage", "number": "V/3"}) == "accepted"
    assert (first.milestones("EARLY3"), second.milestones("LATE3")) == (["departed", "loaded"], ["arrived"])
    assert second.milestones(BOX) == ["arrived"]
    assert first.read(f"shipments/{BOX}").status_code == 404
    first.ship("EARLY3", ("booking", BOX), goods="comes back, behind the second")
    tell(staff, "customs_cleared", 1, kind="booking")
    assert second.milestones("LATE3") == ["customs_cleared", "arrived"]
    assert first.milestones("EARLY3") == ["departed", "loaded"]
    stories_equal_events()

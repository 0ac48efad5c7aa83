"""A container number is used again and again: whose it is depends on the time, and a stranger cannot take it by naming it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.apps.shipments.models import Reference
from tests.anomaly.invariant import stories_equal_events
from tests.anomaly.test_histories import words
from tests.apps.shipments.foreign import Caller

pytestmark = pytest.mark.django_db(transaction=True)
BOX = "APZU4812090"
NOW = datetime.now(UTC)  # one for all, so that the same event told again has the same content


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat(timespec="seconds")


def public(number: str = BOX) -> list[str]:
    """Return what a stranger reads of a number; the page says the same."""
    PUBLIC_QUERIES.forget()
    [told] = Client().get("/api/v1/track", {"numbers": number}).json()["results"]
    PUBLIC_QUERIES.forget()
    page = words(Client().get(f"/track/{number}").text)
    assert all(event["text"] in page for event in told["events"])
    return [event["milestone"] for event in told["events"]]


def tell(who: Caller, milestone: str, days: float, *, number: str = "", kind: str = "container_number", **more) -> str:
    unit = {"number": number} if number else {"unit": {"kind": kind, "number": BOX}}
    told = {**unit, "milestone": milestone, "occurred_at": ago(days), "id": f"{milestone}{days}{number}", **more}
    [item] = who.send("events", [told]).json()["items"]
    return item["result"]


def named_since(number: str, days: float, **of) -> None:
    """Let a shipment have named its references for so long."""
    at = datetime.now(UTC) - timedelta(days=days)
    Reference.objects.filter(unit__number=number, **of).update(named_at=at)


@pytest.mark.parametrize("victim_is_staff", [True, False])
@pytest.mark.parametrize("kind", ["container", "booking", "bill"])
def test_a_stranger_cannot_take_a_name_that_is_in_use(staff, partners, kind, victim_is_staff):
    honest, stranger = partners
    owner = staff if victim_is_staff else honest
    owner.ship("HONEST1", (kind, BOX))
    named_since("HONEST1", 3)
    target = "container_number" if kind == "container" else kind
    assert tell(staff, "departed", 2, kind=target) == "accepted"
    assert public() == ["departed"], "the positive control: the name answers"
    stranger.ship("THIEF1", (kind, BOX))
    tell(stranger, "delivered", 1, number="THIEF1")
    assert tell(staff, "arrived", 1.5, kind=target) == "accepted"
    assert public() == ["arrived", "departed"], "neither hidden nor replaced"
    assert stranger.milestones("THIEF1") == ["delivered"], "nothing of the other's story"
    assert owner.milestones("HONEST1") == ["arrived", "departed"]
    assert stranger.milestones(BOX) == ["delivered"], "its own shipment is found by its own reference"
    taken = stranger.send("shipments", [{"line": "ocean", "number": BOX}]).json()["items"][0]
    assert (taken["result"], taken["code"]) == ("rejected", "number_taken")
    assert public() == ["arrived", "departed"]
    stories_equal_events()


def test_whoever_named_it_late_does_not_become_the_older_by_a_revision(staff, partners):
    honest, stranger = partners
    stranger.ship("THIEF2")
    honest.ship("HONEST2", ("container", BOX))
    named_since("HONEST2", 1)
    stranger.ship("THIEF2", ("container", BOX), goods="now it names it")
    honest.ship("HONEST2", ("container", BOX), goods="still names it")
    tell(staff, "departed", 0.5)
    assert (honest.milestones("HONEST2"), stranger.milestones("THIEF2")) == (["departed"], [])


@pytest.mark.parametrize("end", ["delivered", "empty_returned"])
def test_a_use_ends_and_the_next_one_has_the_number_each_event_goes_where_it_happened(staff, partners, end):
    first, second = partners
    first.ship("USE1", ("container", BOX))
    named_since("USE1", 40)
    assert tell(staff, "gate_in", 39) == "accepted"
    assert tell(first, end, 20, number="USE1") == "accepted"
    second.ship("USE2", ("container", BOX))
    named_since("USE2", 10)
    assert tell(staff, "stuffed", 9) == "accepted"
    assert tell(staff, "gate_out", 30) == "accepted"  # of the first use, told late
    assert tell(staff, "gate_in", 39) == "duplicate"  # sent again: it goes where it went
    assert sorted(first.milestones("USE1")) == sorted([end, "gate_out", "gate_in"])
    assert second.milestones("USE2") == ["stuffed"]
    assert public() == ["stuffed"]
    wrong = {"unit": {"kind": "container_number", "number": BOX}, "retracts": "gate_in39", "occurred_at": ago(0)}
    assert staff.send("events", [wrong]).json()["accepted"] == 1
    assert sorted(first.milestones("USE1")) == sorted([end, "gate_out"]), "a correction goes where its target went"
    stories_equal_events()


def test_an_event_long_after_the_last_use_waits_for_the_next(staff):
    staff.ship("USE3", ("container", BOX))
    named_since("USE3", 100)
    tell(staff, "delivered", 90, number="USE3")
    assert tell(staff, "gate_in", 10) == "parked"
    staff.ship("USE4", ("container", BOX))
    assert (staff.milestones("USE3"), staff.milestones("USE4")) == (["delivered"], ["gate_in"])


def test_a_party_that_names_a_number_twice_reads_the_use_that_lasts_whoever_else_names_it(staff, partners):
    honest, _ = partners
    staff.ship("CARRIER5", ("container", BOX))
    honest.ship("LASTS5", ("container", BOX))
    honest.ship("OVER5", ("container", BOX))  # entered later, but long over
    for number, days in (("CARRIER5", 20), ("LASTS5", 5), ("OVER5", 19)):
        named_since(number, days)
    tell(honest, "delivered", 15, number="OVER5")
    tell(honest, "departed", 3, number="LASTS5")
    assert honest.milestones(BOX) == ["departed"]
    assert tell(honest, "arrived", 1) == "accepted"
    assert honest.milestones(BOX) == honest.milestones("LASTS5") == ["arrived", "departed"], "read as it is told"
    assert public() == staff.milestones(BOX) == [], "the carrier's own goes first for all others"

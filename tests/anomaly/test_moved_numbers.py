"""A number that a shipment stops naming: what was told under it stays where it stands, what comes later goes elsewhere."""

import re
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoji.apps.shipments.actions import shipping
from huoji.apps.shipments.models import Event, Reference
from tests.anomaly.invariant import stored, stories_equal_events
from tests.anomaly.test_histories import words
from tests.anomaly.test_reused_numbers import BOX, ago, named_since, public, tell

pytestmark = pytest.mark.django_db(transaction=True)
_run = count()
AHEAD = -0.04  # days ago: by a clock that is an hour ahead, which counts as now, however long the suite runs already


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
    assert tell(staff, "gate_out", AHEAD, kind=target) == "accepted"
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
    assert tell(staff, "gate_out", AHEAD) == "accepted"
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


@pytest.mark.parametrize("kind", ["container", "booking", "bill"])
def test_a_partner_is_told_that_a_number_is_in_use_and_not_whose_and_staff_see_both(staff, partners, client_of, kind):
    first, second = partners
    first.ship("FIRST5", (kind, BOX))
    shipment = {"line": "ocean", "number": "SECOND5", "references": [{"kind": kind, "number": BOX}]}
    for result in ("accepted", "duplicate"):
        [item] = second.send("shipments", [shipment]).json()["items"]
        assert (item["result"], item["code"]) == (result, "number_in_use")
        assert not {"FIRST5", "partner:1", "p1"} & set(item["detail"].split())
    again = first.send("shipments", [shipment | {"number": "FIRST5"}]).json()["items"][0]
    assert (again["result"], "code" in again) == ("duplicate", False), "who has it hears nothing of who came after"
    clerk = client_of("cs_supervisor")
    seen = {number: words(clerk.get(f"/app/shipments/{number}").text) for number in ("FIRST5", "SECOND5")}
    assert "另一方的运单也写着它 SECOND5" in seen["FIRST5"]
    assert "号码现归另一方的运单 FIRST5" in seen["SECOND5"]
    found = clerk.get("/app/search", {"q": BOX}, headers={"HX-Request": "true"}).text
    assert found.index("FIRST5") < found.index("号码现归这票") < found.index("SECOND5")
    first.ship("FIRST5", goods="names it no more")
    [item] = second.send("shipments", [shipment]).json()["items"]
    assert "code" not in item
    assert "另一方" not in clerk.get("/app/shipments/SECOND5").text


def test_one_and_many_numbers_lead_staff_to_whose_each_is_now_and_show_the_others(staff, client_of):
    for number, kind, days in (("NEW6", "container", 1), ("LATER6", "container", 30), ("MINE6", "customer", 1)):
        staff.ship(number, (kind, BOX if kind == "container" else "SO2026112301"))
        named_since(number, days)
    staff.ship("DONE6", ("container", BOX), ("customer", "SO2026112301"))  # entered last, and over
    named_since("DONE6", 40)
    tell(staff, "delivered", 35, number="DONE6")
    clerk = client_of("cs_supervisor")
    assert clerk.get(f"/app/shipments/{BOX}")["Location"] == "/app/shipments/NEW6"
    page = clerk.get("/app/search", {"q": f"{BOX}, SO2026112301"}, headers={"HX-Request": "true"}).text
    shown = re.findall(r'href="/app/shipments/(\w+)" data-hit', page)
    assert (shown[0], set(shown[1:3]), shown[3:]) == ("NEW6", {"LATER6", "DONE6"}, ["MINE6", "DONE6"])
    assert page.count("号码现归这票") == 2
    one = clerk.get("/app/search", {"q": BOX}, headers={"HX-Request": "true"}).text
    assert re.findall(r'href="/app/shipments/(\w+)" data-hit', one)[0] == "NEW6"


def test_of_names_given_up_the_oldest_are_forgotten(staff, monkeypatch):
    monkeypatch.setattr(shipping, "PAST_NAMES_MAX", 2)
    for index in range(5):
        staff.ship("TURNS7", ("container", f"BOX{index}"), goods=str(index))
    kept = Reference.objects.filter(unit__number="TURNS7").order_by("id").values_list("value", flat=True)
    assert list(kept) == ["BOX2", "BOX3", "BOX4"]


@pytest.mark.parametrize("examples", [8, pytest.param(150, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_whoever_names_the_box_and_gives_it_up_in_any_order_each_event_stands_on_one_story(staff, examples):
    steps = st.one_of(
        st.tuples(st.just("name"), st.integers(0, 2)), st.tuples(st.just("leave"), st.integers(0, 2)),
        st.tuples(st.just("tell"), st.integers(0, 5)),
    )  # fmt: skip

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(path=st.lists(steps, min_size=4, max_size=14))
    def run(path):
        turn = next(_run)
        names = {"container_number": f"BOX{turn}", "booking": f"BK{turn}"}
        ships, told, said = [f"RUN{turn}X{index}" for index in range(3)], set(), count()
        for number in ships:
            staff.ship(number)
        for step, index in path:
            if step == "tell":
                items = [
                    {
                        "unit": {"kind": kind, "number": number}, "milestone": "info", "id": f"{number}-{index}",
                        "occurred_at": ago(index),
                    }
                    for kind, number in names.items()
                ]  # fmt: skip
                results = [item["result"] for item in staff.send("events", items).json()["items"]]
                again = [item["result"] for item in staff.send("events", items).json()["items"]]
                assert again == ["duplicate", "duplicate"], (results, again)
                told |= {item["id"] for item in items}
            else:
                kept = (
                    [("container", names["container_number"]), ("booking", names["booking"])] if step == "name" else []
                )
                staff.ship(ships[index], *kept, goods=f"{next(said)}")
        for number in ships:
            staff.ship(number, ("container", names["container_number"]), goods="all name it")
        rows = stored(told)
        assert dict.fromkeys(told, 1) == rows, "what was parked has joined, and nothing is told twice"

    run()
    stories_equal_events()

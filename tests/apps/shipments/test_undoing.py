"""An import undone whole: what only it said is gone, what it changed is as it was, and what others said stays, at every door."""

import itertools

import pytest
from django.test import Client

from huoji.apps.shipments.models import Batch, Party, Prior, PriorParty, Unit
from tests.anomaly.invariant import EVENTS, SHIPMENTS, send, stories_equal_events
from tests.anomaly.test_histories import api, story_is_the_same_everywhere
from tests.apps.shipments.foreign import Caller
from tests.tables import bring_in, csv_of, take_back, visible_numbers

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = ["运单号", "始发地", "目的地", "货物", "收货人", "收货电话", "揽收时间", "提单号"]


def row(number: str, goods: str, *, to: str = "成都", name: str = "", bill: str = "", picked: str = "") -> list[str]:
    return [number, "上海", to, goods, name, "13811115678" if name else "", picked, bill]


@pytest.fixture
def clerk(make_staff):
    return make_staff("it_admin", "cs_supervisor", "cs_manager", number="CLERK")


@pytest.fixture
def staff(client, staff_key) -> Caller:
    return Caller(client, staff_key)


def event(number: str, milestone: str) -> dict:
    return {
        "number": number,
        "milestone": milestone,
        "occurred_at": "2026-11-20T09:00:00+08:00",
        "id": f"{number}{milestone}",
    }


def said(number: str) -> tuple:
    """Return what a shipment says of itself."""
    unit = Unit.objects.select_related("waybill").get(number=number)
    waybill = unit.waybill
    people = sorted(Party.objects.filter(waybill_id=unit.pk).values_list("role", "name", "phone_last4"))
    names = sorted(unit.reference_set.filter(left_at=None).values_list("kind", "value"))
    return waybill.goods, waybill.destination, people, names


def test_what_only_the_import_told_of_vanishes_and_what_others_told_of_stays_with_that(
    clerk, staff, staff_key, client_of
):
    batch = bring_in(
        clerk, csv_of([HEADER, row("UN1", "轴承", name="张三丰", picked="2026-11-18 09:30"), row("UN2", "电机")])
    )
    send(staff_key, EVENTS, [event("UN1", "arrived")])
    take_back(clerk, batch)
    assert visible_numbers() == {"UN1"}
    assert [each["milestone"] for each in api("UN1", staff_key)["events"]] == ["arrived"]
    assert said("UN1") == ("", "", [], []), "nobody says any more whose it is and what is in it"
    supervisor = client_of("cs_supervisor", "it_admin")
    story_is_the_same_everywhere("UN1", staff_key, supervisor)
    assert Client().get("/api/v1/track", {"numbers": "UN2"}).json()["results"][0]["found"] is False
    page = supervisor.get(f"/app/imports/{batch.pk}").text
    assert all(
        word in page for word in ("隐藏的运单", "只有这批导入提到", "只留轨迹的运单", "但他人报过轨迹", "撤回的轨迹")
    )
    again = bring_in(
        clerk, csv_of([HEADER, row("UN1", "轴承", name="张三丰", picked="2026-11-18 09:30"), row("UN2", "电机")])
    )
    assert said("UN1")[0] == "轴承"
    assert [e["milestone"] for e in api("UN1", staff_key)["events"]] == ["arrived", "picked_up"]
    take_back(clerk, again)
    assert visible_numbers() == {"UN1"}
    stories_equal_events()


def test_a_revision_goes_back_to_what_was_said_before(clerk, staff, staff_key, client_of):
    shipment = {
        "line": "ocean", "number": "REV1", "goods": "灯具", "destination": "武汉",
        "parties": [{"role": "consignee", "name": "李小明", "phone": "13912344321"}],
        "references": [{"kind": "bill", "number": "BLOLD1"}],
    }  # fmt: skip
    send(staff_key, SHIPMENTS, [shipment])
    before = said("REV1")
    for kind, milestone in (("BLOLD1", "departed"), ("BLNEW1", "cancelled")):
        told = event(kind, milestone) | {"unit": {"kind": "bill", "number": kind}}
        told.pop("number")
        send(staff_key, EVENTS, [told])
    assert [each["milestone"] for each in api("REV1", staff_key)["events"]] == ["departed"]
    batch = bring_in(clerk, csv_of([HEADER, row("REV1", "电机", name="张三丰", bill="BLNEW1")]))
    assert said("REV1") != before
    assert [each["milestone"] for each in api("REV1", staff_key)["events"]] == ["cancelled"]
    take_back(clerk, batch)
    assert said("REV1") == before
    assert [each["milestone"] for each in api("REV1", staff_key)["events"]] == ["departed"]
    assert Batch.objects.get(pk=batch.pk).counts["shipments_restored"] == 1
    assert (Prior.objects.count(), PriorParty.objects.count()) == (0, 0)
    story_is_the_same_everywhere("REV1", staff_key, client_of("cs_supervisor"))
    send(staff_key, SHIPMENTS, [shipment])
    assert said("REV1") == before
    stories_equal_events()


@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_three_imports_that_revise_each_other_can_be_undone_in_any_order(clerk, order):
    texts = ("一箱", "两箱", "三箱")
    made = [bring_in(clerk, csv_of([HEADER, row("ANY1", goods, name=f"张{goods}")])) for goods in texts]
    standing = set(range(3))
    for index in order:
        assert (said("ANY1")[0], said("ANY1")[2][0][1]) == (texts[max(standing)], f"张{texts[max(standing)]}")
        take_back(clerk, made[index])
        standing.discard(index)
        assert visible_numbers() == ({"ANY1"} if standing else set())


def test_what_somebody_else_said_last_stays_said(clerk, staff_key):
    batch = bring_in(clerk, csv_of([HEADER, row("LAST1", "一箱"), row("LAST2", "一箱")]))
    send(staff_key, SHIPMENTS, [{"line": "road", "number": "LAST1", "goods": "我们的"}])
    take_back(clerk, batch)
    assert (visible_numbers(), said("LAST1")[0]) == ({"LAST1"}, "我们的")
    assert Batch.objects.get(pk=batch.pk).counts["shipments_kept"] == 1


def test_what_was_told_under_a_container_that_only_the_import_named_stays_and_is_not_told_twice(
    clerk, staff, staff_key
):
    staff.ship("BOX1", ("container", "APZU4812090"))
    header = ["运单号", "始发地", "目的地", "货物", "箱号"]
    batch = bring_in(clerk, csv_of([header, ["BOX1", "上海", "成都", "电机", "MSCU6639870"]]))
    told = {"unit": {"kind": "container_number", "number": "MSCU6639870"}, **event("", "gate_in"), "id": "g"}
    told.pop("number")
    assert staff.send("events", [told]).json()["accepted"] == 1
    take_back(clerk, batch)
    assert said("BOX1")[3] == [("container", "APZU4812090")]
    staff.ship("BOX2", ("container", "MSCU6639870"))
    assert staff.send("events", [told]).json()["duplicate"] == 1
    late = told | {"id": "late", "milestone": "gate_out"}
    assert staff.send("events", [late]).json()["accepted"] == 1
    assert (staff.milestones("BOX1"), staff.milestones("BOX2")) == (["gate_in"], ["gate_out"])
    stories_equal_events()

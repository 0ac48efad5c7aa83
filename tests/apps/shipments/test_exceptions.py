"""Exceptions have a life: opened once by event, watchdog or another part, taken up, explained and cleared, with a log nobody rewrites."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Event

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from huoji.apps.places.actions import assign_staff
from huoji.apps.shipments import jobs
from huoji.apps.shipments.actions import exceptions as acts
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.models import CargoException, ExceptionStep, Unit
from huoji.core.exception import CauseCode, ExceptionKind, Severity
from huoji.core.permission import KeyScope
from huoji.core.report import Told
from huoji.kit import outbox
from tests.apps.shipments import desk_world
from tests.apps.shipments.desk_world import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(db):
    return desk_world.build()


def relay(world):
    """Let the worker's relay handle all that was published, as it does within a second."""
    while outbox.deliver(now=world.now + timedelta(days=1)):
        pass


def unit_id(number):
    return Unit.objects.get(number=number).pk


def opening(world, number="HJEXP0001", *, kind=ExceptionKind.TEMPERATURE, **more):
    facts = more.pop("facts", {"worst": 9.5, "limit_high": 8})
    return Opening(kind=kind, at=world.now, source="sensor", unit_id=unit_id(number), facts=facts, **more)


def of(number, **more):
    return CargoException.objects.filter(unit_id=unit_id(number), **more)


# ---- the action ------------------------------------------------------------------------------------------------------


def test_one_kind_is_open_once_per_subject_and_opening_again_only_brings_it_up_to_date(world):
    first = acts.open_exception(SYSTEM, opening(world), now=world.now)
    later = replace(
        opening(world, facts={"worst": 11.0}, severity=Severity.CRITICAL), at=world.now + timedelta(hours=1)
    )
    again = acts.open_exception(SYSTEM, later, now=world.now)
    assert (first.is_new, again.is_new, again.id) == (True, False, first.id)
    row = CargoException.objects.get(pk=first.id)
    assert (row.opened_at, row.last_at) == (world.now, later.at)
    assert row.facts == {"worst": 11.0, "limit_high": 8}
    assert row.severity == "critical"
    assert [step.step for step in row.steps.order_by("id")] == ["opened", "raised"]


def test_a_message_that_comes_twice_does_not_open_anew_what_was_cleared_meanwhile(world):
    first = acts.open_exception(SYSTEM, opening(world), now=world.now)
    acts.clear_of(SYSTEM, ExceptionKind.TEMPERATURE, at=world.now, now=world.now, unit_ids=[unit_id("HJEXP0001")])
    again = acts.open_exception(SYSTEM, opening(world), now=world.now)
    assert (again.id, again.is_new) == (first.id, False)
    anew = acts.open_exception(SYSTEM, replace(opening(world), at=world.now + timedelta(hours=2)), now=world.now)
    assert anew.is_new
    assert anew.id != first.id


def test_opening_while_others_clear_at_the_same_moment_always_comes_to_an_end(world):
    about = opening(world, kind=ExceptionKind.OFF_ROUTE)
    numbers, is_over = count(1), Event()

    def open_often() -> list[bool]:
        with closing(connection):
            ats = (world.now + timedelta(microseconds=next(numbers)) for _ in range(25))
            return [acts.open_exception(SYSTEM, replace(about, at=at), now=world.now).id > 0 for at in ats]

    def clear_often() -> None:
        with closing(connection):
            later = world.now + timedelta(hours=1)
            while not is_over.is_set():
                acts.clear_of(SYSTEM, about.kind, at=later, now=world.now, unit_ids=[about.unit_id])

    with ThreadPoolExecutor(4) as threads:
        clearing = [threads.submit(clear_often) for _ in range(2)]
        try:
            opened = [each.result() for each in [threads.submit(open_often), threads.submit(open_often)]]
        finally:
            is_over.set()
        assert [each.result() for each in clearing] == [None, None]
    assert opened == [[True] * 25] * 2
    assert of("HJEXP0001", kind="off_route", cleared_at=None).count() <= 1


def test_two_subjects_and_a_vehicle_without_a_unit_have_each_their_own(world):
    vehicle = Opening(kind=ExceptionKind.OFFLINE, at=world.now, source="gps", conveyance_id=7)
    opened = acts.open_all(SYSTEM, [opening(world), opening(world, "HJSEA0001"), vehicle, vehicle], now=world.now)
    assert [each.is_new for each in opened] == [True, True, True, False]
    [message] = [row for row in _messages("exception.opened") if len(row["ids"]) == 3]
    assert sorted(message["data"]["unit_ids"]) == sorted([unit_id("HJEXP0001"), unit_id("HJSEA0001")])


def _messages(topic):
    with connection.cursor() as cursor:
        cursor.execute("SELECT ids, data FROM kit_outbox WHERE topic = %s ORDER BY id", [topic])
        return [{"ids": ids, "data": data if isinstance(data, dict) else __import__("json").loads(data)} for ids, data in cursor.fetchall()]  # fmt: skip


def test_the_log_is_append_only_for_the_application(world):
    acts.open_exception(SYSTEM, opening(world), now=world.now)
    for statement in (
        "UPDATE exception_step SET note = 'x'",
        "DELETE FROM exception_step",
        "DELETE FROM cargo_exception",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert ExceptionStep.objects.count() == 1


# ---- what opens them -------------------------------------------------------------------------------------------------


def test_an_event_of_damage_opens_and_taking_it_back_clears(world, client_of):
    relay(world)
    assert of("HJBACK0001", kind="damage", cleared_at=None).count() == 1
    manager = client_of("cs_manager")
    html = manager.get("/app/shipments/HJBACK0001").text
    assert "货损" in html.split('id="exceptions"')[1]
    event = html.split("/app/shipments/HJBACK0001/events/")[1].split("/")[0]
    assert manager.post(f"/app/shipments/HJBACK0001/events/{event}/correct", {"cause": "看错了"}).status_code == 302
    relay(world)
    assert of("HJBACK0001", cleared_at=None).count() == 0
    assert of("HJBACK0001").get().cleared_by == "system:events"


@pytest.mark.parametrize(("reason", "kind"), [("lost", "loss"), ("shortage", "shortage"), ("damaged", "damage")])
def test_each_reason_opens_its_kind_and_a_resolved_event_ends_it(world, reason, kind):
    def tell(milestone, minutes, **more):
        world.tell(Told(number="HJEXP0001", occurred_at=world.ago(minutes=minutes), milestone=milestone, **more))
        relay(world)

    tell("exception", 2, reason=reason)
    assert of("HJEXP0001", kind=kind, cleared_at=None).exists()
    tell("resolved", 1)
    assert not of("HJEXP0001", cleared_at=None).exists()


def test_what_a_piece_suffers_is_told_of_its_waybill_and_old_history_opens_nothing(world):
    world.tell(
        Told(number="HJNEW0001", piece="2", occurred_at=world.ago(hours=1), milestone="exception", reason="damaged"),
        Told(number="HJSEA0001", occurred_at=world.ago(days=60), milestone="exception", reason="damaged"),
    )
    relay(world)
    assert of("HJNEW0001", kind="damage").count() == 1
    assert not of("HJSEA0001", kind="damage").exists()


@pytest.mark.req(
    "H07", part="a stalled parcel becomes an exception on the list of customer service, and leaves it when heard of"
)
def test_silence_opens_stalled_and_news_clears_it(world, client_of):
    jobs.watch(world.now)
    relay(world)
    page = client_of("cs_agent").get("/app/exceptions/", {"kind": "stalled"})
    assert "HJROAD0001" in page.text
    world.tell(Told(number="HJROAD0001", occurred_at=world.ago(minutes=1), milestone="arrived", place="成都锦江营业部"))
    jobs.watch(world.now)
    assert of("HJROAD0001", kind="stalled").get().cleared_at is not None


# ---- pages and API ---------------------------------------------------------------------------------------------------


def test_a_shipment_shows_the_exceptions_of_its_vehicle_while_it_was_aboard(world, client_of):
    trip = Unit.objects.get(kind="trip").pk
    acts.open_exception(
        SYSTEM, Opening(kind=ExceptionKind.OFF_ROUTE, at=world.now - timedelta(hours=100), source="gps", unit_id=trip), now=world.now
    )  # fmt: skip
    acts.open_exception(
        SYSTEM, Opening(kind=ExceptionKind.OFFLINE, at=world.now - timedelta(hours=139), source="gps", unit_id=trip), now=world.now
    )  # fmt: skip
    acts.clear_of(
        SYSTEM, ExceptionKind.OFFLINE, at=world.now - timedelta(hours=138), now=world.now, unit_ids=[trip]
    )  # fmt: skip
    card = client_of("cs_agent").get("/app/shipments/HJROAD0001").text.split('id="exceptions"')[1]
    assert "偏离路线" in card
    assert "终端离线" not in card  # that was over before the cargo came aboard
    assert "偏离路线" not in client_of("cs_agent").get("/app/shipments/HJEXP0001").text


def test_where_it_happened_is_told_in_its_readers_language_or_as_it_was_told(world, client_of, make_staff, make_key):
    world.tell(
        Told(number="HJNEW0001", occurred_at=world.ago(hours=1), milestone="exception", reason="damaged", place="WUH"),
        Told(number="HJEXP0001", occurred_at=world.ago(hours=2), milestone="exception", reason="damaged", place="路边"),
    )
    relay(world)
    client = client_of("cs_agent")
    pages = ("/app/exceptions/?kind=damage", f"/app/exceptions/{of('HJNEW0001').get().pk}", "/app/shipments/HJNEW0001")
    for path in pages:
        for lang, name in (("zh-hans", "武汉分拨中心"), ("en", "Wuhan hub")):
            assert name in client.get(path, headers={"accept-language": lang}).text, (path, lang)
    assert "路边" in client.get(pages[0], headers={"accept-language": "en"}).text
    make_staff("cs_agent", number="CS9")
    headers = {"x-api-key": make_key("staff:CS9", KeyScope.EXCEPTIONS_HANDLE), "accept-language": "en"}
    found = Client().get("/api/v1/exceptions?kind=damage", headers=headers).json()["items"]
    assert [each["facts"] for each in found[:2]] == [{"place": "Wuhan hub"}, {"place": "路边"}]


def test_a_person_takes_it_up_says_why_and_clears_it_and_all_of_it_stays_in_log_and_audit(world, client_of):
    opened = acts.open_exception(SYSTEM, opening(world, kind=ExceptionKind.DAMAGE), now=world.now)
    client = client_of("warehouse", "cs_agent")
    path = f"/app/exceptions/{opened.id}"
    assert client.post(f"{path}/clear", {}).status_code == 422  # damage needs a cause
    assert client.post(f"{path}/acknowledge", {"take-note": "已联系仓库"}).status_code == 302
    assert client.post(f"{path}/cause", {"cause-cause": "handling", "cause-note": "叉车碰撞"}).status_code == 302
    assert client.post(f"{path}/clear", {"clear-note": "已换包装"}).status_code == 302
    assert client.post(f"{path}/acknowledge", {}).status_code == 422
    html = client.get(path).text
    for said in ("已联系仓库", "装卸操作", "叉车碰撞", "已换包装", "已解除"):
        assert said in html
    assert "解除异常" in client.get("/app/shipments/HJEXP0001").text.split("操作记录")[1]


def test_the_worklist_puts_the_gravest_first_filters_and_counts(world, client_of):
    acts.open_all(SYSTEM, [opening(world), opening(world, "HJSEA0001", kind=ExceptionKind.LOSS)], now=world.now)
    client = client_of("cs_agent")
    html = client.get("/app/exceptions/").text
    assert html.index("HJSEA0001") < html.index("HJEXP0001")
    assert '<b class="hj-badge" aria-label="2 条待处理">2</b>' in html
    assert "HJSEA0001" not in client.get("/app/exceptions/", {"line": "express"}).text
    assert "HJEXP0001" not in client.get("/app/exceptions/", {"kind": "loss"}).text
    assert "没有符合条件的异常" in client.get("/app/exceptions/", {"state": "cleared"}).text


def test_who_sees_only_his_site_sees_only_its_exceptions(world, client_of):
    opened = acts.open_exception(SYSTEM, opening(world), now=world.now)
    stranger = client_of("outlet")
    assert "HJEXP0001" not in stranger.get("/app/exceptions/").text
    assert stranger.get(f"/app/exceptions/{opened.id}").status_code == 404
    assert stranger.post(f"/app/exceptions/{opened.id}/acknowledge", {}).status_code == 404
    at_site = client_of("outlet", number="ATSITE")
    assign_staff(SYSTEM, site_id=world.sites["WUH"], staff_number="ATSITE")
    assert "HJEXP0001" in at_site.get("/app/exceptions/").text


def test_a_key_of_staff_reads_and_handles_exceptions_and_nobody_elses_key_does(world, make_staff, make_key):
    opened = acts.open_exception(SYSTEM, opening(world), now=world.now)
    make_staff("cs_agent", number="CS9")
    headers = {"x-api-key": make_key("staff:CS9", KeyScope.EXCEPTIONS_HANDLE)}
    client = Client()
    [item] = client.get("/api/v1/exceptions?kind=temperature", headers=headers).json()["items"]
    assert item["subject"] == {"kind": "waybill", "number": "HJEXP0001", "conveyance": None}
    assert (item["state"], item["facts"]["worst"]) == ("open", 9.5)

    def post(verb, body):
        return client.post(
            f"/api/v1/exceptions/{opened.id}/{verb}", body, content_type="application/json", headers=headers
        )

    assert post("acknowledge", {}).json()["state"] == "acknowledged"
    assert post("cause", {"cause": "equipment"}).json()["cause"] == CauseCode.EQUIPMENT
    assert post("clear", {"note": "降温"}).json()["state"] == "cleared"
    assert post("acknowledge", {}).json()["code"] == "exception_cleared"
    assert client.get("/api/v1/exceptions", headers=headers).json()["items"] == []
    of_it = client.get("/api/v1/shipments/HJEXP0001/exceptions", headers=headers).json()["items"]
    assert [each["id"] for each in of_it] == [opened.id]
    outside = {"x-api-key": make_key("customer:1", KeyScope.SHIPMENTS_READ)}
    assert client.get("/api/v1/exceptions", headers=outside).status_code == 403

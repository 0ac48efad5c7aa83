"""What leaves, and that nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from huoji.apps.shipments.actions import recording, renewing, retaining, shipping, sourcing
from huoji.apps.shipments.actions.recording import Writing
from huoji.apps.shipments.models import Party
from huoji.core import draft, report
from huoji.core.draft import PartyTold, ShipmentTold
from huoji.core.milestones import meaning
from huoji.core.permission import system
from huoji.core.report import Told

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
NOW = datetime.now(UTC)


def ship(number: str, *, dataset: str = "", delivered: str = "2026-11-02T10:00:00+08:00") -> None:
    writing = Writing(actor=system("tests"), source=sourcing.ensure("desk"), now=NOW, dataset=dataset)
    told = ShipmentTold(
        line="road", number=number, parties=(PartyTold(role="consignee", name="张三", phone="13800000000"),)
    )
    shipping.ship([draft.check(told, assumed_offset_min=480)], writing)
    event = Told(number=number, occurred_at=delivered, milestone="delivered", signed_by="张三")
    recording.record([report.check(event, source="desk", assumed_offset_min=480, meaning=meaning)], writing)


def counts() -> dict[str, int]:
    tables = ("unit", "waybill", "party", "event", "story", "waybill_state", "evidence")
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def test_the_application_cannot_change_or_delete_an_event():
    ship("KEEP0001")
    for statement in ("UPDATE event SET text = 'x'", "DELETE FROM event", "TRUNCATE event"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_even_the_owner_cannot_unless_retention_runs():
    ship("KEEP0001")
    with pytest.raises(DatabaseError), transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM event")


def test_a_dataset_leaves_without_trace_and_takes_nothing_along():
    ship("KEEP0001")
    before = counts()
    ship("DEMO0001", dataset="demo")
    retaining.remove_dataset("demo")
    assert counts() == before


def test_names_and_phones_leave_a_year_after_delivery_and_the_events_stay():
    ship("OLD00001", delivered=(NOW - timedelta(days=400)).isoformat())
    ship("NEW00001", delivered=(NOW - timedelta(days=4)).isoformat())
    retaining.retain(now=NOW)
    rows = dict(Party.objects.values_list("waybill__unit__number", "name"))
    assert rows == {"OLD00001": "", "NEW00001": "张三"}
    assert counts()["event"] == 2


def test_old_months_leave_whole():
    ship("KEEP0001")
    retaining.retain(now=NOW)
    assert counts()["unit"] == 1
    try:
        assert retaining.retain(now=NOW + timedelta(days=1300))["months"] >= 1
        assert counts()["unit"] == 0
    finally:
        renewing.make_partitions()


def test_one_party_is_erased_on_request_with_a_reason_and_the_timeline_stays(client_of):
    ship("ASKED001")
    client = client_of("cs_supervisor", "cs_agent", "cs_chief_clerk")
    assert client.post("/app/shipments/ASKED001/erase", {"erase-role": "consignee"}).status_code == 422
    done = client.post("/app/shipments/ASKED001/erase", {"erase-role": "consignee", "erase-cause": "收件人来电要求"})
    assert done.status_code == 302
    assert Party.objects.get(waybill__unit__number="ASKED001").phone == ""
    assert counts()["event"] == 1
    assert "收件人来电要求" in client_of("cs_manager").get("/app/audit/").text

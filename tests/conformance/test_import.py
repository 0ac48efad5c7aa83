"""The SCMS table goes in by the command and by the page, and its stories are told as they were read beforehand."""

import json
from pathlib import Path

import pytest
from django.test import Client

from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.apps.shipments.models import Batch, Unit
from huoji.config import cli, importing
from tests.apps.shipments.test_import_pages import posted, upload, work

STORIES = Path(__file__).parent / "stories"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@pytest.fixture
def table(foreign) -> Path:
    return foreign / "shipments" / "scms_2006_2012.csv"


def asked(number: str) -> dict:
    PUBLIC_QUERIES.forget()
    return Client().get("/api/v1/track", {"numbers": number}).json()["results"][0]


def test_all_of_it_goes_in_by_the_command_with_the_guessed_columns(table, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = cli.parser().parse_args(["import", str(table), "--yes"])
    assert importing.run(given) == 0
    batch = Batch.objects.get()
    assert batch.counts["shipments_new"] == 4681
    assert batch.counts["events_new"] == 4681
    assert (batch.counts["rows"], batch.counts["rows_bad"]) == (6507, 0)
    assert Unit.objects.filter(kind="waybill").count() == 4681
    told = capsys.readouterr().out
    assert "Delivered to Client Date" in told
    errors = next(tmp_path.glob("*.csv")).read_text(encoding="utf-8-sig").splitlines()
    assert len(errors) == 1 + batch.counts["warnings"]

    for name in ("scms_late", "scms_on_time"):
        story = json.loads((STORIES / f"{name}.json").read_text())
        page = asked(story["subject"])
        assert (page["status"], page["expected"]["at"]) == (story["status"], story["expected"])
        assert page["late_minutes"] == story["late_days"] * 24 * 60
        happened = [event for event in page["events"] if event["classifier"] == "ACT"]
        assert [(event["occurred"]["at"], event["milestone"], event["place"]) for event in happened] == [
            (entry["when"], entry["milestone"], entry["place"]) for entry in story["entries"]
        ]

    again = importing.run(given)
    assert again == 0
    second = Batch.objects.latest("id")
    assert second.counts["shipments_same"] == 4681
    assert second.counts["events_same"] == 4681
    assert "events_new" not in second.counts


def test_it_goes_in_by_the_page_with_no_change_to_what_was_guessed(table, client_of):
    clerk = client_of("cs_supervisor")
    with table.open("rb") as stream:
        data = b"".join(stream.readline() for _ in range(400))
    where = upload(clerk, data, table.name)["Location"]
    fields = posted(clerk.get(where).content.decode())
    assert {"number", "destination", "promised_at", "at.delivered", "mode", "weight_kg"} <= set(fields.values())
    clerk.post(f"{where}/reading", fields | {"go": "1"})
    work()
    batch = Batch.objects.get()
    assert (batch.state, batch.counts["rows"], batch.counts["rows_bad"]) == (Batch.State.DONE, 399, 0)
    assert Unit.objects.filter(kind="waybill").count() == batch.counts["shipments_new"]

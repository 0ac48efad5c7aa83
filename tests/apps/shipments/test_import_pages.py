"""The pages of imports, used as the clerk uses them who was sent a table."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huoji.apps.accounts.models import AuditRow
from huoji.apps.shipments.models import Batch, Unit
from huoji.kit import relay, task
from tests.apps.shipments.test_importing import HEADER, ROWS, asked
from tests.tables import csv_of
from tests.wire import xls_samples

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(client_of) -> Client:
    return client_of("cs_supervisor", "cs_manager")


def upload(client: Client, data: bytes, name: str = "orders.csv"):
    return client.post("/app/imports/new", {"file": SimpleUploadedFile(name, data)})


def work() -> None:
    """Do what the worker does: relay the outbox, then the jobs that it deferred."""
    from procrastinate.contrib.django import app

    relay.drain()
    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(queues=[task.QUEUE], wait=False, install_signal_handlers=False, listen_notify=False)


@pytest.mark.req("L07", part="bulk import with an error report by row")
def test_a_table_is_uploaded_looked_at_imported_and_taken_back(clerk):
    answer = upload(clerk, csv_of([HEADER, *ROWS]))
    assert answer.status_code == 302
    page = clerk.get(answer["Location"])
    html = page.content.decode()
    assert "待确认" in html
    assert "轴承; 电机" in html
    assert "unread_decimal" not in html
    assert "不是数字" in html
    batch = Batch.objects.get()
    assert clerk.post(f"/app/imports/{batch.pk}/reading", posted(html) | {"go": "1"}).status_code == 302
    assert "导入中" in clerk.get(f"/app/imports/{batch.pk}").content.decode()
    state = clerk.get(f"/app/imports/{batch.pk}/state")
    assert "HX-Refresh" not in state
    work()
    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE
    assert clerk.get(f"/app/imports/{batch.pk}/state")["HX-Refresh"] == "true"
    done = clerk.get(f"/app/imports/{batch.pk}").content.decode()
    assert "已完成" in done
    errors = clerk.get(f"/app/imports/{batch.pk}/errors")
    assert "attachment" in errors["Content-Disposition"]
    assert b"".join(errors.streaming_content).decode("utf-8-sig").count("\n") == 2
    assert asked("SH001")["status"] == "delivered"
    refused = clerk.post(f"/app/imports/{batch.pk}/undo", {"undo-cause": ""})
    assert refused.status_code == 422
    assert clerk.post(f"/app/imports/{batch.pk}/undo", {"undo-cause": "导错了文件"}).status_code == 302
    work()
    assert asked("SH001")["found"] is False
    assert "整批已撤销" in clerk.get(f"/app/imports/{batch.pk}").content.decode()
    verbs = list(AuditRow.objects.filter(target=f"batch:{batch.pk}").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["import.upload", "import.run", "import.errors", "batch.undo"]


def posted(html: str) -> dict[str, str]:
    """Return what a browser would send of the form as it stands."""
    found = {}
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_change_of_a_column_shows_at_once_how_the_rows_are_read_then(clerk):
    answer = upload(clerk, csv_of([["运单号", "甲"], ["SH100", "成都"]]))
    fields = posted(clerk.get(answer["Location"]).content.decode())
    assert fields == fields | {"c0": "number", "c1": ""}
    preview = clerk.post(
        f"{answer['Location']}/reading", fields | {"c1": "destination", "line": "ocean"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "→ 成都" in preview
    assert "海运" in preview
    assert "<html" not in preview
    again = posted(clerk.get(answer["Location"]).content.decode())
    assert (again["c1"], again["line"]) == ("destination", "ocean")


def test_what_must_be_answered_first_is_asked_and_nothing_starts(clerk):
    answer = upload(clerk, csv_of([["运单号", "签收时间"], ["SH101", "03/04/2026"]]))
    html = clerk.get(answer["Location"]).content.decode()
    assert "请选择日期顺序" in html
    clerk.post(f"{answer['Location']}/reading", posted(html) | {"go": "1"})
    assert Batch.objects.get().state == Batch.State.UPLOADED
    clerk.post(f"{answer['Location']}/reading", posted(html) | {"go": "1", "date_order": "dmy"})
    work()
    assert asked("SH101")["events"][0]["occurred"]["at"] == "2026-04-03"


@pytest.mark.parametrize("data", [b"%PDF-1.4", b"", b"<html>", b"PK\x03\x04", xls_samples.DEADLY])
def test_a_file_that_is_no_table_is_refused_on_the_form_in_words(clerk, data):
    answer = upload(clerk, data or b" ", "x.xlsx")
    assert answer.status_code == 422
    assert 'id="id_file_error"' in answer.content.decode()
    assert not Batch.objects.exists()


def test_samples_tell_no_phone_and_no_name_in_full(clerk):
    header = ["运单号", "收货人", "收货人电话", "收货人地址", "别的"]
    row = ["SH102", "欧阳文秀", "13812345678", "成都市锦江区春熙路1号5栋2单元301室", "请联系 13912345678"]
    html = clerk.get(upload(clerk, csv_of([header, row]))["Location"]).content.decode()
    for secret in ("欧阳文秀", "13812345678", "301室", "13912345678"):
        assert secret not in html


def test_the_error_file_is_for_who_brought_the_table_and_who_may_export(clerk, client_of):
    answer = upload(clerk, csv_of([HEADER, *ROWS]))
    clerk.post(f"{answer['Location']}/reading", posted(clerk.get(answer["Location"]).content.decode()) | {"go": "1"})
    work()
    assert clerk.get(f"{answer['Location']}/errors").status_code == 200
    assert client_of("it_admin").get(f"{answer['Location']}/errors").status_code == 404


def test_the_list_tells_state_counts_who_and_when_and_an_empty_one_what_to_do(clerk):
    assert "还没有导入过文件" in clerk.get("/app/imports").content.decode()
    upload(clerk, csv_of([HEADER, *ROWS]))
    html = clerk.get("/app/imports").content.decode()
    assert "orders.csv" in html
    assert "测试员" in html
    assert not Unit.objects.exists()

"""Imports: encodings, groups, faults, repeats, undo and return, two at once, a full disk, a lost database."""

import io
import threading
from datetime import UTC, date, datetime

import openpyxl
import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.utils import OperationalError
from django.test import Client

from huoji.apps.shipments.actions import batches, importing
from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.apps.shipments.models import Batch, Event, Parked, Unit, Waybill
from huoji.apps.shipments.queries import imports
from huoji.config import database
from huoji.core.importing.choices import Makes
from huoji.core.permission import Actor, Permission
from huoji.core.wording import Lang
from huoji.kit import blob, postgres
from huoji.kit.problem import Problem
from tests.tables import bring_in, content, csv_of, take_back, visible_numbers

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = ["运单号", "始发地", "目的地", "货物", "重量(公斤)", "承诺送达时间", "揽收时间", "签收时间"]
ROWS = [
    ["SH001", "上海", "成都", "轴承", "12.5", "2026-11-20", "2026-11-18 09:30", "2026-11-20 16:00"],
    ["SH001", "上海", "成都", "电机", "7.5", "2026-11-20", "2026-11-18 09:30", ""],
    ["SH002", "上海", "武汉", "灯具", "见附件", "2026-11-21", "2026-11-19 08:00", ""],
]


@pytest.fixture
def clerk(make_staff) -> Actor:
    return make_staff("it_admin", "cs_supervisor", "cs_manager", number="CLERK")


def asked(number: str) -> dict:
    PUBLIC_QUERIES.forget()
    return Client().get("/api/v1/track", {"numbers": number}).json()["results"][0]


def error_lines(batch: Batch) -> list[str]:
    with blob.open(batch.error_blob) as stream:
        return stream.read().decode("utf-8-sig").splitlines()


@pytest.fixture
def on_disk(settings, tmp_path) -> None:
    """Keep files as an installation does: the storage of the other tests shares one open file among threads."""
    durable = {"BACKEND": "huoji.kit.blob.DurableStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": durable}


def as_owner(statement: str, *, role: str = postgres.OWNER_ROLE) -> None:
    name = settings.DATABASES["default"]["NAME"]
    conninfo = database.cluster(settings.HUOJI.data_dir).conninfo(database=name, role=role)
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute(statement)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_rows_of_one_number_become_one_shipment_in_every_encoding(clerk, encoding):
    batch = bring_in(clerk, csv_of([HEADER, *ROWS], encoding=encoding))
    assert batch.state == Batch.State.DONE, batch.error
    assert (batch.counts["shipments_new"], batch.counts["events_new"]) == (2, 3)
    waybill = Waybill.objects.get(unit__number="SH001")
    assert (waybill.goods, str(waybill.weight_kg)) == ("轴承; 电机", "20.000")
    assert asked("SH001")["status"] == "delivered"
    assert asked("SH002")["status"] == "picked_up"


def test_a_workbook_goes_in_with_its_dates_and_numbers_as_they_are(clerk):
    book = openpyxl.Workbook()
    for row in (
        HEADER,
        ["SH500", "上海", "成都", "轴承", 12.5, date(2026, 11, 20), datetime.fromisoformat("2026-11-18T09:30"), None],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    batch = bring_in(clerk, out.getvalue(), name="orders.xlsx")
    assert (batch.state, batch.counts["warnings"]) == (Batch.State.DONE, 0)
    assert str(Waybill.objects.get().weight_kg) == "12.500"
    answer = asked("SH500")
    assert [(event["milestone"], event["occurred"]["at"], event["occurred"]["precision"]) for event in answer["events"]] == [
        ("delivered", "2026-11-20", "day"), ("picked_up", "2026-11-18T09:30:00+08:00", "second"),
    ]  # fmt: skip


def test_what_cannot_be_read_of_a_row_is_a_note_and_the_row_stays(clerk):
    batch = bring_in(clerk, csv_of([HEADER, *ROWS, ["", "x", "y", "", "", "", "", ""], ["SH003", "x"]]))
    assert (batch.counts["rows"], batch.counts["rows_bad"], batch.counts["warnings"]) == (5, 2, 1)
    lines = error_lines(batch)
    assert lines[0].startswith("行号,列,代码,说明,运单号")
    with blob.open(batch.error_blob) as stream, pytest.raises(Problem) as refused:
        importing.upload(clerk, name="errors.csv", data=stream.read())
    assert refused.value.extra["reason"] == "error_file"
    assert lines[1].startswith("4,重量(公斤),unread_decimal,提示：")
    assert lines[2].startswith("5,,missing_number,未导入：")
    assert lines[3].startswith("6,,ragged,未导入：")


def test_the_same_file_again_changes_nothing(clerk):
    data = csv_of([HEADER, *ROWS])
    bring_in(clerk, data)
    before = content()
    again = bring_in(clerk, data)
    assert content() == before
    assert (again.counts["shipments_same"], again.counts["events_same"]) == (2, 3)
    assert "events_new" not in again.counts


def test_an_undone_import_is_gone_and_the_same_file_brings_all_of_it_back_as_often_as_one_likes(clerk):
    data = csv_of([HEADER, *ROWS])
    batch = bring_in(clerk, data)
    for _ in range(3):
        assert asked("SH001")["status"] == "delivered"
        take_back(clerk, batch)
        assert visible_numbers() == set()
        assert asked("SH001")["found"] is False
        batch = bring_in(clerk, data)
        assert batch.counts["shipments_changed"] == 2
        assert visible_numbers() == {"SH001", "SH002"}
        assert [event["milestone"] for event in asked("SH001")["events"] if event["classifier"] == "ACT"] == [
            "delivered",
            "picked_up",
        ]


def test_undoing_an_import_that_only_revised_a_shipment_does_not_hide_it(clerk):
    bring_in(clerk, csv_of([HEADER, *ROWS]))
    revised = bring_in(clerk, csv_of([HEADER, [*ROWS[2][:3], "灯具两箱", *ROWS[2][4:7], "2026-11-21 10:00"]]))
    assert revised.counts["shipments_changed"] == 1
    assert asked("SH002")["status"] == "delivered"
    take_back(clerk, revised)
    assert asked("SH002")["status"] == "picked_up"


def test_events_of_unknown_numbers_wait_and_are_taken_back_with_their_import(clerk):
    header = ["运单号", "轨迹时间", "轨迹状态", "轨迹地点"]
    data = csv_of(
        [header, ["LATE1", "2026-11-20 10:00", "已揽收", "上海"], ["LATE1", "2026-11-21 10:00", "派送中", "成都"]]
    )
    batch = bring_in(clerk, data)
    assert imports.reading_of(batch).makes is Makes.EVENTS
    assert batch.counts["events_parked"] == 2
    bring_in(clerk, csv_of([HEADER, ["LATE1", "上海", "成都", "", "", "", "", ""]]))
    assert asked("LATE1")["status"] == "out_for_delivery"
    take_back(clerk, batch)
    assert asked("LATE1")["status"] == "created"
    waiting = bring_in(clerk, csv_of([header, ["LATE2", "2026-11-20 10:00", "已揽收", "上海"]]))
    take_back(clerk, waiting)
    assert not Parked.objects.exists()


def test_a_date_that_can_be_read_in_two_ways_is_asked_about(clerk):
    data = csv_of([["运单号", "签收时间"], ["SH010", "03/04/2026"]])
    batch_id = importing.upload(clerk, name="x.csv", data=data)
    with pytest.raises(Problem) as refused:
        importing.start(clerk, batch_id=batch_id, lang=Lang.ZH)
    assert refused.value.extra["questions"] == ["date_order"]
    assert Batch.objects.get(pk=batch_id).state == Batch.State.UPLOADED


def test_the_mapping_is_remembered_for_the_next_file_with_this_header(clerk):
    header = ["运单号", "甲", "乙"]
    columns = {"运单号": "number", "甲": "destination", "乙": "at.delivered"}
    bring_in(clerk, csv_of([header, ["SH020", "成都", "2026-11-20"]]), columns=columns)
    second = Batch.objects.get(pk=importing.upload(clerk, name="y.csv", data=csv_of([header, ["SH021", "武汉", ""]])))
    assert imports.reading_of(second).columns == columns
    assert second.mapping["because"]["甲"] == "before"


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b"%PDF-1.7", "not_a_table"), ("运单号\n".encode("utf-16-le")[:-1] + b"\xff\xff\xff", "encoding"),
     (b"PK\x03\x04xl/", "not_a_workbook"), (b"<html><table>", "not_a_table")],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words_and_leaves_nothing(clerk, data, reason):
    with pytest.raises(Problem) as refused:
        importing.upload(clerk, name="x", data=data)
    assert (refused.value.code, refused.value.extra["reason"]) == ("table_refused", reason)
    assert not Batch.objects.exists()


def test_nobody_imports_or_undoes_without_the_permission(make_staff, clerk):
    from django.core.exceptions import PermissionDenied

    stranger = make_staff("warehouse")
    assert not stranger.may(Permission.IMPORT_RUN)
    data = csv_of([HEADER, *ROWS])
    with pytest.raises(PermissionDenied):
        importing.upload(stranger, name="x.csv", data=data)
    batch = bring_in(clerk, data)
    with pytest.raises(PermissionDenied):
        take_back(stranger, batch)
    with pytest.raises(Problem):
        imports.batch_of(stranger, batch_id=batch.pk)


def many(count: int) -> bytes:
    return csv_of([HEADER, *([f"MANY{n:05}", "上海", "成都", "", "1", "", "2026-11-18", ""] for n in range(count))])


def test_two_imports_of_the_same_numbers_at_once_bring_each_in_once(clerk, on_disk):
    ids = [importing.upload(clerk, name=f"{n}.csv", data=many(1200)) for n in range(2)]
    for batch_id in ids:
        importing.start_here(clerk, batch_id=batch_id, lang=Lang.ZH)

    def work(batch_id: int) -> None:
        try:
            importing.run(batch_id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[batch_id]) for batch_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = list(Batch.objects.filter(pk__in=ids))
    assert {batch.state for batch in ended} == {Batch.State.DONE}
    assert sum(batch.counts.get("shipments_new", 0) for batch in ended) == 1200
    assert sum(batch.counts.get("events_new", 0) for batch in ended) == 1200
    assert Unit.objects.filter(kind="waybill").count() == 1200


def test_two_workers_with_the_same_import_do_not_double_a_chunk(clerk, on_disk):
    batch_id = importing.upload(clerk, name="x.csv", data=many(1200))
    importing.start_here(clerk, batch_id=batch_id, lang=Lang.ZH)
    threads = [threading.Thread(target=lambda: (importing.run(batch_id), connections.close_all())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batch = Batch.objects.get()
    assert (batch.state, batch.counts["shipments_new"], batch.counts["events_new"]) == (Batch.State.DONE, 1200, 1200)


def test_a_full_disk_stops_the_import_with_a_sentence_and_it_goes_on_from_there(clerk):
    as_owner("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
             "IF NEW.number >= 'MANY00700' THEN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END IF; RETURN NEW; END $$;"
             "CREATE TRIGGER full_disk BEFORE INSERT ON unit FOR EACH ROW EXECUTE FUNCTION full_disk()")  # fmt: skip
    try:
        batch = bring_in(clerk, many(1200))
    finally:
        as_owner("DROP TRIGGER full_disk ON unit; DROP FUNCTION full_disk()")
    assert (batch.state, batch.error) == (Batch.State.FAILED, "disk_full")
    assert batch.counts["shipments_new"] == Unit.objects.count() == 500
    importing.start_here(clerk, batch_id=batch.pk, lang=Lang.ZH)
    importing.run(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["shipments_new"]) == (Batch.State.DONE, 1200)
    assert "shipments_same" not in batch.counts


def test_a_lost_database_loses_nothing_that_was_told_and_the_next_run_goes_on_from_there(clerk):
    batch_id = importing.upload(clerk, name="x.csv", data=many(1200))
    importing.start_here(clerk, batch_id=batch_id, lang=Lang.ZH)

    def cut(batch: Batch) -> None:
        if batch.progress["chunks"] == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                [pid] = cursor.fetchone()
            as_owner(f"SELECT pg_terminate_backend({pid})", role=postgres.SUPERUSER)

    with pytest.raises(OperationalError):
        importing.run(batch_id, told=cut)
    connection.close()
    assert Unit.objects.count() == 500
    importing.run(batch_id)
    batch = Batch.objects.get()
    assert (batch.state, batch.counts["shipments_new"], Event.objects.count()) == (Batch.State.DONE, 1200, 1200)


def test_an_import_that_nobody_runs_any_more_is_said_to_have_stopped(clerk):
    batch_id = importing.upload(clerk, name="x.csv", data=many(2))
    importing.start_here(clerk, batch_id=batch_id, lang=Lang.ZH)
    importing.give_up_silent(now=datetime.now(UTC))
    assert Batch.objects.get().state == Batch.State.RUNNING
    importing.give_up_silent(now=datetime.now(UTC) + importing.SILENT_MAX * 2)
    assert Batch.objects.get().error == "database"


def test_an_import_that_still_runs_cannot_be_undone(clerk):
    batch_id = importing.upload(clerk, name="x.csv", data=many(2))
    importing.start_here(clerk, batch_id=batch_id, lang=Lang.ZH)
    with pytest.raises(Problem) as refused:
        batches.undo(clerk, batch_id=batch_id, reason="x", now=datetime.now(UTC))
    assert refused.value.code == "batch_state"

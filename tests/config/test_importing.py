"""`huoji import`: what it prints, what it asks, and how it ends."""

import pytest

from huoji.apps.shipments.models import Batch, Unit
from huoji.config import cli, importing
from tests.tables import csv_of

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = ["运单号", "Where to", "签收时间"]
ROWS = [["CL001", "成都", "2026-11-20 16:00"], ["CL002", "武汉", "谁知道"], ["CL003", "重庆", "2026-11-21"]]


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def act(*words: str, rows=ROWS, encoding="gbk") -> int:
        (tmp_path / "orders.csv").write_bytes(csv_of([HEADER, *rows], encoding=encoding))
        return importing.run(cli.parser().parse_args(["import", *words]))

    return act


@pytest.mark.req("H02", part="stages come in by a CSV file")
def test_it_says_how_it_reads_the_file_brings_it_in_and_tells_how_to_undo_it(run, capsys, tmp_path):
    assert run("orders.csv", "--map", "Where to=destination", "--line", "express", "--zone", "+02:00") == 0
    batch = Batch.objects.get()
    told = capsys.readouterr().out
    assert "CSV gb18030, 3 columns" in told
    assert "-> destination (Destination)" in told
    assert f"huoji import --undo {batch.pk} --reason" in told
    assert "3 new" in told
    errors = (tmp_path / f"orders.import-{batch.pk}.csv").read_text(encoding="utf-8-sig")
    assert "unread_time,Note: The date cannot be read" in errors
    assert batch.principal == "system:import"
    assert run("--undo", str(batch.pk), "--reason", "wrong file") == 0
    undone = capsys.readouterr().out
    assert "shipments hidden: 3 (only this import spoke of them)" in undone
    assert "events taken back: 2 (with the orders and planned times" in undone
    assert not Unit.objects.filter(voided_at=None, kind="waybill").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["orders.csv", "--map", "没有=number"], "no such column"),
        (["orders.csv", "--map", "运单号=nonsense"], "no such field"),
        (["orders.csv", "--zone", "Shanghai"], "write it as +08:00"),
        (["orders.csv", "--map", "运单号="], "Which column holds the waybill number"),
        ([], "Give the file"),
        (["--undo", "1"], "--reason"),
    ],
)
def test_what_it_does_not_understand_is_said_and_ends_with_2(run, capsys, words, says):
    assert run(*words) == 2
    assert says in capsys.readouterr().err
    assert not Unit.objects.exists()


def test_what_cannot_be_done_ends_with_1(run, capsys, tmp_path):
    (tmp_path / "no.pdf").write_bytes(b"%PDF-1.7")
    assert run("no.pdf") == 1
    assert run("missing.csv") == 1
    assert run("--undo", "999999", "--reason", "x") == 1
    told = capsys.readouterr().err
    assert "No such file" in told


def test_the_fields_are_listed(run, capsys):
    assert run("--map", "help") == 0
    assert "at.delivered" in capsys.readouterr().out


def test_an_import_that_a_killed_command_left_behind_goes_on(run, capsys, tmp_path):
    assert run("orders.csv") == 0
    Batch.objects.update(state=Batch.State.RUNNING)
    assert run("orders.csv") == 0
    assert "goes on from there" in capsys.readouterr().out
    assert Batch.objects.get().counts["shipments_new"] == 3

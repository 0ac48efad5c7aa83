"""The worker as a process: it relays, runs what is due, and leaves cleanly; a killed one's work is not lost."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction

from huoji.config import database
from huoji.kit import outbox, postgres, task
from huoji.kit.models import HealthRow, Heartbeat, Mark

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 25.0
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start(transactional_db):
    """Start `huoji worker` on this test's database, as often as one likes."""
    cluster = database.cluster(settings.HUOJI.data_dir)
    name = settings.DATABASES["default"]["NAME"]
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "huoji.config.settings",
        "HUOJI_DATA_DIR": str(settings.HUOJI.data_dir),
        "HUOJI_DATABASE_URL": f"postgresql://{postgres.APP_ROLE}@/{name}?host={quote(str(cluster.sockets))}",
        "HUOJI_BACKUP_AT": "off",
        "PYTHONPATH": str(ROOT / "src"),
    }
    started = []

    def run():
        started.append(subprocess.Popen([sys.executable, "-m", "huoji", "worker"], env=environ, cwd=ROOT))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def wait_for(condition):
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_relays_checks_beats_and_says_goodbye(start):
    with transaction.atomic():
        outbox.publish("test.nobody", [1])
    process = start()
    wait_for(lambda: outbox.backlog().waiting == 0)
    wait_for(lambda: HealthRow.objects.filter(name="outbox", state="ok").exists())
    wait_for(lambda: Mark.objects.filter(name="task:kit.health", ok=True).exists())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    assert Heartbeat.objects.get(kind="worker").stopped_at is not None


def test_what_a_killed_worker_left_the_next_one_does(start):
    first = start()
    wait_for(lambda: Heartbeat.objects.filter(kind="worker").exists())
    first.kill()
    first.wait()
    with transaction.atomic():
        outbox.publish("test.nobody", [1])
    start()
    wait_for(lambda: outbox.backlog().waiting == 0)


def test_a_periodic_task_remembers_how_it_went():
    now = datetime.now(UTC)
    ran = []
    task.PERIODIC["test.task"] = task.Periodic(name="test.task", cron="* * * * *", run=ran.append)
    try:
        task.run_periodic("test.task")
        assert ran[0] >= now
        task.PERIODIC["test.task"] = task.Periodic(name="test.task", cron="* * * * *", run=lambda _now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            task.run_periodic("test.task")
    finally:
        del task.PERIODIC["test.task"]
    mark = Mark.objects.get(name="task:test.task")
    assert (mark.ok, mark.data) == (False, {"error": "ZeroDivisionError: division by zero"})


def test_a_job_deferred_by_a_handler_exists_only_when_the_handler_committed(monkeypatch):
    monkeypatch.setattr(outbox, "_handlers", {})
    from procrastinate.contrib.django import app

    from huoji.kit import jobs

    assert jobs.app is app

    def count():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'kit.forget_jobs'")
            return cursor.fetchone()[0]

    @outbox.handler("test.defers")
    def handle(message):
        jobs.forget_jobs.defer(timestamp=1)
        if message.data.get("fail"):
            raise ValueError

    with transaction.atomic():
        outbox.publish("test.defers", [1], fail=True)
        outbox.publish("test.defers", [2])
    while outbox.deliver_next(now=datetime.now(UTC)):
        pass
    assert count() == 1

"""An import killed at any moment: what it told is there, nothing is there twice, and the next run goes on from there."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from huoji.apps.shipments.actions import importing
from huoji.apps.shipments.models import Batch, Event, Unit
from huoji.core.wording import Lang
from tests.apps.shipments.test_importing import HEADER
from tests.tables import csv_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
HARNESS = Path(__file__).with_name("import_harness.py")


def start(blobs: Path, batch_id: int) -> subprocess.Popen[str]:
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": "src:."}
    command = [sys.executable, str(HARNESS), django_settings.DATABASES["default"]["NAME"], str(blobs), str(batch_id)]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("count", "kills"), [(4_000, 4), pytest.param(20_000, 30, marks=pytest.mark.soak)])
def test_an_import_killed_again_and_again_ends_as_if_it_never_was(make_staff, settings, tmp_path, count, kills):
    durable = {"BACKEND": "huoji.kit.blob.DurableStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": durable}
    clerk = make_staff("cs_supervisor", number="CLERK")
    rows = [[f"K{n:06}", "上海", "成都", "", "1", "2026-11-20", "2026-11-18", ""] for n in range(count)]
    batch_id = importing.upload(clerk, name="x.csv", data=csv_of([HEADER, *rows, ["", "x", *[""] * 6]]))
    importing.start_here(clerk, batch_id=batch_id, lang=Lang.ZH)
    chance = random.Random(20261123)
    killed = 0
    for _ in range(kills):
        child = start(tmp_path, batch_id)
        assert child.stdout is not None
        told = child.stdout.readline()  # at least one chunk in, so that each kill falls into work
        time.sleep(chance.uniform(0, 0.15))
        child.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in (told + child.stdout.read()).split()]
        killed += child.wait() == -signal.SIGKILL
        stored = Unit.objects.filter(kind="waybill").count()
        assert stored >= max(acknowledged, default=0)
        assert stored == Batch.objects.get().counts.get("shipments_new", 0)
        if stored == count:
            break
    assert killed >= 3
    importing.run(batch_id)
    batch = Batch.objects.get()
    assert batch.state == Batch.State.DONE
    assert (batch.counts["shipments_new"], batch.counts["rows_bad"]) == (count, 1)
    assert {"shipments_same", "events_same"} & batch.counts.keys() == set()
    assert Event.objects.filter(milestone="picked_up").count() == batch.counts["events_new"] == count
    assert Event.objects.filter(milestone="delivered", classifier="PLN").count() == count

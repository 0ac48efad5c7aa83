"""Kill -9 at any moment between commit and relay: what was acknowledged is handled, once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from huoji.config import database
from huoji.kit import postgres

HARNESS = Path(__file__).with_name("kill_harness.py")
TABLES = ("kill_effect", "kill_handled")


@pytest.fixture
def run(transactional_db):
    """Run the harness on this test's database with two tables of its own."""
    name = settings.DATABASES["default"]["NAME"]
    conninfo = database.cluster(settings.HUOJI.data_dir).conninfo(database=name, role=postgres.OWNER_ROLE)
    with psycopg.connect(conninfo, autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"CREATE TABLE {table} (id bigint)")

    def start(*, kills, seed, extra=()):
        environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": "src:."}
        command = [sys.executable, str(HARNESS), name, str(kills), str(seed), *extra]
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=90, check=False, cwd=HARNESS.parents[2]
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    yield start
    with psycopg.connect(conninfo, autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"DROP TABLE {table}")


def test_first_the_proof_a_relay_that_removes_before_it_handles_is_caught(run):
    found = run(kills=20, seed=1, extra=["--careless"])
    assert set(found["acknowledged"]) - set(found["handled"]), "the careless relay lost nothing: the test is blind"


def test_whoever_is_killed_when_nothing_acknowledged_is_lost_or_handled_twice(run):
    found = run(kills=40, seed=2)
    acknowledged, handled, effects = found["acknowledged"], found["handled"], found["effects"]
    assert len(acknowledged) > 40, "the publishers must have worked"
    assert set(acknowledged) <= set(effects)
    assert sorted(handled) == sorted(effects), "each effect was told exactly once"

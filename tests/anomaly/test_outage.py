"""The database dies and web processes are killed while a caller sends: what was acknowledged is there, once."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
import pytest

from huoji.kit import postgres
from tests.config.test_up import Installation, until

CHECKOUT = Path(__file__).resolve().parents[2]
CALLS, ITEMS, CALLERS = 12, 20, 3
PATIENCE_S = 60
ISSUE = """
import django; django.setup()
from huoji.apps.accounts import actions
from huoji.core.permission import KeyScope, system
scopes = (KeyScope.SHIPMENTS_READ, KeyScope.SHIPMENTS_WRITE, KeyScope.EVENTS_WRITE)
print(actions.issue_key(system("tests"), name="load", principal="partner:1", scopes=scopes, source="load"))
"""


class Caller:
    """A shipper's system that sends until it is told that all was received."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key
        self.acknowledged: list[str] = []
        self.refusals: list[tuple[int, str, str, str]] = []
        self.broken = 0

    def send(self, path: str, items: list[dict]) -> dict:
        deadline = time.monotonic() + PATIENCE_S
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        while time.monotonic() < deadline:
            link = HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                link.request("POST", path, json.dumps(items), headers)
                answer = link.getresponse()
                body = answer.read()
            except (OSError, HTTPException):
                self.broken += 1
            else:
                if answer.status == 200:
                    return json.loads(body)
                code = json.loads(body)["code"]
                self.refusals.append(
                    (answer.status, code, answer.headers["Content-Type"], answer.headers["Retry-After"])
                )
            finally:
                link.close()
            time.sleep(0.1)
        raise AssertionError(f"never received: {self.refusals[-3:]} {self.broken}")

    def run(self, name: str) -> None:
        for call in range(CALLS):
            ids = [f"{name}-{call}-{item}" for item in range(ITEMS)]
            items = [
                {
                    "number": f"LOAD{item:02}",
                    "occurred_at": f"2026-11-20T{call:02}:00:00Z",
                    "milestone": "arrived",
                    "place": name,
                    "id": each,
                }
                for item, each in enumerate(ids)
            ]
            told = self.send("/api/v1/events", items)
            assert told["accepted"] + told["duplicate"] == ITEMS, told
            self.acknowledged += ids


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("outage"))
    process = made.up()
    yield made
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    until(lambda: not made.processes())


@pytest.fixture(scope="module")
def key(installation) -> str:
    environ = {**installation.environ, "DJANGO_SETTINGS_MODULE": "huoji.config.settings"}
    made = subprocess.run([sys.executable, "-c", ISSUE], env=environ, capture_output=True, text=True, check=True)
    return made.stdout.split()[-1]


def stored(folder: Path) -> dict[str, int]:
    owner = postgres.Cluster(folder=folder).conninfo(database="huoji", role=postgres.OWNER_ROLE)
    with psycopg.connect(owner) as link:
        return dict(link.execute("SELECT source_event_id, count(*) FROM event WHERE source_event_id <> '' GROUP BY 1"))


def under_load(installation, key, break_it) -> list[Caller]:
    callers = [Caller(installation.port, key) for _ in range(CALLERS)]
    made = callers[0].send(
        "/api/v1/shipments", [{"line": "road", "number": f"LOAD{index:02}"} for index in range(ITEMS)]
    )
    assert made["accepted"] + made["duplicate"] == ITEMS
    threads = [
        threading.Thread(target=caller.run, args=(f"{break_it.__name__}{index}",))
        for index, caller in enumerate(callers)
    ]
    for thread in threads:
        thread.start()
    until(lambda: sum(len(caller.acknowledged) for caller in callers) > ITEMS)
    break_it()
    for thread in threads:
        thread.join(90)
    return callers


def judge(installation, callers: list[Caller]) -> None:
    acknowledged = [each for caller in callers for each in caller.acknowledged]
    assert len(acknowledged) == CALLERS * CALLS * ITEMS, "every caller was served in the end"
    rows = stored(installation.folder)
    assert {each: rows.get(each, 0) for each in acknowledged} == dict.fromkeys(acknowledged, 1)
    for refusal in (each for caller in callers for each in caller.refusals):
        assert refusal[:3] == (503, "unavailable", "application/problem+json"), refusal
        assert int(refusal[3]) > 0
    assert installation.status("/track/LOAD00") == 200


@pytest.mark.timeout(180)
def test_a_database_that_dies_under_load_is_told_as_unavailable_and_loses_nothing_acknowledged(installation, key):
    def stop_twice() -> None:
        cluster = postgres.Cluster(folder=installation.folder)
        for how in (signal.SIGQUIT, signal.SIGKILL):
            pid = until(lambda: postgres.postmaster_pid(cluster))
            os.kill(pid, how)
            until(lambda pid=pid: postgres.postmaster_pid(cluster) not in {pid, None})

    callers = under_load(installation, key, stop_twice)
    judge(installation, callers)
    assert sum(len(caller.refusals) + caller.broken for caller in callers) > 0, "the outage must have been felt"


@pytest.mark.req("T06")
@pytest.mark.timeout(180)
def test_a_restart_under_load_loses_no_accepted_event_and_the_load_is_a_command_whose_figures_are_written_down(
    installation, key
):
    def restart_web() -> None:
        web = [pid for pid, words in installation.processes().items() if "granian" in words and "asgi" not in words]
        os.kill(min(web), signal.SIGTERM)
        time.sleep(0.4)
        until(installation.answers)

    judge(installation, under_load(installation, key, restart_web))
    figures = (CHECKOUT / "docs" / "reference" / "performance.md").read_text(encoding="utf-8")
    assert all(f"python -m bench {name}" in figures for name in ("growth", "query", "jt808"))
    benches = (CHECKOUT / "bench" / "__main__.py").read_text(encoding="utf-8")
    assert all(f'"{name}"' in benches for name in ("growth", "query", "jt808"))


@pytest.mark.timeout(180)
def test_web_processes_killed_under_load_lose_and_double_nothing_that_the_caller_repeats(installation, key):
    def kill_web() -> None:
        for _ in range(3):
            web = [pid for pid, words in installation.processes().items() if "granian" in words and "asgi" not in words]
            for pid in sorted(web)[-1:]:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.4)
            until(installation.answers)

    callers = under_load(installation, key, kill_web)
    judge(installation, callers)
    assert sum(caller.broken for caller in callers) > 0, "the kills must have been felt"

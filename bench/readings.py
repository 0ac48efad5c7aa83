"""Sensor readings over HTTP, to commit, beside COPY of the same rows into the same table."""

import json
import time
from typing import Any

from bench import rig

BATCH = 5_000
BATCHES = 8
SENSORS = 500
RUNS = 3
COPY = "COPY reading (at, recorded_at, terminal_id, value, metric, channel) FROM STDIN"


def body(start: int) -> tuple[bytes, list[tuple[str, int, float]]]:
    """Return one call's readings, and the same as (device, time, value)."""
    told = [
        (f"BENCH-{number % SENSORS}", start + number // SENSORS * 60, 4.0 + number % 40 / 10) for number in range(BATCH)
    ]
    items = [{"device": device, "metric": "temperature", "value": value, "at": at} for device, at, value in told]
    return json.dumps(items).encode(), told


def run(address: str) -> dict[str, Any]:
    """Measure readings a second over BATCHES calls one after the other, and COPY of as many rows."""
    from django.db import connection

    from huoji.apps.accounts import actions
    from huoji.apps.fleet.models import Terminal
    from huoji.core.permission import KeyScope, system

    raw_key = actions.issue_key(
        system("bench"), name="sensors", principal="partner:1", scopes=[KeyScope.READINGS_WRITE], source="sensors"
    )
    ours, theirs = [], []
    start = int(time.time()) - 86_400
    for each in range(RUNS + 1):
        calls = [body(start + (each * BATCHES + number) * BATCH // SENSORS * 60) for number in range(BATCHES)]
        started = time.perf_counter()
        for raw, _ in calls:
            answer = rig.post(address, "/api/v1/readings", raw, raw_key)
            assert answer["accepted"] == BATCH, {name: answer[name] for name in ("accepted", "duplicate", "rejected")}
        took = time.perf_counter() - started
        terminals = dict(
            Terminal.objects.filter(number__startswith="BENCH-", kind="sensor").values_list("number", "pk")
        )
        rows = [(at, terminals[device], value) for _, told in calls for device, at, value in told]
        lines = "".join(
            f"{_iso(at)}\tnow\t{terminal}\t{value}\t1\t{each}\n" for at, terminal, value in rows
        )  # as humidity: other keys
        copying = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.write(lines)
        copied = time.perf_counter() - copying
        if each:  # the first warms up
            ours.append(BATCH * BATCHES / took)
            theirs.append(len(rows) / copied)
    middle = RUNS // 2
    return {
        "readings/s to commit": sorted(ours)[middle], "COPY, rows/s": sorted(theirs)[middle],
        "ratio": sorted(a / b for a, b in zip(ours, theirs, strict=True))[middle],
    }  # fmt: skip


def _iso(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))

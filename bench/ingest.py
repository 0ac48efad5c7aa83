"""Batch ingest over HTTP, to commit with stories rewritten, beside COPY of the same rows."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

from bench import rig
from bench.limits import copy

SHAPES = ((5_000, 1), (1_000, 5))  # (waybills, events each)
RUNS = 5
_turn = itertools.count(1)


def batch(numbers: list[str], each: int) -> list[dict[str, Any]]:
    """Return new events for the waybills, one after another in time."""
    turn = next(_turn)
    start = rig.T0 + 10 * 86_400 + turn * 3_600
    return [
        {
            "number": number, "id": f"{turn}-{step}-{time.time_ns()}",
            "occurred_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start + step)),
            "milestone": "arrived", "place": f"网点{(turn + step) % 60}",
        }
        for number in numbers
        for step in range(each)
    ]  # fmt: skip


def measure(address: str, raw_key: str, ids: list[int], each: int, source_id: int) -> Iterator[tuple[float, float]]:
    """Yield (events per second over HTTP, rows per second of COPY), RUNS times after one warm-up."""
    import json
    from datetime import UTC, datetime

    from huoji.apps.shipments.actions import units

    count = len(ids) // (RUNS + 1)
    for run in range(RUNS + 1):
        turn = ids[run * count : (run + 1) * count]  # new waybills each time: a story must not grow from run to run
        body = json.dumps(batch(rig.numbers_of(turn), each)).encode()
        started = time.perf_counter()
        answer = rig.post(address, "/api/v1/events", body, raw_key)
        ours = count * each / (time.perf_counter() - started)
        assert answer["accepted"] == count * each, {k: v for k, v in answer.items() if k != "items"}
        fresh = units.take_ids(count)
        now = datetime.now(UTC)
        rows = [row for i in fresh for row in rig.event_rows(i, rig.story(i, source_id).facts[:each], source_id, now)]
        theirs = copy.rows_per_s(rows)
        if run:
            yield ours, theirs

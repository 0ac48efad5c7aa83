"""Public queries over HTTP: 16 connections, many clients through the trusted proxy, limits on; alone and while events come in."""

import json
import os
import subprocess
import threading
import time
from typing import Any

import psycopg

from bench import ingest, rig

SECONDS = 8.0
API, PAGE = "/api/v1/track?numbers={}", "/track/{}"
INGEST_PER_S = 1_000


def load(numbers: list[str], path: str, seconds: float = SECONDS) -> dict[str, Any]:
    """Run the load generator as a process of its own."""
    done = subprocess.run(
        [rig.python(), "-m", "bench.load", str(rig.PORT), path, str(seconds)],
        input="\n".join(numbers), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


class Feeder(threading.Thread):
    """Sends INGEST_PER_S events a second in calls of 250, until told to stop; counts what was acknowledged."""

    def __init__(self, address: str, raw_key: str, numbers: list[str]) -> None:
        super().__init__(daemon=True)
        self.address, self.raw_key, self.numbers = address, raw_key, numbers
        self.stopped = threading.Event()
        self.sent = 0

    def run(self) -> None:
        call, at = 250, 0
        started = time.perf_counter()
        while not self.stopped.is_set():
            body = json.dumps(ingest.batch(self.numbers[at : at + call], 1)).encode()
            at = (at + call) % (len(self.numbers) - call)
            self.sent += rig.post(self.address, "/api/v1/events", body, self.raw_key)["accepted"]
            ahead = self.sent / INGEST_PER_S - (time.perf_counter() - started)
            if ahead > 0:
                time.sleep(ahead)
        self.per_s = self.sent / (time.perf_counter() - started)


def bare(numbers: list[str]) -> dict[str, Any]:
    """Measure the bare WSGI function on the same server with the same workers and threads."""
    from huoji.config import database, env, serve

    os.environ["BENCH_CONNINFO"] = database.conninfo(env.load(), "default")
    program = [
        "bench.limits.wsgi:application" if part == "huoji.config.wsgi:application" else part
        for part in serve.web(env.load())
    ]
    with rig.web(program):
        load(numbers, "/x?numbers={}", 2)
        return load(numbers, "/x?numbers={}")


def pgbench() -> dict[str, float]:
    """Ask PostgreSQL alone for stories of random waybills, by its own load generator over the same 16 connections."""
    import re
    import tempfile

    from huoji.config import database, env
    from huoji.kit import postgres

    owner = database.conninfo(env.load(), "owner")
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_number")
        connection.execute(
            "CREATE TABLE bench_number AS SELECT row_number() OVER () AS id, number FROM unit WHERE number LIKE 'BX%' LIMIT 50000"
        )
        connection.execute("CREATE UNIQUE INDEX ON bench_number (id)")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(
            "\\set at random(1, 1000)\n"
            "SELECT s.body FROM bench_number b JOIN unit u ON u.kind = 'waybill' AND u.number = b.number "
            "JOIN story s ON s.unit_id = u.id WHERE b.id = :at;\n"
        )
        script.flush()
        done = subprocess.run(
            [str(postgres.binaries() / "pgbench"), "-n", "-M", "prepared", "-c", "16", "-T", "5", "-f", script.name, owner],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("DROP TABLE bench_number")
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return {"per_s": float(found.group(1))}


def run(address: str, raw_key: str, numbers: list[str], fed: list[str]) -> dict[str, dict[str, Any]]:
    """Return the loads of API and page, alone and under ingest."""
    load(numbers, API, 2)
    results = {"API": load(numbers, API), "page": load(numbers, PAGE)}
    for name, path in (("API under ingest", API), ("page under ingest", PAGE)):
        feeder = Feeder(address, raw_key, fed)
        feeder.start()
        time.sleep(1)
        results[name] = load(numbers, path)
        feeder.stopped.set()
        feeder.join()
        results[name]["ingested_per_s"] = round(feeder.per_s)
    return results

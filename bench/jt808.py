"""Road terminals to the database: positions decoded, filtered, committed and acknowledged a second, beside COPY of the same rows."""

import json
import os
import pickle
import resource
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import rig
from bench.limits import copy

TERMINALS = 1_000
FRAMES = 60  # of each terminal in a run
RUNS = 5
STEP_S, STEP_E6 = 10, 1_800  # 72 km/h north
SITES = 200
CODE, IDLE_CODE = "bench-code-1", "bench-code-2"
NULL_PORT = rig.PORT + 3
IDLE = 10_000
GATEWAY = [rig.python(), "-m", "huoji", "gateway", "jt808"]
ITEMS = bytes.fromhex("01040012D687030203B630011F31010E")


def prepare() -> list[int]:
    """Make terminals on trucks, and sites with fences on their way; return the ids."""
    from huoji.apps.fleet.models import Conveyance, Terminal
    from huoji.apps.places.models import Site

    if Site.objects.filter(code__startswith="B8").count() < SITES:
        Site.objects.bulk_create(
            [
                Site(
                    code=f"B8{n:03}", name=f"站{n}", kind="hub", lat=30 + n % 20 * 0.05, lon=110 + n // 20 * 0.5,
                    time_zone="Asia/Shanghai",
                )
                for n in range(SITES)
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    missing = TERMINALS - Terminal.objects.filter(kind="jt808", auth_code=CODE).count()
    if missing > 0:
        trucks = Conveyance.objects.bulk_create(
            [Conveyance(kind="vehicle", plate=f"测B{n:05}") for n in range(TERMINALS)], ignore_conflicts=True
        )
        trucks = list(Conveyance.objects.filter(plate__startswith="测B").order_by("plate"))
        Terminal.objects.bulk_create(
            [
                Terminal(kind="jt808", number=f"{13_900_000_000 + n}", auth_code=CODE, conveyance=truck)
                for n, truck in enumerate(trucks)
            ],
            ignore_conflicts=True,
        )
    return list(Terminal.objects.filter(auth_code=CODE).order_by("number").values_list("pk", flat=True))


def forget() -> None:
    """Begin each run with terminals that have no past, and empty days."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SET huoji.allow_truncate = 'on'")
        cursor.execute("TRUNCATE position, position_filtered, last_position, alarm")


def positions(terminal: int, count: int, *, start: int) -> Iterator[Any]:
    """Drive a truck north past the sites, one in twenty slowly about a yard."""
    from huoji.wire import jt808

    slow = terminal % 20 == 0
    lat, lon = 30_000_000 + terminal % 400 * 2_000, 110_000_000 + terminal // 400 * 500_000
    for n in range(count):
        yield jt808.write_position(
            alarm=0, status=0xC0003, latitude=lat + (n % 5 * 400 if slow else n * STEP_E6), longitude=lon, altitude=12,
            speed=60 if slow else 720, direction=0, time=start + n * STEP_S, items=ITEMS,
        )  # fmt: skip


def streams(count: int, *, start: int) -> list[list[bytes]]:
    """Precompute the frames of every terminal: sign-in, then reports."""
    return [stream_of(f"{13_900_000_000 + n}", n, count, code=CODE, start=start) for n in range(TERMINALS)]


def stream_of(number: str, truck: int, count: int, *, code: str, start: int) -> list[bytes]:
    """Return the frames of one terminal."""
    from huoji.wire import jt808

    version = jt808.Version.V2013
    told = [jt808.Authentication(layout=version, code=code)]
    told += [jt808.PositionReport(position=each) for each in positions(truck, count, start=start)]
    return [
        jt808.encode(content, version=version, terminal=number, serial=serial % 65_536)[0]
        for serial, content in enumerate(told)
    ]


def copy_rows(ids: list[int], *, start: int) -> float:
    """Copy the rows of a run into the same table with the same indexes; return rows per second."""
    from huoji.gateways.jt808.points import point_in

    items = [
        point_in(position, terminal_id=terminal_id, history=False)
        for n, terminal_id in enumerate(ids)
        for position in positions(n, FRAMES, start=start)
    ]
    return copy.positions_per_s(items)


@contextmanager
def process(program: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until its port answers, and stop it cleanly."""
    running = subprocess.Popen(program, env=os.environ)
    try:
        for _ in range(400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield running
    finally:
        running.terminate()
        running.wait(30)


def load(port: int, window: int, path: Path, *watched: list[int]) -> dict[str, Any]:
    done = subprocess.run(
        [rig.python(), "-m", "bench.load808", str(port), str(window), str(path), *(",".join(map(str, g)) for g in watched)],
        env=os.environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def database_pids() -> list[int]:
    postmaster = int((rig.FOLDER / "pg" / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [postmaster, *map(int, children)]


def run(window: int, workers: int) -> Iterator[dict[str, float]]:
    """Yield the figures of each run: the gateway, COPY of the same rows before it, and what each process took."""
    from huoji.apps.fleet.models import LastPosition, Position

    ids = prepare()
    path = rig.FOLDER / "frames.pickle"
    for turn in range(RUNS + 1):
        start = int(datetime.now(UTC).timestamp()) - FRAMES * STEP_S - 60
        path.write_bytes(pickle.dumps(streams(FRAMES, start=start)))
        forget()
        theirs = copy_rows(ids, start=start)
        forget()
        os.environ["HUOJI_JT808_WORKERS"] = str(workers)
        with ExitStack() as stack:
            gateways = [stack.enter_context(process(GATEWAY, rig.PORT + 2)) for _ in range(workers)]
            time.sleep(workers - 1)  # the port answers as soon as the first of them does
            told = load(rig.PORT + 2, window, path, [each.pid for each in gateways], database_pids())
        stored = Position.objects.count()
        assert not told["lost"], told
        assert stored == TERMINALS * FRAMES, (stored, told)
        assert LastPosition.objects.count() == TERMINALS
        if turn:
            yield told | {
                "copy_per_s": theirs, "ratio": told["per_s"] / theirs, "gateway_cpu_s": told["watched_cpu_s"][0],
                "database_cpu_s": told["watched_cpu_s"][1],
            }  # fmt: skip


def ceiling(window: int) -> dict[str, float]:
    """Return what the load generator reaches against a server that only answers."""
    path = rig.FOLDER / "frames.pickle"
    with process([rig.python(), "-m", "bench.limits.ack", str(NULL_PORT)], NULL_PORT):
        return load(NULL_PORT, window, path)


def idle() -> dict[str, float]:
    """Return the memory of each idle connection whose terminal has signed in."""
    from huoji.apps.fleet.models import Terminal
    from huoji.wire import jt808

    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    numbers = [f"{13_700_000_000 + n}" for n in range(IDLE)]
    Terminal.objects.bulk_create(
        [Terminal(kind="jt808", number=number, auth_code=IDLE_CODE) for number in numbers], ignore_conflicts=True
    )
    os.environ["HUOJI_JT808_CONNECTIONS_PEER"] = str(IDLE)
    version = jt808.Version.V2013
    os.environ["HUOJI_JT808_WORKERS"] = "1"
    with process(GATEWAY, rig.PORT + 2) as gateway:
        first_kb = rss_kb(gateway.pid)
        links = []
        started = time.perf_counter()
        for number in numbers:
            links.append(socket.create_connection(("127.0.0.1", rig.PORT + 2)))
            sign_in = jt808.Authentication(layout=version, code=IDLE_CODE)
            links[-1].sendall(jt808.encode(sign_in, version=version, terminal=number, serial=0)[0])
        results = {jt808.decode(jt808.Framer().feed(link.recv(64))[0]).content.result for link in links}
        assert results == {0}, results
        took_s = time.perf_counter() - started
        then_kb = rss_kb(gateway.pid)
        for link in links:
            link.close()
    return {
        "connections": IDLE, "kb_each": (then_kb - first_kb) / IDLE, "gateway_mb": first_kb / 1024, "signed_in_s": took_s
    }  # fmt: skip


def rss_kb(pid: int) -> int:
    return next(
        int(line.split()[1])
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )


def report() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield title and figures of everything that is measured here."""
    for window, workers in ((1, 1), (8, 1), (8, 2)):
        figures = list(run(window, workers))
        names = ("per_s", "copy_per_s", "ratio", "p50_ms", "p99_ms", "gateway_cpu_s", "database_cpu_s", "cpu_s")
        told = {name: statistics.median(each[name] for each in figures) for name in names}
        spread = f"{min(each['per_s'] for each in figures):,.0f}–{max(each['per_s'] for each in figures):,.0f}"
        yield f"JT/T 808, {TERMINALS:,} connections, {window} unanswered on each, {workers} gateway processes, {TERMINALS * FRAMES:,} positions", {
            "positions_per_s": told["per_s"], "range": spread, "COPY_per_s": told["copy_per_s"], "ratio": round(told["ratio"], 3),
            "p50_ms": told["p50_ms"], "p99_ms": told["p99_ms"], "gateway_cpu_s": told["gateway_cpu_s"],
            "database_cpu_s": told["database_cpu_s"], "load_cpu_s": told["cpu_s"],
        }  # fmt: skip
        null = ceiling(window)
        yield "  the load generator against a server that only answers", {
            "answers_per_s": null["per_s"], "p99_ms": null["p99_ms"], "cpu_s": null["cpu_s"],
        }  # fmt: skip
    yield "idle connections", idle()

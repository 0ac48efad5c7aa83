"""AIS lines by TCP, to commit, beside pyais alone on the same lines: what a gateway can take of vessels that are all ours."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench import rig

VESSELS = 200
LINES = 60_000
RUNS = 3
PORT = rig.PORT + 3
PATIENCE_S = 120


def lines(run: int) -> list[bytes]:
    """Return positions of VESSELS ships under way, each a little further on than before."""
    from pyais.encode import encode_dict

    start = int(time.time()) - 3_600 * (RUNS + 1 - run)
    found = []
    for number in range(LINES):
        ship, step = number % VESSELS, number // VESSELS
        at = start + step * 10
        [line] = encode_dict({
            "type": 1, "mmsi": f"{413_900_000 + ship}", "lat": 20 + ship * 0.05, "lon": 115 + step * 0.0005, "speed": 12.0,
            "course": 90.0, "heading": 90, "second": at % 60, "status": 0,
        })  # fmt: skip
        tag = f"c:{at}"
        total = 0
        for letter in tag.encode():
            total ^= letter
        found.append(f"\\{tag}*{total:02X}\\{line}\r\n".encode())
    return found


@contextlib.contextmanager
def gateway() -> Iterator[subprocess.Popen[bytes]]:
    environ = os.environ | {"HUOJI_AIS_PORT": str(PORT), "HUOJI_AIS_KEEP": "own"}
    process = subprocess.Popen([sys.executable, "-m", "huoji", "gateway", "ais"], env=environ)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                break
        time.sleep(0.1)
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait()


def run() -> dict[str, Any]:
    """Measure lines a second from the first byte sent to the last position committed."""
    from django.db import connection
    from pyais.stream import IterMessages

    from huoji.apps.fleet.actions.conveyances import ConveyanceDraft, create_conveyance
    from huoji.apps.fleet.models import Conveyance
    from huoji.core.fleet import ConveyanceKind
    from huoji.core.permission import system

    for ship in range(VESSELS):
        mmsi = f"{413_900_000 + ship}"
        if not Conveyance.objects.filter(mmsi=mmsi).exists():
            create_conveyance(
                system("bench"), ConveyanceDraft(kind=ConveyanceKind.VESSEL, name=f"BENCH {ship}", mmsi=mmsi)
            )

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM position p JOIN terminal t ON t.id = p.terminal_id WHERE t.kind = 'ais'"
            )
            return int(cursor.fetchone()[0])

    ours, theirs = [], []
    with gateway():
        for each in range(RUNS):
            batch = lines(each)
            before = count()
            stream = b"".join(batch)
            started = time.perf_counter()
            with socket.create_connection(("127.0.0.1", PORT)) as feed:
                feed.sendall(stream)
            deadline = time.perf_counter() + PATIENCE_S
            while count() < before + LINES and time.perf_counter() < deadline:
                time.sleep(0.05)
            ours.append(LINES / (time.perf_counter() - started))
            stored = count() - before
            assert stored == LINES, f"{stored} of {LINES} stored"
            bare = [line.strip() for line in batch]
            started = time.perf_counter()
            decoded = sum(1 for message in IterMessages(bare) if message.decode() and message.is_valid)
            theirs.append(LINES / (time.perf_counter() - started))
            assert decoded == LINES
    return {
        "lines/s to commit": sorted(ours)[RUNS // 2], "pyais alone, lines/s": sorted(theirs)[RUNS // 2],
        "ratio": sorted(a / b for a, b in zip(ours, theirs, strict=True))[RUNS // 2], "at": f"{datetime.now(UTC):%H:%M}",
    }  # fmt: skip

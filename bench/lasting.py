"""Memory of one gateway of road terminals over a long run in which every terminal comes anew in each round."""

import os
import pickle
import time
from datetime import UTC, datetime
from typing import Any

from bench import jt808, rig

WINDOW = 8
STRANGERS = 50  # of each round; nobody knows the numbers, and no two rounds have the same
SAMPLE_S = 300.0
QUIET_S = 2.0  # until connections that were closed are forgotten


def run(minutes: float) -> list[dict[str, Any]]:
    """Return the resident memory before the first round, every five minutes, and at the end, with what came until then."""
    from huoji.apps.fleet.models import Position

    jt808.prepare()
    path = rig.FOLDER / "frames.pickle"
    os.environ["HUOJI_JT808_WORKERS"] = "1"
    told: list[dict[str, Any]] = []
    with jt808.process(jt808.GATEWAY, rig.PORT + 2) as gateway:
        time.sleep(QUIET_S)
        started, rounds, stored, next_s = time.monotonic(), 0, 0, 0.0
        while True:
            passed_s = time.monotonic() - started
            if passed_s >= next_s or passed_s >= minutes * 60:
                told.append({
                    "minute": round(passed_s / 60), "connections": rounds * (jt808.TERMINALS + STRANGERS),
                    "positions": stored, "gateway_mb": jt808.rss_kb(gateway.pid) / 1024,
                })  # fmt: skip
                next_s += SAMPLE_S
            if passed_s >= minutes * 60:
                return told
            start = int(datetime.now(UTC).timestamp()) - jt808.FRAMES * jt808.STEP_S - 60
            frames = jt808.streams(jt808.FRAMES, start=start) + _strangers(rounds, start=start)
            path.write_bytes(pickle.dumps(frames))
            jt808.forget()
            lost = jt808.load(rig.PORT + 2, WINDOW, path)["lost"]
            kept = Position.objects.count()
            assert not lost, lost
            assert kept == jt808.TERMINALS * jt808.FRAMES, kept
            rounds, stored = rounds + 1, stored + kept
            time.sleep(QUIET_S)


def _strangers(turn: int, *, start: int) -> list[list[bytes]]:
    """Return the frames of terminals that nobody added: a sign-in and a report, both refused."""
    first = 15_000_000_000 + turn * STRANGERS
    return [jt808.stream_of(str(first + n), n, 1, code="unknown", start=start) for n in range(STRANGERS)]

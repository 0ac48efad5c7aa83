"""A gateway in a thread of the test's process, on a port of its own, beside the test's database."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvloop
from django.conf import settings
from django.db import connections

from huoji.apps.fleet.actions import contacts
from huoji.gateways.jt808 import process
from huoji.kit import postgres
from tests.conftest import CLUSTER

PATIENCE_S = 30
SOURCE = Path(__file__).resolve().parents[2] / "src"


def environ(**own: str) -> dict[str, str]:
    """Return the environment of a process of ours on the test's database."""
    database = settings.DATABASES["default"]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HUOJI_", "DJANGO_"))}
    return inherited | {
        "HUOJI_DATA_DIR": str(CLUSTER.folder),
        "HUOJI_DATABASE_URL": f"postgresql://{postgres.APP_ROLE}@/{database['NAME']}?host={database['HOST']}",
        "PYTHONPATH": f"{SOURCE}:{SOURCE.parent}",
    } | own  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Writers:
    """`huoji writer`, as often as one likes, on the test's database."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, url: str) -> None:
        env = environ(HUOJI_NATS_URL=url, HUOJI_NATS_STORE_GB="1")
        self.running.append(subprocess.Popen([sys.executable, "-m", "huoji", "writer"], env=env))

    def kill(self) -> None:
        """End the one that has run for the longest, with -9."""
        process = self.running.pop(0)
        process.kill()
        process.wait()


class Running:
    """A gateway that serves until it is stopped."""

    def __init__(self) -> None:
        self.port = 0
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            self._loop = runner.get_loop()
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._task = asyncio.current_task()
        with contextlib.suppress(asyncio.CancelledError):
            await process.serve(asyncio.Event(), host="127.0.0.1", port=0, ready=self._on_ready)

    def _on_ready(self, port: int) -> None:
        self.port = port
        self._ready.set()

    def stop(self) -> None:
        assert self._loop is not None
        assert self._task is not None
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        contacts.flush()


def within(seconds: float, holds: Callable[[], Any], *, what: str = "it") -> Any:
    """Wait until something holds, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"{what} did not come true"
        time.sleep(0.02)
    return found


async def until(holds: Callable[[], Any]) -> None:
    """Wait, in a scene, until something holds; `play` loses its patience."""
    while not holds():  # noqa: ASYNC110 - it is the other side that changes
        await asyncio.sleep(0.02)


def play(scene: Coroutine[Any, Any, Any], *, patience_s: float = PATIENCE_S) -> Any:
    """Run what terminals do, in a loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(asyncio.wait_for(scene, patience_s))


def close_all() -> None:
    for each in connections.all():
        each.close()

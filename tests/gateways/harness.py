"""A gateway in a thread of the test's process, on a port of its own, beside the test's database."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop
from django.db import connections

from huoji.apps.fleet.actions import contacts
from huoji.gateways.jt808 import process

PATIENCE_S = 30


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
            await process.serve(host="127.0.0.1", port=0, ready=self._on_ready)

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

"""A gateway as a process: it beats, and serves until SIGTERM or Ctrl-C."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from huoji.kit.pulse import PULSE

Serve = Callable[[asyncio.Event], Coroutine[Any, Any, None]]  # until the event is set


def run(kind: str, serve: Serve, *, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    """Serve in this process until it is told to stop."""

    async def until_told() -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        await serve(stopping)

    PULSE.start(kind)
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(until_told())
    finally:
        PULSE.stop()

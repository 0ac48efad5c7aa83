"""The gateway as a process: listen, look after, and on SIGTERM finish what was received before it leaves."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import uvloop
from django.conf import settings

from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.hub import Hub
from huoji.gateways.jt808.receiver import Receiver
from huoji.gateways.keeping import keeping
from huoji.gateways.running import run
from huoji.kit import log

BACKLOG = 4_096
KIND, SOURCE = "gateway", "jt808"
COLLECT_AFTER = (100_000, 20, 50)  # objects: a batch makes thousands, and none of them in circles


class CannotListenError(RuntimeError):
    """The port cannot be had; the text says what to do."""


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    gc.freeze()  # what is loaded now stays; the collector need not look at it again
    gc.set_threshold(*COLLECT_AFTER)
    serving = partial(serve, host=settings.HUOJI.gateway_bind, port=settings.HUOJI.jt808_port)
    run(KIND, serving, loop_factory=uvloop.new_event_loop)


async def serve(
    stopping: asyncio.Event, *, host: str, port: int, ready: Callable[[int], None] = lambda _port: None
) -> None:
    """Serve terminals until told to stop, or until cancelled; `ready` is told the port."""
    async with keeping(SOURCE) as keep:
        await _serve(Hub(keep=keep), stopping, host=host, port=port, ready=ready)


async def _serve(hub: Hub, stopping: asyncio.Event, *, host: str, port: int, ready: Callable[[int], None]) -> None:
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(
            lambda: Receiver(hub.desk),
            host,
            port,
            backlog=BACKLOG,
            reuse_port=settings.HUOJI.jt808_workers > 1 or None,
        )
    except OSError as wrong:
        raise CannotListenError(
            f"Port {port} on {host} cannot be used: {wrong.strerror or wrong}.\n"
            f"Choose another one: HUOJI_JT808_PORT={port + 10} huoji gateway jt808"
        ) from wrong
    writing = loop.create_task(hub.desk.writer.run())
    rounds = [loop.create_task(each) for each in (hub.look_after(), hub.downlink.run(), hub.downlink.listen())]
    ready(server.sockets[0].getsockname()[1])
    log.KIT.info("gateway ready", extra={"protocol": "jt808", "port": port})
    try:
        await stopping.wait()
    finally:
        server.close()
        await _drain(hub, writing)
        for task in rounds:
            task.cancel()
        await asyncio.gather(*rounds, return_exceptions=True)


async def _drain(hub: Hub, writing: "asyncio.Task[None]") -> None:
    """Read no more, commit and acknowledge what was received, then say goodbye."""
    hub.roster.is_closing = True
    for connection in list(hub.roster.connections):
        hub.roster.pause(connection)
    hub.desk.writer.stop()
    with suppress(TimeoutError):
        async with asyncio.timeout(limits.DRAIN_S):
            await hub.desk.finish()
            await asyncio.shield(writing)
    for connection in list(hub.roster.connections):
        connection.close("stopping")
    await asyncio.sleep(0.05)  # the answers leave with the connections
    writing.cancel()
    hub.aside.close()

"""The gateway as a process: listen, look after, and on SIGTERM finish what was received before it leaves."""

import asyncio
import gc
import signal
from collections.abc import Callable
from contextlib import suppress

import uvloop
from django.conf import settings

from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.hub import Hub
from huoji.gateways.jt808.receiver import Receiver
from huoji.gateways.jt808.writer import SOURCE
from huoji.gateways.stream.lanes import Lanes
from huoji.gateways.stream.link import GB, Link
from huoji.kit import log
from huoji.kit.pulse import PULSE

BACKLOG = 4_096
KIND = "gateway"
COLLECT_AFTER = (100_000, 20, 50)  # objects: a batch makes thousands, and none of them in circles


class CannotListenError(RuntimeError):
    """The port cannot be had; the text says what to do."""


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    PULSE.start(KIND)
    gc.freeze()  # what is loaded now stays; the collector need not look at it again
    gc.set_threshold(*COLLECT_AFTER)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(host=settings.HUOJI.gateway_bind, port=settings.HUOJI.jt808_port))
    finally:
        PULSE.stop()


async def serve(*, host: str, port: int, ready: Callable[[int], None] = lambda _port: None) -> None:
    """Serve terminals until a signal, or until cancelled; `ready` is told the port."""
    lanes = None
    if url := settings.HUOJI.nats_url:
        lanes = Lanes(Link(url, name=f"{KIND} {SOURCE}", bytes_max=settings.HUOJI.nats_store_gb * GB), source=SOURCE)
        lanes.start()
    try:
        await _serve(Hub(keep=None if lanes is None else lanes.give), host=host, port=port, ready=ready)
    finally:
        if lanes is not None:
            await lanes.stop()


async def _serve(hub: Hub, *, host: str, port: int, ready: Callable[[int], None]) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread: a test
            loop.add_signal_handler(number, stopped.set)
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
        await stopped.wait()
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
    hub.desk.writer.close()

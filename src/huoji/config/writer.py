"""The writer process: takes points out of the stream and stores them, until it is told to stop."""

import asyncio
import contextlib
import signal

from huoji.config.env import Env
from huoji.gateways.stream.link import GB, TROUBLE, Link
from huoji.gateways.stream.parcel import PARTITIONS
from huoji.gateways.stream.writing import LOCKS, Writer
from huoji.kit import heartbeat, log
from huoji.kit.listen import conninfo
from huoji.kit.pulse import PULSE
from huoji.kit.shares import Shares

LOOK_S = 5.0


def main(env: Env) -> None:
    """Write until SIGTERM or Ctrl-C."""
    PULSE.start("writer")
    try:
        asyncio.run(_work(env))
    finally:
        PULSE.stop()


async def _work(env: Env) -> None:
    link = Link(env.nats_url, name="writer", bytes_max=env.nats_store_gb * GB)
    shares = Shares(conninfo("huoji writer"), parts=PARTITIONS, space=LOCKS)
    work = asyncio.create_task(_write(link, Writer(link, shares)))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work
    await link.close()


async def _write(link: Link, writer: Writer) -> None:
    await link.open_patiently()
    watching = asyncio.create_task(_watch(link))
    log.KIT.info("writer ready")
    try:
        await writer.run()
    finally:
        watching.cancel()


async def _watch(link: Link) -> None:
    """Show how much waits in the stream."""
    while True:
        with contextlib.suppress(*TROUBLE):
            heartbeat.gauge("huoji_stream_backlog", await link.backlog())
        await asyncio.sleep(LOOK_S)

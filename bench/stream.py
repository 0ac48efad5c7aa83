"""Points through NATS: `python -m bench.stream [--points N]`; published and stored a second, beside storing the same points without it."""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench import rig
from bench.limits import cpu
from tools.nats_nodes import Nodes

if TYPE_CHECKING:
    from huoji.apps.fleet.actions.rows import PointIn

TRUCKS = 1_000
BATCH = 4_000  # as the gateway commits
SERVERS = (1, 3)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.stream")
    parser.add_argument("--points", type=int, default=200_000)
    given = parser.parse_args()
    with rig.database():
        print(
            f"fixed CPU loop {cpu.loop_ms():.0f} ms, load average {os.getloadavg()[0]:.1f}, {given.points:,} points\n"
        )
        print(f"- stored directly: {directly(given.points, number=0):,.0f} points/s")
        for number, count in enumerate(SERVERS, start=1):
            published, stored = through(given.points, servers=count, number=number)
            print(
                f"- {count} server(s) of NATS: published {published:,.0f}/s, then stored by one writer {stored:,.0f}/s"
            )
        print(f"- a stored point takes {bytes_each():.0f} bytes, indexes and all")


def bytes_each() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(inhrelid)) / (SELECT count(*) FROM position) FROM pg_inherits"
            " WHERE inhparent = 'position'::regclass"
        )
        return float(cursor.fetchone()[0])


def points(count: int, *, number: int) -> "list[list[PointIn]]":
    """Make batches of points of the same trucks, all later than those of the run before."""
    from huoji.apps.fleet.actions.rows import PointIn
    from huoji.apps.fleet.models import Terminal
    from huoji.core.position import Point

    names = [f"77{each:09}" for each in range(TRUCKS)]
    Terminal.objects.bulk_create([Terminal(kind="jt808", number=each) for each in names], ignore_conflicts=True)
    trucks = list(Terminal.objects.filter(number__in=names).values_list("pk", flat=True))
    steps = -(-count // TRUCKS)
    began = int(time.time()) - (3 - number) * steps * 10 - 3_600
    made = [
        PointIn(
            terminal_id=truck,
            point=Point(at=began + step * 10, lat_e6=30_000_000 + step * 900, lon_e6=120_000_000, speed_dkmh=360),
            digest=truck << 32 | number << 24 | step,
            raw=bytes(44),
        )
        for step in range(steps)
        for truck in trucks
    ]
    return [made[at : at + BATCH] for at in range(0, count, BATCH)]


def directly(count: int, *, number: int) -> float:
    from huoji.apps.fleet.actions import storing

    batches = points(count, number=number)
    began = time.perf_counter()
    for batch in batches:
        storing.store(batch, source="bench", now=datetime.now(UTC))
    return count / (time.perf_counter() - began)


def through(count: int, *, servers: int, number: int) -> tuple[float, float]:
    """Publish everything, then let one writer store it."""
    batches = points(count, number=number)
    with tempfile.TemporaryDirectory() as folder, Nodes(Path(folder), count=servers) as nodes:
        return asyncio.run(_through(nodes.url, batches))


async def _through(url: str, batches: "Sequence[list[PointIn]]") -> tuple[float, float]:
    from huoji.gateways.stream.lanes import Lanes
    from huoji.gateways.stream.link import GB, Link
    from huoji.gateways.stream.parcel import PARTITIONS
    from huoji.gateways.stream.writing import LOCKS, Writer
    from huoji.kit.listen import conninfo
    from huoji.kit.shares import Shares

    link = Link(url, name="bench", bytes_max=GB)
    await link.open_patiently()
    lanes = Lanes(link, source="bench")
    lanes.start()
    count = sum(map(len, batches))

    async def publish() -> None:
        for batch in batches:
            await lanes.give(batch)

    published = count / await _seconds(publish)
    writing = asyncio.create_task(Writer(link, Shares(conninfo("bench"), parts=PARTITIONS, space=LOCKS)).run())

    async def empty() -> None:
        while await link.backlog():  # noqa: ASYNC110  the servers tell nobody
            await asyncio.sleep(0.05)

    stored = count / await _seconds(empty)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await lanes.stop()
    return published, stored


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

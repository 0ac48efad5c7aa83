"""What gateways receive, through NATS: `python -m bench.stream [--points N]`; published and stored a second, beside storing the same without it."""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import rig
from bench.limits import cpu
from tools.nats_nodes import Nodes

if TYPE_CHECKING:
    from huoji.apps.fleet.actions.ais import Heard
    from huoji.apps.fleet.actions.rows import PointIn
    from huoji.core.reading import Reading
    from huoji.gateways.kinds import Kind

TRUCKS = SHIPS = SENSORS = 1_000
BATCH = 4_000  # as the gateway commits
SERVERS = (1, 3)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.stream")
    parser.add_argument("--points", type=int, default=200_000)
    given = parser.parse_args()
    with rig.database():
        print(
            f"fixed CPU loop {cpu.loop_ms():.0f} ms, load average {os.getloadavg()[0]:.1f}, {given.points:,} of each kind\n"
        )
        for name, make in MAKERS.items():
            measure(name, make, given.points)
        print(f"- a stored position takes {bytes_each():.0f} bytes, indexes and all")


def measure(name: str, make: "Callable[..., Sequence[list[Any]]]", count: int) -> None:
    """Store without a stream, then through one and through three servers."""
    from huoji.gateways.kinds.every import BY_NAME

    kind = BY_NAME[name]
    print(f"- {name} stored directly: {directly(kind, make(count, number=0)):,.0f}/s")
    for number, servers in enumerate(SERVERS, start=1):
        batches = make(count, number=number)
        with tempfile.TemporaryDirectory() as folder, Nodes(Path(folder), count=servers) as nodes:
            published, stored = asyncio.run(through(kind, nodes.url, batches))
        print(
            f"- {name} through {servers} server(s): published {published:,.0f}/s, stored by one writer {stored:,.0f}/s"
        )


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


def vessels(count: int, *, number: int) -> "list[list[Heard]]":
    """Make batches of positions of vessels that are ours."""
    from huoji.apps.fleet.actions.ais import Heard
    from huoji.apps.fleet.actions.conveyances import ConveyanceDraft, create_conveyance
    from huoji.apps.fleet.actions.vessels import muster
    from huoji.apps.fleet.models import Conveyance
    from huoji.core.fleet import ConveyanceKind
    from huoji.core.permission import system
    from huoji.wire.ais import Position, Station

    ours = [f"413{each:06}" for each in range(SHIPS)]
    if not Conveyance.objects.filter(mmsi=ours[0]).exists():
        for each in ours:
            draft = ConveyanceDraft(kind=ConveyanceKind.VESSEL, name=each, mmsi=each)
            create_conveyance(system("bench"), draft)
        muster(now=datetime.now(UTC))  # each gets its terminal, once for ever
    steps = -(-count // SHIPS)
    began = time.time() - (3 - number) * steps * 10 - 3_600
    made = [
        Heard(
            Position(
                mmsi=mmsi, station=Station.CLASS_A, type=1, lat_e6=20_000_000 + step * 400, lon_e6=122_000_000, sog_dkn=86,
                cog_ddeg=0, nav=0,
            ),
            began + step * 10,
        )
        for step in range(steps)
        for mmsi in ours
    ]  # fmt: skip
    return [made[at : at + BATCH] for at in range(0, count, BATCH)]


def readings(count: int, *, number: int) -> "list[list[tuple[str, Reading]]]":
    """Make batches of temperatures of the same boxes."""
    from huoji.core.fleet import Metric
    from huoji.core.reading import Reading

    steps = -(-count // SENSORS)
    began = int(time.time()) - (3 - number) * steps * 10 - 3_600
    made = [
        (f"BENCH-{box}", Reading(metric=Metric.TEMPERATURE, at=began + step * 10, value=4.0 + step % 9))
        for step in range(steps)
        for box in range(SENSORS)
    ]
    return [made[at : at + BATCH] for at in range(0, count, BATCH)]


MAKERS = {"points": points, "vessels": vessels, "readings": readings}


def directly(kind: "Kind[Any]", batches: "Sequence[list[Any]]") -> float:
    began = time.perf_counter()
    for batch in batches:
        kind.store(batch, "bench")
    return sum(map(len, batches)) / (time.perf_counter() - began)


async def through(kind: "Kind[Any]", url: str, batches: "Sequence[list[Any]]") -> tuple[float, float]:
    """Publish everything, then let one writer store it."""
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
            await lanes.keep(kind, batch)

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

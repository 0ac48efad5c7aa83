"""The way of points into the stream: one lane a partition, one parcel of it under way, so that order is kept and batches form by themselves."""

import asyncio
import itertools
from collections import deque
from collections.abc import Sequence

from huoji.apps.fleet.actions.rows import PointIn
from huoji.gateways.stream.link import STREAM, TROUBLE, Link, end, subject
from huoji.gateways.stream.parcel import PARTITIONS, POINTS_MAX, name_of, pack, partition_of
from huoji.kit import heartbeat, log

PATIENCE_FIRST_S, PATIENCE_MAX_S = 0.1, 3.0


class _Lane:
    """The points of one partition that wait; the last of each group has the promise to tell when the servers have them."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[PointIn, asyncio.Future[None] | None]] = deque()
        self.filled = asyncio.Event()


class Lanes:
    """Hands points over to the stream. `give` returns when enough servers hold them; that is the moment to acknowledge."""

    def __init__(self, link: Link, *, source: str) -> None:
        self._link = link
        self._source = source
        self._lanes = [_Lane() for _ in range(PARTITIONS)]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; points may be given at once, and wait until the servers can be reached."""
        opening = asyncio.create_task(self._link.open_patiently())
        self._tasks = [opening, *(asyncio.create_task(self._run(number, opening)) for number in range(PARTITIONS))]

    async def stop(self) -> None:
        """Stop; whoever still waits is cancelled and acknowledges nothing."""
        await end(self._tasks)
        for lane in self._lanes:
            for _, promise in lane.waiting:
                if promise is not None:
                    promise.cancel()
        await self._link.close()

    @property
    def waiting(self) -> int:
        """Tell how many points are not in the stream yet."""
        return sum(len(lane.waiting) for lane in self._lanes)

    async def give(self, points: Sequence[PointIn]) -> None:
        """Hand over points; the order of each terminal's is kept."""
        if not points:
            return
        groups: dict[int, list[PointIn]] = {}
        for point in points:
            groups.setdefault(partition_of(point.terminal_id), []).append(point)
        promises = []
        for number, group in groups.items():
            promise = asyncio.get_running_loop().create_future()
            promises.append(promise)
            lane = self._lanes[number]
            lane.waiting.extend((point, None) for point in group[:-1])
            lane.waiting.append((group[-1], promise))
            lane.filled.set()
        await asyncio.gather(*promises)

    async def _run(self, number: int, opening: "asyncio.Task[None]") -> None:
        await asyncio.wait([opening])
        lane = self._lanes[number]
        while True:
            await lane.filled.wait()
            taken = list(itertools.islice(lane.waiting, POINTS_MAX))
            await self._send(number, [point for point, _ in taken])
            for _, promise in taken:
                lane.waiting.popleft()
                if promise is not None and not promise.done():
                    promise.set_result(None)
            if not lane.waiting:
                lane.filled.clear()

    async def _send(self, number: int, points: list[PointIn]) -> None:
        """Publish until it is acknowledged, under the same name each time, so that the servers keep it once."""
        parcel = pack(points, source=self._source)
        headers = {"Nats-Msg-Id": name_of(parcel)}
        patience_s = PATIENCE_FIRST_S
        while True:
            try:
                ack = await self._link.stream.publish(subject(number), parcel, stream=STREAM, headers=headers)
            except TROUBLE as wrong:
                heartbeat.count("huoji_stream_retries_total")
                log.KIT.warning("the stream does not take points: %s", type(wrong).__name__)
                await asyncio.sleep(patience_s)
                patience_s = min(PATIENCE_MAX_S, patience_s * 2)
            else:
                heartbeat.count("huoji_stream_published_total", len(points))
                heartbeat.count("huoji_stream_repeated_total", len(points) if ack.duplicate else 0)
                return

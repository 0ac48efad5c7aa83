"""The way into the stream: one lane a partition, one parcel of it under way, so that order is kept and batches form by themselves."""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from nats.js.errors import NoStreamResponseError

from huoji.gateways.kinds import Kind
from huoji.gateways.stream.link import STREAM, TROUBLE, Link, end, subject
from huoji.gateways.stream.parcel import BYTES_MAX, ITEMS_MAX, PARTITIONS, name_of, pack, partition_of
from huoji.kit import heartbeat, log

PATIENCE_FIRST_S, PATIENCE_MAX_S = 0.1, 3.0

T = TypeVar("T")


class _Waiting(NamedTuple):
    """A thing that waits; the last of each group has the promise to tell when the servers have them."""

    kind: Kind[Any]
    item: Any
    promise: asyncio.Future[None] | None


class _Lane:
    """What waits for one partition."""

    def __init__(self) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.filled = asyncio.Event()

    def next(self) -> tuple[Kind[Any], list[Any]]:
        """Return what is the next parcel's: things of one kind, in their order."""
        kind = self.waiting[0].kind
        head = itertools.islice(self.waiting, ITEMS_MAX)
        return kind, [each.item for each in itertools.takewhile(lambda each: each.kind is kind, head)]

    def sent(self, count: int) -> None:
        """Let go what the servers have."""
        for _ in range(count):
            promise = self.waiting.popleft().promise
            if promise is not None and not promise.done():
                promise.set_result(None)
        if not self.waiting:
            self.filled.clear()


class Lanes:
    """Hands over to the stream. `keep` returns when enough servers hold what was given; that is the moment to acknowledge."""

    def __init__(self, link: Link, *, source: str) -> None:
        self._link = link
        self._source = source
        self._lanes = [_Lane() for _ in range(PARTITIONS)]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; things may be given at once, and wait until the servers can be reached."""
        opening = asyncio.create_task(self._link.open_patiently())
        self._tasks = [opening, *(asyncio.create_task(self._run(number, opening)) for number in range(PARTITIONS))]

    async def stop(self) -> None:
        """Stop; whoever still waits is cancelled and acknowledges nothing."""
        await end(self._tasks)
        for lane in self._lanes:
            for each in lane.waiting:
                if each.promise is not None:
                    each.promise.cancel()
        await self._link.close()

    @property
    def waiting(self) -> int:
        """Tell how many things are not in the stream yet."""
        return sum(len(lane.waiting) for lane in self._lanes)

    async def keep(self, kind: Kind[T], items: Sequence[T], /) -> Sequence[int]:
        """Hand over; the order of what has one key is kept. What no table takes is found by the writer."""
        groups: dict[int, list[T]] = {}
        for item in items:
            groups.setdefault(partition_of(kind.key(item)), []).append(item)
        promises = []
        for number, group in groups.items():
            promise = asyncio.get_running_loop().create_future()
            promises.append(promise)
            lane = self._lanes[number]
            lane.waiting.extend(_Waiting(kind, item, None) for item in group[:-1])
            lane.waiting.append(_Waiting(kind, group[-1], promise))
            lane.filled.set()
        await asyncio.gather(*promises)
        return ()

    async def _run(self, number: int, opening: "asyncio.Task[None]") -> None:
        await asyncio.wait([opening])
        lane = self._lanes[number]
        while True:
            await lane.filled.wait()
            kind, items = lane.next()
            parcel = pack(kind, items, source=self._source)
            while len(parcel) > BYTES_MAX and len(items) > 1:
                items = items[: len(items) // 2]
                parcel = pack(kind, items, source=self._source)
            await self._send(number, parcel, len(items))
            lane.sent(len(items))

    async def _send(self, number: int, parcel: bytes, count: int) -> None:
        """Publish until it is acknowledged, under the same name each time, so that the servers keep it once."""
        headers = {"Nats-Msg-Id": name_of(parcel)}
        patience_s = PATIENCE_FIRST_S
        while True:
            try:
                ack = await self._link.stream.publish(subject(number), parcel, stream=STREAM, headers=headers)
            except TROUBLE as wrong:
                heartbeat.count("huoji_stream_retries_total")
                log.KIT.warning("the stream takes nothing: %s", type(wrong).__name__)
                if isinstance(wrong, NoStreamResponseError):  # the servers lost it with their disks, or are not up yet
                    with contextlib.suppress(*TROUBLE):
                        await self._link.ensure()
                await asyncio.sleep(patience_s)
                patience_s = min(PATIENCE_MAX_S, patience_s * 2)
            else:
                heartbeat.count("huoji_stream_published_total", count)
                heartbeat.count("huoji_stream_repeated_total", count if ack.duplicate else 0)
                return

"""The way out of the stream: own some partitions, store their parcels as gateways without a stream would, acknowledge them then."""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.db import connections
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from huoji.gateways import leftovers
from huoji.gateways.keeping import attempt, by_halves
from huoji.gateways.kinds import Kind
from huoji.gateways.stream.link import CALL_S, TROUBLE, Link, end
from huoji.gateways.stream.parcel import PARTITIONS, Parcel, TooNewError, UnreadableError, unpack
from huoji.kit import heartbeat, log, trouble
from huoji.kit.shares import Shares

BATCH_ITEMS = 2_000  # stored together, about
RENEW_S = 1.0
LATER_S = 60.0  # when a parcel comes again that this writer can neither store nor set aside now
LOCKS = 808_016  # their space: who owns which partition

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Partition:
    """A partition of ours. What was heard and not yet stored when it is given back is the next owner's: it gets it again."""

    number: int
    subscription: JetStreamContext.PushSubscription | None = None
    is_ours: bool = True
    held: set[int] = field(
        default_factory=set
    )  # what we have: the servers send it again when they hear nothing for long


@dataclass(frozen=True, slots=True)
class _Heard:
    """A message and where it came from."""

    partition: _Partition
    message: Msg

    async def acknowledge(self) -> None:
        """Have the servers confirm that they forget it. Where that fails it comes again, and is known."""
        await self.answer(self.message.ack_sync(timeout=CALL_S))

    async def answer(self, answer: Awaitable[object]) -> None:
        with contextlib.suppress(*TROUBLE):
            await answer
        self.partition.held.discard(_number(self.message))


class Writer:
    """Stores what gateways published. Kill it at any moment: what it did not acknowledge comes again, and is kept once."""

    def __init__(self, link: Link, shares: Shares) -> None:
        self._link, self._shares = link, shares
        self._partitions: dict[int, _Partition] = {}
        self._inbox: deque[tuple[_Partition, Msg]] = deque()
        self._news = asyncio.Event()
        # All work on the database is done in one thread: Django keeps a connection for each.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def run(self) -> None:
        """Own and store until cancelled; a failure of either ends both."""
        both = [asyncio.create_task(self._keep_owning()), asyncio.create_task(self._keep_storing())]
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            await end(both)
            await self._in_thread(self._shares.close)
            await self._in_thread(connections.close_all)
            self._thread.shutdown()

    async def _in_thread(self, work: "Callable[P, T]", *given: P.args, **named: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*given, **named))

    # ---- which partitions

    async def _keep_owning(self) -> None:
        turns = itertools.count()
        while True:
            try:
                owned = await self._in_thread(self._shares.renew)
            except psycopg.Error:
                log.KIT.warning("the writer waits for the database")
                owned = frozenset()
            for number in set(self._partitions) - owned:
                await self._give_back(self._partitions.pop(number))
            if self._partitions:
                await self._look_at(next(turns) % PARTITIONS)
            for number in owned:
                await self._take(self._partitions.setdefault(number, _Partition(number)))
            heartbeat.gauge("huoji_stream_partitions", len(owned))
            await asyncio.sleep(RENEW_S)

    async def _look_at(self, number: int) -> None:
        """Begin again with a partition whose reader the servers lost; each is looked at in its turn."""
        with contextlib.suppress(*TROUBLE):
            if number in self._partitions and not await self._link.is_read(number):
                log.KIT.warning("the servers have lost the reader of partition %d", number)
                await self._link.ensure()
                await self._give_back(self._partitions.pop(number))

    async def _take(self, partition: _Partition) -> None:
        if partition.subscription is not None:
            return

        async def hear(message: Msg) -> None:
            if (number := _number(message)) not in partition.held:
                partition.held.add(number)
                self._inbox.append((partition, message))
                self._news.set()

        try:
            partition.subscription = await self._link.take_over(partition.number, hear)
        except TROUBLE as wrong:
            log.KIT.warning("partition %d waits for the stream: %s", partition.number, type(wrong).__name__)

    async def _give_back(self, partition: _Partition) -> None:
        partition.is_ours = False
        if partition.subscription is not None:
            try:
                await partition.subscription.unsubscribe()
            except TROUBLE:
                log.KIT.warning("partition %d could not be unsubscribed", partition.number)

    # ---- what is in them

    async def _keep_storing(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while batch := await self._next():
                await self._store(batch)

    async def _next(self) -> list[tuple[_Heard, Parcel]]:
        """Take what was heard, up to a batch; put aside what cannot be read."""
        batch: list[tuple[_Heard, Parcel]] = []
        items = 0
        while self._inbox and items < BATCH_ITEMS:
            partition, message = self._inbox.popleft()
            if not partition.is_ours:
                continue
            heard = _Heard(partition, message)
            try:
                parcel = unpack(message.data)
            except TooNewError as wrong:
                log.KIT.error("not stored: %s; update this writer", wrong)
                await heard.answer(message.nak(delay=LATER_S))
            except UnreadableError as wrong:
                heartbeat.count("huoji_stream_unreadable_total")
                await self._set_aside(heard, partial(leftovers.put_unreadable, message.data, wrong))
            else:
                batch.append((heard, parcel))
                items += len(parcel.items)
        return batch

    async def _store(self, batch: Sequence[tuple[_Heard, Parcel]]) -> None:
        """Store a batch and acknowledge it. What no table takes is set aside, all else of its parcel is stored."""
        parcels = [parcel for _, parcel in batch]
        wrong = await attempt(lambda: self._in_thread(_store_all, parcels), alone=False)
        if wrong is None:
            await asyncio.gather(*(heard.acknowledge() for heard, _ in batch))
        elif len(batch) > 1:
            for each in batch:
                await self._store([each])
        else:
            await self._store_by_halves(*batch[0])

    async def _store_by_halves(self, heard: _Heard, parcel: Parcel) -> None:
        refused = await by_halves(
            parcel.items, lambda some: self._in_thread(_store_all, [parcel._replace(items=list(some))])
        )
        if refused:
            things = [(parcel.items[place], wrong) for place, wrong in refused.items()]
            await self._set_aside(heard, partial(leftovers.put, parcel.kind, parcel.source, things))
        else:
            await heard.acknowledge()

    async def _set_aside(self, heard: _Heard, put: "Callable[..., None]") -> None:
        """Set aside what no table takes and acknowledge it; where even that cannot be done it comes again later."""
        now = datetime.now(UTC)
        if wrong := await attempt(lambda: self._in_thread(_work, lambda: put(now=now)), alone=True):
            log.KIT.error("what cannot be stored cannot be set aside and comes again later", exc_info=wrong)
            heartbeat.count("huoji_stream_failed_total")
            await heard.answer(heard.message.nak(delay=LATER_S))
        else:
            await heard.acknowledge()


def _number(message: Msg) -> int:
    """Return its number in the stream, which stays the same however often it is sent."""
    number: int = message.metadata.sequence.stream
    return number


def _work(work: Callable[[], None]) -> None:
    try:
        work()
    except trouble.ERRORS:
        connections.close_all()  # the next try takes a new one
        raise


def _store_all(parcels: Sequence[Parcel]) -> None:
    """Store parcels, all of one kind and door together."""
    _work(lambda: _store_alike(parcels))


def _store_alike(parcels: Sequence[Parcel]) -> None:
    alike: dict[tuple[Kind[Any], str], list[Any]] = {}
    for parcel in parcels:
        alike.setdefault((parcel.kind, parcel.source), []).extend(parcel.items)
    for (kind, source), items in alike.items():
        kind.store(items, source)
        heartbeat.count("huoji_stream_stored_total", len(items))

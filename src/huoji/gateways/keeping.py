"""Where what a gateway receives outlives it: in the database, or in the stream where NATS is set. Only then it may be acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol, TypeVar

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from huoji.gateways.kinds import Kind
from huoji.kit import heartbeat, log

RETRY_S = 1.0  # between two tries to reach the database
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

T = TypeVar("T")


class Keep(Protocol):
    """Returns when the things given outlive this process, however long that takes: the places of those that no table takes."""

    async def __call__(self, kind: Kind[T], items: Sequence[T], /) -> Sequence[int]: ...


async def by_halves(items: Sequence[T], stored: Callable[[Sequence[T]], Awaitable[bool]]) -> list[int]:
    """Store all at once, else by halves, so that what cannot be stored harms nothing beside it; return the places of that."""
    if not items or await stored(items):
        return []
    if len(items) == 1:
        return [0]
    middle = len(items) // 2
    refused = await by_halves(items[:middle], stored)
    return refused + [middle + place for place in await by_halves(items[middle:], stored)]


class Here:
    """Stores in this process. Each kind has a thread and a connection of its own, so that the few do not hold up the many."""

    def __init__(self, *, source: str) -> None:
        self._source = source
        self._threads: dict[str, ThreadPoolExecutor] = {}

    async def keep(self, kind: Kind[T], items: Sequence[T], /) -> Sequence[int]:
        """Store; return after the commit."""
        return await by_halves(items, partial(self._stored, kind))

    async def _stored(self, kind: Kind[T], items: Sequence[T]) -> bool:
        """Store, and tell whether that could be done. A database that is away is waited for."""
        if kind.name not in self._threads:
            self._threads[kind.name] = ThreadPoolExecutor(1, thread_name_prefix=kind.name)
        loop, thread = asyncio.get_running_loop(), self._threads[kind.name]
        while True:
            try:
                await loop.run_in_executor(thread, _store, kind, items, self._source)
            except AWAY as wrong:
                log.KIT.warning("gateway waits for the database", extra={"error": log.summary_of(wrong)})
                heartbeat.count("huoji_gateway_database_away_total")
                await asyncio.sleep(RETRY_S)
            except Exception:  # noqa: BLE001  a bug of ours, or what no table takes: whatever it is, the rest goes on
                if len(items) == 1:
                    log.KIT.exception("what came cannot be stored", extra={"what": kind.name})
                    heartbeat.count(f'huoji_gateway_unstorable_total{{kind="{kind.name}"}}')
                return False
            else:
                return True

    async def close(self) -> None:
        """Wait for what is being stored, and let the connections go."""
        for thread in self._threads.values():
            await asyncio.get_running_loop().run_in_executor(thread, _hang_up)
            thread.shutdown()


def _store(kind: Kind[T], items: Sequence[T], source: str) -> None:
    try:
        kind.store(items, source)
    except AWAY:
        connection.close()  # the next try takes a new one
        raise


def _hang_up() -> None:
    connection.close()  # looked up on the thread that owns it


@asynccontextmanager
async def keeping(source: str) -> AsyncIterator[Keep]:
    """Give a gateway what keeps for it."""
    if not settings.HUOJI.nats_url:
        here = Here(source=source)
        try:
            yield here.keep
        finally:
            await here.close()
        return
    from huoji.gateways.stream.lanes import Lanes  # noqa: PLC0415 - who has no NATS need not load its client
    from huoji.gateways.stream.link import GB, Link  # noqa: PLC0415

    link = Link(settings.HUOJI.nats_url, name=f"gateway {source}", bytes_max=settings.HUOJI.nats_store_gb * GB)
    lanes = Lanes(link, source=source)
    lanes.start()
    try:
        yield lanes.keep
    finally:
        await lanes.stop()

"""Where what a gateway receives outlives it: in the database, or in the stream where NATS is set. Only then it may be acknowledged."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar

from django.conf import settings
from django.db import connection

from huoji.core.halving import Halving
from huoji.gateways.kinds import Kind
from huoji.kit import heartbeat, log, trouble
from huoji.kit.trouble import Trouble

RETRY_S = 1.0  # between two tries when the database has trouble of its own
BUSY_TRIES_MAX = 5  # of a single thing, which may be what makes it busy

T = TypeVar("T")


class Keep(Protocol):
    """Returns when the things given outlive this process, however long that takes: the places of those that no table takes."""

    async def __call__(self, kind: Kind[T], items: Sequence[T], /) -> Sequence[int]: ...


async def by_halves(items: Sequence[T], store: Callable[[Sequence[T]], Awaitable[None]]) -> Mapping[int, Exception]:
    """Store all at once, else by halves, so that what cannot be stored harms nothing beside it; return that by its place, with the reason."""
    halving = Halving(items)
    while some := halving.next():
        halving.told(await attempt(partial(store, some), alone=len(some) == 1))
    return halving.refused


async def attempt(store: Callable[[], Awaitable[None]], *, alone: bool) -> Exception | None:
    """Store, and wait for as long as the database has trouble of its own; return what else stands in the way.

    What only takes too long is worth trying by halves; a single thing that does so again and again is to blame itself.
    """
    for tries in itertools.count(1):
        try:
            await store()
        except Exception as wrong:  # noqa: BLE001  a bug of ours, or what no table takes: whatever it is, the rest goes on
            what = trouble.of(wrong)
            if what is None or (what is Trouble.BUSY and (not alone or tries >= BUSY_TRIES_MAX)):
                return wrong
            log.KIT.warning("waiting for the database", extra={"why": what.value, "error": log.summary_of(wrong)})
            heartbeat.count(f'huoji_gateway_waits_total{{why="{what.value}"}}')
            await asyncio.sleep(RETRY_S)
        else:
            break
    return None


class Here:
    """Stores in this process. Each kind has a thread and a connection of its own, so that the few do not hold up the many."""

    def __init__(self, *, source: str) -> None:
        self._source = source
        self._threads: dict[str, ThreadPoolExecutor] = {}

    async def keep(self, kind: Kind[T], items: Sequence[T], /) -> Sequence[int]:
        """Store; return after the commit."""
        refused = await by_halves(items, lambda some: self._aside(kind, lambda: kind.store(some, self._source)))
        if refused:
            await self._set_aside(kind, [(items[place], wrong) for place, wrong in refused.items()])
        return sorted(refused)

    async def _set_aside(self, kind: Kind[T], refused: Sequence[tuple[T, Exception]]) -> None:
        from huoji.gateways import leftovers  # noqa: PLC0415 - it knows all kinds, which a gateway need not load

        put = partial(leftovers.put, kind, self._source, refused, now=datetime.now(UTC))
        if wrong := await attempt(lambda: self._aside(kind, put), alone=True):
            log.KIT.error("what came cannot be stored and is lost", exc_info=wrong, extra={"what": kind.name})
            heartbeat.count(f'huoji_gateway_lost_total{{kind="{kind.name}"}}', len(refused))

    async def _aside(self, kind: Kind[T], work: Callable[[], None]) -> None:
        """Do something on the thread of a kind."""
        if kind.name not in self._threads:
            self._threads[kind.name] = ThreadPoolExecutor(1, thread_name_prefix=kind.name)
        await asyncio.get_running_loop().run_in_executor(self._threads[kind.name], _work, work)

    async def close(self) -> None:
        """Wait for what is being stored, and let the connections go."""
        for thread in self._threads.values():
            await asyncio.get_running_loop().run_in_executor(thread, _hang_up)
            thread.shutdown()


def _work(work: Callable[[], None]) -> None:
    try:
        work()
    except trouble.ERRORS:
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

"""The connection to the NATS servers and the stream on it: made when it is missing, held through outages."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext, api
from nats.js.errors import APIError, NotFoundError
from nats.js.errors import Error as JetStreamError

from huoji.kit import log

STREAM = "HUOJI_TOLD"
SUBJECTS = "huoji.told"
REPLICAS_MAX = 3
GB = 1_000_000_000
KNOWN_S = 600.0  # how long the servers remember the names of parcels
CALL_S = 5  # seconds
RECONNECT_S = 0.5
PATIENCE_S = 1.0
NO_ROOM = frozenset({10005, 10023, 10047})  # no suitable peers, insufficient resources, insufficient storage
CANCEL_AGAIN_S = 0.2
UNACKED_MAX = 64  # parcels of a partition on their way to its writer
ACK_WAIT_S = (
    30.0  # then the servers send again what was not acknowledged; a new owner of a partition does not wait for it
)

# What an outage looks like from here; a server that has no room answers in this way too.
TROUBLE = (NatsError, JetStreamError, TimeoutError, OSError)


def subject(partition: int) -> str:
    return f"{SUBJECTS}.{partition:02d}"


def reader_name(partition: int) -> str:
    return f"writer-{partition:02d}"


class Link:
    """One connection, which is repaired for as long as the process lives."""

    def __init__(self, url: str, *, name: str, bytes_max: int) -> None:
        self._servers = [each.strip() for each in url.split(",") if each.strip()]
        self._name = name
        self._bytes_max = bytes_max
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None

    async def open(self) -> None:
        self._client = await nats.connect(
            self._servers,
            name=f"huoji {self._name}",
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_S,
            connect_timeout=CALL_S,
            error_cb=_note,
        )
        self._stream = self._client.jetstream(timeout=CALL_S)

    async def open_patiently(self) -> None:
        """Connect and see to it that the stream exists, however long the servers take to come up."""
        while True:
            try:
                if self._client is None:
                    await self.open()
                await self.ensure()
            except APIError as wrong:
                no_room = wrong.err_code in NO_ROOM
                advice = "; give the servers more (max_file), or lower HUOJI_NATS_STORE_GB" if no_room else ""
                log.KIT.error("NATS does not make the stream: %s%s", wrong.description, advice)
                await asyncio.sleep(PATIENCE_S)
            except TROUBLE as wrong:
                log.KIT.warning("waiting for NATS: %s", type(wrong).__name__)
                await asyncio.sleep(PATIENCE_S)
            else:
                return

    async def close(self) -> None:
        if self._client is not None:
            with contextlib.suppress(*TROUBLE):
                await self._client.close()
        self._client = self._stream = None

    @property
    def stream(self) -> JetStreamContext:
        assert self._stream is not None, "open() first"
        return self._stream

    async def ensure(self) -> None:
        """Make the stream where there is none, and give it the size that is set. A full one refuses, so that gateways wait: nothing is ever thrown away."""
        with contextlib.suppress(NotFoundError):
            config = (await self.stream.stream_info(STREAM)).config
            if config.max_bytes != self._bytes_max:
                await self.stream.update_stream(config, max_bytes=self._bytes_max)
            return
        await self.stream.add_stream(
            api.StreamConfig(
                name=STREAM,
                subjects=[f"{SUBJECTS}.*"],
                retention=api.RetentionPolicy.WORK_QUEUE,
                storage=api.StorageType.FILE,
                num_replicas=min(REPLICAS_MAX, len(self._servers)),
                discard=api.DiscardPolicy.NEW,
                max_bytes=self._bytes_max,
                duplicate_window=KNOWN_S,
            )
        )

    async def take_over(
        self, partition: int, hear: Callable[[Msg], Awaitable[None]]
    ) -> JetStreamContext.PushSubscription:
        """Read a partition from its oldest message that nobody has acknowledged.

        The reader of the owner before is removed: what it had been handed and did not acknowledge comes again at once, in
        its old order, instead of after a time-out and behind newer ones.
        """
        with contextlib.suppress(NotFoundError):
            await self.stream.delete_consumer(STREAM, reader_name(partition))
        return await self.stream.subscribe(
            subject(partition),
            stream=STREAM,
            durable=reader_name(partition),
            cb=hear,
            manual_ack=True,
            config=api.ConsumerConfig(
                ack_wait=ACK_WAIT_S, max_ack_pending=UNACKED_MAX, deliver_policy=api.DeliverPolicy.ALL
            ),
        )

    async def is_read(self, partition: int) -> bool:
        """Tell whether the servers know the reader of a partition: one that came back with an empty disk tells nobody what it lost."""
        try:
            await self.stream.consumer_info(STREAM, reader_name(partition))
        except NotFoundError:
            return False
        return True

    async def backlog(self) -> int:
        """Tell how many parcels wait in the stream."""
        return (await self.stream.stream_info(STREAM)).state.messages


async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended. Once is not enough: `asyncio.wait_for` of Python 3.11 can swallow it."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


async def _note(wrong: Exception) -> None:
    log.KIT.warning("NATS: %s", type(wrong).__name__)

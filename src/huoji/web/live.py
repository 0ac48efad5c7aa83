"""The live stream: a bare ASGI app of Server-Sent Events that tells pages which of their topics changed, and nothing else."""

import asyncio
import logging
import os
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from django.conf import settings
from django.utils.log import configure_logging

from huoji.kit import heartbeat, live
from huoji.kit.listen import conninfo

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CLIENTS_MAX = 8_000  # of one process; granian's backpressure stands above it
PING_S = 15
RETRY_MS = 2_000
RECONNECT_S = 1.0
TOKEN_LENGTH_MAX = 6_000
STOP_WAIT_S = 1.5

log = logging.getLogger("huoji.live")


@dataclass(eq=False, slots=True)
class Client:
    """One open stream. Changes of one topic fold into one, so what waits for a slow client is bounded by its token."""

    grant: live.Grant
    pending: dict[str, None] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self, topic: str) -> None:
        self.pending[topic] = None
        self.woken.set()


class Hub:
    """Who listens to what in this process."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self._by_topic: defaultdict[str, set[Client]] = defaultdict(set)
        self.closing = False

    def add(self, client: Client) -> None:
        self.clients.add(client)
        for topic in client.grant.topics:
            self._by_topic[topic].add(client)

    def remove(self, client: Client) -> None:
        self.clients.discard(client)
        for topic in client.grant.topics:
            self._by_topic[topic].discard(client)
            if not self._by_topic[topic]:
                del self._by_topic[topic]

    def tell(self, payload: str) -> None:
        for topic in payload.split():
            for client in self._by_topic.get(topic, ()):
                client.wake(topic)

    def tell_all(self) -> None:
        """Wake every client for all its topics: after a lost connection nobody knows what was missed."""
        for client in self.clients:
            for topic in client.grant.topics:
                client.wake(topic)

    def close(self) -> None:
        self.closing = True
        for client in self.clients:
            client.woken.set()


class Listener:
    """The one database connection of the process: LISTEN, and the heartbeat between two notifications."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.ready = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError):
                self.ready.clear()
                log.warning("live waits for the database")
                await asyncio.sleep(RECONNECT_S)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(conninfo("huoji live"), autocommit=True) as connection:
            await connection.execute(f"LISTEN {live.CHANNEL}")
            if not self.ready.is_set():
                self.hub.tell_all()
                self.ready.set()
            while True:
                heartbeat.gauge("huoji_live_clients", len(self.hub.clients))
                await connection.execute(heartbeat.BEAT_SQL, heartbeat.BEAT.parameters())
                async for notice in connection.notifies(timeout=heartbeat.BEAT_S):
                    self.hub.tell(notice.payload)


class Application:
    """`GET /live/?token=…`: an event a changed topic, a ping now and then, and `renew` when the token ends."""

    def __init__(self) -> None:
        self.hub = Hub()
        self._tasks: list[asyncio.Task[None]] = []  # the listener first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _start(self) -> None:
        """Begin to listen, and to stop by our own rule.

        A server waits for open streams before it tells us that it stops, and ours never end by themselves. So on the
        signal we end them, say goodbye and leave; without this it takes the kill timeout and nobody says goodbye.
        """
        configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)  # django.setup() would load all apps
        heartbeat.BEAT.start("live")
        loop = asyncio.get_running_loop()
        self._tasks.append(loop.create_task(Listener(self.hub).run()))
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread: a test
                loop.add_signal_handler(number, lambda: self._tasks.append(loop.create_task(self._leave())))

    async def _leave(self) -> None:
        await self._stop()
        os._exit(0)

    async def _stop(self) -> None:
        self.hub.close()
        deadline = time.monotonic() + STOP_WAIT_S
        while self.hub.clients and time.monotonic() < deadline:  # noqa: ASYNC110 - streams end within milliseconds
            await asyncio.sleep(0.02)
        self._tasks[0].cancel()
        with suppress(psycopg.Error, OSError, TimeoutError):
            async with asyncio.timeout(STOP_WAIT_S):
                async with await psycopg.AsyncConnection.connect(conninfo("huoji live"), autocommit=True) as connection:
                    await connection.execute(heartbeat.STOP_SQL, [heartbeat.BEAT.instance])

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin", "")
        if scope["path"] == "/live/up":
            return await answer(send, 200, origin="")
        if scope["path"].rstrip("/") != "/live" or scope["method"] not in {"GET", "HEAD"}:
            return await answer(send, 404, origin="")
        if origin and not may_read(origin, host=headers.get("host", "")):
            return await answer(send, 403, origin="")
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        now = datetime.now(UTC)
        grant = live.read_token(token, now=now) if len(token) <= TOKEN_LENGTH_MAX else None
        if grant is None:
            return await answer(send, 204, origin=origin)  # the only status that tells EventSource not to come back
        if len(self.hub.clients) >= CLIENTS_MAX or self.hub.closing:
            return await answer(send, 503, origin=origin)
        await self._stream(Client(grant), origin=origin, receive=receive, send=send)
        return None

    async def _stream(self, client: Client, *, origin: str, receive: Receive, send: Send) -> None:
        self.hub.add(client)
        gone = asyncio.create_task(until_gone(receive))
        gone.add_done_callback(lambda _task: client.woken.set())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": stream_headers(origin)})
            await write(send, f"retry: {RETRY_MS}\n\n")
            await self._pump(client, gone, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:  # the client went while we wrote
            pass
        finally:
            self.hub.remove(client)
            gone.cancel()

    async def _pump(self, client: Client, gone: asyncio.Task[None], send: Send) -> None:
        while not gone.done() and not self.hub.closing:
            left_s = client.grant.until - time.time()
            if left_s <= 0:
                await write(send, "event: renew\ndata:\n\n")
                return
            try:
                async with asyncio.timeout(min(PING_S, left_s)):
                    await client.woken.wait()
            except TimeoutError:
                await write(send, ": ping\n\n")
                continue
            client.woken.clear()
            changed, client.pending = client.pending, {}
            if changed:
                await write(send, "".join(f"data: {topic}\n\n" for topic in changed))


def may_read(origin: str, *, host: str) -> bool:
    """Tell whether a page of this origin may read the stream: our own host on any port, or an allowed host."""
    name = urlsplit(origin).hostname or ""
    return name == urlsplit(f"//{host}").hostname or name in settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS


def stream_headers(origin: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        *cors(origin),
    ]


def cors(origin: str) -> list[tuple[bytes, bytes]]:
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")] if origin else []


async def write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def answer(send: Send, status: int, *, origin: str) -> None:
    headers = [(b"content-length", b"0"), *cors(origin)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")
application = Application()

"""The gateway of vessels as a process: lines come in by UDP and TCP, and are kept in batches, in the order they came.

AIS knows no acknowledgement. While what keeps them is away lines wait, up to LINES_MAX; a TCP feed is then read no further, and of
UDP, which nobody can hold back, the oldest lines are let go and counted.
"""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from huoji.apps.fleet.actions.ais import Heard
from huoji.apps.fleet.actions.vessels import Introduction
from huoji.gateways.ais.lookout import BATCH_LINES, Line, Lookout
from huoji.gateways.aside import Aside
from huoji.gateways.keeping import RETRY_S, Keep, keeping
from huoji.gateways.kinds.vessels import VESSELS
from huoji.gateways.running import run as run_process
from huoji.kit import heartbeat, log, trouble
from huoji.wire import ais

KIND, SOURCE = "gateway-ais", "ais"
BATCH_WAIT_S = 0.2
LINES_MAX = 200_000
LINES_LOW = 50_000  # so few must be left before TCP feeds are read again
READ_BYTES = 64 * 1024
UDP_BUFFER_BYTES = 4 * 1024 * 1024
PEERS_MAX = 64
PEER_IDLE_S = 600.0
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.5, 60.0
DRAIN_S = 10.0  # to keep what was received when told to stop


@dataclass(slots=True)
class Inbox:
    """Lines that wait to be kept."""

    lines: deque[Line] = field(default_factory=deque)
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    drained: asyncio.Event = field(default_factory=asyncio.Event)
    dropped: int = 0

    def put(self, lines: Sequence[bytes], feed: str) -> None:
        at_s = datetime.now(UTC).timestamp()
        cut = ais.LINE_BYTES_MAX + 1  # what is longer is no line of AIS, and so much shows it
        self.lines.extend(Line(line[:cut], feed, at_s) for line in lines if line and line != b"\r")
        self._changed()

    def _changed(self) -> None:
        heartbeat.gauge("huoji_ais_waiting", len(self.lines))
        if self.lines:
            self.filled.set()
        else:
            self.filled.clear()

    def let_go(self) -> None:
        """Let the oldest go where there are too many, and count them."""
        if (count := len(self.lines) - LINES_MAX) > 0:
            for _ in range(count):
                self.lines.popleft()
            self.dropped += count
            self._changed()
            heartbeat.count("huoji_ais_dropped_total", count)

    @property
    def is_full(self) -> bool:
        return len(self.lines) >= LINES_MAX

    def take(self) -> list[Line]:
        batch = [self.lines.popleft() for _ in range(min(BATCH_LINES, len(self.lines)))]
        if len(self.lines) <= LINES_LOW:
            self.drained.set()
        self._changed()
        return batch


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.inbox.put(data.split(b"\n"), f"udp {addr[0]}")
        self.inbox.let_go()


class Gateway:
    """The feeds of one process and the task that keeps what they bring."""

    def __init__(
        self, lookout: Lookout, keep: Keep, *, host: str, port: int, upstreams: Sequence[tuple[str, int]],
        stopping: asyncio.Event,
    ) -> None:  # fmt: skip
        self.lookout, self.keep, self.host, self.port, self.upstreams = lookout, keep, host, port, upstreams
        self.stopping = stopping
        self.inbox = Inbox()
        self.peers: set[asyncio.StreamWriter] = set()
        self.kept = 0
        self._aside = Aside()

    async def run(self) -> None:
        """Serve until `stopping` is set; store what was received, then end."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self.inbox), local_addr=(self.host, self.port)
        )
        with contextlib.suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UDP_BUFFER_BYTES)
        server = await asyncio.start_server(self._serve, self.host, self.port, limit=READ_BYTES)
        clients = [asyncio.create_task(self._follow(*upstream)) for upstream in self.upstreams]
        keeping = asyncio.create_task(self._keep_all())
        log.KIT.info("AIS gateway ready", extra={"port": self.port, "upstreams": len(clients)})
        await self.stopping.wait()
        transport.close()
        server.close()
        for peer in self.peers:
            peer.close()
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        self.inbox.filled.set()
        self.inbox.drained.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(keeping, DRAIN_S)
        if self.inbox.lines:
            log.KIT.warning("AIS lines are lost with the process", extra={"lines": len(self.inbox.lines)})
        self._aside.close()

    async def _keep_all(self) -> None:
        """Keep batch after batch until told to stop and empty."""
        while not (self.stopping.is_set() and not self.inbox.lines):
            await self.inbox.filled.wait()
            if len(self.inbox.lines) < BATCH_LINES and not self.stopping.is_set():
                await asyncio.sleep(BATCH_WAIT_S)
            if batch := self.inbox.take():
                await self._keep(batch)
                self.kept += len(batch)

    async def _keep(self, batch: Sequence[Line]) -> None:
        try:
            told = await self._read_lines(batch)
            await self.keep(VESSELS, told)
        except Exception:  # noqa: BLE001 - a bug of ours must not end the feed
            log.KIT.exception("AIS batch failed")
            heartbeat.count("huoji_ais_failed_total", len(batch))

    async def _read_lines(self, batch: Sequence[Line]) -> list[Heard | Introduction]:
        """Read a batch; wait until it is known which vessels are ours."""
        while True:
            try:
                return await self._aside.run(self.lookout.read, batch)
            except trouble.ERRORS as wrong:
                log.KIT.warning(
                    "AIS waits for the database", extra={"lines": len(batch), "error": log.summary_of(wrong)}
                )
                await asyncio.sleep(RETRY_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a feed that connected to us."""
        peer = str(writer.get_extra_info("peername", ("?",))[0])
        if len(self.peers) >= PEERS_MAX:
            log.KIT.warning("AIS feed refused", extra={"peer": peer, "limit": PEERS_MAX})
            writer.close()
            return
        self.peers.add(writer)
        try:
            await self._read(reader, f"tcp {peer}", idle_s=PEER_IDLE_S)
        except (OSError, TimeoutError):
            pass  # it went away, or has been silent for so long
        finally:
            self.peers.discard(writer)
            writer.close()

    async def _follow(self, host: str, port: int) -> None:
        """Read a feed that we connect to; try again for ever, with longer and longer pauses."""
        pause_s = BACKOFF_FIRST_S
        while True:
            with contextlib.suppress(OSError, TimeoutError):
                reader, writer = await asyncio.open_connection(host, port, limit=READ_BYTES)
                try:
                    if await self._read(reader, f"tcp {host}:{port}", idle_s=PEER_IDLE_S):
                        pause_s = BACKOFF_FIRST_S
                finally:
                    writer.close()
            log.KIT.warning("AIS feed lost", extra={"peer": f"{host}:{port}", "again_in_s": pause_s})
            await asyncio.sleep(pause_s)
            pause_s = min(BACKOFF_MAX_S, pause_s * 2)

    async def _read(self, reader: asyncio.StreamReader, feed: str, *, idle_s: float) -> int:
        """Read until the end of the feed; stop reading while too much waits. Return how many bytes came."""
        lines, count = ais.Lines(), 0
        while True:
            async with asyncio.timeout(idle_s):
                data = await reader.read(READ_BYTES)
            if not data:
                return count
            count += len(data)
            self.inbox.put(list(lines.feed(data)), feed)
            if self.inbox.is_full:
                self.inbox.drained.clear()
                await self.inbox.drained.wait()


def run(*, host: str, port: int, upstreams: Sequence[tuple[str, int]], keep_all: bool) -> int:
    """Serve until SIGTERM or Ctrl-C."""

    async def serve(stopping: asyncio.Event) -> None:
        async with keeping(SOURCE) as keep:
            lookout = Lookout(keep_all=keep_all)
            await Gateway(lookout, keep, host=host, port=port, upstreams=upstreams, stopping=stopping).run()

    run_process(KIND, serve)
    return 0

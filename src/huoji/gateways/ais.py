"""The gateway of vessels: AIS lines by UDP, by TCP from and to others, or from a file; committed in batches, in the order they came.

AIS knows no acknowledgement. While the database is away lines wait, up to LINES_MAX; a TCP feed is then read no further, and of
UDP, which nobody can hold back, the oldest lines are let go and counted.
"""

import asyncio
import contextlib
import math
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import psycopg
from django.db import InterfaceError, OperationalError, connection

from huoji.apps.fleet.actions import ais as actions
from huoji.apps.fleet.actions import vessels
from huoji.apps.fleet.actions.ais import Heard
from huoji.kit import heartbeat, log
from huoji.kit.pulse import PULSE
from huoji.wire import ais

KIND = "gateway-ais"
SOURCE, FILE_SOURCE = "ais", "ais-file"
BATCH_LINES = 4_000
BATCH_WAIT_S = 0.2
LINES_MAX = 200_000
LINES_LOW = 50_000  # so few must be left before TCP feeds are read again
READ_BYTES = 64 * 1024
FILE_BYTES = 256 * 1024
UDP_BUFFER_BYTES = 4 * 1024 * 1024
PEERS_MAX = 64
PEER_IDLE_S = 600.0
ROSTER_S = 15.0
BEACONS_S = 60.0
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.5, 60.0
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


class Line(NamedTuple):
    """A line, the feed it came by, and when (seconds since 1970)."""

    data: bytes
    feed: str
    at_s: float


@dataclass(slots=True)
class Inbox:
    """Lines that wait to be stored."""

    lines: deque[Line] = field(default_factory=deque)
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    drained: asyncio.Event = field(default_factory=asyncio.Event)
    dropped: int = 0

    def put(self, lines: Sequence[bytes], feed: str) -> None:
        at_s = datetime.now(UTC).timestamp()
        self.lines.extend(Line(line, feed, at_s) for line in lines if line and line != b"\r")
        while len(self.lines) > LINES_MAX:
            self.lines.popleft()
            self.dropped += 1
        self.filled.set()

    @property
    def is_full(self) -> bool:
        return len(self.lines) >= LINES_MAX - BATCH_LINES

    def take(self) -> list[Line]:
        batch = [self.lines.popleft() for _ in range(min(BATCH_LINES, len(self.lines)))]
        if len(self.lines) <= LINES_LOW:
            self.drained.set()
        if not self.lines:
            self.filled.clear()
        return batch


class Keeper:
    """Reads and stores batches, one after the other, on a thread and a connection of its own."""

    def __init__(self, *, source: str, keep_all: bool, history: bool = False) -> None:
        self.source, self.keep_all, self.history = source, keep_all, history
        self.reader = ais.Reader(wanted=self._wants)
        self.roster = vessels.Roster()
        self._mustered_s = self._beacons_s = 0.0
        self._told = self._foreign = 0
        self.counts = dict.fromkeys(("lines", "stored", "duplicates", "filtered", "foreign", "odd"), 0)

    def _wants(self, mmsi: str, kind: int) -> bool:
        if self.keep_all or mmsi in self.roster.vessels or mmsi.startswith(ais.BEACONS):
            return True
        return kind == ais.VOYAGE and bool(self.roster.by_imo)

    def keep(self, batch: Sequence[Line], *, give_up: Callable[[], bool]) -> None:
        """Read and store a batch; while the database is away try again, until told to give up."""
        read, pause_s = None, BACKOFF_FIRST_S
        while True:
            try:
                if datetime.now(UTC).timestamp() - self._mustered_s > ROSTER_S:
                    self.muster()
                read = read or self._read(batch)  # once: it puts parts together
                self._store(*read, lines=len(batch))
            except AWAY:
                log.KIT.warning("AIS waits for the database", extra={"lines": len(batch)})
                connection.close()
                if give_up():
                    return
                time.sleep(pause_s)
                pause_s = min(BACKOFF_MAX_S, pause_s * 2)
            except Exception:  # noqa: BLE001 - a bug of ours must not end the feed
                log.KIT.exception("AIS batch failed")
                heartbeat.count("huoji_ais_failed_total", len(batch))
                return
            else:
                return

    def _store(self, heard: Sequence[Heard], statics: Sequence[ais.Static], *, lines: int) -> None:
        now = datetime.now(UTC)
        taken = actions.take(
            heard,
            statics,
            roster=self.roster,
            source=self.source,
            keep_all=self.keep_all,
            history=self.history,
            now=now,
        )
        if now.timestamp() - self._beacons_s > BEACONS_S:
            actions.end_beacons(now=now)
            self._beacons_s = now.timestamp()
        if taken.vessels:
            self._mustered_s = 0.0  # a vessel may have told its MMSI
        self._count(taken, lines)

    def muster(self) -> None:
        """Learn which vessels are ours."""
        now = datetime.now(UTC)
        self.roster, self._mustered_s = vessels.muster(now=now), now.timestamp()

    def _read(self, batch: Sequence[Line]) -> tuple[list[Heard], list[ais.Static]]:
        heard: list[Heard] = []
        statics: list[ais.Static] = []
        for line in batch:
            for each in self.reader.feed(line.data, source=line.feed, now_s=line.at_s):
                match each:
                    case ais.Position():
                        heard.append(Heard(each, line.at_s))
                    case ais.Static():
                        statics.append(each)
                    case ais.Other(mmsi=mmsi, type=kind) if not self._wants(mmsi, kind):
                        self._foreign += 1
                    case _:
                        pass
        if batch:
            self.reader.expire(now_s=batch[-1].at_s)
        return heard, statics

    def _count(self, taken: actions.Taken, lines: int) -> None:
        odd = self.reader.odd.total()
        added = {
            "lines": lines, "stored": taken.stored.accepted, "duplicates": taken.stored.duplicates,
            "filtered": taken.stored.rejected, "foreign": taken.foreign + self._foreign, "odd": odd - self._told,
        }  # fmt: skip
        self._told, self._foreign = odd, 0
        for name, amount in added.items():
            self.counts[name] += amount
            heartbeat.count(f"huoji_ais_{name}_total", amount)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.inbox.put(data.split(b"\n"), f"udp {addr[0]}")


def _hang_up() -> None:
    connection.close()  # looked up on the thread that owns it


class Gateway:
    """The feeds of one process and the task that stores what they bring."""

    def __init__(self, keeper: Keeper, *, host: str, port: int, upstreams: Sequence[tuple[str, int]]) -> None:
        self.keeper, self.host, self.port, self.upstreams = keeper, host, port, upstreams
        self.inbox = Inbox()
        self.peers = 0
        self.stopping = asyncio.Event()

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
        storing = asyncio.create_task(self._store())
        log.KIT.info("AIS gateway ready", extra={"port": self.port, "upstreams": len(clients)})
        await self.stopping.wait()
        transport.close()
        server.close()
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        self.inbox.filled.set()
        await storing

    async def _store(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ais") as thread:
            while not (self.stopping.is_set() and not self.inbox.lines):
                await self.inbox.filled.wait()
                if len(self.inbox.lines) < BATCH_LINES and not self.stopping.is_set():
                    await asyncio.sleep(BATCH_WAIT_S)
                if batch := self.inbox.take():
                    await loop.run_in_executor(thread, self._keep, batch)
                heartbeat.gauge("huoji_ais_waiting", len(self.inbox.lines))
            await loop.run_in_executor(thread, _hang_up)

    def _keep(self, batch: Sequence[Line]) -> None:
        self.keeper.keep(batch, give_up=self.stopping.is_set)
        if dropped := self.inbox.dropped:
            self.inbox.dropped -= dropped
            heartbeat.count("huoji_ais_dropped_total", dropped)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a feed that connected to us."""
        peer = str(writer.get_extra_info("peername", ("?",))[0])
        if self.peers >= PEERS_MAX:
            log.KIT.warning("AIS feed refused", extra={"peer": peer, "limit": PEERS_MAX})
            writer.close()
            return
        self.peers += 1
        try:
            await self._read(reader, f"tcp {peer}", idle_s=PEER_IDLE_S)
        except (OSError, TimeoutError):
            pass  # it went away, or has been silent for so long
        finally:
            self.peers -= 1
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
    gateway = Gateway(Keeper(source=SOURCE, keep_all=keep_all), host=host, port=port, upstreams=upstreams)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, gateway.stopping.set)
        await gateway.run()

    PULSE.start(KIND)
    try:
        asyncio.run(serve())
    finally:
        PULSE.stop()
    return 0


def run_file(path: Path, *, keep_all: bool) -> dict[str, int]:
    """Read a recording (`-` is standard input); return what became of its lines. Raises OSError when it cannot be read.

    Lines without a time of their own are taken as of the file's last change; from a pipe as of now.
    """
    is_pipe = str(path) == "-" or path.is_fifo()
    keeper = Keeper(source=FILE_SOURCE, keep_all=keep_all, history=not is_pipe)
    PULSE.start(KIND)
    try:
        if str(path) == "-":
            _feed(keeper, sys.stdin.buffer, at_s=None)
        else:
            with path.open("rb") as stream:
                _feed(keeper, stream, at_s=None if is_pipe else path.stat().st_mtime)
    finally:
        PULSE.stop()
    keeper.reader.expire(now_s=math.inf)  # what is unfinished at the end stays so
    return keeper.counts | {f"odd: {code}": count for code, count in sorted(keeper.reader.odd.items())}


def _feed(keeper: Keeper, stream: BinaryIO, *, at_s: float | None) -> None:
    keeper.muster()
    while raw := stream.readlines(FILE_BYTES):
        taken_s = datetime.now(UTC).timestamp() if at_s is None else at_s
        for start in range(0, len(raw), BATCH_LINES):
            lines = [Line(line[: ais.LINE_BYTES_MAX + 1], "file", taken_s) for line in raw[start : start + BATCH_LINES]]
            keeper.keep(lines, give_up=lambda: False)

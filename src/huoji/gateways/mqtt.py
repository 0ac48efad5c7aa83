"""The gateway of sensors: readings from any MQTT broker (5 or 3.1.1), acknowledged to it only after they are committed.

The broker keeps what was not acknowledged under our client identifier, and gives it again after a loss of either side. A message
that cannot be read is acknowledged, counted and logged with its code: it would come again for ever.
"""

import asyncio
import contextlib
import signal
import ssl
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomqtt
import psycopg
from aiomqtt.exceptions import MqttConnectError
from django.db import InterfaceError, OperationalError, connection
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from huoji.apps.fleet.actions import readings
from huoji.core import published
from huoji.core.permission import system
from huoji.core.published import Pattern, PatternError
from huoji.core.reading import Reading, ReadingRefusedError
from huoji.kit import heartbeat, ingest, log
from huoji.kit.pulse import PULSE

__all__ = ["Gateway", "PatternError", "run"]
KIND = "gateway-mqtt"
SOURCE = "mqtt"
ACTOR = system(SOURCE)
QOS = 1
BATCH_MAX = 1_000
BATCH_WAIT_S = 0.05
UNACKNOWLEDGED_MAX = 2_000  # what a broker of MQTT 5 may send before it waits for us
QUEUED_MAX = 20_000
SESSION_S = 7 * 24 * 3_600  # for so long the broker keeps what comes while we are away
KEEPALIVE_S = 30
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.5, 60.0
PORTS = {"mqtt": 1883, "mqtts": 8883}
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
# The newest first: a broker that does not know 5 refuses the connection.
VERSIONS = (aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311)


class Gateway:
    """One connection to the broker, kept up until told to stop."""

    def __init__(self, *, url: str, patterns: Sequence[Pattern], identifier: str, kept_days: int) -> None:
        self.url, self.patterns, self.identifier, self.kept_days = urlsplit(url), patterns, identifier, kept_days
        self.stopping = asyncio.Event()
        self.counts: Counter[str] = Counter()
        self._version = 0

    async def run(self) -> None:
        """Serve until `stopping` is set."""
        serving = asyncio.create_task(self._keep_up())
        await self.stopping.wait()
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    async def _keep_up(self) -> None:
        pause_s = BACKOFF_FIRST_S
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix=SOURCE) as thread:
            try:
                while True:
                    before = self.counts["sessions"]
                    try:
                        await self._session(thread)
                    except aiomqtt.MqttError as lost:
                        if isinstance(lost, MqttConnectError) and self._version + 1 < len(VERSIONS):
                            self._version += 1  # the broker may know only the older one
                            continue
                        self._version = 0
                        log.KIT.warning("MQTT broker lost", extra={"why": str(lost), "again_in_s": pause_s})
                    if self.counts["sessions"] > before:
                        pause_s = BACKOFF_FIRST_S
                    await asyncio.sleep(pause_s)
                    pause_s = min(BACKOFF_MAX_S, pause_s * 2)
            finally:
                thread.submit(_hang_up)

    def _client(self) -> aiomqtt.Client:
        version = VERSIONS[self._version]
        options: dict[str, Any] = {"clean_session": False}
        if version is aiomqtt.ProtocolVersion.V5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = SESSION_S
            properties.ReceiveMaximum = UNACKNOWLEDGED_MAX
            options = {"clean_start": False, "properties": properties}
        client = aiomqtt.Client(
            self.url.hostname or "localhost",
            self.url.port or PORTS[self.url.scheme],
            username=unquote(self.url.username) if self.url.username else None,
            password=unquote(self.url.password) if self.url.password else None,
            identifier=self.identifier,
            protocol=version,
            keepalive=KEEPALIVE_S,
            tls_context=ssl.create_default_context() if self.url.scheme == "mqtts" else None,
            max_queued_incoming_messages=QUEUED_MAX,
            **options,
        )
        client._client.manual_ack_set(True)  # noqa: SLF001 - paho acknowledges on arrival unless told so, and aiomqtt hides it
        return client

    async def _session(self, thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        async with self._client() as client:
            for each in self.patterns:
                await client.subscribe(each.subscription, qos=QOS)
            self.counts["sessions"] += 1
            log.KIT.info("MQTT gateway ready", extra={"protocol": VERSIONS[self._version].name})
            while True:
                batch = [await anext(client.messages)]
                if len(client.messages) < BATCH_MAX:
                    await asyncio.sleep(BATCH_WAIT_S)
                while len(client.messages) and len(batch) < BATCH_MAX:
                    batch.append(await anext(client.messages))
                await self._store(loop, thread, batch)
                for message in batch:
                    if message.qos:
                        client._client.ack(message.mid, message.qos)  # noqa: SLF001 - as above
                self.counts["messages"] += len(batch)
                heartbeat.count("huoji_mqtt_messages_total", len(batch))

    async def _store(
        self, loop: asyncio.AbstractEventLoop, thread: ThreadPoolExecutor, batch: Sequence[aiomqtt.Message]
    ) -> None:
        """Commit a batch; while the database is away wait, and acknowledge nothing."""
        now = datetime.now(UTC)
        taken = self._read(batch, now)
        pause_s = BACKOFF_FIRST_S
        while True:
            try:
                stored = await loop.run_in_executor(thread, _keep, taken, now)
            except AWAY:
                log.KIT.warning("MQTT waits for the database", extra={"messages": len(batch)})
                await loop.run_in_executor(thread, _hang_up)
                await asyncio.sleep(pause_s)
                pause_s = min(BACKOFF_MAX_S, pause_s * 2)
            except Exception:  # noqa: BLE001 - a bug of ours must not end the stream: the batch is let go, and told
                log.KIT.exception("MQTT batch failed", extra={"readings": len(taken)})
                self.counts["refused: failed"] += len(batch)
                heartbeat.count("huoji_mqtt_failed_total", len(batch))
                return
            else:
                self.counts["stored"] += stored
                return

    def _read(self, batch: Sequence[aiomqtt.Message], now: datetime) -> list[tuple[str, Reading]]:
        taken: list[tuple[str, Reading]] = []
        refused: Counter[str] = Counter()
        for message in batch:
            try:
                taken += published.read(
                    str(message.topic), message.payload, patterns=self.patterns, retained=message.retain, now=now,
                    kept_days=self.kept_days,
                )  # fmt: skip
            except ReadingRefusedError as error:
                refused[error.code] += 1
        if refused:
            self.counts.update({f"refused: {code}": count for code, count in refused.items()})
            log.KIT.warning("MQTT messages refused", extra={"codes": dict(refused)})
            ingest.observe(SOURCE, now=now, rejected=refused.total())
        return taken


def _keep(taken: Sequence[tuple[str, Reading]], now: datetime) -> int:
    terminals = readings.enrol(ACTOR, {device for device, _ in taken})
    told = [(terminals[device], reading) for device, reading in taken if device in terminals]
    if len(told) < len(taken):
        ingest.observe(SOURCE, now=now, rejected=len(taken) - len(told))
    stored = 0
    for start in range(0, len(told), readings.BATCH_MAX):
        stored += sum(readings.store(ACTOR, told[start : start + readings.BATCH_MAX], source=SOURCE, now=now))
    return stored


def _hang_up() -> None:
    connection.close()  # looked up on the thread that owns it


def run(*, url: str, topics: Sequence[str], identifier: str, kept_days: int) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    patterns = [published.pattern(each) for each in topics]

    async def serve() -> None:
        gateway = Gateway(url=url, patterns=patterns, identifier=identifier, kept_days=kept_days)
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

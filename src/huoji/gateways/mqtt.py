"""The gateway of sensors: readings from any MQTT broker (5 or 3.1.1), acknowledged to it only after they are kept.

The broker keeps what was not acknowledged under our client identifier, and gives it again after a loss of either side. A message
that cannot be read, or is too large, is acknowledged, counted and logged with its code, once a session: it would come again for ever.
"""

import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from huoji.core import published
from huoji.core.published import Pattern, PatternError
from huoji.core.reading import Reading, ReadingRefusedError
from huoji.gateways.intake import MESSAGES_MAX, Intake, cap_packets
from huoji.gateways.keeping import Keep, keeping
from huoji.gateways.kinds.sensors import READINGS
from huoji.gateways.running import run as run_process
from huoji.kit import heartbeat, ingest, log

__all__ = ["Gateway", "PatternError", "run"]
KIND, SOURCE = "gateway-mqtt", "mqtt"
QOS = 1
BATCH_MAX = 1_000
BATCH_WAIT_S = 0.05
UNACKNOWLEDGED_MAX = 2_000  # what a broker of MQTT 5 may send before it waits for us
SESSION_S = 7 * 24 * 3_600  # for so long the broker keeps what comes while we are away
KEEPALIVE_S = 30
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.5, 60.0
PORTS = {"mqtt": 1883, "mqtts": 8883}
# The newest first: a broker that does not know 5 refuses the connection.
VERSIONS = (aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311)


class Gateway:
    """One connection to the broker, kept up until told to stop."""

    def __init__(
        self,
        keep: Keep,
        *,
        url: str,
        patterns: Sequence[Pattern],
        identifier: str,
        kept_days: int,
        stopping: asyncio.Event,
    ) -> None:
        self.keep, self.stopping = keep, stopping
        self.url, self.patterns, self.identifier, self.kept_days = urlsplit(url), patterns, identifier, kept_days
        self.counts: Counter[str] = Counter()
        self._version = 0
        self._said: set[str] = set()  # codes that the log of this session has

    async def run(self) -> None:
        """Serve until `stopping` is set."""
        serving = asyncio.create_task(self._keep_up())
        await self.stopping.wait()
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    async def _keep_up(self) -> None:
        pause_s = BACKOFF_FIRST_S
        while True:
            before = self.counts["sessions"]
            try:
                await self._session()
            except aiomqtt.MqttError as lost:
                if isinstance(lost, MqttConnectError) and self._version + 1 < len(VERSIONS):
                    self._version += 1  # the broker may know only the older one
                    continue
                self._version = 0
                self.counts["lost"] += 1
                log.KIT.warning("MQTT broker lost", extra={"why": str(lost), "again_in_s": pause_s})
            if self.counts["sessions"] > before:
                pause_s = BACKOFF_FIRST_S
            await asyncio.sleep(pause_s)
            pause_s = min(BACKOFF_MAX_S, pause_s * 2)

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
            max_queued_incoming_messages=MESSAGES_MAX,
            queue_type=Intake,
            **options,
        )
        client._client.manual_ack_set(True)  # noqa: SLF001 - paho acknowledges on arrival unless told so, and aiomqtt hides it
        cap_packets(client)
        return client

    async def _session(self) -> None:
        async with self._client() as client:
            for each in self.patterns:
                await client.subscribe(each.subscription, qos=QOS)
            self.counts["sessions"] += 1
            self._said.clear()
            log.KIT.info("MQTT gateway ready", extra={"protocol": VERSIONS[self._version].name})
            while True:
                batch = [await anext(client.messages)]
                if len(client.messages) < BATCH_MAX:
                    await asyncio.sleep(BATCH_WAIT_S)
                while len(client.messages) and len(batch) < BATCH_MAX:
                    batch.append(await anext(client.messages))
                await self._keep(batch)
                for message in batch:
                    if message.qos:
                        client._client.ack(message.mid, message.qos)  # noqa: SLF001 - as above
                self.counts["messages"] += len(batch)
                heartbeat.count("huoji_mqtt_messages_total", len(batch))
                intake = client._queue  # noqa: SLF001 - as above
                if isinstance(intake, Intake) and intake.is_owed and not intake.qsize():
                    raise aiomqtt.MqttError("what could not wait is asked for again")

    async def _keep(self, batch: Sequence[aiomqtt.Message]) -> None:
        """Keep a batch, and wait for as long as that takes: nothing is acknowledged before."""
        taken = self._read(batch, datetime.now(UTC))
        refused = await self.keep(READINGS, taken)
        self.counts["refused: unstorable"] += len(refused)
        self.counts["kept"] += len(taken) - len(refused)

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
            for code, count in refused.items():
                self.counts[f"refused: {code}"] += count
                heartbeat.count(f'huoji_mqtt_refused_total{{code="{code}"}}', count)
            if new := refused.keys() - self._said:
                log.KIT.warning("MQTT messages refused", extra={"codes": {code: refused[code] for code in sorted(new)}})
                self._said |= new
            ingest.observe(SOURCE, now=now, rejected=refused.total())
        return taken


def run(*, url: str, topics: Sequence[str], identifier: str, kept_days: int) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    patterns = [published.pattern(each) for each in topics]

    async def serve(stopping: asyncio.Event) -> None:
        async with keeping(SOURCE) as keep:
            await Gateway(
                keep, url=url, patterns=patterns, identifier=identifier, kept_days=kept_days, stopping=stopping
            ).run()

    run_process(KIND, serve)
    return 0

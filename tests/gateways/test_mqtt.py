"""MQTT through real brokers: committed before it is acknowledged, found again after a loss, in both versions."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest

from huoji.apps.fleet.models import Reading, Terminal
from huoji.core import published
from huoji.gateways import intake, leftovers, mqtt
from huoji.gateways.keeping import keeping
from huoji.gateways.kinds import sensors
from huoji.kit import set_aside
from tests.gateways.harness import environ, free_port
from tools.nats_nodes import BINARY

pytestmark = pytest.mark.django_db(transaction=True)
PATTERNS = [published.pattern(each) for each in ("sensor/{device}/{metric}", "sensor/{device}")]


def until(holds: Callable[[], bool], *, seconds=10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.03)
    return False


def nats(folder: Path, port: int) -> list[str]:
    config = folder / "nats.conf"
    config.write_text(
        f'server_name: test\nlisten: "127.0.0.1:{free_port()}"\njetstream {{ store_dir: "{folder}/js" }}\n'
        f'mqtt {{ listen: "127.0.0.1:{port}", ack_wait: "1s" }}\n'
    )
    return [BINARY, "-c", str(config)]


def mosquitto(folder: Path, port: int) -> list[str]:
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    return [shutil.which("mosquitto", path="/usr/sbin:/usr/bin") or "", "-c", str(config)]


class Broker:
    """A broker of its own, which can be killed and started again."""

    def __init__(self, command: Callable[[Path, int], list[str]], folder: Path) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.command = command(folder, self.port)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert until(self._answers)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def publish(self, *messages: tuple[str, object]) -> None:
        async def send() -> None:
            async with aiomqtt.Client("127.0.0.1", self.port) as client:
                for topic, payload in messages:
                    await client.publish(topic, payload if isinstance(payload, bytes) else json.dumps(payload), qos=1)

        asyncio.run(send())


@pytest.fixture(params=["nats", "mosquitto"])
def broker(request, tmp_path):
    if request.param == "mosquitto" and not shutil.which("mosquitto", path="/usr/sbin:/usr/bin"):
        pytest.skip("no mosquitto here")
    running = Broker({"nats": nats, "mosquitto": mosquitto}[request.param], tmp_path)
    yield running
    running.kill()


@pytest.fixture
def nats_broker(tmp_path):
    running = Broker(nats, tmp_path)
    yield running
    running.kill()


@contextmanager
def gateway(broker: Broker):
    """Run the gateway on a thread of its own."""
    ready, held = threading.Event(), {}

    async def main() -> None:
        async with keeping("mqtt") as keep:
            held["gateway"] = mqtt.Gateway(
                keep, url=broker.url, patterns=PATTERNS, identifier="huoji", kept_days=186,
                stopping=asyncio.Event(),
            )  # fmt: skip
            held["loop"] = asyncio.get_running_loop()
            ready.set()
            await held["gateway"].run()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(5)
    yield held["gateway"]
    held["loop"].call_soon_threadsafe(held["gateway"].stopping.set)
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.req("I02", part="sensor ingest by MQTT 3.1.1 and 5")
def test_readings_by_mqtt_are_stored_whichever_version_the_broker_speaks(broker):
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=3)
    with gateway(broker) as running:
        assert until(lambda: running.counts["sessions"])
        broker.publish(
            ("sensor/BOX-7/temperature", b"4.5"),
            ("sensor/BOX-7/humidity", {"value": 61, "at": at.isoformat()}),
            ("sensor/BOX-8", {"at": at.isoformat(), "pressure": 1013.2, "door": True}),
            ("sensor/BOX-7/mood", b"1"),
        )
        assert until(lambda: running.counts["kept"] >= 4, seconds=3), running.counts
    assert set(Terminal.objects.values_list("number", flat=True)) == {"BOX-7", "BOX-8"}
    assert Reading.objects.filter(at=at).count() == 3
    assert running.counts["refused: unknown_metric"] == 1


def test_a_reading_that_no_table_takes_harms_none_beside_it(nats_broker, monkeypatch):
    store = sensors.readings.store

    def poisoned(actor, told, **more):
        if any(reading.value == 13 for _, reading in told):
            raise ValueError("poison")
        return store(actor, told, **more)

    monkeypatch.setattr(sensors.readings, "store", poisoned)
    with gateway(nats_broker) as running:
        assert until(lambda: running.counts["sessions"])
        nats_broker.publish(*((f"sensor/BOX-{n}/temperature", str(n).encode()) for n in range(20)))
        assert until(lambda: running.counts["messages"] == 20)
    assert (running.counts["kept"], running.counts["refused: unstorable"]) == (19, 1)
    assert Reading.objects.count() == 19
    monkeypatch.undo()  # mended
    assert leftovers.try_again(now=datetime.now(UTC) + set_aside.PAUSES[0]) == 1
    assert (Reading.objects.count(), set_aside.counts()) == (20, (0, 0))


def test_a_gateway_that_is_killed_loses_nothing_that_was_published(nats_broker):
    """The broker gives again what was not acknowledged, and that is what was not committed."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    sent = [
        ("sensor/BOX-7/temperature", {"value": n % 9, "at": (at + timedelta(seconds=n)).isoformat()})
        for n in range(1_500)
    ]
    command = [sys.executable, "-m", "huoji", "gateway", "mqtt"]
    with gateway(nats_broker) as running:  # it makes the session, under which the broker keeps what comes
        assert until(lambda: running.counts["sessions"])
    publishing = threading.Thread(target=nats_broker.publish, args=sent)
    first = subprocess.Popen(command, env=environ(HUOJI_MQTT_URL=nats_broker.url), stderr=subprocess.DEVNULL)
    publishing.start()
    try:
        assert until(Reading.objects.exists, seconds=30)
    finally:
        first.kill()
        first.wait()
    publishing.join(30)
    stored = Reading.objects.count()
    with gateway(nats_broker):
        assert until(lambda: Reading.objects.count() == len(sent), seconds=30), (stored, Reading.objects.count())


def test_a_broker_that_was_killed_is_found_again(nats_broker):
    with gateway(nats_broker) as running:
        assert until(lambda: running.counts["sessions"])
        nats_broker.kill()
        nats_broker.start()
        nats_broker.publish(("sensor/BOX-9/temperature", b"5"))
        assert until(lambda: running.counts["kept"] == 1)


class Hostile:
    """A broker that speaks MQTT 5 and sends what it likes, as raw bytes, once it was subscribed to."""

    def __init__(self, *packets: bytes) -> None:
        self.packets, self.acknowledged = packets, set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        peer, _ = self.listener.accept()
        with peer, peer.makefile("rb") as heard:
            subscribed = 0
            while head := heard.read(1):
                body = heard.read(self.length(heard))
                match head[0] & 0xF0:
                    case 0x10:
                        peer.sendall(b"\x20\x03\x00\x00\x00")
                    case 0x80:
                        peer.sendall(b"\x90\x04" + body[:2] + b"\x00\x01")
                        subscribed += 1
                        if subscribed == len(PATTERNS):
                            for packet in self.packets:
                                peer.sendall(packet)
                    case 0x40:
                        self.acknowledged.add(int.from_bytes(body[:2]))

    @staticmethod
    def length(heard) -> int:
        total, shift = 0, 0
        while (byte := heard.read(1)[0]) & 128:
            total, shift = total | (byte & 127) << shift, shift + 7
        return total | byte << shift


def publish(mid: int, payload: bytes, *, qos: int = 1) -> bytes:
    body = b"\x00\x18sensor/BOX-7/temperature" + mid.to_bytes(2) + b"\x00" + payload
    length, rest = b"", len(body)
    while rest > 127:
        length, rest = length + bytes([rest & 127 | 128]), rest >> 7
    return bytes([0x30 | qos << 1]) + length + bytes([rest]) + body


def test_a_message_that_is_too_large_is_refused_and_never_held_whole(capfd):
    large = [publish(mid, b"1" * 20_000_000) for mid in (1, 2)]
    broker = Hostile(large[0], publish(3, b"4.5"), large[1], publish(4, b"4.6"))
    tracemalloc.start()
    try:
        with gateway(broker) as running:
            assert until(lambda: broker.acknowledged == {1, 2, 3, 4}, seconds=30)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (running.counts["kept"], running.counts["refused: too_large"]) == (2, 2)
    assert most < 5_000_000
    assert capfd.readouterr().err.count("MQTT messages refused") == 1


def test_a_message_that_was_not_asked_for_twice_ends_the_session():
    with gateway(Hostile(publish(1, b"4.5", qos=2))) as running:
        assert until(lambda: running.counts["sessions"] and running.counts["lost"])
    assert running.counts["messages"] == 0


def test_what_may_not_wait_for_its_size_is_let_go_and_comes_again(nats_broker, monkeypatch):
    monkeypatch.setattr(intake, "BYTES_MAX", 300)
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    sent = [
        ("sensor/BOX-7/temperature", {"value": 5, "at": (at + timedelta(seconds=n)).isoformat()}) for n in range(60)
    ]
    with gateway(nats_broker) as running:
        assert until(lambda: running.counts["sessions"])
        nats_broker.publish(*sent)
        assert until(lambda: Reading.objects.count() == len(sent), seconds=30)
    assert running.counts["sessions"] > 1


def test_only_so_many_bytes_wait(monkeypatch):
    monkeypatch.setattr(intake, "BYTES_MAX", 10_000)
    waiting = intake.Intake()
    for mid in range(50):
        waiting.put_nowait(aiomqtt.Message("sensor/BOX-7", b"x" * 1_000, mid % 2, False, mid, None))
    assert (waiting.qsize(), waiting.let_go, waiting.is_owed) == (10, 40, True)
    while waiting.qsize():
        waiting.get_nowait()
    assert waiting.bytes == 0

"""Three servers of NATS and two writers, trucks, vessels and sensors: each is killed in turn, and nothing is lost or doubled."""

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import aiomqtt
import pytest
from django.db import connection

from huoji.apps.fleet.actions.conveyances import ConveyanceDraft, create_conveyance
from huoji.apps.fleet.models import Position, Reading
from huoji.core.fleet import ConveyanceKind
from huoji.wire import jt808
from tests.gateways.harness import environ, free_port, within
from tests.gateways.test_ais import place
from tests.gateways.test_lasting import Process
from tests.gateways.test_mqtt import Broker, gateway, nats
from tests.gateways.test_stream_door import backlog, fleet, position
from tests.people import SYSTEM
from tools.fake_terminal import FakeTerminal
from tools.nats_nodes import Nodes

TRUCKS, VESSELS, SENSORS, STEPS = 60, 10, 40, 200
STEP_S = 0.2
SOAK_S = 600
NOW = datetime.now(UTC).replace(microsecond=0)


class Gateways:
    """One process of each gateway; that of MQTT can be killed, since the broker gives again what it did not acknowledge."""

    def __init__(self, url: str, broker: Broker) -> None:
        self.stream = {"HUOJI_NATS_URL": url, "HUOJI_NATS_STORE_GB": "1"}
        self.broker, self.ais_port = broker, free_port()
        self.trucks = Process(**self.stream)
        self.vessels = self._start("ais", HUOJI_AIS_PORT=str(self.ais_port))
        self.start_sensors()

    def _start(self, name: str, **own: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "huoji", "gateway", name], env=environ(**self.stream, **own))

    def start_sensors(self) -> None:
        self.sensors = self._start("mqtt", HUOJI_MQTT_URL=self.broker.url)

    def kill_sensors(self) -> None:
        self.sensors.kill()
        self.sensors.wait()

    def kill(self) -> None:
        for each in (self.trucks.process, self.vessels, self.sensors):
            each.kill()
            each.wait()

    def end(self) -> list[int]:
        """Tell all to stop; return how they left."""
        running = [self.vessels, self.sensors]
        for each in running:
            each.send_signal(signal.SIGTERM)
        return [self.trucks.end(signal.SIGTERM), *(each.wait(30) for each in running)]


async def drive(terminal: FakeTerminal, number: int) -> set[int]:
    """Report as a truck; return what was acknowledged."""
    await terminal.connect()
    await terminal.authenticate(timeout=60)
    for step in range(STEPS):
        await terminal.send(jt808.PositionReport(position=position(number, step)))
        await asyncio.sleep(STEP_S)
    await terminal.drain(timeout=SOAK_S)
    await terminal.close()
    return {one.position.digest for one in terminal.acknowledged if isinstance(one, jt808.PositionReport)}


async def sail(port: int) -> None:
    """Tell, as one feed, where the vessels are."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:
            await asyncio.sleep(0.2)  # it is starting
    for step in range(STEPS):
        at = NOW - timedelta(seconds=10 * (STEPS - step))
        for number in range(VESSELS):
            [line] = place(mmsi=f"4130000{number:02}", lat=20 + number + step * 0.0005, at=at, second=at.second)
            writer.write(line + b"\r\n")
        await writer.drain()
        await asyncio.sleep(STEP_S)
    writer.close()


async def measure(broker: Broker) -> None:
    """Publish as sensors; the broker has said each time that it has it."""
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        for step in range(STEPS):
            at = int(NOW.timestamp()) - 10 * (STEPS - step)
            for number in range(SENSORS):
                await client.publish(f"sensor/BOX-{number}", f'{{"temperature": {step % 9}, "at": {at}}}', qos=1)
            await asyncio.sleep(STEP_S)


def stored_more() -> None:
    """Wait until readings have come the whole way since now, or there are no more."""
    before = Reading.objects.count()
    within(SOAK_S, lambda: Reading.objects.count() >= min(before + 10 * SENSORS, SENSORS * STEPS), what="more readings")
    connection.close()


async def trouble(nodes: Nodes, writers, gateways: Gateways) -> None:
    """Kill each server, a writer and a gateway in turn, and let them come back."""
    dice = random.Random(6)
    for turn in range(3):
        await asyncio.to_thread(stored_more)
        await asyncio.to_thread(nodes.kill, turn)
        await asyncio.sleep(dice.uniform(1, 3))
        await asyncio.to_thread(writers.kill)
        await asyncio.to_thread(gateways.kill_sensors)
        await asyncio.sleep(3)
        await asyncio.to_thread(nodes.start, turn)
        await asyncio.to_thread(gateways.start_sensors)
        writers.start(nodes.url)


@pytest.mark.soak
@pytest.mark.timeout(SOAK_S)
def test_a_cluster_that_loses_servers_writers_and_gateways_loses_and_doubles_nothing(tmp_path, writers):
    fleet(TRUCKS)
    for number in range(VESSELS):
        draft = ConveyanceDraft(kind=ConveyanceKind.VESSEL, name=f"沪航{number}", mmsi=f"4130000{number:02}")
        create_conveyance(SYSTEM, draft)
    apart = tmp_path / "broker"
    apart.mkdir()
    with contextlib.ExitStack() as leaving, Nodes(tmp_path, count=3) as nodes:
        broker = Broker(nats, apart)
        leaving.callback(broker.kill)
        with gateway(broker) as first:  # it makes the session, under which the broker keeps what comes
            within(10, lambda: first.counts["sessions"])
        gateways = Gateways(nodes.url, broker)
        leaving.callback(gateways.kill)
        for _ in range(2):
            writers.start(nodes.url)

        async def scene() -> set[int]:
            terminals = [
                FakeTerminal(host="127.0.0.1", port=gateways.trucks.port, number=str(200 + number), code="code")
                for number in range(TRUCKS)
            ]
            driving = [drive(each, number) for number, each in enumerate(terminals)]
            told = await asyncio.gather(
                *driving, sail(gateways.ais_port), measure(broker), trouble(nodes, writers, gateways)
            )
            return set[int]().union(*told[:TRUCKS])

        told = asyncio.run(asyncio.wait_for(scene(), SOAK_S))
        assert len(told) == TRUCKS * STEPS
        within(120, lambda: Position.objects.count() >= (TRUCKS + VESSELS) * STEPS, what="all positions")
        within(120, lambda: Reading.objects.count() >= SENSORS * STEPS, what="all readings")
        within(60, lambda: backlog(nodes.url) == 0, what="an empty stream")
        assert gateways.end() == [0, 0, 0]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT digest FROM position p JOIN terminal t ON t.id = p.terminal_id WHERE t.kind = 'jt808'"
            )
            assert sorted(digest for (digest,) in cursor.fetchall()) == sorted(told)
        assert Position.objects.count() == (TRUCKS + VESSELS) * STEPS
        assert Reading.objects.count() == SENSORS * STEPS

"""Sensors and AIS feeds whose gateways hand over through NATS: acknowledged or read on when it has it, stored once, whoever is killed."""

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from huoji.apps.fleet.actions.conveyances import ConveyanceDraft, create_conveyance
from huoji.apps.fleet.models import Position, Reading
from huoji.core.fleet import ConveyanceKind
from huoji.gateways.ais import process
from tests.gateways.harness import within
from tests.gateways.test_ais import MMSI, Running, place
from tests.gateways.test_mqtt import Broker, gateway, nats
from tests.gateways.test_stream_door import backlog
from tests.people import SYSTEM
from tools.nats_nodes import Nodes

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def node(tmp_path, settings, transactional_db):
    folder = tmp_path / "stream"
    folder.mkdir()
    with Nodes(folder, count=1) as one:
        settings.HUOJI = replace(settings.HUOJI, nats_url=one.url, nats_store_gb=1)
        yield one


@pytest.fixture
def broker(tmp_path):
    running = Broker(nats, tmp_path)
    yield running
    running.kill()


def waiting(one) -> int:
    """Tell how many things a gateway has given and the stream has not taken."""
    return one.keep.__self__.waiting


def told(numbers):
    return [
        (f"sensor/BOX-{number % 40}/temperature", {"value": number % 9, "at": (NOW - timedelta(seconds=number)).isoformat()})
        for number in numbers
    ]  # fmt: skip


@pytest.mark.req("T06", part="readings outlive gateway, stream and writer, whichever is away or killed")
def test_a_reading_is_acknowledged_when_the_stream_has_it_and_one_that_it_never_had_the_broker_gives_again(
    node, broker, writers
):
    with gateway(broker) as first:
        within(10, lambda: first.counts["sessions"])
        broker.publish(*told(range(200)))
        within(10, lambda: first.counts["messages"] == 200, what="200 acknowledged")
        assert not Reading.objects.exists()
        node.kill(0)
        broker.publish(*told(range(200, 300)))
        within(10, lambda: waiting(first))
        assert first.counts["messages"] == 200
    node.start(0)
    with gateway(broker) as second:
        within(20, lambda: second.counts["messages"] >= 100, what="the rest acknowledged")
    writers.start(node.url)
    within(30, Reading.objects.exists)
    writers.kill()
    writers.start(node.url)
    within(30, lambda: Reading.objects.count() == 300, what="300 readings")
    within(10, lambda: backlog(node.url) == 0, what="an empty stream")


def test_a_feed_is_read_no_further_while_the_stream_is_away_and_all_of_it_is_stored_once(node, writers, monkeypatch):
    create_conveyance(SYSTEM, ConveyanceDraft(kind=ConveyanceKind.VESSEL, name="沪航一号", mmsi=MMSI))
    for name, value in {"LINES_MAX": 300, "LINES_LOW": 100, "BATCH_LINES": 100, "READ_BYTES": 8_192}.items():
        monkeypatch.setattr(process, name, value)
    lines = []
    for step in range(1_500):
        at = NOW - timedelta(seconds=20_000 - 10 * step)
        lines += [line + b"\r\n" for line in place(lat=20 + step * 0.0005, at=at, second=at.second)]
    with Running() as running, socket.create_connection(("127.0.0.1", running.port)) as feed:
        feed.sendall(b"".join(lines[:300]))
        within(10, lambda: running.kept == 300, what="300 lines in the stream")
        assert not Position.objects.exists()
        node.kill(0)
        feed.sendall(b"".join(lines[300:]))
        within(10, lambda: not running.gateway.inbox.drained.is_set(), what="a feed that is read no further")
        assert running.kept == 300
        assert len(running.gateway.inbox.lines) < 500
        node.start(0)
        writers.start(node.url)
        within(30, Position.objects.exists)
        writers.kill()
        writers.start(node.url)
        within(30, lambda: Position.objects.count() == 1_500, what="1,500 positions")
        within(10, lambda: backlog(node.url) == 0, what="an empty stream")
        assert running.gateway.inbox.dropped == 0

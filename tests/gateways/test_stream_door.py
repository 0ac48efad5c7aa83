"""Terminals whose gateway hands over through NATS: acknowledged when enough servers have it, stored once, whoever is killed."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.conf import settings as django_settings
from django.db import connection

from huoji.apps.fleet.models import Terminal
from huoji.config import cli
from huoji.gateways.stream.link import Link
from huoji.wire import jt808
from tests.gateways.harness import Running, play, within
from tests.gateways.test_lasting import SOURCE, Process
from tools.fake_terminal import FakeTerminal
from tools.nats_nodes import Nodes

NOW_S = int(datetime.now(UTC).timestamp())
WRITER = [sys.executable, "-m", "huoji", "writer"]
TRUCKS, SECONDS = 60, 150  # of the cluster
SOAK_S = 600


def position(number, second):
    return jt808.write_position(
        alarm=0, status=3, latitude=30_000_000 + 3_000 * second, longitude=120_000_000 + 10_000 * number, altitude=3,
        speed=600, direction=0, time=NOW_S - 20_000 + second * 30,
    )  # fmt: skip


def fleet(count):
    rows = [Terminal(kind="jt808", number=str(200 + number), auth_code="code") for number in range(count)]
    Terminal.objects.bulk_create(rows)


def kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT (terminal_id, at, digest)) FROM position")
        return cursor.fetchone()


def backlog(url):
    async def ask():
        link = Link(url, name="test", bytes_max=1)
        await link.open_patiently()
        waiting = await link.backlog()
        await link.close()
        return waiting

    return asyncio.run(ask())


class Writers:
    """`huoji writer`, as often as one likes, on the test's database."""

    def __init__(self, env):
        self.env, self.running = env, []

    def start(self):
        self.running.append(subprocess.Popen(WRITER, env=self.env))

    def kill(self):
        process = self.running.pop(0)
        process.kill()
        process.wait()


@pytest.fixture
def writers():
    started = []

    def make(env):
        started.append(Writers(env))
        return started[-1]

    yield make
    for each in started:
        while each.running:
            each.kill()


def test_a_position_is_acknowledged_when_the_stream_has_it_and_stored_by_the_writer_once(
    tmp_path, transactional_db, settings, writers
):
    with Nodes(tmp_path, count=1) as node:
        settings.HUOJI = replace(settings.HUOJI, nats_url=node.url, nats_store_gb=1)
        fleet(5)
        running = Running()

        async def report():
            for number in range(5):
                async with FakeTerminal(
                    host="127.0.0.1", port=running.port, number=str(200 + number), code="code"
                ) as terminal:
                    await terminal.authenticate()
                    for second in [*range(40), *range(40)]:
                        await terminal.send(jt808.PositionReport(position=position(number, second)))
                    await terminal.drain()

        play(report())
        assert kept() == (0, 0)
        database = django_settings.DATABASES["default"]
        own = {
            "HUOJI_DATA_DIR": str(settings.HUOJI.data_dir),
            "HUOJI_DATABASE_URL": f"postgresql://huoji_app@/{database['NAME']}?host={database['HOST']}",
            "HUOJI_NATS_URL": node.url,
            "HUOJI_NATS_STORE_GB": "1",
            "PYTHONPATH": f"{SOURCE}:{SOURCE.parent}",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HUOJI_", "DJANGO_"))}
        mine = writers(inherited | own)
        mine.start()
        within(30, lambda: kept() == (200, 200), what="200 positions")
        within(10, lambda: backlog(node.url) == 0, what="an empty stream")
        (process,) = mine.running
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        running.stop()


def test_a_writer_without_a_stream_says_what_to_set(monkeypatch, capsys):
    monkeypatch.delenv("HUOJI_NATS_URL", raising=False)
    assert cli.main(["writer"]) == 2
    assert "HUOJI_NATS_URL" in capsys.readouterr().err


@pytest.mark.soak
@pytest.mark.timeout(SOAK_S)
def test_a_cluster_that_loses_servers_and_writers_loses_and_doubles_nothing(
    tmp_path, transactional_db, writers, monkeypatch
):
    fleet(TRUCKS)
    dice = random.Random(6)
    with Nodes(tmp_path, count=3) as nodes:
        monkeypatch.setattr(
            Process,
            "environ",
            property(
                lambda self, plain=Process.environ.fget: (
                    plain(self) | {"HUOJI_NATS_URL": nodes.url, "HUOJI_NATS_STORE_GB": "1"}
                )
            ),
        )
        gateway = Process()
        mine = writers(gateway.environ)
        for _ in range(2):
            mine.start()
        terminals = [
            FakeTerminal(host="127.0.0.1", port=gateway.port, number=str(200 + number), code="code")
            for number in range(TRUCKS)
        ]

        async def pour(terminal, number):
            await terminal.connect()
            await terminal.authenticate(timeout=60)
            for second in range(SECONDS):
                await terminal.send(jt808.PositionReport(position=position(number, second)))
                await asyncio.sleep(0.2)
            await terminal.drain(timeout=SOAK_S)

        async def trouble():
            for turn in range(3):
                await asyncio.sleep(5)
                await asyncio.to_thread(nodes.kill, turn)
                await asyncio.sleep(dice.uniform(1, 3))
                await asyncio.to_thread(mine.kill)
                await asyncio.sleep(3)
                await asyncio.to_thread(nodes.start, turn)
                mine.start()

        async def scene():
            await asyncio.gather(trouble(), *(pour(each, number) for number, each in enumerate(terminals)))
            told = {one.position.digest for each in terminals for one in each.acknowledged if hasattr(one, "position")}
            for each in terminals:
                await each.close()
            return told

        told = asyncio.run(asyncio.wait_for(scene(), SOAK_S))
        sent = TRUCKS * SECONDS
        assert len(told) == sent
        within(120, lambda: kept() == (sent, sent), what=f"{sent} positions")
        with connection.cursor() as cursor:
            cursor.execute("SELECT digest FROM position")
            assert {digest for (digest,) in cursor.fetchall()} == told
        within(60, lambda: backlog(nodes.url) == 0, what="an empty stream")
        gateway.end(signal.SIGTERM)

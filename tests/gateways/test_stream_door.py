"""Terminals whose gateway hands over through NATS: acknowledged when enough servers have it, stored once, whoever is killed."""

import asyncio
import signal
from dataclasses import replace
from datetime import UTC, datetime

from django.db import connection

from huoji.apps.fleet.actions import commands
from huoji.apps.fleet.models import Command, Terminal, TerminalReport
from huoji.config import cli
from huoji.core.fleet import CommandKind, CommandState
from huoji.gateways.stream.link import Link
from huoji.wire import jt808
from tests.gateways.harness import Running, play, until, within
from tools.fake_terminal import FakeTerminal
from tools.nats_nodes import Nodes

NOW_S = int(datetime.now(UTC).timestamp())
QUERY = jt808.QueryParameters | jt808.QueryTheseParameters


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


def test_what_a_terminal_tells_is_acknowledged_when_the_stream_has_it_and_stored_by_the_writer_once(
    tmp_path, transactional_db, settings, writers, make_staff
):
    with Nodes(tmp_path, count=1) as node:
        settings.HUOJI = replace(settings.HUOJI, nats_url=node.url, nats_store_gb=1)
        fleet(5)
        commands.request_command(
            make_staff("dispatch"), terminal_id=Terminal.objects.earliest("pk").pk, kind=CommandKind.READ_PARAMETERS,
            body={"parameters": ["report_interval_s"]}, reason="核对", now=datetime.now(UTC),
        )  # fmt: skip
        running = Running()

        async def report():
            for number in range(5):
                async with FakeTerminal(
                    host="127.0.0.1", port=running.port, number=str(200 + number), code="code"
                ) as terminal:
                    await terminal.authenticate()
                    for second in [*range(40), *range(40)]:
                        await terminal.send(jt808.PositionReport(position=position(number, second)))
                    await terminal.request(jt808.Waybill(data=b"HJ123"))
                    await terminal.drain()
                    if number == 0:
                        await until(lambda: any(isinstance(each.content, QUERY) for each in terminal.received))

        play(report())
        assert kept() == (0, 0)
        assert not TerminalReport.objects.exists()
        writers.start(node.url)
        within(30, lambda: kept() == (200, 200), what="200 positions")
        within(10, lambda: Command.objects.get().state == CommandState.DONE, what="the answer to a command")
        assert TerminalReport.objects.filter(kind="waybill").count() == 5
        within(10, lambda: backlog(node.url) == 0, what="an empty stream")
        (process,) = writers.running
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        running.stop()


def test_a_writer_without_a_stream_says_what_to_set(monkeypatch, capsys):
    monkeypatch.delenv("HUOJI_NATS_URL", raising=False)
    assert cli.main(["writer"]) == 2
    assert "HUOJI_NATS_URL" in capsys.readouterr().err

"""Nothing that was acknowledged is lost: when the gateway is stopped or killed, and when the database goes away and comes back."""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from huoji.apps.fleet.models import Position, Terminal, TerminalReport
from huoji.gateways import keeping
from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.roster import Roster
from huoji.gateways.kinds import terminals
from huoji.kit import postgres
from huoji.kit.models import Heartbeat
from huoji.wire import jt808
from tests.config.test_up import Installation, accepts
from tests.conftest import CLUSTER
from tests.gateways.harness import close_all, environ, free_port, play, until, within
from tools.fake_terminal import FakeTerminal

NOW = int(datetime.now(UTC).timestamp())
COMMAND = [sys.executable, "-m", "huoji", "gateway", "jt808"]


def position(number: int, second: int) -> jt808.Position:
    return jt808.write_position(
        alarm=0, status=3, latitude=31_000_000 + 3_000 * second, longitude=120_000_000 + 10_000 * number, altitude=3,
        speed=600, direction=0, time=NOW - 30_000 + second * 10,
    )  # fmt: skip


def acknowledged(terminal: FakeTerminal) -> set[int]:
    return {each.position.digest for each in terminal.acknowledged if isinstance(each, jt808.PositionReport)}


class Process:
    """`huoji gateway jt808` on the test's database."""

    def __init__(self, **own: str) -> None:
        self.port, self.own = free_port(), own
        self.start()

    @property
    def environ(self) -> dict[str, str]:
        return environ(HUOJI_JT808_PORT=str(self.port), **self.own)

    def start(self) -> None:
        self.process = subprocess.Popen(
            COMMAND, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        within(30, self._answers, what="the gateway")

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.process.communicate()[0]
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture
def process(transactional_db):
    running = Process()
    yield running
    running.process.kill()
    running.process.communicate()


def fleet(count: int) -> list[Terminal]:
    rows = [Terminal(kind="jt808", number=str(100 + number), auth_code="code") for number in range(count)]
    return Terminal.objects.bulk_create(rows)


async def _pour(terminal: FakeTerminal, number: int, seconds: range) -> None:
    """Report without waiting for answers, as fast as the line takes it."""
    try:
        for second in seconds:
            await terminal.send(jt808.PositionReport(position=position(number, second)))
            await asyncio.sleep(0)
    except OSError:
        pass


@pytest.mark.req("T06", part="a gateway that is stopped or killed under load loses no acknowledged position")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_gateway_that_ends_under_load_has_stored_all_that_it_acknowledged_and_a_replay_completes_it(how, process):
    fleet(12)

    async def first():
        terminals = [
            FakeTerminal(host="127.0.0.1", port=process.port, number=str(100 + n), code="code") for n in range(12)
        ]
        for terminal in terminals:
            await terminal.connect()
            await terminal.authenticate()
        pouring = [asyncio.create_task(_pour(terminal, n, range(250))) for n, terminal in enumerate(terminals)]
        await until(lambda: sum(len(terminal.acknowledged) for terminal in terminals) >= 400)
        code = await asyncio.to_thread(process.end, how)
        await asyncio.gather(*pouring, return_exceptions=True)
        await asyncio.sleep(0.1)
        for terminal in terminals:
            await terminal.close()
        return code, set[int]().union(*map(acknowledged, terminals))

    code, told = play(first())
    assert code == (0 if how is signal.SIGTERM else -signal.SIGKILL)
    assert told <= set(Position.objects.values_list("digest", flat=True))
    process.start()
    second = subprocess.run(COMMAND, env=process.environ, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert f"Port {process.port} on 127.0.0.1 cannot be used" in second.stderr
    assert f"HUOJI_JT808_PORT={process.port + 10}" in second.stderr

    async def again():
        for n in range(12):
            async with FakeTerminal(host="127.0.0.1", port=process.port, number=str(100 + n), code="code") as terminal:
                await terminal.authenticate()
                await _pour(terminal, n, range(250))
                await terminal.drain()
                assert not terminal.refused

    play(again())
    assert Position.objects.count() == 12 * 250
    assert process.end(signal.SIGTERM) == 0
    assert Heartbeat.objects.filter(kind="gateway", stopped_at__isnull=False).exists()


def test_when_the_database_is_gone_connections_stay_nothing_is_acknowledged_and_it_goes_on_when_it_is_back(
    make_terminal, terminal_at, monkeypatch
):
    monkeypatch.setattr(keeping, "RETRY_S", 0.05)
    make_terminal()
    name = connection.settings_dict["NAME"]
    close_all()

    def allow(yes: bool) -> None:
        close_all()
        with psycopg.connect(CLUSTER.conninfo(database="postgres", role=postgres.SUPERUSER), autocommit=True) as admin:
            admin.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(name), sql.Literal(yes))
            )
            if not yes:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
                    [name, postgres.APP_ROLE],
                )

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            await terminal.report(position(0, 0))
            await terminal.drain()
            await asyncio.to_thread(allow, False)
            try:
                for second in range(1, 40):
                    await terminal.report(position(0, second))
                await terminal.send(jt808.Waybill(data=b"HJ123"))
                await asyncio.sleep(0.4)
                silent, connected = terminal.unanswered, terminal.connected
            finally:
                await asyncio.to_thread(allow, True)
            await terminal.drain()
            return silent, connected, terminal.refused

    assert play(scene()) == (40, True, [])
    assert Position.objects.count() == 40
    assert TerminalReport.objects.count() == 1


def test_a_slow_database_stops_the_reading_again_and_again_and_nothing_is_dropped(
    make_terminal, terminal_at, monkeypatch
):
    """The database takes a batch when it is let; meanwhile the queue fills up, and what is sent then stays on the line."""
    monkeypatch.setattr(limits, "QUEUE_POINTS", 50)
    monkeypatch.setattr(limits, "QUEUE_LOW_POINTS", 10)
    monkeypatch.setattr(limits, "BATCH_POINTS", 20)
    make_terminal()
    turns, first, queued, on_the_line = 4, 1, 50, 30
    begun: list[int] = []
    pauses: list[int] = []
    may_store = threading.Semaphore(0)
    store, pause = terminals.storing.store, Roster.pause

    def when_let(points, **more):
        begun.append(len(points))
        assert may_store.acquire(timeout=30)
        return store(points, **more)

    def noted(roster, connection):
        pauses.append(len(begun))
        pause(roster, connection)

    monkeypatch.setattr(terminals.storing, "store", when_let)
    monkeypatch.setattr(Roster, "pause", noted)

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            for turn in range(turns):
                seconds = iter(range(turn * 100, turn * 100 + 100))
                for count, happens in (
                    (first, lambda turn=turn: len(begun) == 3 * turn + 1),
                    (queued, lambda turn=turn: len(pauses) == turn + 1),
                    (on_the_line, lambda: True),
                ):
                    for second in itertools.islice(seconds, count):
                        await terminal.send(jt808.PositionReport(position=position(0, second)))
                    await until(happens)
                may_store.release(3)
                await terminal.drain()
            return terminal.refused

    assert play(scene()) == []
    assert begun == [first, queued, on_the_line] * turns
    assert pauses == [1, 4, 7, 10]
    assert Position.objects.count() == turns * (first + queued + on_the_line)


def test_one_message_that_cannot_be_stored_is_refused_and_harms_none_beside_it(make_terminal, terminal_at, monkeypatch):
    make_terminal()
    store = terminals.storing.store

    def poisoned(points, **more):
        if any(point.point.at == NOW - 30_000 + 50 for point in points):
            raise ValueError("poison")
        return store(points, **more)

    monkeypatch.setattr(terminals.storing, "store", poisoned)

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            await _pour(terminal, 0, range(20))
            await terminal.drain()
            return [(content.position.time, result) for content, result in terminal.refused]

    assert play(scene()) == [(NOW - 30_000 + 50, jt808.Result.FAILED)]
    assert Position.objects.count() == 19


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_gateway_and_database_are_killed_again_and_again_under_load_and_every_acknowledged_position_is_there(tmp_path):
    """An installation of its own, its database with fsync; terminals keep what was acknowledged, and what was not they send again."""
    made = Installation(tmp_path / "data")
    (made.folder / "postgresql.local.conf").write_text("shared_buffers = '64MB'\n")
    port = free_port()
    made.environ |= {"HUOJI_GATEWAYS": "jt808", "HUOJI_JT808_PORT": str(port), "HUOJI_JT808_WORKERS": "2"}
    running = made.up()
    cluster = postgres.Cluster(folder=made.folder)
    database = cluster.conninfo(database="huoji", role=postgres.APP_ROLE)
    rounds, count, each = 8, 40, 300
    try:
        with psycopg.connect(database, autocommit=True) as link:
            for number in range(count):
                link.execute(
                    "INSERT INTO terminal (kind, number, state, auth_code, filters_off, maker, model, device_id, imei,"
                    " firmware, owner, dialect, dataset, watched) VALUES"
                    " ('jt808', %s, 'active', 'code', '{}', '', '', '', '', '', '', '', '', false)",
                    [str(100 + number)],
                )
        told: set[int] = set()
        for turn in range(rounds):
            told |= play(_round(made, cluster, port, turn, count=count, each=each), patience_s=300)
        within(60, lambda: accepts(cluster), what="the recovery")
        with psycopg.connect(database) as link:
            stored = {row[0] for row in link.execute("SELECT digest FROM position")}
            (kept,) = link.execute("SELECT count(*) FROM position").fetchone()
        assert told <= stored, len(told - stored)
        assert len(stored) == kept == count * each * rounds
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


async def _round(made, cluster, port: int, turn: int, *, count: int, each: int) -> set[int]:
    """Let every terminal report until all of it is acknowledged, through one kill of a gateway or of the database."""
    told: set[int] = set()
    seen: list[FakeTerminal] = []

    async def one(number: int) -> None:
        left = {second: position(number, second) for second in range(turn * each, (turn + 1) * each)}
        by_digest = {each.digest: second for second, each in left.items()}
        while left:
            terminal = FakeTerminal(host="127.0.0.1", port=port, number=str(100 + number), code="code")
            seen.append(terminal)
            try:
                await terminal.connect()
                await terminal.authenticate(timeout=20)
                for second in sorted(left):
                    await terminal.send(jt808.PositionReport(position=left[second]))
                    await asyncio.sleep(0)
                await terminal.drain(timeout=20)
            except (OSError, TimeoutError, Exception):  # noqa: BLE001 - whatever a kill does to a terminal
                await asyncio.sleep(0.2)
            for digest in acknowledged(terminal):
                told.add(digest)
                left.pop(by_digest.get(digest, -1), None)
            await terminal.close()

    async def kill() -> None:
        enough = count * each * (turn + 1) // 10  # in the midst of the round, each time elsewhere
        await until(lambda: sum(len(terminal.acknowledged) for terminal in seen) >= enough)
        if turn % 2:
            os.kill(postgres.postmaster_pid(cluster), signal.SIGKILL)
        else:
            for pid, words in made.processes().items():
                if "gateway" in words:
                    with contextlib.suppress(ProcessLookupError):  # it went with the one before
                        os.kill(pid, signal.SIGKILL)

    await asyncio.gather(kill(), *(one(number) for number in range(count)))
    return told

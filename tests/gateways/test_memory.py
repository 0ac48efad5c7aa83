"""What a gateway holds of a connection goes with the connection."""

import asyncio
import gc
import os
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from huoji.apps.fleet.models import Terminal
from huoji.gateways.ais.process import Inbox
from huoji.gateways.jt808.receiver import Receiver
from huoji.gateways.jt808.session import Connection, Session
from huoji.wire import ais
from tests.gateways.harness import play, within
from tests.gateways.test_lasting import Process
from tools.fake_terminal import FakeTerminal, Refused

HELD = (Connection, Receiver, Session)
CONNECTIONS, WARM_ROUNDS, ROUNDS = 200, 30, 60
GROWTH_KB_MAX = (
    1_024  # of 8,000 connections; when each left what only the collector could find it was 3,800, and without that 260
)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Without the collector, whatever points at each other stays."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held() -> int:
    return sum(issubclass(type(each), HELD) for each in gc.get_objects())  # isinstance would wake what is lazy


def test_a_connection_that_ended_leaves_nothing_that_only_the_collector_could_find(
    gateway, make_terminal, terminal_at, no_collector
):
    make_terminal("1", auth_code="code")
    before = held()

    async def scene():
        for number in ("1", "1", "999"):
            async with terminal_at(number, code="code") as terminal:
                try:
                    await terminal.authenticate()
                except Refused:
                    continue
                await terminal.report(terminal._last_position())
                await terminal.drain()

    play(scene())
    within(10, lambda: held() == before, what="the end of the connections")


def test_a_line_of_a_feed_takes_no_more_room_than_a_line_may_have():
    inbox = Inbox()
    inbox.put([b"x" * 60_000, b"!AIVDM"], "udp 192.0.2.1")
    assert [len(each.data) for each in inbox.take()] == [ais.LINE_BYTES_MAX + 1, 6]


@pytest.fixture
def process(transactional_db) -> Iterator[Process]:
    running = Process()
    yield running
    running.process.kill()
    running.process.communicate()


def resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads what Linux tells of a process")
def test_the_memory_of_a_gateway_stays_flat_however_often_terminals_and_strangers_come_and_go(process):
    """Each round all terminals come anew: some are unknown, some leave a message in pieces unfinished, some send noise."""
    Terminal.objects.bulk_create(
        Terminal(kind="jt808", number=str(1_000 + number), auth_code="code") for number in range(CONNECTIONS * 3 // 4)
    )

    async def come_and_go(number: int) -> None:
        async with FakeTerminal(host="127.0.0.1", port=process.port, number=str(number), code="code") as terminal:
            try:
                await terminal.authenticate(timeout=60)
            except Refused:
                return
            for _ in range(3):
                await terminal.report(terminal._last_position())
            await terminal.drain()
            if number % 4 == 0:
                await terminal.send_picture(os.urandom(3_000), drop=[2])
            elif number % 4 == 1:
                await terminal._write(b"\x7e" + os.urandom(200))

    async def one(turn: int) -> None:
        known = range(1_000, 1_000 + CONNECTIONS * 3 // 4)
        strangers = range(10_000 * (turn + 1), 10_000 * (turn + 1) + CONNECTIONS // 4)
        await asyncio.gather(*map(come_and_go, (*known, *strangers)))

    taken = []
    for turn in range(WARM_ROUNDS + ROUNDS):
        play(one(turn), patience_s=120)
        taken.append(resident_kb(process.process.pid))
    warm, last = taken[WARM_ROUNDS:][: ROUNDS // 3], taken[-ROUNDS // 3 :]
    assert statistics.median(last) - statistics.median(warm) <= GROWTH_KB_MAX, taken

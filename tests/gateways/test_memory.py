"""What a gateway holds of a connection goes with the connection."""

import gc
from collections.abc import Iterator

import pytest

from huoji.gateways.jt808.receiver import Receiver
from huoji.gateways.jt808.session import Connection, Session
from tests.gateways.harness import play, within
from tools.fake_terminal import Refused

HELD = (Connection, Receiver, Session)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Without the collector, whatever points at each other stays."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held() -> int:
    return sum(isinstance(each, HELD) for each in gc.get_objects())


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

"""Terminals that are known, and the gateway they speak to."""

from collections.abc import Callable, Iterator

import pytest

from huoji.apps.fleet.models import Conveyance, Terminal
from tests.gateways.harness import Running, Writers
from tools.fake_terminal import FakeTerminal


@pytest.fixture
def gateway(transactional_db) -> Iterator[Running]:
    running = Running()
    yield running
    running.stop()


@pytest.fixture
def make_terminal(transactional_db) -> Callable[..., Terminal]:
    """Add a terminal that is fitted to a truck."""

    def make(number: str = "13800138000", *, plate: str = "粤A12345", **more) -> Terminal:
        truck = Conveyance.objects.create(kind="vehicle", plate=plate) if plate else None
        return Terminal.objects.create(kind="jt808", number=number, conveyance=truck, **more)

    return make


@pytest.fixture
def terminal_at(gateway) -> Callable[..., FakeTerminal]:
    """Return a fake terminal that speaks to the gateway."""

    def make(number: str = "13800138000", **more) -> FakeTerminal:
        return FakeTerminal(host="127.0.0.1", port=gateway.port, number=number, **more)

    return make


@pytest.fixture
def writers(transactional_db) -> Iterator[Writers]:
    started = Writers()
    yield started
    while started.running:
        started.kill()

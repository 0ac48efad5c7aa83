"""Commands go down to the terminal and come back answered, while it is connected and when it comes."""

import asyncio
from datetime import UTC, datetime

import pytest

from huoji.apps.fleet.actions import commands
from huoji.apps.fleet.models import Command, Position
from huoji.core.fleet import CommandKind
from huoji.gateways.jt808 import limits
from huoji.kit import relay
from huoji.wire import jt808
from huoji.wire.jt808 import Version
from tests.gateways.harness import play, until

TEXT = {"text": "请到 3 号门"}
CASES = {
    CommandKind.LOCATE: {},
    CommandKind.TRACK: {"interval_s": 10, "valid_s": 600},
    CommandKind.TEXT: TEXT,
    CommandKind.SET_PARAMETERS: {"parameters": {"report_interval_s": 15}},
    CommandKind.READ_PARAMETERS: {"parameters": ["report_interval_s"]},
    CommandKind.CONFIRM_ALARM: {"alarms": 1},
    CommandKind.SET_AREA: {"id": 7, "shape": "circle", "points": [[31_230_400, 121_473_700]], "radius_m": 500},
    CommandKind.DELETE_AREA: {"shape": "circle", "ids": [7]},
    CommandKind.LINK_TEST: {},
}


@pytest.fixture
def dispatcher(make_staff):
    return make_staff("dispatch")


def ask(actor, row, kind=CommandKind.TEXT, body=TEXT) -> int:
    return commands.request_command(
        actor, terminal_id=row.pk, kind=kind, body=body, reason="客户催问", now=datetime.now(UTC)
    )


async def ended(state: str, count: int) -> None:
    """Wait until so many commands have come to this end."""
    while await asyncio.to_thread(lambda: Command.objects.filter(state=state).count()) < count:  # noqa: ASYNC110
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("version", [Version.V2013, Version.V2019], ids=str)
def test_every_kind_of_command_is_sent_answered_and_ended(version, make_terminal, terminal_at, dispatcher):
    row = make_terminal()
    ids = {kind: ask(dispatcher, row, kind, body) for kind, body in CASES.items()}

    async def scene():
        async with terminal_at(version=version) as terminal:
            await terminal.log_in()
            await until(lambda: len(terminal.received) >= 2 + len(CASES))
            await ended("done", len(CASES))
            return terminal

    terminal = play(scene())
    states = dict(Command.objects.values_list("kind", "state"))
    assert states == {kind.value: "done" for kind in CASES}
    assert terminal.orders.texts == ["请到 3 号门"]
    assert terminal.orders.parameters[0x0029] == (15).to_bytes(4)
    results = {kind: Command.objects.get(pk=pk).result for kind, pk in ids.items()}
    assert results[CommandKind.READ_PARAMETERS] == {"report_interval_s": 15}
    assert results[CommandKind.LOCATE]["lat"] == Position.objects.get().lat
    assert results[CommandKind.TEXT] == {"result": 0}


def test_a_connected_terminal_gets_a_command_by_the_relay_without_waiting_for_the_poll(
    make_terminal, terminal_at, dispatcher, monkeypatch
):
    monkeypatch.setattr(limits, "POLL_S", 3_600)
    row = make_terminal()

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            await asyncio.to_thread(ask, dispatcher, row)
            await asyncio.to_thread(relay.drain)
            await until(lambda: terminal.orders.texts)

    play(scene())


def test_what_redirects_is_sent_only_when_a_second_person_has_agreed(
    make_terminal, terminal_at, dispatcher, make_staff, monkeypatch
):
    monkeypatch.setattr(limits, "POLL_S", 0.05)
    row, manager = make_terminal(), make_staff("dept_manager")
    body = {"parameters": {"main_server": "203.0.113.9", "tcp_port": 6808}}
    command_id = ask(dispatcher, row, CommandKind.SET_PARAMETERS, body)

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            await asyncio.sleep(0.3)
            untouched = 0x0013 not in terminal.orders.parameters
            await asyncio.to_thread(
                commands.approve_command, manager, command_id=command_id, reason="换平台", now=datetime.now(UTC)
            )
            await until(lambda: 0x0013 in terminal.orders.parameters)
            return untouched

    assert play(scene())
    row = Command.objects.get()
    assert (row.requested_by, row.approved_by) == (dispatcher.principal, manager.principal)


def test_an_answer_that_refuses_is_a_command_that_failed(make_terminal, terminal_at, dispatcher):
    row = make_terminal()
    ask(dispatcher, row)

    async def scene():
        async with terminal_at() as terminal:
            terminal._does = lambda _message: False
            await terminal.log_in()
            await ended("failed", 1)

    play(scene())
    assert Command.objects.get().result == {"result": 3}


def test_the_terminal_answers_about_itself(make_terminal, terminal_at, dispatcher):
    row = make_terminal()
    ask(dispatcher, row, CommandKind.READ_PARAMETERS, {"attributes": True})

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            await ended("done", 1)
            assert any(isinstance(message.content, jt808.QueryAttributes) for message in terminal.received)

    play(scene())
    row.refresh_from_db()
    assert Command.objects.get().state == "done"
    assert row.firmware == "1.0"

"""Connections: shared, stolen, silent, deaf, and made of noise."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Self

import pytest

from huoji.apps.fleet.actions import contacts
from huoji.apps.fleet.models import Contact, Position, Terminal
from huoji.gateways.jt808 import limits
from huoji.wire import jt808
from huoji.wire.jt808 import Frame, Framer, Version
from tests.gateways.harness import play

NOW = int(datetime.now(UTC).timestamp())


class Raw:
    """A socket over which anybody's frames may go."""

    def __init__(self, port: int) -> None:
        self.port, self.framer, self.waiting = port, Framer(), []

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    def say(self, number: str, content: jt808.Content, serial: int = 1, version: Version = Version.V2013) -> bytes:
        return b"".join(jt808.encode(content, version=version, terminal=number, serial=serial))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self) -> jt808.Message:
        while not self.waiting:
            data = await asyncio.wait_for(self.reader.read(4096), 10)
            assert data, "closed"
            self.waiting += [jt808.decode(each) for each in self.framer.feed(data) if isinstance(each, Frame)]
        return self.waiting.pop(0)

    async def is_closed(self) -> bool:
        try:
            while await asyncio.wait_for(self.reader.read(65_536), 10):
                pass
        except ConnectionError:
            pass
        return True


def code(number: str) -> jt808.Authentication:
    return jt808.Authentication(layout=Version.V2013, code=f"code-{number}")


def place(seconds: int, north: int = 0) -> jt808.PositionReport:
    position = jt808.write_position(
        alarm=0, status=3, latitude=31_230_400 + north, longitude=121_473_700, altitude=5, speed=600, direction=0,
        time=NOW + seconds,
    )  # fmt: skip
    return jt808.PositionReport(position=position)


@pytest.fixture
def fleet(transactional_db):
    rows = [Terminal(kind="jt808", number=str(number), auth_code=f"code-{number}") for number in range(1, 41)]
    return Terminal.objects.bulk_create(rows)


def test_many_terminals_behind_one_platform_share_a_socket_and_each_gets_its_own_answers(fleet, gateway):
    numbers = [row.number for row in fleet]

    async def scene():
        async with Raw(gateway.port) as platform:
            await platform.send(b"".join(platform.say(number, code(number)) for number in numbers))
            signed_in = {(await platform.hear()).header.terminal for _ in numbers}
            assert signed_in == set(numbers)
            stream = b"".join(
                platform.say(number, place(-300 + 10 * turn, 3_000 * turn), serial=100 + turn)
                for turn in range(5) for number in numbers
            )  # fmt: skip
            random.Random(5).shuffle(cuts := sorted(random.Random(5).sample(range(len(stream)), 60)))
            at = 0
            for cut in sorted(cuts):
                await platform.send(stream[at:cut])
                at = cut
            await platform.send(stream[at:])
            answers = [await platform.hear() for _ in range(200)]
            return {(each.header.terminal, each.content.answer_serial, each.content.result) for each in answers}

    assert play(scene()) == {(number, 100 + turn, 0) for number in numbers for turn in range(5)}
    assert Position.objects.count() == 200
    assert all(Position.objects.filter(terminal_id=row.pk).count() == 5 for row in fleet)


def test_a_terminal_that_comes_again_takes_the_place_of_its_old_connection(fleet, gateway):
    async def scene():
        async with Raw(gateway.port) as old, Raw(gateway.port) as new:
            await old.send(old.say("1", code("1")))
            await old.hear()
            await new.send(new.say("1", code("1")))
            assert (await new.hear()).content.result == 0
            assert await old.is_closed()
            await new.send(new.say("1", place(-10), serial=9))
            return (await new.hear()).content

    assert play(scene()).answer_serial == 9


def test_a_platform_keeps_its_socket_when_one_of_its_terminals_moves_away(fleet, gateway):
    async def scene():
        async with Raw(gateway.port) as platform, Raw(gateway.port) as own:
            await platform.send(platform.say("1", code("1")) + platform.say("2", code("2")))
            await platform.hear()
            await platform.hear()
            await own.send(own.say("1", code("1")))
            await own.hear()
            await platform.send(platform.say("2", place(-10), serial=5) + platform.say("1", place(-9), serial=6))
            answers = [await platform.hear() for _ in range(2)]
            return {each.header.terminal: each.content.result for each in answers}

    assert play(scene()) == {"2": 0, "1": 1}
    assert {row.number for row in fleet if Position.objects.filter(terminal_id=row.pk).exists()} == {"2"}


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 300,
        b"\x16\x03\x01\x02\x00\x01\x00" * 1_000,
        random.Random(1).randbytes(40_000),
        b"\x7e" * 20_000 + b"SSH-2.0-x\r\n" * 2_000,
        b"\x7e" + b"\x00" * 50_000,
    ],
    ids=["http", "tls", "random", "flags", "endless frame"],
)
def test_noise_is_hung_up_on_and_good_terminals_beside_it_go_on(noise, fleet, gateway):
    async def scene():
        async with Raw(gateway.port) as good, Raw(gateway.port) as stranger:
            await good.send(good.say("1", code("1")))
            await good.hear()
            await stranger.send(noise)
            await good.send(good.say("1", place(-10), serial=5))
            assert (await good.hear()).content.result == 0
            return await stranger.is_closed()

    assert play(scene())


def test_a_broken_message_is_told_so_and_the_next_one_is_taken(fleet, gateway):
    async def scene():
        async with Raw(gateway.port) as link:
            await link.send(link.say("1", code("1")))
            await link.hear()
            short = jt808.Unknown(data=b"\x00" * 9)
            frames = jt808.encode(short, version=Version.V2013, terminal="1", serial=7, message_id=0x0200)
            await link.send(frames[0] + link.say("1", place(-10), serial=8))
            return [((await link.hear()).content) for _ in range(2)]

    assert [(each.answer_serial, each.result) for each in play(scene())] == [(7, 2), (8, 0)]
    contacts.flush()
    assert Contact.objects.get(terminal=fleet[0]).counts == {"too_short": 1, "stored": 1}


def test_silent_and_unidentified_connections_end(fleet, gateway, monkeypatch):
    monkeypatch.setattr(limits, "SWEEP_S", 0.1)
    monkeypatch.setattr(limits, "FIRST_FRAME_S", 0.3)
    monkeypatch.setattr(limits, "SIGN_IN_S", 0.6)

    async def scene():
        async with Raw(gateway.port) as mute, Raw(gateway.port) as stranger:
            await stranger.send(stranger.say("999", jt808.Heartbeat()))
            return await asyncio.gather(mute.is_closed(), stranger.is_closed())

    assert play(scene()) == [True, True]


def test_whoever_tries_codes_is_hung_up_on(fleet, gateway):
    async def scene():
        async with Raw(gateway.port) as thief:
            for guess in range(limits.FAILED_SIGN_INS):
                await thief.send(thief.say("1", jt808.Authentication(layout=Version.V2013, code=f"guess-{guess}")))
            return await thief.is_closed()

    assert play(scene())


def test_one_address_holds_only_so_many_connections(fleet, gateway, settings):
    from dataclasses import replace

    settings.HUOJI = replace(settings.HUOJI, jt808_connections_peer=3)

    async def scene():
        links = [Raw(gateway.port) for _ in range(4)]
        for link in links:
            await link.__aenter__()
        closed = await links[3].is_closed()
        await links[0].send(links[0].say("1", code("1")))
        answer = await links[0].hear()
        for link in links:
            await link.__aexit__()
        return closed, answer.content.result

    assert play(scene()) == (True, 0)

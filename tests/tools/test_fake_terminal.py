"""The terminal that does not exist behaves like one: against a small platform on a real socket."""

import asyncio
import itertools
import math

import pytest

from huoji.wire import jt808
from huoji.wire.jt808 import Assembler, Framer, Noise, Version
from tools.driving import drive, metres
from tools.fake_terminal import HANGZHOU, SHANGHAI, Bad, FakeTerminal, Refused, options

PATIENCE_S = 20
NEAR = (31.2304, 121.50)


class Platform:
    """Accepts every terminal and answers everything; keeps what it read."""

    def __init__(self, *, code="secret", result=0):
        self.code, self.result = code, result
        self.messages, self.noise = [], 0
        self.writer = None
        self.serial = 0
        self.assembler = Assembler()
        self.news = asyncio.Event()

    async def until(self, seen):
        while not seen():
            self.news.clear()
            await self.news.wait()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def serve(self, reader, writer):
        self.writer = writer
        framer = Framer()
        while data := await reader.read(65_536):
            for each in framer.feed(data):
                if isinstance(each, Noise):
                    self.noise += each.pieces
                else:
                    await self.take(jt808.decode(each))
        writer.close()

    async def take(self, message):
        if isinstance(message.content, jt808.Part):
            whole, _ = self.assembler.add(message.header, message.content.data, now=0)
            for missing in self.assembler.overdue(now=10) if whole is None and message.header.index == 1 else ():
                self.say(message, jt808.PlatformResend(first_serial=missing.first_serial, indices=missing.indices))
            if whole is None:
                return
            message = jt808.decode_body(whole.header, whole.body)
        self.messages.append(message)
        self.news.set()
        header = message.header
        match message.content:
            case jt808.Registration():
                self.say(
                    message, jt808.RegistrationAnswer(answer_serial=header.serial, result=self.result, code=self.code)
                )
            case jt808.Media(media_id=media_id):
                self.say(message, jt808.MediaAnswer(media_id=media_id))
            case jt808.TerminalAnswer() | jt808.ParametersAnswer() | jt808.PositionAnswer() | jt808.Attributes():
                pass
            case _:
                result = 1 if getattr(message.content, "code", self.code) != self.code else 0
                answer = jt808.PlatformAnswer(answer_serial=header.serial, answer_id=header.message_id, result=result)
                self.say(message, answer)
        await self.writer.drain()

    def say(self, message, content):
        self.serial += 1
        header = message.header
        for frame in jt808.encode(content, version=header.version, terminal=header.terminal, serial=self.serial):
            self.writer.write(frame)

    def read(self, kind):
        return [each.content for each in self.messages if isinstance(each.content, kind)]


def play(scene, **platform):
    async def run():
        async with asyncio.timeout(PATIENCE_S), Platform(**platform) as there:
            await scene(there)

    asyncio.run(run())


def terminal(there, **changed):
    return FakeTerminal(**{"host": "127.0.0.1", "port": there.port, "number": "13800138000"} | changed)


@pytest.mark.parametrize("version", Version)
def test_it_logs_in_and_its_drive_arrives_whole(version):
    async def scene(there):
        async with terminal(there, version=version) as mine:
            await mine.log_in()
            assert mine.code == "secret"
            mine.interval_s = 20
            count = await mine.drive(SHANGHAI, NEAR, faster=1e6)
            await mine.drain()
        sent = [each.position for each in there.read(jt808.PositionReport)]
        assert [each.content.position for each in mine_reports(mine)] == sent
        assert (len(sent), there.noise) == (count, 0)

    def mine_reports(mine):
        return [jt808.Message(header=None, content=each) for each in mine.acknowledged if hasattr(each, "position")]

    play(scene)


def test_it_tells_when_it_is_refused():
    async def registration(there):
        async with terminal(there) as mine:
            with pytest.raises(Refused):
                await mine.log_in()

    async def authentication(there):
        async with terminal(there, code="wrong") as mine:
            with pytest.raises(Refused):
                await mine.log_in()

    play(registration, result=4)
    play(authentication)


def test_it_collects_in_a_blind_area_and_sends_history_afterwards():
    async def scene(there):
        async with terminal(there) as mine:
            await mine.log_in()
            mine.blind = True
            for moment in list(drive(SHANGHAI, NEAR))[:50]:
                await mine.report(mine.position(moment))
            assert there.read(jt808.PositionReport) == []
            assert await mine.send_collected() == 50
            await mine.drain()
        batches = there.read(jt808.PositionBatch)
        assert [len(each.positions) for each in batches] == [20, 20, 10]
        assert all(each.is_history for each in batches)

    play(scene)


def test_it_sends_a_lost_part_of_a_picture_when_it_is_asked():
    async def scene(there):
        async with terminal(there) as mine:
            await mine.send_picture(bytes(range(256)) * 20, drop=[2, 4])
            await mine.drain()
        assert [each.data for each in there.read(jt808.Media)] == [bytes(range(256)) * 20]

    play(scene)


def test_it_obeys_and_answers():
    orders = [
        jt808.QueryPosition(),
        jt808.Text(flags=1, text="前方拥堵"),
        jt808.SetParameters(parameters=(jt808.make_parameter(0x0029, 30),)),
        jt808.QueryTheseParameters(numbers=(0x0029,)),
        jt808.QueryParameters(),
        jt808.QueryAttributes(),
        jt808.SetCircles(action=0, areas=(jt808.Circle(area_id=7, alarms=8, centre=(1, 1), radius_m=5),)),
        jt808.SetCircles(action=1, areas=(jt808.Circle(area_id=8, alarms=8, centre=(1, 1), radius_m=5),)),
        jt808.DeleteCircles(ids=(7,)),
        jt808.Track(interval_s=3, valid_s=60),
        jt808.LinkTest(),
        jt808.Shoot(channel=1, command=1, interval_s=0, keep=False, resolution=1, quality=5, brightness=0, contrast=0, saturation=0, chroma=0),
        jt808.Unknown(data=b""),
    ]  # fmt: skip

    async def scene(there):
        async with terminal(there) as mine:
            await mine.log_in()
            for order in orders:
                there.say(there.messages[0], order) if order.ID > 0 else there.writer.write(strange())
            await there.until(lambda: there.read(jt808.Media) and len(there.read(jt808.TerminalAnswer)) == 9)
            assert mine.orders.texts == ["前方拥堵"]
            assert list(mine.orders.areas) == [(0x8600, 8)]
            assert mine.interval_s == 3
        assert [each.result for each in there.read(jt808.TerminalAnswer)] == [0] * 8 + [3]
        assert len(there.read(jt808.PositionAnswer)) == len(there.read(jt808.Attributes)) == 1
        told = [[each.value for each in answer.parameters] for answer in there.read(jt808.ParametersAnswer)]
        assert told == [[30], [60, 30]]

    def strange():
        content = jt808.Unknown(data=b"?")
        (frame,) = jt808.encode(content, version=Version.V2013, terminal="13800138000", serial=9, message_id=0x8F00)
        return frame

    play(scene)


@pytest.mark.parametrize("bad", [Bad.CHECK_SUM, Bad.GARBAGE, Bad.HALF_FRAMES, Bad.SPLIT, Bad.VERSION_BIT])
def test_it_misbehaves_and_every_message_can_still_be_found(bad):
    async def scene(there):
        async with terminal(there, bad=[bad], seed=3) as mine:
            await mine.log_in()
            for _ in range(20):
                await mine.heartbeat()
            await mine.drain()
        assert len(there.read(jt808.Heartbeat)) >= 20
        assert (there.noise > 0) == (bad in {Bad.CHECK_SUM, Bad.GARBAGE, Bad.HALF_FRAMES})

    play(scene)


def test_it_says_everything_twice_or_again():
    async def scene(there):
        mine = terminal(there, bad=[Bad.DUPLICATES, Bad.REPLAY])
        async with mine:
            await mine.log_in()
            await mine.heartbeat()
            await mine.drain()
        async with mine:
            await mine.heartbeat()
            await mine.drain()
            await there.until(lambda: len(there.read(jt808.Heartbeat)) >= 6)

    play(scene)


def test_a_wrong_clock_is_more_than_a_year_ahead():
    mine = FakeTerminal(host="", port=0, number="1", bad=[Bad.WRONG_CLOCK], clock=lambda: 1_700_000_000)
    assert mine.position(next(drive(SHANGHAI, NEAR))).time == 1_700_000_000 + 400 * 86_400


@pytest.mark.parametrize("seed", range(4))
def test_a_drive_is_one_that_a_truck_could_make(seed):
    way = list(drive(SHANGHAI, HANGZHOU, seed=seed))
    assert metres((way[-1].latitude, way[-1].longitude), HANGZHOU) < 30
    assert way[-1].speed_ms == 0
    assert max(each.speed_ms for each in way) < 27
    faster = [b.speed_ms - a.speed_ms for a, b in itertools.pairwise(way)]
    assert max(faster) < 2.5
    assert sum(each.speed_ms == 0 for each in way) > 30
    straight = metres(SHANGHAI, HANGZHOU)
    assert straight < way[-1].driven_m < straight * 1.3
    assert not any(math.isnan(each.direction) for each in way)


def test_the_command_knows_its_options():
    given = options().parse_args(["--version", "2019", "--bad", "garbage", "split", "--from", "30,120"])
    assert (given.version, given.bad, given.start) == ("2019", ["garbage", "split"], (30.0, 120.0))

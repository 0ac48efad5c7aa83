"""One terminal on one connection: it registers, reports, obeys and keeps account of what was acknowledged."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Self

from huoji.wire import jt808
from huoji.wire.jt808 import Content, Frame, Framer, Message, MessageError, Position, Version
from tools.driving import Moment, drive
from tools.fake_terminal.manners import Bad, Orders, Refused, with_version_bit

READ_BYTES = 64 * 1024
SERIALS = 0x1_0000
KEPT_FRAMES = 5_000  # for replays
PICTURE_BYTES = 5_000
HALF = 0.5
BATCH_POSITIONS = 20  # in one 0x0704, so that it fits into one frame
ACCEPTED = 0
STATUS = 0x000C_0003  # ACC on, positioned, GPS and BeiDou
WRONG_CLOCK_S = 400 * 86_400
MS_TO_TENTH_KMH = 36
SHANGHAI, HANGZHOU = (31.2304, 121.4737), (30.2741, 120.1551)


class FakeTerminal:
    """One terminal on one connection. It keeps what was sent and what the platform acknowledged, so that losses can be counted."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        number: str,
        version: Version = Version.V2013,
        plate: str = "粤A12345",
        code: str | None = None,
        bad: Iterable[Bad] = (),
        seed: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.host, self.port, self.number, self.version, self.plate, self.code = (
            host, port, number, version, plate, code,
        )  # fmt: skip
        self.bad = frozenset(bad)
        self.blind = False
        self.interval_s = 5.0
        self.orders = Orders()
        self.received: list[Message] = []
        self.acknowledged: list[Content] = []
        self.refused: list[tuple[Content, int]] = []
        self.collected: list[Position] = []
        self.last: Position | None = None
        self._dice = random.Random(seed)
        self._clock = clock
        self._serial = 0
        self._pending: dict[int, Content] = {}
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._kept: list[bytes] = []
        self._parts: dict[int, tuple[bytes, ...]] = {}  # by the serial of the first
        self._media: dict[int, int] = {}  # media id: serial of its first part
        self._reader_task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._settled = asyncio.Event()
        self._settled.set()
        self._background: set[asyncio.Task[object]] = set()

    # ---- the connection

    async def connect(self) -> None:
        reader, self._writer = await asyncio.open_connection(self.host, self.port)
        if Bad.DEAF not in self.bad:
            self._reader_task = asyncio.create_task(self._listen(reader))
        if Bad.REPLAY in self.bad:
            for frame in list(self._kept):
                await self._write(frame)

    async def close(self) -> None:
        for task in [*self._background, *([self._reader_task] if self._reader_task else [])]:
            task.cancel()
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        self._reader_task = self._writer = None

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def connected(self) -> bool:
        """Say whether the platform still holds the line."""
        return self._writer is not None and not (self._reader_task is not None and self._reader_task.done())

    @property
    def unanswered(self) -> int:
        return len(self._pending)

    # ---- what it says

    async def log_in(self, *, timeout: float = 10) -> None:  # noqa: ASYNC109
        """Register unless there is a code from before, then authenticate."""
        if self.code is None:
            await self.register(timeout=timeout)
        await self.authenticate(timeout=timeout)

    async def register(self, *, timeout: float = 10) -> str:  # noqa: ASYNC109
        answer = await self.request(
            jt808.Registration(
                layout=self.version,
                province=44,
                city=100,
                maker="HUOJI",
                model="FAKE-1",
                terminal_id=self.number[-7:],
                plate_colour=2,
                plate=self.plate,
            ),
            timeout=timeout,
        )
        match answer.content:
            case jt808.RegistrationAnswer(result=0, code=code):
                self.code = code
                return code
            case other:
                raise Refused(f"registration of {self.number}: {other}")

    async def authenticate(self, *, timeout: float = 10) -> None:  # noqa: ASYNC109
        layout = self.version if self.version is Version.V2019 else Version.V2013
        new = {"imei": "860000000000001", "software": "fake 1.0"} if layout is Version.V2019 else {}
        answer = await self.request(jt808.Authentication(layout=layout, code=self.code or "", **new), timeout=timeout)
        match answer.content:
            case jt808.PlatformAnswer(result=0):
                return
            case other:
                raise Refused(f"authentication of {self.number}: {other}")

    async def heartbeat(self) -> int:
        return await self.send(jt808.Heartbeat())

    def position(self, moment: Moment, *, items: jt808.Items | None = None, alarm: int = 0) -> Position:
        """Make the report of a moment, at the time of the terminal's own clock."""
        wrong = WRONG_CLOCK_S if Bad.WRONG_CLOCK in self.bad else 0
        told = items or jt808.Items(mileage=round(moment.driven_m / 100), network=24, satellites=13)
        return jt808.write_position(
            alarm=alarm,
            status=STATUS,
            latitude=round(moment.latitude * 1e6),
            longitude=round(moment.longitude * 1e6),
            altitude=12,
            speed=round(moment.speed_ms * MS_TO_TENTH_KMH),
            direction=round(moment.direction) % 360,
            time=round(self._clock()) + wrong,
            items=jt808.write_items(told),
        )

    async def report(self, position: Position) -> int | None:
        """Send a position, or collect it where there is no network."""
        self.last = position
        if self.blind:
            self.collected.append(position)
            return None
        return await self.send(jt808.PositionReport(position=position))

    async def send_collected(self) -> int:
        """Send what was collected in the blind area as history; tell how many positions."""
        collected, self.collected = self.collected, []
        for at in range(0, len(collected), BATCH_POSITIONS):
            few = tuple(collected[at : at + BATCH_POSITIONS])
            await self.send(jt808.PositionBatch(kind=1, count=len(few), positions=few))
        return len(collected)

    async def send_picture(self, data: bytes, *, drop: Iterable[int] = (), shuffle: bool = False) -> int:
        """Send a picture in sub-packages; those dropped are sent when the platform asks for them."""
        media_id = self._serial + 1
        media = jt808.Media(
            media_id=media_id, kind=0, format=0, event=0, channel=1, position=self._last_position(), data=data
        )
        lost = set(drop)
        serial, frames = self._encode(media)
        self._expect(serial, media)
        self._parts[serial] = frames
        self._media[media_id] = serial
        sent = [frame for index, frame in enumerate(frames, start=1) if index not in lost]
        if shuffle:
            self._dice.shuffle(sent)
        for frame in sent:
            await self._write(frame)
        return media_id

    async def send(self, content: Content) -> int:
        """Send a message and remember that it is not acknowledged; tell its serial number."""
        serial, frames = self._encode(content)
        self._expect(serial, content)
        if len(frames) > 1:
            self._parts[serial] = frames
        for frame in frames:
            await self._write(frame)
        return serial

    async def request(self, content: Content, *, timeout: float = 10) -> Message:  # noqa: ASYNC109
        """Send a message and wait for the answer to it."""
        serial, frames = self._encode(content)
        future = self._waiting[serial] = asyncio.get_running_loop().create_future()
        self._expect(serial, content)
        try:
            for frame in frames:
                await self._write(frame)
            return await asyncio.wait_for(future, timeout)
        finally:
            del self._waiting[serial]

    async def drain(self, *, timeout: float = 30) -> None:  # noqa: ASYNC109
        """Wait until the platform has acknowledged everything."""
        await asyncio.wait_for(self._settled.wait(), timeout)

    async def drive(
        self, start: tuple[float, float], end: tuple[float, float], *, seed: int = 0, faster: float = 1
    ) -> int:
        """Drive and report every `interval_s` seconds of the drive; tell how many positions."""
        count, due = 0, 0.0
        for second, moment in enumerate(drive(start, end, seed=seed)):
            if second >= due:
                await self.report(self.position(moment))
                count, due = count + 1, second + self.interval_s
                await asyncio.sleep(self.interval_s / faster)
        return count

    # ---- what it hears

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        framer = Framer()
        with contextlib.suppress(OSError):
            while data := await reader.read(READ_BYTES):
                for each in framer.feed(data):
                    if isinstance(each, Frame):
                        await self._hear(each)

    async def _hear(self, frame: Frame) -> None:
        try:
            message = jt808.decode(frame)
        except MessageError:
            return
        self.received.append(message)
        match message.content:
            case jt808.PlatformAnswer(answer_serial=serial, result=result):
                self._answered(serial, result, message)
            case jt808.RegistrationAnswer(answer_serial=serial, result=result):
                self._answered(serial, result, message)
            case jt808.MediaAnswer(media_id=media_id, missing=missing):
                await self._media_answered(media_id, missing, message)
            case jt808.PlatformResend(first_serial=first, indices=indices):
                await self._resend(first, indices)
            case jt808.ServerTime():
                asked = next((serial for serial, sent in self._pending.items() if isinstance(sent, jt808.TimeQuery)), 0)
                self._answered(asked, ACCEPTED, message)
            case _:
                await self._obey(message)

    def _answered(self, serial: int, result: int, message: Message) -> None:
        content = self._pending.pop(serial, None)
        if not self._pending:
            self._settled.set()
        if content is not None and result == ACCEPTED:
            self.acknowledged.append(content)
        elif content is not None:
            self.refused.append((content, result))
        waiting = self._waiting.get(serial)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    async def _media_answered(self, media_id: int, missing: tuple[int, ...], message: Message) -> None:
        serial = self._media.get(media_id)
        if serial is None:
            return
        if missing:
            await self._resend(serial, missing)
        else:
            self._parts.pop(serial, None)
            self._answered(serial, ACCEPTED, message)

    async def _resend(self, first: int, indices: tuple[int, ...]) -> None:
        frames = self._parts.get(first, ())
        for index in indices:
            if 1 <= index <= len(frames):
                await self._write(frames[index - 1])

    async def _obey(self, message: Message) -> None:
        """Do what is ordered and answer."""
        header, content = message.header, message.content
        result = jt808.Result.OK if self._does(message) else jt808.Result.UNSUPPORTED
        answer: Content = jt808.TerminalAnswer(answer_serial=header.serial, answer_id=header.message_id, result=result)
        match content:
            case jt808.QueryPosition():
                answer = jt808.PositionAnswer(answer_serial=header.serial, position=self._last_position())
            case jt808.QueryParameters():
                answer = self._told_parameters(header.serial, tuple(self.orders.parameters))
            case jt808.QueryTheseParameters(numbers=numbers):
                answer = self._told_parameters(header.serial, numbers)
            case jt808.QueryAttributes():
                answer = self._attributes()
            case _:
                pass
        for frame in self._encode(answer)[1]:
            await self._write(frame)

    def _does(self, message: Message) -> bool:
        match message.content:
            case jt808.Track(interval_s=interval):
                self.interval_s = interval or self.interval_s
            case jt808.Shoot():
                self._start(self.send_picture(self._dice.randbytes(PICTURE_BYTES)))
            case jt808.ConfirmAlarm() | jt808.LinkTest():
                pass
            case _:
                return self.orders.take(message)
        return True

    def _told_parameters(self, serial: int, numbers: tuple[int, ...]) -> Content:
        mine = self.orders.parameters
        known = (jt808.Parameter(number=each, data=mine[each]) for each in numbers if each in mine)
        return jt808.ParametersAnswer(answer_serial=serial, parameters=tuple(known))

    def _attributes(self) -> Content:
        return jt808.Attributes(
            kind=4,
            maker="HUOJI",
            model="FAKE-1",
            terminal_id=self.number[-7:],
            iccid="89860000000000000001",
            hardware="fake",
            firmware="1.0",
            gnss=3,
            radio=0x20,
        )

    def _last_position(self) -> Position:
        standing = Moment(latitude=SHANGHAI[0], longitude=SHANGHAI[1], speed_ms=0, direction=0, driven_m=0)
        return self.last or self.position(standing)

    def _start(self, job: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(job)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _expect(self, serial: int, content: Content) -> None:
        self._pending[serial] = content
        self._settled.clear()

    # ---- bytes

    def _encode(self, content: Content) -> tuple[int, tuple[bytes, ...]]:
        serial = (self._serial + 1) % SERIALS
        frames = jt808.encode(content, version=self.version, terminal=self.number, serial=serial)
        self._serial = (self._serial + len(frames)) % SERIALS
        if Bad.VERSION_BIT in self.bad and self.version is not Version.V2019:
            frames = tuple(with_version_bit(frame) for frame in frames)
        return serial, frames

    async def _write(self, frame: bytes) -> None:
        if self._writer is None:
            raise ConnectionError("not connected")
        if len(self._kept) < KEPT_FRAMES:
            self._kept.append(frame)
        sent = self._spoiled(frame)
        if Bad.SPLIT in self.bad:
            for at in range(0, len(sent), 7):
                self._writer.write(sent[at : at + 7])
                await asyncio.sleep(0)
        else:
            self._writer.write(sent)
        await self._writer.drain()

    def _spoiled(self, frame: bytes) -> bytes:
        """Add to a frame what a bad terminal would."""
        before = b""
        if Bad.CHECK_SUM in self.bad:
            before += frame[:-2] + bytes([0x30 if frame[-2] != 0x30 else 0x31]) + frame[-1:]
        if Bad.GARBAGE in self.bad:
            before += self._dice.randbytes(self._dice.randrange(40))
        if Bad.HALF_FRAMES in self.bad and self._dice.random() < HALF:
            before += frame[: len(frame) // 2]
        return before + frame * (2 if Bad.DUPLICATES in self.bad else 1)

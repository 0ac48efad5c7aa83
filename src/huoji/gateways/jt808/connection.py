"""One connection: cut its bytes into messages, send each to its terminal's session, and bear noise, silence and haste."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from huoji.apps.fleet.actions import contacts
from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.session import Session
from huoji.kit import heartbeat
from huoji.wire import jt808
from huoji.wire.jt808 import Frame, Message, MessageError, Result, Version

if TYPE_CHECKING:
    from huoji.gateways.jt808.hub import Hub

PARTS = jt808.Limits()  # of sub-packages of one connection


class Connection(asyncio.Protocol):
    """A socket and the terminals that speak over it."""

    __slots__ = (
        "_assembler", "_framer", "_is_paused", "_size", "answers", "failed", "frames", "heard_at", "hub", "opened_at", "peer",
        "sessions", "transport", "unacknowledged",
    )  # fmt: skip

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub
        self.transport: asyncio.Transport | None = None
        self.peer = ""
        self.sessions: dict[str, Session] = {}
        self.answers: list[bytes] = []
        self.unacknowledged = 0
        self.frames = self.failed = 0
        self.opened_at = self.heard_at = 0.0
        self._framer = jt808.Framer()
        self._assembler: jt808.Assembler | None = None
        self._is_paused = False
        self._size = 0

    # ---- what asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class does not say that it is one
        self.opened_at = self.heard_at = self.hub.now()
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if name else ""
        if not self.hub.admit(self):
            self.close("too_many")

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.hub.forget(self)
        if self._assembler is not None:
            self.hub.part_bytes -= self._assembler.size
            self._assembler = None
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.hub.now()
        self._size += len(data)
        for each in self._framer.feed(data):
            if isinstance(each, Frame):
                self._take(each)
            else:
                heartbeat.count(f'huoji_jt808_noise_total{{code="{each.code}"}}', each.pieces)
        noise = self._framer.noise_bytes + (self._framer.pending if not self.frames else 0)
        if noise > limits.NOISE_FIRST_BYTES and (not self.frames or noise > limits.NOISE_BYTES + self._size // 10):
            self.close("noise")
        elif self.hub.is_full or self.unacknowledged > limits.UNACKNOWLEDGED:
            self.pause()

    # ---- back-pressure

    def pause(self) -> None:
        """Read no more until there is room."""
        if not self._is_paused and self.transport is not None:
            self._is_paused = True
            self.transport.pause_reading()
            self.hub.paused.add(self)

    def resume(self) -> None:
        if self._is_paused and self.transport is not None and self.unacknowledged <= limits.UNACKNOWLEDGED:
            self._is_paused = False
            self.transport.resume_reading()
            self.hub.paused.discard(self)

    # ---- messages

    def _take(self, frame: Frame) -> None:
        try:
            message = jt808.decode(frame)
            session = self.sessions.get(message.header.terminal)
            if session is not None and session.forced is not None and session.forced is not message.header.version:
                message = jt808.decode(frame, forced=session.forced)
        except MessageError as wrong:
            self._refuse(wrong)
            return
        self.frames += 1
        if isinstance(message.content, jt808.Part):
            whole = self._assembled(message, message.content)
            if whole is None:
                return
            message = whole
        self._hand_over(message)

    def _hand_over(self, message: Message) -> None:
        session = self.sessions.get(message.header.terminal)
        if session is None:
            if len(self.sessions) >= limits.TERMINALS_OF_CONNECTION:
                self.close("too_many_terminals")
                return
            session = Session(self, message.header)
            self.sessions[session.number] = session
        self.hub.desk.take(session, message)

    def _assembled(self, message: Message, part: jt808.Part) -> Message | None:
        """Add a sub-package; return the message when it is whole. A part of a picture is confirmed at once, its receipt is 0x8800."""
        session = self.sessions.get(message.header.terminal)
        if session is None or not session.terminal_id:
            heartbeat.count('huoji_jt808_refused_total{code="parts_before_sign_in"}')
            return None
        if self.hub.part_bytes > limits.PART_BYTES:
            heartbeat.count('huoji_jt808_refused_total{code="no_room_for_parts"}')
            return None  # no answer: the terminal sends it again
        if self._assembler is None:
            self._assembler = jt808.Assembler(PARTS)
        held = self._assembler.size
        try:
            whole, lost = self._assembler.add(message.header, part.data, now=self.hub.now())
            if message.header.message_id == jt808.Media.ID:
                session.answer(message.header, Result.OK)
            heartbeat.count("huoji_jt808_parts_lost_total", len(lost))
            return None if whole is None else jt808.decode_body(whole.header, whole.body)
        except (jt808.AssemblyError, MessageError) as wrong:
            heartbeat.count(f'huoji_jt808_refused_total{{code="{wrong.code}"}}')
            return None
        finally:
            self.hub.part_bytes += self._assembler.size - held

    def ask_missing(self) -> None:
        """Ask for sub-packages that are long in coming, and give up what never comes."""
        if self._assembler is None:
            return
        held = self._assembler.size
        overdue = self._assembler.overdue(now=self.hub.now())
        self.hub.part_bytes += self._assembler.size - held
        for each in overdue:
            session = self.sessions.get(each.header.terminal)
            if isinstance(each, jt808.Missing) and session is not None:
                session.send(jt808.PlatformResend(first_serial=each.first_serial, indices=each.indices))
            else:
                heartbeat.count("huoji_jt808_parts_lost_total")

    def _refuse(self, wrong: MessageError) -> None:
        """Tell the terminal that its message cannot be read, as far as it said who it is and has signed in."""
        heartbeat.count(f'huoji_jt808_refused_total{{code="{wrong.code}"}}')
        header = wrong.header
        session = self.sessions.get(header.terminal) if header is not None else None
        if session is not None and header is not None and session.terminal_id:
            contacts.hear(session.terminal_id, now=datetime.now(UTC), counts={str(wrong.code): 1})
            session.answer(header, Result.BAD)

    # ---- going out

    def send(self, data: bytes) -> None:
        """Write; whoever reads no answers is not worth the memory they would take."""
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > limits.WRITE_BUFFER_BYTES:
            self.close("deaf")

    def send_answers(self) -> None:
        """Write the answers that were gathered, in one piece."""
        if self.answers:
            data, self.answers = b"".join(self.answers), []
            self.send(data)

    def drop(self, number: str) -> None:
        """Forget a terminal that speaks over another connection now, or may speak no more; close when none is left."""
        self.sessions.pop(number, None)
        if not any(session.terminal_id for session in self.sessions.values()):
            self.close("replaced")

    def close(self, why: str) -> None:
        if self.transport is not None and not self.transport.is_closing():
            heartbeat.count(f'huoji_jt808_closed_total{{why="{why}"}}')
            if why == "deaf":
                self.transport.abort()
            else:
                self.transport.close()

    def is_overdue(self, now: float, *, idle_s: float) -> str:
        """Return why the connection should end, or nothing."""
        if now - self.heard_at > idle_s:
            return "idle"
        if not self.frames and now - self.opened_at > limits.FIRST_FRAME_S:
            return "no_frame"
        signed_in = any(session.terminal_id for session in self.sessions.values())
        return "" if signed_in or now - self.opened_at <= limits.SIGN_IN_S else "no_sign_in"


FORCED = {2011: Version.V2011, 2013: Version.V2013, 2019: Version.V2019}

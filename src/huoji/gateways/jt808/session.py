"""A connection and the terminals that speak over it: who may speak, how each is answered, and which commands wait for an answer."""

import asyncio
from enum import Enum

from huoji.gateways.jt808 import limits
from huoji.kit import heartbeat
from huoji.wire import jt808
from huoji.wire.jt808 import Content, Header, Result, Version

SERIALS = 0x1_0000
COMMANDS_WAITING = 64


class Stage(Enum):
    """How far a terminal has come."""

    STRANGER = "stranger"
    ASKING = "asking"  # its authentication is being looked up
    IN = "in"


class Session:
    """A terminal on a connection; many of them share one behind a forwarding platform."""

    __slots__ = (
        "_answers",
        "_serial",
        "commands",
        "connection",
        "forced",
        "held",
        "number",
        "stage",
        "terminal_id",
        "version",
    )

    def __init__(self, connection: "Connection", header: Header) -> None:
        self.connection = connection
        self.number = header.terminal
        self.version = header.version
        self.stage = Stage.STRANGER
        self.terminal_id = 0
        self.forced: Version | None = None
        self.held: list[jt808.Message] = []  # what came while its authentication was being looked up
        self.commands: dict[int, tuple[int, int]] = {}  # by serial: command and message id
        self._serial = 0
        self._answers: jt808.GeneralAnswers | None = None

    def hold(self, message: jt808.Message) -> bool:
        """Keep a message until it is known whether the terminal may speak."""
        if len(self.held) >= limits.HELD_FRAMES:
            return False
        self.held.append(message)
        return True

    def _next_serials(self, count: int) -> int:
        serial = self._serial
        self._serial = (serial + count) % SERIALS
        return serial

    def send(self, content: Content) -> int:
        """Send a message and return its serial number."""
        serial = self._serial
        frames = jt808.encode(content, version=self.version, terminal=self.number, serial=serial)
        self._next_serials(len(frames))
        self.connection.send(b"".join(frames))
        return serial

    def answer_later(self, serial: int, message_id: int, result: Result) -> None:
        """Put a general answer into the connection's next write."""
        if self._answers is None or self._answers.version is not self.version:
            self._answers = jt808.GeneralAnswers(version=self.version, terminal=self.number)
        own = self._next_serials(1)
        frame = self._answers.write(serial=own, answer_serial=serial, answer_id=message_id, result=result)
        self.connection.answers.append(frame)
        self.connection.unacknowledged -= 1

    def answer(self, header: Header, result: Result) -> None:
        """Send a general answer now."""
        self.send(jt808.PlatformAnswer(answer_serial=header.serial, answer_id=header.message_id, result=result))

    def command(self, content: Content, command_id: int) -> None:
        """Send a command; its answer is known by the serial number."""
        serial = self.send(content)
        while len(self.commands) >= COMMANDS_WAITING:  # the oldest have long timed out
            del self.commands[next(iter(self.commands))]
        self.commands[serial] = command_id, content.ID


class Connection:
    """A connection as its terminals have it: who speaks over it, what waits to be sent, and when it should end."""

    __slots__ = (
        "answers", "assembler", "failed", "frames", "heard_at", "opened_at", "peer", "sessions", "transport", "unacknowledged",
    )  # fmt: skip

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.peer = ""
        self.sessions: dict[str, Session] = {}
        self.assembler: jt808.Assembler | None = None  # of messages in pieces, once one comes
        self.answers: list[bytes] = []
        self.unacknowledged = 0
        self.frames = self.failed = 0
        self.opened_at = self.heard_at = 0.0

    @property
    def is_known(self) -> bool:
        """Tell whether anybody who has signed in speaks over it."""
        return any(session.terminal_id for session in self.sessions.values())

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
        if not self.is_known:
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
        return "" if self.is_known or now - self.opened_at <= limits.SIGN_IN_S else "no_sign_in"

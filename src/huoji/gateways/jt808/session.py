"""One terminal on one connection: whether it may speak, how it is answered, and which commands wait for its answer."""

from enum import Enum
from typing import TYPE_CHECKING

from huoji.gateways.jt808 import limits
from huoji.wire import jt808
from huoji.wire.jt808 import Content, Header, Result, Version

if TYPE_CHECKING:
    from huoji.gateways.jt808.connection import Connection

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

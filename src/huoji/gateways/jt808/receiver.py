"""What comes in over a connection: cut into messages, each sent to its terminal's session; noise, silence and haste are borne."""

import asyncio
from datetime import UTC, datetime
from typing import cast

from huoji.apps.fleet.actions import contacts
from huoji.gateways.jt808 import limits, pieces
from huoji.gateways.jt808.desk import Desk
from huoji.gateways.jt808.session import Connection, Session
from huoji.kit import heartbeat
from huoji.wire import jt808
from huoji.wire.jt808 import Frame, Message, MessageError, Result


class Receiver(asyncio.Protocol):
    """What comes in over a socket, cut up and handed on; what goes out is the connection's affair."""

    __slots__ = ("_framer", "_size", "connection", "desk", "roster")

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.roster = desk.roster
        self.connection = Connection()
        self._framer = jt808.Framer()
        self._size = 0

    # ---- what asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connection = self.connection
        connection.transport = cast("asyncio.Transport", transport)  # uvloop's own class does not say that it is one
        connection.opened_at = connection.heard_at = self.roster.now()
        name = transport.get_extra_info("peername")
        connection.peer = str(name[0]) if name else ""
        if not self.roster.admit(connection):
            connection.close("too_many")

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.roster.forget(self.connection)
        pieces.let_go(self.connection, roster=self.roster)
        self.connection.transport = None

    def data_received(self, data: bytes) -> None:
        connection = self.connection
        connection.heard_at = self.roster.now()
        self._size += len(data)
        for each in self._framer.feed(data):
            if isinstance(each, Frame):
                self._take(each)
            else:
                heartbeat.count(f'huoji_jt808_noise_total{{code="{each.code}"}}', each.pieces)
        noise = self._framer.noise_bytes + (self._framer.pending if not connection.frames else 0)
        if noise > limits.NOISE_FIRST_BYTES and (
            not connection.frames or noise > limits.NOISE_BYTES + self._size // 10
        ):
            connection.close("noise")
        elif self.desk.is_full or connection.unacknowledged > limits.UNACKNOWLEDGED:
            self.roster.pause(connection)

    # ---- messages

    def _take(self, frame: Frame) -> None:
        try:
            message = jt808.decode(frame)
            session = self.connection.sessions.get(message.header.terminal)
            if session is not None and session.forced is not None and session.forced is not message.header.version:
                message = jt808.decode(frame, forced=session.forced)
        except MessageError as wrong:
            self._refuse(wrong)
            return
        self.connection.frames += 1
        if isinstance(message.content, jt808.Part):
            whole = pieces.add(self.connection, message, message.content, roster=self.roster)
            if whole is None:
                return
            message = whole
        self._hand_over(message)

    def _hand_over(self, message: Message) -> None:
        session = self.connection.sessions.get(message.header.terminal)
        if session is None:
            if len(self.connection.sessions) >= limits.TERMINALS_OF_CONNECTION:
                self.connection.close("too_many_terminals")
                return
            session = Session(self.connection, message.header)
            self.connection.sessions[session.number] = session
        self.desk.take(session, message)

    def _refuse(self, wrong: MessageError) -> None:
        """Tell the terminal that its message cannot be read, as far as it said who it is and has signed in."""
        heartbeat.count(f'huoji_jt808_refused_total{{code="{wrong.code}"}}')
        header = wrong.header
        session = self.connection.sessions.get(header.terminal) if header is not None else None
        if session is not None and header is not None and session.terminal_id:
            contacts.hear(session.terminal_id, now=datetime.now(UTC), counts={str(wrong.code): 1})
            session.answer(header, Result.BAD)

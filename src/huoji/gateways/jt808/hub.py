"""Everything that one gateway process holds: its connections, who speaks over which, and the round that looks after them."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime

from django.conf import settings

from huoji.apps.fleet.actions import admitting, contacts
from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.connection import FORCED, Connection
from huoji.gateways.jt808.desk import Desk
from huoji.gateways.jt808.downlink import Downlink
from huoji.gateways.jt808.session import Session, Stage
from huoji.gateways.jt808.writer import AWAY, Keep, Writer
from huoji.kit import heartbeat, log


class Hub:
    """The state of a gateway process; all of it lives in the event loop."""

    def __init__(self, *, keep: Keep | None = None) -> None:
        self.connections: set[Connection] = set()
        self.paused: set[Connection] = set()
        self.sessions: dict[str, Session] = {}  # terminals that have signed in, by number
        self.by_terminal: dict[int, Session] = {}
        self.peers: Counter[str] = Counter()
        self.writer = Writer(on_room=self.make_room, keep=keep)
        self.desk = Desk(self)
        self.downlink = Downlink(self)
        self.now = time.monotonic
        self.part_bytes = 0  # of messages in pieces
        self.is_closing = False

    # ---- connections

    def admit(self, connection: Connection) -> bool:
        """Count a connection in; False when there are too many, in all or of its address."""
        self.connections.add(connection)
        self.peers[connection.peer] += 1
        return (
            not self.is_closing
            and len(self.connections) <= settings.HUOJI.jt808_connections
            and self.peers[connection.peer] <= settings.HUOJI.jt808_connections_peer
        )

    def forget(self, connection: Connection) -> None:
        """Count a connection out, with everybody who spoke over it."""
        self.connections.discard(connection)
        self.paused.discard(connection)
        self.peers[connection.peer] -= 1
        if self.peers[connection.peer] <= 0:
            del self.peers[connection.peer]
        for session in list(connection.sessions.values()):
            self.sign_out(session)

    @property
    def is_full(self) -> bool:
        return self.writer.is_full or self.desk.is_full

    def make_room(self) -> None:
        """Read again from those that had to wait."""
        if not self.is_full and not self.is_closing:
            for connection in list(self.paused):
                connection.resume()

    # ---- terminals

    def sign_in(self, session: Session, standing: admitting.Standing) -> None:
        """Let a terminal speak over this connection, and over no other any more."""
        other = self.sessions.get(session.number)
        if other is not None and other is not session:
            heartbeat.count("huoji_jt808_replaced_total")
            self.sign_out(other)
            other.connection.drop(session.number)
        session.stage, session.terminal_id = Stage.IN, standing.terminal_id
        self._apply(session, standing)
        self.sessions[session.number] = session
        self.by_terminal[session.terminal_id] = session

    @staticmethod
    def _apply(session: Session, standing: admitting.Standing) -> None:
        session.forced = FORCED.get(standing.forced_version or 0)
        session.version = session.forced or session.version

    def sign_out(self, session: Session) -> None:
        """Let a terminal speak no more until it signs in again."""
        if self.sessions.get(session.number) is session:
            del self.sessions[session.number]
            self.by_terminal.pop(session.terminal_id, None)
            contacts.part(session.terminal_id, now=datetime.now(UTC))
        session.stage, session.terminal_id = Stage.STRANGER, 0

    # ---- the round

    async def look_after(self) -> None:
        """Close what is silent, ask for what is missing, and sign out whoever was blocked, again and again."""
        while True:
            await asyncio.sleep(limits.SWEEP_S)
            now, idle_s = self.now(), settings.HUOJI.jt808_idle_s
            for connection in list(self.connections):
                if connection in self.paused:
                    connection.heard_at = now  # it is we who do not listen
                if why := connection.is_overdue(now, idle_s=idle_s):
                    connection.close(why)
                connection.ask_missing()
            heartbeat.gauge("huoji_jt808_connections", len(self.connections))
            heartbeat.gauge("huoji_jt808_terminals", len(self.sessions))
            heartbeat.gauge("huoji_jt808_waiting_points", self.writer.waiting)
            await self._check_standings()

    async def _check_standings(self) -> None:
        held = dict(self.by_terminal)
        if not held:
            return
        try:
            found = await self.desk.run(admitting.standings, list(held))
        except AWAY:
            return
        except Exception:  # noqa: BLE001 - the round must go on
            log.KIT.exception("gateway could not look up its terminals")
            return
        for terminal_id, session in held.items():
            if self.by_terminal.get(terminal_id) is not session:
                continue
            if (standing := found.get(terminal_id)) is None:
                heartbeat.count("huoji_jt808_blocked_total")
                self.sign_out(session)
                session.connection.drop(session.number)
            else:
                self._apply(session, standing)

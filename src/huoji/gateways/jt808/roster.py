"""Who is connected to a gateway process and who has signed in; all of it lives in the event loop."""

import time
from collections import Counter
from datetime import UTC, datetime

from django.conf import settings

from huoji.apps.fleet.actions import contacts
from huoji.apps.fleet.actions.admitting import Standing
from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.session import Connection, Session, Stage
from huoji.kit import heartbeat
from huoji.wire.jt808 import Version

FORCED = {2011: Version.V2011, 2013: Version.V2013, 2019: Version.V2019}


class Roster:
    """The connections, those that must wait, and the terminals that have signed in over them."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.paused: set[Connection] = set()
        self.sessions: dict[str, Session] = {}  # terminals that have signed in, by number
        self.by_terminal: dict[int, Session] = {}
        self.peers: Counter[str] = Counter()
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
        for session in connection.sessions.values():
            self.sign_out(session)
        connection.sessions.clear()  # they point at each other: the collector, which comes seldom here, need not find that out

    def pause(self, connection: Connection) -> None:
        """Read no more from a connection until there is room."""
        if connection not in self.paused and connection.transport is not None:
            self.paused.add(connection)
            connection.transport.pause_reading()

    def resume(self) -> None:
        """Read again from those that had to wait, but from none of which too much is unacknowledged."""
        if self.is_closing:
            return
        for connection in list(self.paused):
            if connection.transport is not None and connection.unacknowledged <= limits.UNACKNOWLEDGED:
                self.paused.discard(connection)
                connection.transport.resume_reading()

    # ---- terminals

    def sign_in(self, session: Session, standing: Standing) -> None:
        """Let a terminal speak over this connection, and over no other any more."""
        other = self.sessions.get(session.number)
        if other is not None and other is not session:
            heartbeat.count("huoji_jt808_replaced_total")
            self.sign_out(other)
            other.connection.drop(session.number)
        session.stage, session.terminal_id = Stage.IN, standing.terminal_id
        self.apply(session, standing)
        self.sessions[session.number] = session
        self.by_terminal[session.terminal_id] = session

    @staticmethod
    def apply(session: Session, standing: Standing) -> None:
        """Speak the edition of the standard that was set for this terminal, if one was."""
        session.forced = FORCED.get(standing.forced_version or 0)
        session.version = session.forced or session.version

    def sign_out(self, session: Session) -> None:
        """Let a terminal speak no more until it signs in again."""
        if self.sessions.get(session.number) is session:
            del self.sessions[session.number]
            self.by_terminal.pop(session.terminal_id, None)
            contacts.part(session.terminal_id, now=datetime.now(UTC))
        session.stage, session.terminal_id = Stage.STRANGER, 0

"""Who is connected to a gateway process and who has signed in; all of it lives in the event loop."""

import time
from collections import Counter
from datetime import UTC, datetime

from django.conf import settings

from huoji.apps.fleet.actions import contacts
from huoji.apps.fleet.actions.admitting import Standing
from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.session import Line, Session, Stage
from huoji.kit import heartbeat
from huoji.wire.jt808 import Version

FORCED = {2011: Version.V2011, 2013: Version.V2013, 2019: Version.V2019}


class Roster:
    """The lines, those that must wait, and the terminals that have signed in over them."""

    def __init__(self) -> None:
        self.lines: set[Line] = set()
        self.paused: set[Line] = set()
        self.sessions: dict[str, Session] = {}  # terminals that have signed in, by number
        self.by_terminal: dict[int, Session] = {}
        self.peers: Counter[str] = Counter()
        self.now = time.monotonic
        self.part_bytes = 0  # of messages in pieces
        self.is_closing = False

    # ---- lines

    def admit(self, line: Line) -> bool:
        """Count a line in; False when there are too many, in all or of its address."""
        self.lines.add(line)
        self.peers[line.peer] += 1
        return (
            not self.is_closing
            and len(self.lines) <= settings.HUOJI.jt808_connections
            and self.peers[line.peer] <= settings.HUOJI.jt808_connections_peer
        )

    def forget(self, line: Line) -> None:
        """Count a line out, with everybody who spoke over it."""
        self.lines.discard(line)
        self.paused.discard(line)
        self.peers[line.peer] -= 1
        if self.peers[line.peer] <= 0:
            del self.peers[line.peer]
        for session in list(line.sessions.values()):
            self.sign_out(session)

    def pause(self, line: Line) -> None:
        """Read no more from a line until there is room."""
        if line not in self.paused and line.transport is not None:
            self.paused.add(line)
            line.transport.pause_reading()

    def resume(self) -> None:
        """Read again from those that had to wait, but from none of which too much is unacknowledged."""
        if self.is_closing:
            return
        for line in list(self.paused):
            if line.transport is not None and line.unacknowledged <= limits.UNACKNOWLEDGED:
                self.paused.discard(line)
                line.transport.resume_reading()

    # ---- terminals

    def sign_in(self, session: Session, standing: Standing) -> None:
        """Let a terminal speak over this line, and over no other any more."""
        other = self.sessions.get(session.number)
        if other is not None and other is not session:
            heartbeat.count("huoji_jt808_replaced_total")
            self.sign_out(other)
            other.line.drop(session.number)
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

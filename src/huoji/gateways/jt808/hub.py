"""One gateway process as a whole: its parts, and the round that looks after its connections and terminals."""

import asyncio

from django.conf import settings

from huoji.apps.fleet.actions import admitting
from huoji.gateways.aside import Aside
from huoji.gateways.jt808 import limits, pieces
from huoji.gateways.jt808.desk import Desk
from huoji.gateways.jt808.downlink import Downlink
from huoji.gateways.jt808.roster import Roster
from huoji.gateways.keeping import Keep
from huoji.kit import heartbeat, log, trouble


class Hub:
    """The parts of a gateway process, put together."""

    def __init__(self, *, keep: Keep) -> None:
        self.roster = Roster()
        self.aside = Aside()
        self.downlink = Downlink(self.roster, self.aside)
        self.desk = Desk(self.roster, self.aside, self.downlink, keep=keep)

    async def look_after(self) -> None:
        """Close what is silent, ask for what is missing, and sign out whoever was blocked, again and again."""
        while True:
            await asyncio.sleep(limits.SWEEP_S)
            roster = self.roster
            now, idle_s = roster.now(), settings.HUOJI.jt808_idle_s
            for connection in list(roster.connections):
                if connection in roster.paused:
                    connection.heard_at = now  # it is we who do not listen
                if why := connection.is_overdue(now, idle_s=idle_s):
                    connection.close(why)
                pieces.ask_missing(connection, roster=roster)
            heartbeat.gauge("huoji_jt808_connections", len(roster.connections))
            heartbeat.gauge("huoji_jt808_terminals", len(roster.sessions))
            heartbeat.gauge("huoji_jt808_waiting_points", self.desk.writer.waiting)
            await self._check_standings()

    async def _check_standings(self) -> None:
        held = dict(self.roster.by_terminal)
        if not held:
            return
        try:
            found = await self.aside.run(admitting.standings, list(held))
        except Exception as wrong:  # noqa: BLE001 - the round must go on
            if not trouble.passes(wrong):
                log.KIT.exception("gateway could not look up its terminals")
            return
        for terminal_id, session in held.items():
            if self.roster.by_terminal.get(terminal_id) is not session:
                continue
            if (standing := found.get(terminal_id)) is None:
                heartbeat.count("huoji_jt808_blocked_total")
                self.roster.sign_out(session)
                session.connection.drop(session.number)
            else:
                self.roster.apply(session, standing)

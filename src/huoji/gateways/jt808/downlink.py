"""Commands on their way down: the gateway is told that something waits, takes what is for its terminals, and sends it."""

import asyncio
from datetime import UTC, datetime

import psycopg

from huoji.apps.fleet.actions import commands
from huoji.core.fleet import CommandState
from huoji.gateways.aside import Aside
from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.roster import Roster
from huoji.kit import heartbeat, log, trouble
from huoji.kit.listen import conninfo
from huoji.wire.jt808 import MessageError

CHANNEL = "huoji_commands"  # the fleet's jobs notify on it


class Downlink:
    """Looks for commands when told, and now and then by itself."""

    def __init__(self, roster: Roster, aside: Aside) -> None:
        self.roster = roster
        self.aside = aside
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look soon: there is news, or a terminal has come."""
        self._woken.set()

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(limits.POLL_S):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            if self.roster.by_terminal:
                await self._send_waiting()

    async def _send_waiting(self) -> None:
        try:
            orders = await self.aside.run(commands.take_commands, list(self.roster.by_terminal), now=datetime.now(UTC))
        except Exception as wrong:  # noqa: BLE001 - the next round finds them again
            if not trouble.passes(wrong):
                log.KIT.exception("gateway could not take commands")
            return
        for order in orders:
            await self._send(order)

    async def _send(self, order: commands.Order) -> None:
        session = self.roster.by_terminal.get(order.terminal_id)
        why = "gone"
        if session is not None:
            try:
                session.command(order.content, order.command_id)
            except MessageError as wrong:
                why = str(wrong)
            else:
                heartbeat.count("huoji_jt808_commands_total")
                return
        await self.aside.run(
            commands.end_command,
            order.command_id,
            state=CommandState.FAILED,
            result={"why": why},
            now=datetime.now(UTC),
        )

    async def listen(self) -> None:
        """Be told by the relay; when the database is away the poll goes on."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    conninfo("huoji gateway"), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.wake()
                    async for _notice in connection.notifies():
                        self.wake()
            except (psycopg.Error, OSError):
                await asyncio.sleep(limits.RETRY_S)

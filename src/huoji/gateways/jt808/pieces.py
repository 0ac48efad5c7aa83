"""Messages in sub-packages: put together, asked for when a part is missing, given up when it never comes."""

from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.roster import Roster
from huoji.gateways.jt808.session import Connection
from huoji.kit import heartbeat
from huoji.wire import jt808
from huoji.wire.jt808 import Message, MessageError, Result

PARTS = jt808.Limits()  # of sub-packages of one connection


def add(connection: Connection, message: Message, part: jt808.Part, *, roster: Roster) -> Message | None:
    """Add a sub-package; return the message when it is whole. A part of a picture is confirmed at once, its receipt is 0x8800."""
    session = connection.sessions.get(message.header.terminal)
    if session is None or not session.terminal_id:
        heartbeat.count('huoji_jt808_refused_total{code="parts_before_sign_in"}')
        return None
    if roster.part_bytes > limits.PART_BYTES:
        heartbeat.count('huoji_jt808_refused_total{code="no_room_for_parts"}')
        return None  # no answer: the terminal sends it again
    if connection.assembler is None:
        connection.assembler = jt808.Assembler(PARTS)
    held = connection.assembler.size
    try:
        whole, lost = connection.assembler.add(message.header, part.data, now=roster.now())
        if message.header.message_id == jt808.Media.ID:
            session.answer(message.header, Result.OK)
        heartbeat.count("huoji_jt808_parts_lost_total", len(lost))
        return None if whole is None else jt808.decode_body(whole.header, whole.body)
    except (jt808.AssemblyError, MessageError) as wrong:
        heartbeat.count(f'huoji_jt808_refused_total{{code="{wrong.code}"}}')
        return None
    finally:
        roster.part_bytes += connection.assembler.size - held


def ask_missing(connection: Connection, *, roster: Roster) -> None:
    """Ask for sub-packages that are long in coming, and give up what never comes."""
    if connection.assembler is None:
        return
    held = connection.assembler.size
    overdue = connection.assembler.overdue(now=roster.now())
    roster.part_bytes += connection.assembler.size - held
    for each in overdue:
        session = connection.sessions.get(each.header.terminal)
        if isinstance(each, jt808.Missing) and session is not None:
            session.send(jt808.PlatformResend(first_serial=each.first_serial, indices=each.indices))
        else:
            heartbeat.count("huoji_jt808_parts_lost_total")


def let_go(connection: Connection, *, roster: Roster) -> None:
    """Forget what is unfinished on a connection that has ended."""
    if connection.assembler is not None:
        roster.part_bytes -= connection.assembler.size
        connection.assembler = None

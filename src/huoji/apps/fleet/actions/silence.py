"""A terminal that was heard and is silent too long raises the alarm `offline`; the first thing it says clears it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from huoji.apps.fleet.actions.alarming import FROM_RULE, Clear, Raise, turn
from huoji.apps.fleet.models import Alarm, Contact
from huoji.core.alarm import OFFLINE
from huoji.core.fleet import TerminalKind, TerminalState
from huoji.kit import binary, outbox

AT_ONCE_MAX = 2_000  # of one turn; the rest waits for the next
IDS_MAX = 500
SPOKE_SQL = """
SELECT a.terminal_id, c.last_at FROM alarm a JOIN contact c ON c.terminal_id = a.terminal_id
WHERE a.kind = %s AND a.cleared_at IS NULL AND c.last_at > a.opened_at AND c.last_at > %s LIMIT %s
"""


@transaction.atomic
def watch(*, now: datetime) -> tuple[int, int]:
    """Open and clear; return how many terminals went silent and how many speak again. Tells `fleet.silent` and `fleet.heard`."""
    line = now - timedelta(minutes=settings.HUOJI.terminal_silent_min)
    silent = (
        Contact.objects.filter(last_at__lt=line, terminal__state=TerminalState.ACTIVE.value)
        .filter(terminal__kind__in=[TerminalKind.JT808.value, TerminalKind.HTTP.value, TerminalKind.SENSOR.value])
        .exclude(Exists(Alarm.objects.filter(terminal_id=OuterRef("terminal_id"), kind=OFFLINE, cleared_at=None)))
        .select_related("terminal", "terminal__last")
        .order_by("terminal_id")
    )
    raised = [_alarm(contact, now=now) for contact in silent[:AT_ONCE_MAX]]
    with binary.cursor() as cursor:
        cursor.execute(SPOKE_SQL, [OFFLINE, line, AT_ONCE_MAX])
        spoke = sorted(cursor.fetchall())
    turn(raised, [Clear(terminal_id=each, kinds=(OFFLINE,), source=FROM_RULE, at=at) for each, at in spoke])
    _tell("fleet.silent", [each.terminal_id for each in raised])
    _tell("fleet.heard", [each for each, _ in spoke])
    return len(raised), len(spoke)


def _alarm(contact: Contact, *, now: datetime) -> Raise:
    last = getattr(contact.terminal, "last", None)
    assert contact.last_at is not None
    return Raise(
        terminal_id=contact.terminal_id, conveyance_id=contact.terminal.conveyance_id, kind=OFFLINE, source=FROM_RULE, at=now,
        lat=last.lat if last else None, lon=last.lon if last else None,
        facts={"last_at": contact.last_at.isoformat()}, dataset=contact.terminal.dataset,
    )  # fmt: skip


def _tell(topic: str, terminal_ids: list[int]) -> None:
    for start in range(0, len(terminal_ids), IDS_MAX):
        outbox.publish(topic, terminal_ids[start : start + IDS_MAX])

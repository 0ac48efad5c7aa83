"""Somebody takes alarms up: one, or all that a terminal has open; who, when and what he said stands beside them and in the audit."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.fleet.models import Alarm
from huoji.apps.fleet.queries import alarms
from huoji.core.permission import Actor, Permission
from huoji.kit import outbox
from huoji.kit.problem import CATALOGUE, Problem, declare

TOPIC = "fleet.alarm"
NOTE_LENGTH_MAX = 300
AT_ONCE_MAX = 100  # a terminal has a few dozen kinds of alarms, each open once

declare("alarm_over", status=409, title=_("这条报警已经解除"))


@transaction.atomic
def acknowledge(actor: Actor, *, alarm_id: int, note: str, now: datetime, with_others: bool = False) -> int:
    """Take an alarm up, with all that its terminal has open if asked; return how many. Who was first stays.

    An alarm stays open until what it warns of ends: to take it up is to say that somebody sees to it.
    """
    require(actor, Permission.ALARM_HANDLE)
    one = alarms.line(actor, alarm_id=alarm_id)
    if one.cleared_at is not None:
        raise Problem("alarm_over", CATALOGUE["alarm_over"].status, CATALOGUE["alarm_over"].title)
    rows = alarms.visible_to(actor).filter(cleared_at=None, acknowledged_at=None)
    if with_others and one.terminal_id is not None:
        rows = rows.filter(terminal_id=one.terminal_id)
    else:
        rows = rows.filter(pk=alarm_id)
    taken = list(rows.select_for_update(of=("self",)).order_by("pk")[:AT_ONCE_MAX])
    for row in taken:
        row.acknowledged_at, row.acknowledged_by, row.note = now, actor.principal, note.strip()[:NOTE_LENGTH_MAX]
    Alarm.objects.bulk_update(taken, ["acknowledged_at", "acknowledged_by", "note"])
    _tell(actor, taken, note=note.strip())
    return len(taken)


def _tell(actor: Actor, taken: Sequence[Alarm], *, note: str) -> None:
    if not taken:
        return
    first = taken[0]
    target = f"terminal:{first.terminal_id}" if first.terminal_id else f"conveyance:{first.conveyance_id}"
    record_audit(
        actor, verb="alarm.acknowledge", target=target, cause=note,
        changed={"alarms": [row.pk for row in taken], "kinds": [row.kind for row in taken]}, dataset=first.dataset,
    )  # fmt: skip
    outbox.publish(TOPIC, [row.pk for row in taken])

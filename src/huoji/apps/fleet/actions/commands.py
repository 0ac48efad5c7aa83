"""Commands to terminals: asked for with a reason, agreed to by a second person where they redirect, sent once, and ended visibly."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.fleet.actions.orders import OrderError, order_of, redirects
from huoji.apps.fleet.models import Command, Terminal
from huoji.core import command as rules
from huoji.core.command import CommandRefusedError
from huoji.core.fleet import CommandKind, CommandState, TerminalKind
from huoji.core.permission import Actor, Permission
from huoji.kit import outbox
from huoji.kit.problem import CATALOGUE, Problem, declare, of_status
from huoji.wire import jt808

ANSWER_WITHIN = timedelta(seconds=60)  # a terminal that was sent a command
REASON_LENGTH_MAX = 300
TAKEN_MAX = 200
TOPIC = "fleet.command"

for _code, _status, _title in (
    ("command_invalid", 422, _("指令内容有误")),
    ("command_no_reason", 422, _("请写明下发指令的原因")),
    ("command_terminal", 409, _("只有已准入的 JT/T 808 终端可以接收指令")),
    ("command_too_many", 409, _("该终端还有太多未完成的指令")),
    ("command_not_waiting", 409, _("该指令不在等待批准")),
    ("command_second_person", 403, _("会改变终端去向的指令须由另一人批准")),
    ("command_expired", 409, _("该指令已过期，请重新申请")),
    ("command_too_late", 409, _("指令已下发或已结束，不能取消")),
):
    declare(_code, status=_status, title=_title)


def _refuse(code: str, **extra: Any) -> Problem:
    return Problem(code, CATALOGUE[code].status, CATALOGUE[code].title, **extra)


@transaction.atomic
def request_command(
    actor: Actor,
    *,
    terminal_id: int,
    kind: CommandKind,
    body: Mapping[str, Any],
    reason: str,
    now: datetime,
    life: timedelta = rules.LIFE,
) -> int:
    """Ask something of a terminal and return the command's id; it is sent when the terminal is there, within its life."""
    require(actor, Permission.TERMINAL_COMMAND)
    if not reason.strip():
        raise _refuse("command_no_reason")
    try:
        content = order_of(kind, body)
    except (OrderError, jt808.MessageError) as error:
        raise _refuse("command_invalid", field=getattr(error, "field", "body")) from error
    terminal = Terminal.objects.select_for_update(no_key=True).filter(pk=terminal_id).first()
    if terminal is None:
        raise of_status(404)
    if terminal.kind != TerminalKind.JT808 or terminal.state != "active":
        raise _refuse("command_terminal")
    ended = [state.value for state in rules.ENDED]
    if Command.objects.filter(terminal=terminal).exclude(state__in=ended).count() >= rules.OPEN_MAX:
        raise _refuse("command_too_many")
    row = Command.objects.create(
        terminal=terminal, kind=kind.value, body=dict(body), reason=reason.strip()[:REASON_LENGTH_MAX],
        state=rules.first_state(redirects=redirects(content)).value, requested_by=actor.principal, created_at=now,
        expires_at=now + min(life, rules.LIFE_MAX), dataset=terminal.dataset or actor.dataset,
    )  # fmt: skip
    _note(actor, row, "command.request", cause=row.reason)
    return row.pk


@transaction.atomic
def approve_command(actor: Actor, *, command_id: int, reason: str, now: datetime) -> None:
    """Agree, as a second person, to a command that could lead a terminal away from us."""
    require(actor, Permission.COMMAND_APPROVE)
    if not reason.strip():
        raise _refuse("command_no_reason")
    row = _locked(command_id)
    try:
        row.state = rules.approve(
            CommandState(row.state), requested_by=row.requested_by, approver=actor.principal,
            expires_at=row.expires_at, now=now,
        ).value  # fmt: skip
    except CommandRefusedError as error:
        raise _refuse(error.code) from error
    row.approved_by, row.approved_at = actor.principal, now
    row.save(update_fields=["state", "approved_by", "approved_at"])
    _note(actor, row, "command.approve", cause=reason.strip())


@transaction.atomic
def cancel_command(actor: Actor, *, command_id: int, reason: str, now: datetime) -> None:
    """Take back a command that has not been sent."""
    require(actor, Permission.TERMINAL_COMMAND)
    row = _locked(command_id)
    try:
        row.state = rules.cancel(CommandState(row.state)).value
    except CommandRefusedError as error:
        raise _refuse(error.code) from error
    row.ended_at = now
    row.save(update_fields=["state", "ended_at"])
    _note(actor, row, "command.cancel", cause=reason.strip())


def _locked(command_id: int) -> Command:
    row = Command.objects.select_for_update().filter(pk=command_id).first()
    if row is None:
        raise of_status(404)
    return row


def _note(actor: Actor, row: Command, verb: str, *, cause: str) -> None:
    """Write the audit and tell the gateway; the words of a text stay in the command's own row."""
    record_audit(
        actor, verb=verb, target=f"terminal:{row.terminal_id}", cause=cause,
        changed={"command": row.pk, "kind": row.kind, "state": row.state}, dataset=row.dataset,
    )  # fmt: skip
    outbox.publish(TOPIC, [row.pk])


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command that was taken to be sent now."""

    command_id: int
    terminal_id: int
    content: jt808.Content


@transaction.atomic
def take_commands(terminal_ids: Collection[int], *, now: datetime) -> list[Order]:
    """Take what waits for these terminals; each command is taken once, by the gateway that holds its terminal."""
    waiting = Command.objects.select_for_update(skip_locked=True).filter(
        terminal_id__in=list(terminal_ids), state=CommandState.QUEUED.value, expires_at__gt=now
    )
    taken = list(waiting.order_by("id")[:TAKEN_MAX])
    orders = [
        Order(
            command_id=row.pk, terminal_id=row.terminal_id, content=order_of(CommandKind(row.kind), row.body)
        )
        for row in taken
    ]  # fmt: skip
    Command.objects.filter(pk__in=[row.pk for row in taken]).update(state=CommandState.SENT.value, sent_at=now)
    _tell([row.pk for row in taken])
    return orders


@transaction.atomic
def end_command(command_id: int, *, state: CommandState, result: Mapping[str, Any], now: datetime) -> None:
    """Note how a command that was sent came out; a late answer to one that timed out still counts."""
    changed = Command.objects.filter(
        pk=command_id, state__in=[CommandState.SENT.value, CommandState.TIMED_OUT.value]
    ).update(state=state.value, result=dict(result), ended_at=now)
    if changed:
        _tell([command_id])


@transaction.atomic
def expire_commands(*, now: datetime) -> int:
    """End commands that nobody answered, or that their terminal did not come for, or nobody agreed to."""
    sent = Command.objects.filter(state=CommandState.SENT.value, sent_at__lt=now - ANSWER_WITHIN)
    waiting = [CommandState.QUEUED.value, CommandState.AWAITING_APPROVAL.value]
    unsent = Command.objects.filter(state__in=waiting, expires_at__lte=now)
    ids = [*sent.values_list("pk", flat=True), *unsent.values_list("pk", flat=True)]
    rows = Command.objects.select_for_update(skip_locked=True).filter(
        pk__in=ids, state__in=[CommandState.SENT.value, *waiting]
    )
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    Command.objects.filter(pk__in=ids).update(state=CommandState.TIMED_OUT.value, ended_at=now)
    _tell(ids)
    return len(ids)


def _tell(ids: Sequence[int]) -> None:
    for start in range(0, len(ids), TAKEN_MAX):
        outbox.publish(TOPIC, ids[start : start + TAKEN_MAX])

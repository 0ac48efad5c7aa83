"""Read commands to terminals: what waits for a second person, what is on its way, and how others came out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from huoji.apps.fleet.models import Command
from huoji.core.command import CANCELLABLE, ENDED
from huoji.core.fleet import CommandKind, CommandState
from huoji.core.permission import Actor, Permission
from huoji.kit.paging import page
from huoji.kit.problem import Problem


class Part(StrEnum):
    """Which commands to list."""

    OPEN = "open"
    APPROVAL = "approval"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """A command as pages show it."""

    id: int
    terminal_id: int
    terminal: str
    conveyance_id: int | None
    conveyance: str
    kind: CommandKind
    body: Mapping[str, Any]
    state: CommandState
    reason: str
    requested_by: str
    approved_by: str
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime
    result: Mapping[str, Any]

    @property
    def may_cancel(self) -> bool:
        return self.state in CANCELLABLE

    @property
    def waits_for_approval(self) -> bool:
        return self.state is CommandState.AWAITING_APPROVAL


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandPage:
    """One page of commands and the cursor of the page after it."""

    rows: list[CommandLine]
    next: str


def visible_to(actor: Actor) -> QuerySet[Command]:
    """Return the commands an actor may see: all of them for who sees the fleet."""
    rows = Command.objects.select_related("terminal", "terminal__conveyance")
    return rows if actor.may(Permission.FLEET_VIEW) else rows.none()


def line_of(row: Command) -> CommandLine:
    fitted = row.terminal.conveyance
    return CommandLine(
        id=row.pk,
        terminal_id=row.terminal_id,
        terminal=row.terminal.number,
        conveyance_id=row.terminal.conveyance_id,
        conveyance=(fitted.plate or fitted.name or fitted.imo or fitted.mmsi) if fitted else "",
        kind=CommandKind(row.kind),
        body=row.body,
        state=CommandState(row.state),
        reason=row.reason,
        requested_by=row.requested_by,
        approved_by=row.approved_by,
        created_at=row.created_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        expires_at=row.expires_at,
        result=row.result,
    )


def listed(
    actor: Actor, *, part: Part | None = None, terminal_id: int | None = None, cursor: str = "", limit: int
) -> CommandPage:
    """Return one page of commands, newest first."""
    rows = visible_to(actor)
    match part:
        case Part.OPEN:
            rows = rows.exclude(state__in=[state.value for state in ENDED])
        case Part.APPROVAL:
            rows = rows.filter(state=CommandState.AWAITING_APPROVAL.value)
        case Part.ENDED:
            rows = rows.filter(state__in=[state.value for state in ENDED])
        case None:
            pass
    if terminal_id is not None:
        rows = rows.filter(terminal_id=terminal_id)
    found = page(rows, of=f"commands:{part}:{terminal_id}", order=("-id",), cursor=cursor, limit=limit)
    return CommandPage(rows=[line_of(row) for row in found.rows], next=found.next)


def line(actor: Actor, *, command_id: int) -> CommandLine:
    """Return one command, or raise `not_found`."""
    row = visible_to(actor).filter(pk=command_id).first()
    if row is None:
        raise Problem("not_found", 404)
    return line_of(row)


def count_waiting(actor: Actor) -> int:
    """Return how many commands wait for this actor's agreement: his own are not among them."""
    if not actor.may(Permission.COMMAND_APPROVE):
        return 0
    waiting = Command.objects.filter(state=CommandState.AWAITING_APPROVAL.value)
    return waiting.exclude(requested_by=actor.principal).count()

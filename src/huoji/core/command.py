"""What we ask of terminals: who must agree before it is sent, and how its life goes on."""

from datetime import datetime, timedelta

from huoji.core.fleet import CommandState

LIFE = timedelta(minutes=30)  # of a command that waits for a terminal to come, unless it is told otherwise
LIFE_MAX = timedelta(days=7)
OPEN_MAX = 20  # of one terminal at one time
ENDED = frozenset({CommandState.DONE, CommandState.FAILED, CommandState.TIMED_OUT, CommandState.CANCELLED})
CANCELLABLE = frozenset({CommandState.AWAITING_APPROVAL, CommandState.QUEUED})


class CommandRefusedError(ValueError):
    """The rules do not allow it; `code` says why: command_not_waiting, command_second_person, command_expired, command_too_late."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def first_state(*, redirects: bool) -> CommandState:
    """Return where a new command begins: what could lead a terminal away from us waits for a second person."""
    return CommandState.AWAITING_APPROVAL if redirects else CommandState.QUEUED


def approve(
    state: CommandState, *, requested_by: str, approver: str, expires_at: datetime, now: datetime
) -> CommandState:
    """Let a second person agree."""
    if state is not CommandState.AWAITING_APPROVAL:
        raise CommandRefusedError("command_not_waiting")
    if approver == requested_by:
        raise CommandRefusedError("command_second_person")
    if expires_at <= now:
        raise CommandRefusedError("command_expired")
    return CommandState.QUEUED


def cancel(state: CommandState) -> CommandState:
    """Take a command back that has not been sent."""
    if state not in CANCELLABLE:
        raise CommandRefusedError("command_too_late")
    return CommandState.CANCELLED

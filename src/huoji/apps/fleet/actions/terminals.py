"""Manage terminals: add, admit and block them, and say how a device that deviates is to be read."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from huoji.apps.accounts import actions as accounts
from huoji.apps.fleet.actions.refusals import refuse
from huoji.apps.fleet.models import Terminal
from huoji.apps.fleet.queries import terminals
from huoji.core.fleet import TerminalKind, TerminalState
from huoji.core.permission import Actor, Permission
from huoji.core.position import FILTERS

MAY_LACK = ("conveyance", "forced_version", "version", "filters_off", "registered_as", "register_until")
REGISTER_FOR = timedelta(minutes=30)  # in which a device that replaces another registers under its number
CODE_BYTES = 9  # 12 letters: what every terminal can keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How what a terminal sends is to be read: a device that lies about its version, a vendor's dialect, filters that do not fit it."""

    forced_version: int | None = None
    dialect: str = ""
    filters_off: tuple[str, ...] = ()


def number_of(kind: TerminalKind, text: str) -> str:
    """Return the number as it is kept: JT/T 808 pads with zeros, everybody else means every sign."""
    bare = "".join(text.split())
    return bare.lstrip("0") if kind is TerminalKind.JT808 else bare


@transaction.atomic
def create_terminal(
    actor: Actor, *, kind: TerminalKind, number: str, maker: str = "", model: str = "", dataset: str = ""
) -> int:
    """Add a terminal that may speak at once, and return its id."""
    accounts.require(actor, Permission.FLEET_MANAGE)
    wanted = number_of(kind, number)
    if not wanted:
        raise refuse("terminal_number_empty")
    if Terminal.objects.filter(kind=kind.value, number=wanted).exists():
        raise refuse("terminal_taken")
    row = Terminal(
        kind=kind.value, number=wanted, maker=maker.strip(), model=model.strip(), dataset=dataset or actor.dataset
    )
    accounts.clean(row, exclude=MAY_LACK)
    row.save()
    _note(actor, row, "terminal.create", kind=row.kind, number=row.number)
    return row.pk


@transaction.atomic
def set_state(actor: Actor, *, terminal_id: int, state: TerminalState) -> None:
    """Admit a terminal, or block it: from then on it is refused at the next thing it says."""
    row = _locked(actor, terminal_id)
    if row.state == state:
        return
    before, row.state = row.state, state.value
    row.save(update_fields=["state"])
    _note(actor, row, "terminal.block" if state is TerminalState.BLOCKED else "terminal.admit", before=before)


@transaction.atomic
def set_reading(actor: Actor, *, terminal_id: int, reading: Reading) -> None:
    """Say how what the terminal sends is to be read."""
    row = _locked(actor, terminal_id)
    if unknown := set(reading.filters_off) - set(FILTERS):
        raise refuse("filter_unknown") from ValueError(str(unknown))
    if reading.forced_version is not None and row.kind != TerminalKind.JT808:
        raise refuse("not_a_road_terminal")
    row.forced_version, row.dialect = reading.forced_version, reading.dialect.strip()
    row.filters_off = _in_order(reading.filters_off)
    accounts.clean(row, exclude=MAY_LACK)
    row.save(update_fields=["forced_version", "dialect", "filters_off"])
    _note(
        actor, row, "terminal.edit",
        forced_version=row.forced_version, dialect=row.dialect, filters_off=row.filters_off,
    )  # fmt: skip


@transaction.atomic
def renew_code(actor: Actor, *, terminal_id: int) -> str:
    """Give the terminal a new authentication code and return it, once: whoever has it may speak as this terminal."""
    row = _locked(actor, terminal_id)
    if row.kind != TerminalKind.JT808:
        raise refuse("not_a_road_terminal")
    row.auth_code = secrets.token_urlsafe(CODE_BYTES)
    row.save(update_fields=["auth_code"])
    _note(actor, row, "terminal.code")
    return row.auth_code


@transaction.atomic
def allow_registration(actor: Actor, *, terminal_id: int, now: datetime) -> datetime:
    """Let another device register under the terminal's number for a while; return until when."""
    row = _locked(actor, terminal_id)
    if row.kind != TerminalKind.JT808:
        raise refuse("not_a_road_terminal")
    row.register_until = now + REGISTER_FOR
    row.save(update_fields=["register_until"])
    _note(actor, row, "terminal.register", until=row.register_until.isoformat())
    return row.register_until


def _in_order(names: Iterable[str]) -> list[str]:
    chosen = set(names)
    return [name for name in FILTERS if name in chosen]


def _locked(actor: Actor, terminal_id: int) -> Terminal:
    accounts.require(actor, Permission.FLEET_MANAGE)
    terminals.get(actor, terminal_id=terminal_id)
    return Terminal.objects.select_for_update().get(pk=terminal_id)


def _note(actor: Actor, row: Terminal, verb: str, **changed: object) -> None:
    accounts.record_audit(actor, verb=verb, target=f"terminal:{row.pk}", changed=changed, dataset=row.dataset)

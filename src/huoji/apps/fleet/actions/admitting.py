"""Let road terminals in: registration by what is known of them, authentication by the code that registration gave."""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from huoji.apps.fleet.models import Terminal
from huoji.core.admission import Said, contradicts, is_the_same, plate_key
from huoji.core.fleet import TerminalKind, TerminalState

CODE_BYTES = 9  # 12 letters: what every terminal can keep
PENDING_MAX = 1_000  # so that strangers cannot fill the list
CONNECTED_SQL = """
INSERT INTO contact AS c (terminal_id, last_at, connected_at, gateway, peer, counts) VALUES (%s, %s, %s, %s, %s, '{}')
ON CONFLICT (terminal_id) DO UPDATE SET
  last_at = greatest(c.last_at, excluded.last_at), connected_at = excluded.connected_at, gateway = excluded.gateway,
  peer = excluded.peer
"""


class Admission(IntEnum):
    """How a registration came out, as 0x8100 says it."""

    ACCEPTED = 0
    VEHICLE_TAKEN = 1
    NO_VEHICLE = 2
    TERMINAL_TAKEN = 3
    NO_TERMINAL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a terminal says of itself when it registers or authenticates."""

    number: str
    version: int  # 0 when it is not known
    maker: str = ""
    model: str = ""
    device_id: str = ""
    plate: str = ""
    colour: int = 0
    imei: str = ""
    firmware: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a gateway must know of a terminal that may speak."""

    terminal_id: int
    forced_version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """How a registration came out; `terminal_id` is 0 when nobody added such a terminal."""

    admission: Admission
    code: str = ""
    terminal_id: int = 0


@transaction.atomic
def register_terminal(device: Device, *, now: datetime) -> Registered:
    """Register, and return the code by which the terminal shall authenticate itself from now on.

    The first device that comes with an added number gets a code. Later the same device gets it again, as most ask at each
    start; another one only while a person lets it, and then a new code, so that the one before no longer speaks.
    """
    row = _of(device.number).select_for_update(of=("self",)).select_related("conveyance").first()
    if row is None:
        _list(device)
        return Registered(admission=Admission.NO_TERMINAL)
    said, fitted = _said(device), plate_key(row.conveyance.plate) if row.conveyance else ""
    if (refused := _refusal(row, said, fitted=fitted, now=now)) is not None:
        return Registered(admission=refused, terminal_id=row.pk)
    if not row.auth_code or not _is_known(row, said, fitted=fitted):
        row.auth_code = secrets.token_urlsafe(CODE_BYTES)
        row.register_until = None
    row.registered_as, row.driven = said._asdict(), False
    _note(row, device)
    return Registered(admission=Admission.ACCEPTED, code=row.auth_code, terminal_id=row.pk)


def _said(device: Device) -> Said:
    return Said(
        maker=device.maker, model=device.model, device_id=device.device_id, plate=plate_key(device.plate),
        colour=device.colour,
    )  # fmt: skip


def _refusal(row: Terminal, said: Said, *, fitted: str, now: datetime) -> Admission | None:
    if row.state != TerminalState.ACTIVE:
        return Admission.NO_TERMINAL
    if contradicts(said, fitted=fitted):
        return Admission.NO_VEHICLE
    may = not row.auth_code or _is_known(row, said, fitted=fitted) or (row.register_until or now) > now
    return None if may else Admission.TERMINAL_TAKEN


def _is_known(row: Terminal, said: Said, *, fitted: str) -> bool:
    """Tell whether it is the device that was given the code; of one whose saying was not kept, by its own id."""
    if row.registered_as is None:
        return bool(row.device_id) and said.device_id == row.device_id
    return is_the_same(said, Said.kept(row.registered_as), fitted=fitted)


def _of(number: str) -> QuerySet[Terminal]:
    return Terminal.objects.filter(kind=TerminalKind.JT808.value, number=number)


def _list(device: Device) -> None:
    """Put a terminal that nobody added on the list of those that wait for a person, if that is the policy."""
    if settings.HUOJI.jt808_admission != TerminalState.PENDING.value:
        return
    waiting = Terminal.objects.filter(kind=TerminalKind.JT808.value, state=TerminalState.PENDING.value)
    if waiting.count() < PENDING_MAX:
        row = Terminal(kind=TerminalKind.JT808.value, number=device.number, state=TerminalState.PENDING.value)
        _fill(row, device)
        Terminal.objects.bulk_create([row], ignore_conflicts=True)


def _fill(row: Terminal, device: Device) -> bool:
    """Take over what the device says of itself, as far as it says something; tell whether that is new."""
    said: dict[str, str | int] = {
        "maker": device.maker[:30], "model": device.model[:40], "device_id": device.device_id[:40],
        "imei": device.imei[:20], "firmware": device.firmware[:30], "version": device.version,
    }  # fmt: skip
    new = {field: value for field, value in said.items() if value and value != getattr(row, field)}
    for field, value in new.items():
        setattr(row, field, value)
    return bool(new)


def _note(row: Terminal, device: Device) -> None:
    _fill(row, device)
    row.save(
        update_fields=[
            "auth_code", "registered_as", "register_until", "driven", "maker", "model", "device_id", "imei", "firmware", "version",
        ]
    )  # fmt: skip


@transaction.atomic
def authenticate_terminal(device: Device, *, code: str, gateway: str, peer: str, now: datetime) -> Standing | None:
    """Return what must be known of the terminal if it may speak and knows its code; None otherwise."""
    row = _of(device.number).first()
    expected = row.auth_code if row is not None else ""
    is_right = hmac.compare_digest(code.encode(), expected.encode())  # also of nobody, so that time tells nothing
    if row is None or not expected or not is_right or row.state != TerminalState.ACTIVE:
        return None
    if _fill(row, device):
        row.save(update_fields=["imei", "firmware", "version"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")  # a fleet that comes back at once waits for no disk
        cursor.execute(CONNECTED_SQL, [row.pk, now, now, gateway[:60], peer[:64]])
    return Standing(terminal_id=row.pk, forced_version=row.forced_version)


@transaction.atomic
def note_attributes(terminal_id: int, device: Device) -> None:
    """Take over what a terminal answered about its make."""
    row = Terminal.objects.select_for_update().filter(pk=terminal_id).first()
    if row is not None:
        _note(row, device)


def standings(terminal_ids: Collection[int]) -> dict[int, Standing]:
    """Return those of the terminals that may still speak, as they stand now."""
    rows = Terminal.objects.filter(pk__in=list(terminal_ids), state=TerminalState.ACTIVE.value)
    return {
        pk: Standing(terminal_id=pk, forced_version=forced) for pk, forced in rows.values_list("pk", "forced_version")
    }

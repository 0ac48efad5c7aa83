"""Take positions that programs report over HTTP: find whose each is, let no key speak for another's device, and store them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from huoji.apps.accounts import actions as accounts
from huoji.apps.fleet.actions import storing
from huoji.apps.fleet.actions.storing import PointIn
from huoji.apps.fleet.models import Conveyance, Fitting, Terminal
from huoji.core.fleet import TerminalKind, TerminalState
from huoji.core.permission import Actor, Permission
from huoji.core.position import FILTERS
from huoji.core.position_told import By, Placed

PENDING_MAX = 1_000  # terminals of one principal that wait for a person
SOURCE = "http"
OWN = "conveyance/"  # of the devices in whose name a plate, IMO number or MMSI is reported: nobody else may call himself so
EVER = datetime(2000, 1, 1, tzinfo=UTC)  # what is reported by plate is that vehicle's, however old it is


class Result(StrEnum):
    """What became of one position."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one position, with a code where it was not taken as it is."""

    result: Result
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One position with the bytes it came in."""

    placed: Placed
    raw: bytes


REFUSALS: Mapping[str, str] = {
    "unknown_terminal": "Nobody has added this device: add it among the terminals of the workspace.",
    "unknown_conveyance": "No vehicle or vessel in use has this number: add it to the fleet, or report by `device`.",
    "terminal_pending": "The device waits in the workspace for somebody to admit it.",
    "terminal_blocked": "The device was blocked in the workspace.",
    "not_your_terminal": "This key may speak only for devices of its own partner.",
    "too_many_pending": "Too many devices of this key wait to be admitted.",
}
NAMED = {By.PLATE: "plate", By.IMO: "imo", By.MMSI: "mmsi"}


def report(actor: Actor, reported: Sequence[Reported], *, now: datetime) -> list[Outcome]:
    """Store a batch and tell what became of each, in order; "accepted" is said after the commit."""
    accounts.require(actor, Permission.POSITION_REPORT)
    found = _terminals(actor, {(each.placed.by, each.placed.number) for each in reported})
    batch, places = [], []
    outcomes: list[Outcome | None] = []
    for index, each in enumerate(reported):
        whose = found[each.placed.by, each.placed.number]
        if isinstance(whose, str):
            outcomes.append(Outcome(result=Result.REJECTED, code=whose, detail=REFUSALS[whose]))
            continue
        outcomes.append(None)
        places.append(index)
        batch.append(PointIn(terminal_id=whose, point=each.placed.point, digest=each.placed.digest, raw=each.raw))
    stored = storing.store(batch, source=actor.source or SOURCE, now=now)
    for index, word in zip(places, stored.outcomes, strict=True):
        outcomes[index] = _outcome(word)
    return [outcome for outcome in outcomes if outcome is not None]


def _outcome(word: str) -> Outcome:
    if not word:
        return Outcome(result=Result.ACCEPTED)
    if word == storing.DUPLICATE:
        return Outcome(result=Result.DUPLICATE)
    if word in FILTERS:
        return Outcome(result=Result.FILTERED, code=word)
    return Outcome(result=Result.REJECTED, code="unknown_terminal", detail=REFUSALS["unknown_terminal"])


def _terminals(actor: Actor, named: Collection[tuple[By, str]]) -> dict[tuple[By, str], int | str]:
    """Return the terminal of each name, or the code by which it is refused."""
    devices = {number for by, number in named if by is By.DEVICE}
    found: dict[tuple[By, str], int | str] = {
        (By.DEVICE, number): answer for number, answer in _devices(actor, devices).items()
    }
    for by, field in NAMED.items():
        numbers = {number for each, number in named if each is by}
        found |= {(by, number): answer for number, answer in _conveyances(actor, field, numbers).items()}
    return found


def _devices(actor: Actor, numbers: Collection[str]) -> dict[str, int | str]:
    known = _of_numbers(numbers)
    fresh = sorted(number for number in set(numbers) - known.keys() if not number.startswith(OWN))
    known |= _came_by_themselves(actor, fresh)
    return {number: _judge(actor, known[number]) if number in known else _unknown(number) for number in numbers}


def _of_numbers(numbers: Collection[str]) -> dict[str, Terminal]:
    if not numbers:
        return {}
    rows = Terminal.objects.filter(kind=TerminalKind.HTTP.value, number__in=list(numbers))
    return {row.number: row for row in rows.only("pk", "number", "state", "owner")}


def _judge(actor: Actor, row: Terminal) -> int | str:
    if not actor.is_staff and row.owner != actor.principal:
        return "not_your_terminal"
    if row.state == TerminalState.BLOCKED:
        return "terminal_blocked"
    return "terminal_pending" if row.state == TerminalState.PENDING else row.pk


def _unknown(number: str) -> str:
    is_closed = settings.HUOJI.http_admission == "known" or number.startswith(OWN)
    return "unknown_terminal" if is_closed else "too_many_pending"


@transaction.atomic
def _came_by_themselves(actor: Actor, numbers: Sequence[str]) -> dict[str, Terminal]:
    """List devices that nobody has added for a person to admit, or admit them at once, as the setting says."""
    if not numbers or settings.HUOJI.http_admission == "known":
        return {}
    state = TerminalState.ACTIVE if settings.HUOJI.http_admission == "open" else TerminalState.PENDING
    owner = "" if actor.is_staff else actor.principal
    waiting = Terminal.objects.filter(kind=TerminalKind.HTTP.value, owner=owner, state=TerminalState.PENDING.value)
    room = len(numbers) if state is TerminalState.ACTIVE else max(0, PENDING_MAX - waiting.count())
    Terminal.objects.bulk_create(
        [
            Terminal(kind=TerminalKind.HTTP.value, number=number, state=state.value, owner=owner, dataset=actor.dataset)
            for number in numbers[:room]
        ],
        ignore_conflicts=True,  # another call may bring the same device at the same time
    )
    return _of_numbers(numbers)


def _conveyances(actor: Actor, field: str, numbers: Collection[str]) -> dict[str, int | str]:
    """Return the HTTP terminal of each conveyance; one that has none gets it. Only our own systems may name a conveyance."""
    if not numbers:
        return {}
    if not actor.is_staff:
        return dict.fromkeys(numbers, "not_your_terminal")
    rows = Conveyance.objects.filter(**{f"{field}__in": list(numbers)}, active=True)
    by_number: dict[str, Conveyance] = {getattr(row, field): row for row in rows}
    terminals = _own_terminals(list(by_number.values()))
    answers: dict[str, int | str] = {}
    for number in numbers:
        row = by_number.get(number)
        answers[number] = _judge(actor, terminals[row.pk]) if row else "unknown_conveyance"
    return answers


def _own_terminals(rows: Sequence[Conveyance]) -> dict[int, Terminal]:
    numbers = {row.pk: f"{OWN}{row.pk}" for row in rows}
    known = _of_numbers(numbers.values())
    for row in rows:
        if numbers[row.pk] not in known:
            known[numbers[row.pk]] = _make_own(row, numbers[row.pk])
    return {conveyance_id: known[number] for conveyance_id, number in numbers.items()}


@transaction.atomic
def _make_own(row: Conveyance, number: str) -> Terminal:
    """Give a conveyance the terminal in whose name others report its positions."""
    terminal, created = Terminal.objects.get_or_create(
        kind=TerminalKind.HTTP.value,
        number=number,
        defaults={"conveyance": row, "dataset": row.dataset, "state": TerminalState.ACTIVE.value},
    )
    if created:
        Fitting.objects.create(terminal=terminal, conveyance=row, since=EVER, dataset=row.dataset)
    return terminal

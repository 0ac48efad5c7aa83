"""Our vessels as AIS knows them: which MMSI is whose, and what a vessel says of itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from django.db import connection, transaction

from huoji.apps.accounts import actions as accounts
from huoji.apps.fleet.actions import fitting
from huoji.apps.fleet.models import Conveyance, Terminal, VesselTold
from huoji.core import vessel
from huoji.core.conveyance import is_imo
from huoji.core.fleet import TerminalKind, TerminalState
from huoji.core.permission import system
from huoji.wire.ais import Static

FOREIGN_MAX = 50_000  # vessels that are not ours and are kept when the settings say so
ACTOR = system("ais")
VESSELS_SQL = """
SELECT c.id, c.mmsi, c.imo, c.created_at, c.dataset, t.id, t.state, t.conveyance_id
FROM conveyance c LEFT JOIN terminal t ON t.kind = 'ais' AND t.number = c.mmsi AND c.mmsi <> ''
WHERE c.kind = 'vessel' AND c.active
AND (%(mmsis)s::text[] IS NULL OR c.mmsi = ANY(%(mmsis)s::text[]) OR c.imo = ANY(%(imos)s::text[]))
"""
TERMINALS_SQL = "SELECT number, id, state FROM terminal WHERE kind = 'ais' AND number = ANY(%s)"
FACTS = ("ship_type", "length_m", "beam_m", "draught_dm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Whose MMSI is whose terminal; vessels whose MMSI nobody knows yet, by their IMO number."""

    terminals: Mapping[str, int] = field(default_factory=dict)
    vessels: Mapping[str, int] = field(default_factory=dict)
    by_imo: Mapping[str, int] = field(default_factory=dict)


class Introduction(msgspec.Struct, frozen=True, gc=False, tag="introduction"):
    """What a vessel said of itself, and when its line came in."""

    static: Static
    received_s: float

    @property
    def mmsi(self) -> str:
        return self.static.mmsi

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.received_s if self.static.at_s is None else self.static.at_s, UTC)


class _Vessel(NamedTuple):
    """A vessel of ours, and the terminal that bears its MMSI."""

    id: int
    mmsi: str
    imo: str
    created_at: datetime
    dataset: str
    terminal_id: int | None
    state: str | None
    fitted_to: int | None


@transaction.atomic
def muster(*, now: datetime, mmsis: Iterable[str] | None = None, imos: Iterable[str] = ()) -> Roster:
    """Return the roster as of now, or that part of it that bears one of these numbers.

    Each of our vessels has a terminal of its MMSI, made and fitted when it is missing.
    """
    bearing = None if mmsis is None else (list(mmsis), [each for each in imos if each])
    ships = _vessels(bearing)
    if odd := [each for each in ships if each.mmsi and each.fitted_to != each.id]:
        for each in sorted(odd, key=lambda ship: ship.mmsi):
            _fit(each, now=now)
        ships = _vessels(bearing)
    return Roster(
        terminals={
            each.mmsi: each.terminal_id
            for each in ships
            if each.terminal_id is not None and each.state == TerminalState.ACTIVE.value
        },
        vessels={each.mmsi: each.id for each in ships if each.mmsi},
        by_imo={each.imo: each.id for each in ships if each.imo and not each.mmsi},
    )


def _vessels(bearing: tuple[list[str], list[str]] | None) -> list[_Vessel]:
    mmsis, imos = bearing or (None, [])
    with connection.cursor() as cursor:
        cursor.execute(VESSELS_SQL, {"mmsis": mmsis, "imos": imos})
        return [_Vessel(*row) for row in cursor.fetchall()]


def _fit(ship: _Vessel, *, now: datetime) -> None:
    """Fit a terminal to the vessel that bears its MMSI; a person who gave the MMSI to another vessel moved the device too."""
    kind = TerminalKind.AIS.value
    row = Terminal(kind=kind, number=ship.mmsi, dataset=ship.dataset)
    Terminal.objects.bulk_create([row], ignore_conflicts=True)
    terminal = Terminal.objects.select_for_update().get(kind=kind, number=ship.mmsi)
    if terminal.conveyance_id == ship.id:
        return  # another process was first
    is_first = terminal.conveyance_id is None and not terminal.fittings.exists()
    since = min(ship.created_at, now) if is_first else now  # two clocks: the database's may be ahead of ours
    if terminal.conveyance_id is not None:
        fitting.take_off(ACTOR, terminal_id=terminal.pk, until=now, now=now)
    fitting.fit(ACTOR, terminal_id=terminal.pk, conveyance_id=ship.id, since=since, now=now)


@transaction.atomic
def enrol_foreign(mmsis: Iterable[str]) -> Mapping[str, int]:
    """Enter vessels that are not ours, up to FOREIGN_MAX; return their terminals."""
    wanted, kind = sorted(set(mmsis)), TerminalKind.AIS.value
    known = _terminals(wanted)
    if missing := [each for each in wanted if each not in known]:
        room = max(0, FOREIGN_MAX - Terminal.objects.filter(kind=kind, conveyance=None).count())
        rows = [Terminal(kind=kind, number=each) for each in missing[:room]]
        Terminal.objects.bulk_create(rows, ignore_conflicts=True)
        known = _terminals(wanted)
    return {number: pk for number, (pk, state) in known.items() if state == TerminalState.ACTIVE.value}


def _terminals(numbers: list[str]) -> dict[str, tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(TERMINALS_SQL, [numbers])
        return {number: (pk, state) for number, pk, state in cursor.fetchall()}


@transaction.atomic
def note_static(introductions: Iterable[Introduction], *, roster: Roster) -> None:
    """Keep what our vessels say of themselves, and fill in what nobody typed."""
    for each in introductions:
        conveyance_id = roster.vessels.get(each.mmsi) or roster.by_imo.get(each.static.imo or "")
        if conveyance_id is None:
            continue
        row = Conveyance.objects.select_for_update().filter(pk=conveyance_id).first()
        if row is not None:
            _keep(row, each.static, at=each.at)


def _keep(row: Conveyance, static: Static, *, at: datetime) -> None:
    known = VesselTold.objects.filter(pk=row.pk).first()
    if known is not None and at < known.told_at:
        return
    told = known or VesselTold(conveyance=row, told_at=at, dataset=row.dataset)
    told.name, told.call_sign = static.name or told.name, static.call_sign or told.call_sign
    told.imo, told.destination = static.imo or told.imo, static.destination or told.destination
    for fact in FACTS:
        value = getattr(static, fact)
        setattr(told, fact, getattr(told, fact) if value is None else value)
    if static.eta:
        told.eta_at = vessel.arrival(
            month=static.eta.month, day=static.eta.day, hour=static.eta.hour, minute=static.eta.minute, told_at=at
        )
    told.told_at = at
    told.save()
    _fill_in(row, static)


def _fill_in(row: Conveyance, static: Static) -> None:
    """Take over what no person has typed; what differs from what one typed is shown to him instead."""
    filled: dict[str, str] = {}
    if static.name and not row.name and not row.name_en:
        filled["name_en"] = static.name
    if static.call_sign and not row.call_sign:
        filled["call_sign"] = static.call_sign
    others = Conveyance.objects.exclude(pk=row.pk)
    if static.imo and not row.imo and is_imo(static.imo) and not others.filter(imo=static.imo).exists():
        filled["imo"] = static.imo
    if not row.mmsi and not others.filter(mmsi=static.mmsi).exists():
        filled["mmsi"] = static.mmsi
    if not filled:
        return
    Conveyance.objects.filter(pk=row.pk).update(**filled)
    accounts.record_audit(
        ACTOR, verb="conveyance.told", target=f"conveyance:{row.pk}", changed=dict(filled), dataset=row.dataset
    )

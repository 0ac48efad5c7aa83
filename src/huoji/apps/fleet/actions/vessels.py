"""Our vessels as AIS knows them: which MMSI is whose, and what a vessel says of itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from django.db import transaction
from django.db.models import Q

from huoji.apps.accounts import actions as accounts
from huoji.apps.fleet.actions import fitting
from huoji.apps.fleet.models import Conveyance, Terminal, VesselTold
from huoji.core import vessel
from huoji.core.conveyance import is_imo
from huoji.core.fleet import ConveyanceKind, TerminalKind, TerminalState
from huoji.core.permission import system
from huoji.wire.ais import Static

FOREIGN_MAX = 50_000  # vessels that are not ours and are kept when the settings say so
ACTOR = system("ais")
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


@transaction.atomic
def muster(*, now: datetime, mmsis: Iterable[str] | None = None, imos: Iterable[str] = ()) -> Roster:
    """Return the roster as of now, or that part of it that bears one of these numbers.

    Each of our vessels has a terminal of its MMSI, made and fitted when it is missing.
    """
    rows = Conveyance.objects.filter(kind=ConveyanceKind.VESSEL.value, active=True)
    if mmsis is not None:
        rows = rows.filter(Q(mmsi__in=list(mmsis)) | Q(imo__in=[each for each in imos if each]))
    ships = list(rows.values_list("pk", "mmsi", "imo", "created_at", "dataset"))
    ours = {mmsi: (pk, created_at, dataset) for pk, mmsi, _, created_at, dataset in ships if mmsi}
    known = _terminals(ours)
    if missing := sorted(ours.keys() - known.keys()):
        Terminal.objects.bulk_create(
            [Terminal(kind=TerminalKind.AIS.value, number=mmsi, dataset=ours[mmsi][2]) for mmsi in missing],
            ignore_conflicts=True,
        )
        known = _terminals(ours)
    for mmsi, (pk, created_at, _) in sorted(ours.items()):
        _fit(known[mmsi], pk, created_at=created_at, now=now)
    return Roster(
        terminals={row.number: row.pk for row in known.values() if row.state == TerminalState.ACTIVE.value},
        vessels={mmsi: pk for mmsi, (pk, _, _) in ours.items()},
        by_imo={imo: pk for pk, mmsi, imo, _, _ in ships if imo and not mmsi},
    )


def _terminals(numbers: Iterable[str]) -> dict[str, Terminal]:
    rows = Terminal.objects.filter(kind=TerminalKind.AIS.value, number__in=list(numbers))
    return {row.number: row for row in rows}


def _fit(terminal: Terminal, conveyance_id: int, *, created_at: datetime, now: datetime) -> None:
    """Fit a terminal to the vessel that bears its MMSI; a person who gave the MMSI to another vessel moved the device too."""
    if terminal.conveyance_id == conveyance_id:
        return
    is_first = terminal.conveyance_id is None and not terminal.fittings.exists()
    since = min(created_at, now) if is_first else now  # two clocks: the database's may be ahead of ours
    if terminal.conveyance_id is not None:
        fitting.take_off(ACTOR, terminal_id=terminal.pk, until=now, now=now)
    fitting.fit(ACTOR, terminal_id=terminal.pk, conveyance_id=conveyance_id, since=since, now=now)


@transaction.atomic
def enrol_foreign(mmsis: Iterable[str]) -> Mapping[str, int]:
    """Enter vessels that are not ours, up to FOREIGN_MAX; return their terminals."""
    wanted = sorted(set(mmsis))
    kind = TerminalKind.AIS.value
    missing = [each for each in wanted if each not in _terminals(wanted)]
    room = FOREIGN_MAX - Terminal.objects.filter(kind=kind, conveyance=None).count() if missing else 0
    Terminal.objects.bulk_create(
        [Terminal(kind=kind, number=each) for each in missing[: max(0, room)]], ignore_conflicts=True
    )
    return {row.number: row.pk for row in _terminals(wanted).values() if row.state == TerminalState.ACTIVE.value}


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

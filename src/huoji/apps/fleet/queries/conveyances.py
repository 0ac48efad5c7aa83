"""Read vehicles and vessels: lists with where each was last, and one with what is fitted to it and where it goes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from huoji.apps.fleet.models import Conveyance, Fitting, LastPosition
from huoji.core import conveyance as rules
from huoji.core.conveyance import Doubt
from huoji.core.fleet import ConveyanceKind, TerminalKind
from huoji.core.freshness import Freshness, freshness
from huoji.core.geo import MICRO
from huoji.core.permission import Actor, Permission
from huoji.kit.paging import page
from huoji.kit.problem import Problem

FITTINGS_MAX = 100
ORDER = ("kind", "plate", "name", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """Where something was last, WGS-84 degrees and km/h."""

    at: datetime
    recorded_at: datetime
    lat: float
    lon: float
    speed_kmh: float | None
    course: int | None
    site_id: int | None
    freshness: Freshness


@dataclass(frozen=True, slots=True, kw_only=True)
class ConveyanceLine:
    """A vehicle or vessel as lists show it."""

    id: int
    kind: ConveyanceKind
    plate: str
    plate_colour: int | None
    name: str
    name_en: str
    imo: str
    mmsi: str
    call_sign: str
    active: bool
    last: LastSeen | None
    freshness: Freshness

    @property
    def number(self) -> str:
        """By what people call it: the plate, or the vessel's name."""
        return self.plate or self.name or self.name_en or self.imo or self.mmsi

    def doubts(self) -> list[Doubt]:
        return rules.doubts(plate=self.plate, imo=self.imo, mmsi=self.mmsi)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConveyancePage:
    """One page of conveyances and the cursor of the page after it."""

    rows: list[ConveyanceLine]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingLine:
    """A terminal on a conveyance over a span."""

    terminal_id: int
    terminal_kind: TerminalKind
    terminal_number: str
    conveyance_id: int
    conveyance: str
    since: datetime
    until: datetime | None


def visible_to(actor: Actor) -> QuerySet[Conveyance]:
    """Return the conveyances an actor may see: all of them for who sees the fleet."""
    rows = Conveyance.objects.all()
    return rows if actor.may(Permission.FLEET_VIEW) else rows.none()


def seen(row: LastPosition, *, kind: ConveyanceKind, now: datetime) -> LastSeen:
    """Return a last position as people read it; a speed below zero is not known."""
    return LastSeen(
        at=row.at,
        recorded_at=row.recorded_at,
        lat=row.lat / MICRO,
        lon=row.lon / MICRO,
        speed_kmh=row.speed / 10 if row.speed >= 0 else None,
        course=row.course,
        site_id=row.site_id,
        freshness=freshness(row.at, now=now, kind=kind),
    )


def line_of(row: Conveyance, last: LastPosition | None, *, now: datetime) -> ConveyanceLine:
    """Return a row as lists show it."""
    kind = ConveyanceKind(row.kind)
    position = seen(last, kind=kind, now=now) if last else None
    return ConveyanceLine(
        id=row.pk,
        kind=kind,
        plate=row.plate,
        plate_colour=row.plate_colour,
        name=row.name,
        name_en=row.name_en,
        imo=row.imo,
        mmsi=row.mmsi,
        call_sign=row.call_sign,
        active=row.active,
        last=position,
        freshness=position.freshness if position else Freshness.NEVER,
    )


def last_of(ids: Iterable[int]) -> Mapping[int, LastPosition]:
    """Return the newest last position of each conveyance, whichever of its terminals told it."""
    rows = LastPosition.objects.filter(conveyance_id__in=list(ids)).order_by("at").defer("memory")
    return {row.conveyance_id: row for row in rows if row.conveyance_id is not None}


def lines(rows: Sequence[Conveyance], *, now: datetime) -> list[ConveyanceLine]:
    last = last_of(row.pk for row in rows)
    return [line_of(row, last.get(row.pk), now=now) for row in rows]


def listed(
    actor: Actor, *, text: str, kind: ConveyanceKind | None, retired: bool, cursor: str, limit: int, now: datetime
) -> ConveyancePage:
    """Return one page of conveyances, found by plate, name, IMO number, MMSI or call sign."""
    rows = visible_to(actor).filter(active=not retired)
    if kind:
        rows = rows.filter(kind=kind.value)
    if text:
        wanted = text.strip()
        rows = rows.filter(
            Q(plate__contains=rules.plate(wanted) or wanted)
            | Q(name__icontains=wanted)
            | Q(name_en__icontains=wanted)
            | Q(imo=rules.digits(wanted))
            | Q(mmsi=rules.digits(wanted))
            | Q(call_sign__iexact=wanted)
        )
    found = page(rows, of=f"conveyances:{text}:{kind}:{retired}", order=ORDER, cursor=cursor, limit=limit)
    return ConveyancePage(rows=lines(found.rows, now=now), next=found.next)


def get(actor: Actor, *, conveyance_id: int) -> Conveyance:
    """Return a conveyance that the actor may see, or raise `not_found`."""
    row = visible_to(actor).filter(pk=conveyance_id).first()
    if row is None:
        raise Problem("not_found", 404)
    return row


def line(actor: Actor, *, conveyance_id: int, now: datetime) -> ConveyanceLine:
    """Return one conveyance as lists show it."""
    return lines([get(actor, conveyance_id=conveyance_id)], now=now)[0]


def find(actor: Actor, *, text: str) -> int | None:
    """Return the conveyance that exactly this plate, IMO number, MMSI or name means."""
    number = rules.digits(text)
    same = Q(plate=rules.plate(text), plate__gt="") | Q(imo=number, imo__gt="") | Q(mmsi=number, mmsi__gt="")
    rows = visible_to(actor).filter(active=True)
    by_number = rows.filter(same).values_list("pk", flat=True)[:1]
    by_name = rows.filter(Q(name=text.strip()) | Q(name_en__iexact=text.strip())).values_list("pk", flat=True)[:2]
    found = list(by_number) or list(by_name)
    return found[0] if len(found) == 1 else None


def fittings(*, conveyance_id: int | None = None, terminal_id: int | None = None) -> list[FittingLine]:
    """Return what is and was fitted to a conveyance, or where a terminal is and was; newest first."""
    rows = Fitting.objects.select_related("terminal", "conveyance").order_by("-since", "-pk")
    if conveyance_id is not None:
        rows = rows.filter(conveyance_id=conveyance_id)
    if terminal_id is not None:
        rows = rows.filter(terminal_id=terminal_id)
    return [
        FittingLine(
            terminal_id=row.terminal_id,
            terminal_kind=TerminalKind(row.terminal.kind),
            terminal_number=row.terminal.number,
            conveyance_id=row.conveyance_id,
            conveyance=row.conveyance.plate or row.conveyance.name or row.conveyance.imo or row.conveyance.mmsi,
            since=row.since,
            until=row.until,
        )
        for row in rows[:FITTINGS_MAX]
    ]

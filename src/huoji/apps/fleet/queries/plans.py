"""Runs as they are planned and worked with: which conveyance a number names, which run is whose, and the list for dispatchers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Upper

from huoji.apps.fleet.models import Alarm, Conveyance, Run, RunStop
from huoji.apps.places import queries as places
from huoji.core.alarm import OFFLINE
from huoji.core.conveyance import digits, plate
from huoji.core.fleet import ConveyanceKind, RunState
from huoji.core.place import Place
from huoji.core.run import Named
from huoji.kit import paging

REGISTERED_MAX = 100  # conveyances that were registered a moment ago; an import of more is found by their next load
ALIKE_MAX = 2  # conveyances of one name: two are ambiguous, and none is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class ConveyanceRow:
    """A vehicle or vessel, as runs name it."""

    id: int
    kind: ConveyanceKind
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    """One stop of a run: planned, true and expected."""

    seq: int
    site_id: int
    site: Place | None
    planned_arrives_at: datetime | None
    planned_departs_at: datetime | None
    arrived_at: datetime | None
    departed_at: datetime | None
    passed: bool
    eta_early_at: datetime | None
    eta_at: datetime | None
    eta_late_at: datetime | None
    eta_made_at: datetime | None
    confidence: float | None
    reason: Mapping[str, Any]
    risk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A trip or voyage as it is planned and as it goes; the path in WGS-84 micro-degrees."""

    unit_id: int
    number: str
    conveyance: ConveyanceRow
    state: RunState
    starts_at: datetime
    ends_at: datetime | None
    corridor_m: int
    off_route_since: datetime | None
    path: list[list[int]]
    stops: tuple[StopRow, ...]

    @property
    def ahead(self) -> list[StopRow]:
        """The stops that it has not left yet, nor passed unseen."""
        return [stop for stop in self.stops if stop.departed_at is None and not stop.passed]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """One page of runs and the cursor of the page after it (empty at the end)."""

    rows: list[RunRow]
    next: str


def count_under_way(*, most: int) -> int:
    """Return how many runs are under way, counted up to one more than `most`."""
    return paging.count(Run.objects.filter(state=RunState.UNDER_WAY.value), most=most)


def conveyances_named(refs: Collection[Named]) -> dict[Named, ConveyanceRow]:
    """Return, for each plate, IMO number or vessel's name, the one conveyance in use that it means."""
    plates = {plate(ref.plate) for ref in refs if ref.plate}
    imos = {ref.imo for ref in refs if ref.imo}
    names = {ref.name.upper() for ref in refs if ref.name}
    known = Q(kind=ConveyanceKind.VEHICLE.value, plate__in=plates) | Q(imo__in=imos)
    rows = Conveyance.objects.filter(active=True)
    if names:
        rows = rows.annotate(upper=Upper("name"), upper_en=Upper("name_en"))
        known |= Q(kind=ConveyanceKind.VESSEL.value) & (Q(upper__in=names) | Q(upper_en__in=names))
    found: dict[Named, list[Conveyance]] = {}
    for row in rows.filter(known).order_by("pk") if plates or imos or names else ():
        is_vehicle = row.kind == ConveyanceKind.VEHICLE.value
        keys = {Named(plate=row.plate) if is_vehicle else None, Named(imo=row.imo)}
        keys |= set() if is_vehicle else {Named(name=row.name.upper()), Named(name=row.name_en.upper())}
        for key in keys - {None, Named()}:
            assert key is not None
            found.setdefault(key, []).append(row)
    meant = {ref: found.get(_spelt(ref), []) for ref in refs}
    return {ref: _conveyance(rows[0]) for ref, rows in meant.items() if len(rows) == 1}


def _spelt(ref: Named) -> Named:
    """Return the reference as it is looked up: a plate goes before an IMO number, and that before a name."""
    if ref.plate:
        return Named(plate=plate(ref.plate))
    return Named(imo=ref.imo) if ref.imo else Named(name=ref.name.upper())


def registered_since(at: datetime) -> list[str]:
    """Return what the numbers of trips and voyages begin with of conveyances registered since then, at most REGISTERED_MAX."""
    rows = Conveyance.objects.filter(created_at__gte=at, active=True).order_by("-id")[:REGISTERED_MAX]
    found: list[str] = []
    for row in rows:
        found += [
            text for text in (row.plate, row.imo and f"IMO{row.imo}", row.imo, row.name, row.name_en.upper()) if text
        ]
    return found


def conveyance_of(text: str) -> ConveyanceRow | None:
    """Return the one conveyance that a plate, IMO, MMSI or name means, as somebody typed it."""
    text = text.strip()
    known = Q(name__iexact=text) | Q(name_en__iexact=text)
    for field, value in (("plate", plate(text)), ("imo", digits(text)), ("mmsi", digits(text))):
        known |= Q(**{field: value}) if value else Q()
    found = list(Conveyance.objects.filter(known, active=True)[:ALIKE_MAX]) if text else []
    return _conveyance(found[0]) if len(found) == 1 else None


def _conveyance(row: Conveyance) -> ConveyanceRow:
    return ConveyanceRow(
        id=row.pk, kind=ConveyanceKind(row.kind), label=row.plate or row.name or row.name_en or row.imo or row.mmsi
    )


def labels_of(conveyance_ids: Collection[int]) -> dict[int, str]:
    """Return what people call these vehicles and vessels."""
    rows = Conveyance.objects.filter(pk__in=list(conveyance_ids)) if conveyance_ids else ()
    return {row.pk: _conveyance(row).label for row in rows}


def dataset_of(conveyance_id: int) -> str | None:
    """Return the dataset that a conveyance belongs to, empty for the carrier's own; None when there is no such conveyance."""
    return Conveyance.objects.filter(pk=conveyance_id).values_list("dataset", flat=True).first()


def runs_of(unit_ids: Collection[int]) -> dict[int, RunRow]:
    """Return the runs of these units."""
    rows = Run.objects.filter(pk__in=list(unit_ids)).select_related("conveyance").prefetch_related("stops")
    return {row.pk: _run(row) for row in rows}


def known_of(unit_ids: Collection[int]) -> set[int]:
    """Return which of these units have a run."""
    return set(Run.objects.filter(pk__in=list(unit_ids)).values_list("unit_id", flat=True))


def not_over_of(unit_ids: Collection[int]) -> list[int]:
    """Return which of these units have a run that is planned or under way."""
    rows = Run.objects.filter(pk__in=list(unit_ids)).exclude(state=RunState.ENDED.value)
    return list(rows.order_by("unit_id").values_list("unit_id", flat=True))


def under_way_of(conveyance_id: int) -> RunRow | None:
    """Return the run that a conveyance is on."""
    row = Run.objects.filter(conveyance_id=conveyance_id, state=RunState.UNDER_WAY.value).first()
    return runs_of([row.pk]).get(row.pk) if row else None


def conveyance_on(unit_ids: Collection[int]) -> int | None:
    """Return the conveyance whose run under way one of these units is."""
    rows = Run.objects.filter(unit_id__in=list(unit_ids), state=RunState.UNDER_WAY.value)
    return rows.values_list("conveyance_id", flat=True).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A conveyance whose terminal went silent, on which run, and when it was heard again."""

    conveyance_id: int
    run_id: int | None
    since: datetime
    heard_at: datetime | None


def silences(terminal_ids: Collection[int]) -> list[Silence]:
    """Return the last silence of each of these terminals that is fitted to a conveyance."""
    rows = Alarm.objects.filter(terminal_id__in=list(terminal_ids), kind=OFFLINE, conveyance_id__isnull=False)
    last = {row.terminal_id: row for row in rows.order_by("id")}
    conveyances = {row.conveyance_id for row in last.values() if row.conveyance_id is not None}
    runs = Run.objects.filter(conveyance_id__in=conveyances, state=RunState.UNDER_WAY.value)
    run_of = dict(runs.values_list("conveyance_id", "unit_id"))
    return [
        Silence(
            conveyance_id=row.conveyance_id, run_id=run_of.get(row.conveyance_id), since=row.opened_at,
            heard_at=row.cleared_at,
        )
        for row in last.values()
        if row.conveyance_id is not None
    ]  # fmt: skip


def run_page(*, state: RunState | None, cursor: str, limit: int) -> RunPage:
    """Return one page of runs, the latest to start first."""
    rows = Run.objects.select_related("conveyance").prefetch_related("stops")
    if state is not None:
        rows = rows.filter(state=state.value)
    found = paging.page(rows, of=f"runs:{state}", order=("-starts_at", "-unit_id"), cursor=cursor, limit=limit)
    return RunPage(rows=[_run(row) for row in found.rows], next=found.next)


def _run(row: Run) -> RunRow:
    stops, atlas = sorted(row.stops.all(), key=lambda stop: stop.seq), places.places()
    return RunRow(
        unit_id=row.pk, number=row.number, conveyance=_conveyance(row.conveyance), state=RunState(row.state),
        starts_at=row.starts_at, ends_at=row.ends_at, corridor_m=row.corridor_m, off_route_since=row.off_route_since,
        path=row.path, stops=tuple(_stop(stop, atlas.get(stop.site_id)) for stop in stops),
    )  # fmt: skip


def _stop(row: RunStop, site: Place | None) -> StopRow:
    plain = {name: getattr(row, name) for name in StopRow.__slots__ if name not in {"site", "reason"}}
    return StopRow(site=site, reason=row.eta_reason, **plain)

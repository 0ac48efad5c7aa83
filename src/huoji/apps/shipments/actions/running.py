"""Trips and voyages become runs of the fleet: planned by a dispatcher, or recognised by their number when cargo is loaded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.actions import require
from huoji.apps.fleet.actions import runs
from huoji.apps.fleet.queries import plans
from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import units
from huoji.apps.shipments.models import Custody, Unit
from huoji.apps.shipments.queries.scope import visible_to
from huoji.core.custody import FOREVER
from huoji.core.fleet import RunState
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission, Scope, system
from huoji.core.run import RunDraft, StopDraft, named
from huoji.kit.problem import Problem, declare

KINDS = ("trip", "voyage")
NUMBER_MAX = 160
LEGS_READ_MAX = 200  # of the waybills aboard, from which the stops of a recognised run are read
STARTS_EARLY = timedelta(hours=2)
HISTORY_AFTER = timedelta(days=60)  # loaded longer ago and never unloaded: nobody scanned it, it is history
REGISTERED_WITHIN = timedelta(minutes=5)
RECOGNISED_MAX = 200

declare("unknown_conveyance", status=422, title=_("没有登记这个运输工具，或名称不唯一"))
declare("unknown_stop", status=422, title=_("没有这个站点"))
declare("unknown_run", status=404, title=_("没有这个车次或航次的运行计划"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTold:
    """One stop as somebody tells it: a site by code or name."""

    place: str
    arrives_at: datetime | None = None
    departs_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTold:
    """A run as somebody tells it: its number, its conveyance by plate, IMO, MMSI or name, its stops, its path in degrees."""

    kind: str
    number: str
    conveyance: str
    starts_at: datetime
    stops: tuple[StopTold, ...] = ()
    path: tuple[tuple[float, float], ...] = ()
    corridor_m: int = 0


def _may_run(actor: Actor) -> None:
    require(actor, Permission.FLEET_MANAGE)
    if actor.scope is not Scope.ALL:
        raise Problem("forbidden", 403)


@transaction.atomic
def plan(actor: Actor, told: RunTold) -> tuple[int, bool]:
    """Plan a run, or plan it anew; return its unit and whether it is new."""
    _may_run(actor)
    number = normalise(told.number)
    if told.kind not in KINDS or not number or len(number) > NUMBER_MAX:
        raise Problem("invalid_request", 422, _("请填写车次或航次号"))
    conveyance = plans.conveyance_of(told.conveyance)
    if conveyance is None:
        raise Problem("unknown_conveyance", 422, field="conveyance")
    made = units.make({(told.kind, number)}, owner=actor.principal, dataset=actor.dataset)
    unit_id = made[told.kind, number]
    draft = RunDraft(
        unit_id=unit_id, number=number, conveyance_id=conveyance.id, starts_at=told.starts_at,
        stops=tuple(_stop(stop) for stop in told.stops),
        path=tuple((round(lat * 1_000_000), round(lon * 1_000_000)) for lat, lon in told.path),
        corridor_m=told.corridor_m, dataset=actor.dataset,
    )  # fmt: skip
    return unit_id, runs.put_run(actor, draft)


def _stop(told: StopTold) -> StopDraft:
    site_id = places.resolve(told.place)
    if site_id is None:
        raise Problem("unknown_stop", 422, field="stops", place=told.place)
    return StopDraft(site_id=site_id, arrives_at=told.arrives_at, departs_at=told.departs_at)


def start(actor: Actor, *, kind: str, number: str, now: datetime) -> int:
    """Let a planned run begin now; refused while its conveyance is on another."""
    _may_run(actor)
    unit_id = _unit_of(actor, kind, number)
    runs.start_run(actor, unit_id, at=now)
    return unit_id


def end(actor: Actor, *, kind: str, number: str, now: datetime) -> int:
    """End a run now: from here on its conveyance says nothing of this cargo."""
    _may_run(actor)
    unit_id = _unit_of(actor, kind, number)
    runs.end_run(actor, unit_id, at=now)
    return unit_id


def _unit_of(actor: Actor, kind: str, number: str) -> int:
    row = visible_to(actor).filter(kind=kind, number=normalise(number)).first() if kind in KINDS else None
    if row is None or row.pk not in plans.known_of([row.pk]):
        raise Problem("unknown_run", 404)
    return row.pk


def recognise(unit_ids: Collection[int], *, now: datetime) -> list[int]:
    """Make runs of the trips and voyages whose number names a conveyance that is known; return them.

    Its stops are those of the planned legs of what it carries. A trip that cargo is loaded into ends the one before it.
    """
    known = plans.known_of(unit_ids)
    rows = Unit.objects.filter(id__in=[each for each in unit_ids if each not in known], kind__in=KINDS)
    refs = {unit: named(unit.kind, unit.number) for unit in rows.order_by("id")}
    conveyances = plans.conveyances_named(set(refs.values()))
    units_ours = {unit.pk: unit for unit, ref in refs.items() if ref in conveyances}
    loaded, stops_of = _first_loads(units_ours), _stops_of(units_ours)
    made = []
    for unit_id, unit in units_ours.items():
        stops = stops_of.get(unit_id, ())
        starts_at = _starts_at(loaded.get(unit_id), stops, now=now)
        if starts_at is None:
            continue
        draft = RunDraft(
            unit_id=unit_id, number=unit.number, conveyance_id=conveyances[refs[unit]].id, starts_at=starts_at,
            stops=stops, dataset=unit.dataset,
        )  # fmt: skip
        runs.put_run(system("recogniser"), draft)
        made.append(unit_id)
    return made


def _first_loads(unit_ids: Collection[int]) -> dict[int, int]:
    """Return when the first of what is still aboard was loaded (epoch seconds)."""
    rows = Custody.objects.filter(holder_id__in=list(unit_ids), until=FOREVER).order_by().values("holder_id")
    return dict(rows.annotate(first=Min("since")).values_list("holder_id", "first"))


def _starts_at(loaded: int | None, stops: Sequence[StopDraft], *, now: datetime) -> datetime | None:
    """Return when a recognised run begins: with its first load that is still aboard, or by plan; None for history."""
    if loaded is not None and loaded > (now - HISTORY_AFTER).timestamp():
        return datetime.fromtimestamp(loaded, UTC)
    planned = [at for stop in stops for at in (stop.departs_at, stop.arrives_at) if at is not None]
    return min(planned) if planned and max(planned) > now else None


def recognise_registered(*, now: datetime) -> None:
    """Make runs of what is under way in vehicles and vessels that were registered only just now."""
    prefixes = plans.registered_since(now - REGISTERED_WITHIN)
    if not prefixes:
        return
    named_so = Q()
    for prefix in prefixes:
        named_so |= Q(number__startswith=f"{prefix}/")
    loaded = Custody.objects.filter(until=FOREVER).values("holder_id")
    rows = Unit.objects.filter(named_so, kind__in=KINDS, voided_at=None, id__in=loaded)
    begin(recognise(list(rows.order_by("-id").values_list("id", flat=True)[:RECOGNISED_MAX]), now=now), now=now)


_LEGS = """
SELECT c.id, l.from_id, l.to_id, l.departs_at, l.arrives_at FROM unnest(%s::bigint[]) AS c (id) CROSS JOIN LATERAL (
    SELECT from_id, to_id, departs_at, arrives_at FROM leg
    WHERE carrier_unit_id = c.id AND from_id IS NOT NULL AND to_id IS NOT NULL ORDER BY departs_at LIMIT %s
) l
"""


def _stops_of(unit_ids: Collection[int]) -> dict[int, tuple[StopDraft, ...]]:
    """Read the stops from the legs of the waybills that these units are to carry: each site once, in the order of times."""
    with connection.cursor() as cursor:
        cursor.execute(_LEGS, [sorted(unit_ids), LEGS_READ_MAX])
        legs = cursor.fetchall() if unit_ids else []
    arrives: dict[int, dict[int, datetime | None]] = {}
    departs: dict[int, dict[int, datetime | None]] = {}
    for unit_id, from_id, to_id, departs_at, arrives_at in legs:
        departs.setdefault(unit_id, {}).setdefault(from_id, departs_at)
        arrives.setdefault(unit_id, {}).setdefault(to_id, arrives_at)
    return {unit_id: _in_order(arrives[unit_id], departs[unit_id]) for unit_id in arrives}


def _in_order(arrives: Mapping[int, datetime | None], departs: Mapping[int, datetime | None]) -> tuple[StopDraft, ...]:
    sites = {site: departs.get(site) or arrives.get(site) for site in (*departs, *arrives)}
    in_order = [site for _, site in sorted((at, site) for site, at in sites.items() if at is not None)]
    return _consistent(
        tuple(StopDraft(site_id=site, arrives_at=arrives.get(site), departs_at=departs.get(site)) for site in in_order)
    )


def _consistent(stops: tuple[StopDraft, ...]) -> tuple[StopDraft, ...]:
    """Leave out times that run backwards: plans of different customers need not agree."""
    last: datetime | None = None
    kept: list[StopDraft] = []
    for stop in stops:
        arrives = stop.arrives_at if stop.arrives_at and (last is None or stop.arrives_at >= last) else None
        last = arrives or last
        departs = stop.departs_at if stop.departs_at and (last is None or stop.departs_at >= last) else None
        last = departs or last
        kept.append(StopDraft(site_id=stop.site_id, arrives_at=arrives, departs_at=departs))
    return tuple(kept)


def begin(unit_ids: Sequence[int], *, now: datetime) -> None:
    """Let recognised runs begin whose time has come; what their vehicle was on before is over."""
    for unit_id, row in plans.runs_of(unit_ids).items():
        if row.state is RunState.PLANNED and row.starts_at <= now + STARTS_EARLY:
            runs.start_run(system("recogniser"), unit_id, at=now, ends_other=True)


def keep_time(*, now: datetime) -> None:
    """Begin what is due, and find what newly registered vehicles are on."""
    recognise_registered(now=now)
    runs.start_due(system("runs"), now=now)


def forget(*, now: datetime) -> None:
    """Let go runs that are older than events are kept."""
    runs.forget(before=now - timedelta(days=settings.HUOJI.keep_events_days))

"""Runs: plan one, let it begin and end, note where it truly was, and keep what is expected of its stops."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.actions import record_audit
from huoji.apps.fleet.models import Conveyance, Run, RunStop
from huoji.apps.places import queries as places
from huoji.core import run as rules
from huoji.core.fleet import RunState
from huoji.core.permission import Actor
from huoji.core.run import Rival, RunDraft, RunRefusedError
from huoji.kit import outbox
from huoji.kit.problem import Problem, declare

STARTS_MAX = 200  # of one tick
CHANGED = "run.changed"

for _code, _status, _title in (
    ("run_ended", 409, _("该车次已结束，不能再改计划")),
    ("vehicle_changed", 409, _("车次已在途，不能更换运输工具；请先结束本车次，再为接运车辆新建车次")),
    ("conveyance_busy", 409, _("该运输工具还有在途车次，请先结束它")),
    ("too_many_stops", 422, _("站点太多")),
    ("too_many_points", 422, _("路线的点太多")),
    ("not_on_earth", 422, _("路线里有不存在的坐标")),
    ("invalid_corridor", 422, _("走廊宽度超出范围")),
    ("times_disorder", 422, _("站点时间前后颠倒")),
):
    declare(_code, status=_status, title=_title)

_STATUS = {"run_ended": 409, "vehicle_changed": 409}


def _refused(error: RunRefusedError) -> Problem:
    extra = {"field": error.field} if error.field else {}
    return Problem(error.code, _STATUS.get(error.code, 422), **extra)


@transaction.atomic
def put_run(actor: Actor, draft: RunDraft) -> bool:
    """Plan a run, or plan it anew while it is not over; tell whether it is new. The caller has checked the permission."""
    try:
        rules.check(draft)
        row = Run.objects.select_for_update().filter(pk=draft.unit_id).first()
        if row is not None:
            rules.may_replan(RunState(row.state), same_conveyance=row.conveyance_id == draft.conveyance_id)
    except RunRefusedError as error:
        raise _refused(error) from error
    atlas = places.places()
    sites = [atlas[stop.site_id] for stop in draft.stops if stop.site_id in atlas]
    route = rules.route(
        draft, [(site.lat, site.lon) for site in sites if site.lat is not None and site.lon is not None]
    )
    is_new = row is None
    row = row or Run(pk=draft.unit_id, dataset=draft.dataset)
    row.number, row.conveyance = draft.number, Conveyance.objects.get(pk=draft.conveyance_id)
    row.starts_at, row.path, row.corridor_m = draft.starts_at, [list(point) for point in route.path], route.corridor_m
    row.save(force_insert=is_new)
    _put_stops(row, draft)
    Run.objects.filter(pk=row.pk).update(forecast_due_at=Now())
    if actor.is_staff:
        record_audit(
            actor, verb="run.plan", target=f"run:{draft.number}", dataset=row.dataset,
            changed={"conveyance": draft.conveyance_id, "stops": len(draft.stops), "new": is_new},
        )  # fmt: skip
    outbox.publish(CHANGED, [row.pk])
    return is_new


def _put_stops(row: Run, draft: RunDraft) -> None:
    """Put the stops in order; where the sites are the same as before, what was seen at them stays."""
    known = {stop.seq: stop for stop in row.stops.all()}
    for seq, told in enumerate(draft.stops, start=1):
        stop = known.pop(seq, None)
        if stop is not None and stop.site_id != told.site_id:
            stop.delete()
            stop = None
        stop = stop or RunStop(run=row, seq=seq, site_id=told.site_id, dataset=row.dataset)
        stop.planned_arrives_at, stop.planned_departs_at = told.arrives_at, told.departs_at
        stop.save()
    RunStop.objects.filter(pk__in=[stop.pk for stop in known.values()]).delete()


@transaction.atomic
def start_run(actor: Actor, unit_id: int, *, at: datetime, ends_other: bool = False) -> bool:
    """Let a planned run begin; tell whether it did so now.

    A conveyance is on one run at a time: another that is under way ends if it is over in all but name or `ends_other`;
    else this is refused with its number.
    """
    row = Run.objects.select_for_update().get(pk=unit_id)
    if row.state != RunState.PLANNED.value:
        return False
    Conveyance.objects.select_for_update().get(
        pk=row.conveyance_id
    )  # two runs of one vehicle begin one after the other
    other = (
        Run.objects.select_for_update().filter(conveyance_id=row.conveyance_id, state=RunState.UNDER_WAY.value).first()
    )
    if other is not None:
        if not (ends_other or rules.gives_way(_rival(other), now=at)):
            raise Problem("conveyance_busy", 409, run=other.number)
        _end(actor, other, at=at)
    row.state, row.starts_at, row.forecast_due_at = RunState.UNDER_WAY.value, min(row.starts_at, at), at
    row.save(update_fields=["state", "starts_at", "forecast_due_at"])
    outbox.publish(CHANGED, [row.pk])
    return True


def _rival(row: Run) -> Rival:
    last = row.stops.order_by("-seq").first()
    planned = row.stops.aggregate(end=Max("planned_arrives_at"))["end"]
    return Rival(
        unit_id=row.pk, has_arrived=last is not None and last.arrived_at is not None, planned_end=planned,
        starts_at=row.starts_at,
    )  # fmt: skip


@transaction.atomic
def end_run(actor: Actor, unit_id: int, *, at: datetime) -> bool:
    """End a run; tell whether it was still to end."""
    row = Run.objects.select_for_update().get(pk=unit_id)
    if row.state == RunState.ENDED.value:
        return False
    _end(actor, row, at=at)
    return True


def _end(actor: Actor, row: Run, *, at: datetime) -> None:
    row.state, row.ends_at, row.off_route_since = RunState.ENDED.value, max(at, row.starts_at), None
    row.save(update_fields=["state", "ends_at", "off_route_since"])
    if actor.is_staff:
        record_audit(actor, verb="run.end", target=f"run:{row.number}", dataset=row.dataset)
    outbox.publish("run.ended", [row.pk])


def start_due(actor: Actor, *, now: datetime) -> list[int]:
    """Begin the runs whose time has come and whose conveyance is free; return them."""
    due = Run.objects.filter(state=RunState.PLANNED.value, starts_at__lte=now).order_by("starts_at", "unit_id")
    begun = []
    for unit_id in list(due.values_list("unit_id", flat=True)[:STARTS_MAX]):
        try:
            if start_run(actor, unit_id, at=now):
                begun.append(unit_id)
        except Problem:
            continue  # its vehicle is still on the run before; the next tick asks again
    return begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A stop that was reached or left; `is_last` tells that the run has come to its end."""

    seq: int
    site_id: int
    is_last: bool


@transaction.atomic
def note_visit(unit_id: int, *, site_id: int, at: datetime, has_arrived: bool) -> Visited | None:
    """Note that a run arrived at, or left, a site; return the stop, or None when it is none of its stops or known already."""
    row = Run.objects.select_for_update().filter(pk=unit_id).first()
    if row is None:
        return None
    stops = list(row.stops.order_by("seq"))
    for stop in stops:
        if stop.site_id != site_id:
            continue
        if stop.departed_at is not None:
            if at <= stop.departed_at:
                return None  # told before, or overtaken: it belongs to this stop, not to a later one at the same site
            continue
        if has_arrived and stop.arrived_at is None:
            stop.arrived_at = at
        elif not has_arrived and (stop.arrived_at is None or at >= stop.arrived_at):
            stop.departed_at = at
        else:
            return None
        _pass(stops, stop)
        row.forecast_due_at = at
        row.save(update_fields=["forecast_due_at"])
        outbox.publish(CHANGED, [row.pk])
        return Visited(seq=stop.seq, site_id=site_id, is_last=stop is stops[-1])
    return None


def _pass(stops: Sequence[RunStop], visited: RunStop) -> None:
    """Let every stop before one that was reached or left lie behind; when it was passed unseen, nobody knows."""
    number = stops.index(visited)
    visited.passed = any(later.arrived_at or later.departed_at for later in stops[number + 1 :])
    visited.save(update_fields=["arrived_at", "departed_at", "passed"])
    RunStop.objects.filter(pk__in=[stop.pk for stop in stops[:number]]).update(passed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of one stop: an interval with its reason, or nothing where nobody can tell."""

    run_id: int
    seq: int
    early_at: datetime | None
    at: datetime | None
    late_at: datetime | None
    confidence: float | None
    risk: str
    reason: Mapping[str, Any] = field(default_factory=dict)


_PUT_EXPECTED = """
UPDATE run_stop s SET eta_early_at = n.early_at, eta_at = n.at, eta_late_at = n.late_at, eta_made_at = %s,
    confidence = n.confidence, risk = n.risk, eta_reason = n.reason
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::text[],
    %s::jsonb[]) AS n (run_id, seq, early_at, at, late_at, confidence, risk, reason)
WHERE s.run_id = n.run_id AND s.seq = n.seq AND s.arrived_at IS NULL AND (s.eta_made_at IS NULL OR s.eta_made_at <= %s)
"""


def put_expected(expected: Sequence[Expected], *, made_at: datetime) -> None:
    """Keep what is expected of the stops ahead of many runs; an older estimate never replaces a newer."""
    names = ("run_id", "seq", "early_at", "at", "late_at", "confidence", "risk")
    columns: list[list[Any]] = [[getattr(each, name) for each in expected] for name in names]
    columns.append([json.dumps(each.reason) for each in expected])
    with connection.cursor() as cursor:
        cursor.execute(_PUT_EXPECTED, [made_at, *columns, made_at])


def forget(*, before: datetime) -> int:
    """Let go the runs that ended before a moment, as retention asks; return how many rows went."""
    return Run.objects.filter(state=RunState.ENDED.value, ends_at__lt=before).delete()[0]

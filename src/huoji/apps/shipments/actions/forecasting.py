"""From the estimate of a run to what is expected of each waybill it carries: one narrow row, a log of its states, and `delay` when it must be."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import transaction

from huoji.apps.fleet.actions import forecasting as fleet
from huoji.apps.fleet.actions.forecasting import Forecast
from huoji.apps.fleet.queries import forecasts
from huoji.apps.fleet.queries.forecasts import Ahead, RunAhead
from huoji.apps.shipments.actions import exceptions
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.models import Outlook, OutlookStep
from huoji.apps.shipments.queries import onward
from huoji.apps.shipments.queries.onward import Cargo
from huoji.core import eta, outlook
from huoji.core.eta import Estimate
from huoji.core.exception import ExceptionKind
from huoji.core.milestone import Mode
from huoji.core.permission import system
from huoji.core.sight import Risk
from huoji.kit import outbox

CARGO_MAX = 20_000  # waybills of one vessel
CHUNK = 500
TICK_S_MAX = 12
SOURCE = "outlook"
CHANGED = "outlook.changed"
LEFT_AFTER = timedelta(minutes=15)  # an outlook not renewed for so long belongs to cargo that no run carries now
LEFT_MAX = 500


def tick(*, now: datetime) -> int:
    """Estimate the runs that are due and what they carry, for TICK_S_MAX at most; return how many waybills that were."""
    started, done = time.monotonic(), 0
    while run_ids := forecasts.due(now=now, limit=fleet.RUNS_MAX):
        for run_id, forecast in fleet.forecast(run_ids, now=now).items():
            done += _of_run(run_id, forecast, now=now)
        if time.monotonic() - started > TICK_S_MAX:
            break  # the longest due come first, so none waits for ever
    return done


def _of_run(run_id: int, forecast: Forecast, *, now: datetime) -> int:
    done = 0
    aboard = onward.aboard(run_id, limit=CARGO_MAX)
    estimates: dict[tuple[object, ...], Estimate | None] = {}
    for start in range(0, len(aboard), CHUNK):
        cargo = onward.cargo_of(aboard[start : start + CHUNK])
        made = []
        for each in cargo:
            legs = _legs(each, forecast.run)
            if legs not in estimates:
                estimates[legs] = _estimate(forecast.run, legs, forecast.known, now=now)
            made.append(
                _Made(cargo=each, told=estimates[legs], percent=_percent(each, forecast.run, legs), run_id=run_id)
            )
        _keep(made, now=now)
        done += len(made)
    return done


def _legs(cargo: Cargo, run: RunAhead) -> tuple[Ahead, ...]:
    """Return the legs that are still ahead of a waybill: of the run as far as it rides, then its own; none when the end is not known."""
    ride = list(run.ahead)
    own = cargo.legs_after(run.run_id)
    unload = cargo.unload_site(run.run_id)
    if unload is not None:
        upto = next((number for number, leg in enumerate(ride) if leg.site_id == unload), None)
        ride = ride[: upto + 1] if upto is not None else ride
    legs = (*ride, *own)
    end = legs[-1].site_id if legs else None
    return legs if own or cargo.ends_at(end) else ()


def _estimate(run: RunAhead, legs: Sequence[Ahead], known: Mapping[str, bytes], *, now: datetime) -> Estimate | None:
    if not legs or len(legs) > eta.LEGS_MAX:
        return None
    missing = forecasts.keys_of(legs) - known.keys()
    known = {**known, **forecasts.learnt(missing)} if missing else known
    return eta.estimate(forecasts.facts(run, legs, known), now=int(now.timestamp()))


def _percent(cargo: Cargo, run: RunAhead, legs: Sequence[Ahead]) -> int | None:
    """Return the part of the whole route that is done: the legs before, and the run as far as it has come."""
    before = cargo.metres_before(run.run_id)
    ahead = sum(leg.distance_m for leg in legs)
    if not legs or not ahead:
        return None
    first = legs[0]
    into = max(0, first.distance_m - run.left_m) if run.left_m >= 0 and run.departed else 0
    whole_before = before + max(0, run.done_m - into)
    return outlook.percent(done_m=whole_before + into, whole_m=whole_before + ahead)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What was estimated of one waybill."""

    cargo: Cargo
    told: Estimate | None
    percent: int | None
    run_id: int | None


@transaction.atomic
def _keep(made: Sequence[_Made], *, now: datetime) -> None:
    """Rewrite the outlooks; log and tell what has turned, and open or clear `delay` with it."""
    if not made:
        return
    known = {row.pk: row for row in Outlook.objects.select_for_update().filter(pk__in=[m.cargo.unit_id for m in made]).order_by("pk")}  # fmt: skip
    rows, steps, told, late, timely = [], [], [], [], []
    for each in sorted(made, key=lambda one: one.cargo.unit_id):
        before = known.get(each.cargo.unit_id)
        row, step = _judged(each, before, now=now)
        rows.append(row)
        is_first = before is None or before.state != row.state
        if step.risk == Risk.HIGH.value and is_first:
            late.append(_delay(step))
        if before is not None and before.risk == Risk.HIGH.value and row.risk != Risk.HIGH.value:
            timely.append(row.pk)
        if is_first:
            steps.append(step)
        if is_first or outlook.is_news(
            _epoch(before.likely_at if before else None), _epoch(row.likely_at), now=_epoch(now)
        ):
            told.append(row.pk)
    Outlook.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["unit_id"],
        update_fields=[field.attname for field in Outlook._meta.concrete_fields if not field.primary_key],  # noqa: SLF001  Django's public way to name columns
    )  # fmt: skip
    OutlookStep.objects.bulk_create(steps)
    actor = system(SOURCE)
    exceptions.open_all(actor, late, now=now)
    if timely:
        exceptions.clear_of(actor, ExceptionKind.DELAY, at=now, now=now, unit_ids=timely, source=SOURCE)
    if told:
        outbox.publish(CHANGED, told)


def _judged(each: _Made, before: Outlook | None, *, now: datetime) -> tuple[Outlook, OutlookStep]:
    interval = each.told.final.interval if each.told else None
    because = each.told.because if each.told else (eta.Because(code=eta.ReasonCode.UNKNOWN),)
    cargo = each.cargo
    judged = outlook.judge(
        outlook.unpack(bytes(before.memory) if before else b""), interval, because, promise=cargo.promise, line=cargo.line,
        now=_epoch(now),
    )  # fmt: skip
    reasons = [[reason.code, reason.value] for reason in judged.reasons]
    turned = before is None or before.state != judged.state.value
    row = Outlook(
        unit_id=cargo.unit_id, early_at=_at(interval.early if interval else 0), likely_at=_at(interval.likely if interval else 0),
        late_at=_at(interval.late if interval else 0), planned_at=_at(cargo.promise), made_at=now,
        confidence=each.told.confidence.value if each.told and interval else eta.Confidence.NONE.value,
        risk=judged.risk.value, state=judged.state.value, state_since=now if turned or before is None else before.state_since,
        percent=each.percent, reasons=reasons, memory=outlook.pack(judged.memory), run_id=each.run_id,
    )  # fmt: skip
    step = OutlookStep(
        unit_id=cargo.unit_id, at=now, state=row.state, risk=row.risk, late_min=judged.late_s // 60, reasons=reasons,
        rule=outlook.RULE, run_id=each.run_id,
    )  # fmt: skip
    return row, step


def _delay(step: OutlookStep) -> Opening:
    return Opening(
        kind=ExceptionKind.DELAY, at=step.at, source=SOURCE, unit_id=step.unit_id, facts={"late_min": step.late_min}
    )  # fmt: skip


def _epoch(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


def _at(at: int) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


NOWHERE = RunAhead(
    run_id=0, mode=Mode.UNKNOWN, ahead=(), departed=0, came=0, left_m=-1, seen=0, standing_s=0, off_route_m=0, done_m=0,
    length_m=0, offset_min=480,
)  # fmt: skip


def tick_left(*, now: datetime) -> int:
    """Estimate what no run carries any more: from the plan of its remaining legs, or forget it when its way is over."""
    old = Outlook.objects.filter(made_at__lt=now - LEFT_AFTER).order_by("made_at")
    ids = list(old.values_list("unit_id", flat=True)[:LEFT_MAX])
    cargo = onward.cargo_of(ids)
    waiting = [each for each in cargo if not each.is_over]
    over = set(ids) - {each.unit_id for each in waiting}
    for unit_ids in (sorted(over),) if over else ():
        exceptions.clear_of(system(SOURCE), ExceptionKind.DELAY, at=now, now=now, unit_ids=unit_ids, source=SOURCE)
        Outlook.objects.filter(pk__in=unit_ids).delete()
    made = []
    for each in waiting:
        legs = each.legs_ahead()
        run = replace(NOWHERE, came=each.last_at)
        told = _estimate(run, legs, {}, now=now)
        made.append(_Made(cargo=each, told=told, percent=each.percent_between(legs), run_id=None))
    _keep(made, now=now)
    return len(made)

"""Estimate the arrivals of runs under way, keep them with their stops, and learn from every leg that ends."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from huoji.apps.fleet.actions import passing
from huoji.apps.fleet.actions.runs import Expected, put_expected
from huoji.apps.fleet.models import Learnt, Position, Run, RunStop, Terminal
from huoji.apps.fleet.queries import forecasts
from huoji.apps.fleet.queries.forecasts import RunAhead, epoch, levels_key, pace_key
from huoji.apps.places import queries as places
from huoji.core import eta, risk
from huoji.core.eta import Estimate
from huoji.core.eta_history import DayPace, Halt, Halts, History, Interval, Levels, Past, past_leg
from huoji.core.fleet import ConveyanceKind
from huoji.core.geo import MICRO
from huoji.core.milestone import Mode
from huoji.core.place import offset_min
from huoji.core.risk import RiskState
from huoji.kit.apart import AGAIN

EVERY = timedelta(minutes=5)  # a run is estimated afresh, besides at each arrival and departure
RUNS_MAX = 200  # of one tick
PROGRESS_MAX = 400  # positions of a leg that are looked at to learn its pace
CONFIDENCES = {"none": 0.0, "low": 0.3, "medium": 0.6, "high": 0.9}
LEVELS = ("none", "low", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A run with its estimate, and what was known when it was made."""

    run: RunAhead
    estimate: Estimate
    known: Mapping[str, bytes]


def forecast(run_ids: Collection[int], *, now: datetime) -> dict[int, Forecast]:
    """Estimate these runs, keep the result with their stops, and return it for who carries on from there."""
    passing.note(run_ids)
    ahead = forecasts.runs_ahead(run_ids, now=now)
    known = forecasts.learnt(key for run in ahead.values() for key in forecasts.keys_of(run.ahead))
    at = int(now.timestamp())
    found = {
        run_id: Forecast(run=run, estimate=eta.estimate(forecasts.facts(run, run.ahead, known), now=at), known=known)
        for run_id, run in ahead.items()
    }
    before = {
        (run_id, seq): reason
        for run_id, seq, reason in RunStop.objects.filter(run_id__in=ahead).values_list("run_id", "seq", "eta_reason")
    }
    put_expected([row for each in found.values() for row in _expected(each, before, now=at)], made_at=now)
    Run.objects.filter(pk__in=list(run_ids)).update(forecast_due_at=now + EVERY)
    return found


def put_off(run_ids: Collection[int], *, now: datetime) -> None:
    """Estimate these later: now it fails."""
    Run.objects.filter(pk__in=run_ids).update(forecast_due_at=now + AGAIN)


def _expected(
    forecast: Forecast, before: Mapping[tuple[int, int], Mapping[str, Any]], *, now: int
) -> Iterator[Expected]:
    run, made = forecast.run, forecast.estimate
    because = [[reason.code.value, reason.value] for reason in made.because]
    for number, (leg, told) in enumerate(zip(run.ahead, made.stops, strict=True)):
        kept = before.get((run.run_id, leg.seq), {})
        state = _stepped(kept, told.interval, promise=told.planned, now=now)
        reason: dict[str, Any] = {"because": because, "risk": msgspec.to_builtins(state)}
        first = kept.get("first")
        if number == 0 and run.departed and told.interval:
            first = first or [told.interval.early, told.interval.likely, told.interval.late]
        yield Expected(
            run_id=run.run_id, seq=leg.seq, early_at=_at(told.interval.early if told.interval else 0),
            at=_at(told.interval.likely if told.interval else 0),
            late_at=_at(told.interval.late if told.interval else 0), confidence=CONFIDENCES[made.confidence.value],
            risk=LEVELS[state.level] if told.planned else "", reason={**reason, **({"first": first} if first else {})},
        )  # fmt: skip


def _stepped(before: Mapping[str, Any], told: Interval | None, *, promise: int, now: int) -> RiskState:
    kept = before.get("risk")
    state = msgspec.convert(kept, RiskState) if kept else risk.NEW
    return risk.step(state, told, promise=promise, now=now) if promise else state


def _at(at: int) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


@transaction.atomic
def learn_arrival(run_id: int, *, seq: int) -> bool:
    """Learn from the leg that ended at a stop; tell whether there was one with a known beginning."""
    row = Run.objects.select_related("conveyance").get(pk=run_id)
    stops = {stop.seq: stop for stop in row.stops.all()}
    before, stop = stops.get(seq - 1), stops.get(seq)
    if before is None or stop is None or before.departed_at is None or stop.arrived_at is None:
        return False
    mode, atlas = forecasts.MODES[ConveyanceKind(row.conveyance.kind)], places.places()
    sites = [atlas.get(before.site_id), atlas.get(stop.site_id)]
    path = forecasts.path_of(row)
    along = forecasts.along_path(path, sites)
    length_m = forecasts.straight_m(*sites)
    departed, arrived = epoch(before.departed_at), epoch(stop.arrived_at)
    progress = _progress(row, before.departed_at, stop.arrived_at, along)
    pace: DayPace = forecasts.unpacked(forecasts.learnt([pace_key(mode)]), pace_key(mode), DayPace)
    ahead_min = offset_min(sites[0], before.departed_at)  # the day has its pace by the clocks of where it left
    past = past_leg(
        planned=(epoch(before.planned_departs_at), epoch(stop.planned_arrives_at)), actual=(departed, arrived),
        progress=progress, factors=pace.factors(), offset_min=ahead_min,
    )  # fmt: skip
    if one := along[0]:
        length_m = round((along[1] or one) - one) or length_m
    for key in forecasts.lesson(*sites, mode=mode, length_m=length_m).legs:
        _learn(key, History, lambda known: known.learn(past), now=stop.arrived_at)
    _learn(
        pace_key(mode), DayPace,
        lambda known: known.learn(departed=departed, planned_s=past.planned_s, past=past, offset_min=ahead_min), now=stop.arrived_at,
    )  # fmt: skip
    _learn_levels(stop, mode, arrived)
    return True


def _learn_levels(stop: RunStop, mode: Mode, arrived: int) -> None:
    """Learn from the interval that was told when the leg began, whether it held."""
    first = stop.eta_reason.get("first")
    if first and stop.arrived_at:
        told = Interval(early=first[0], likely=first[1], late=first[2])
        _learn(levels_key(mode), Levels, lambda known: known.learn(told, actual=arrived), now=stop.arrived_at)


def _progress(row: Run, departed: datetime, arrived: datetime, along: list[float | None]) -> list[tuple[int, float]]:
    """Return when the conveyance was seen how far along the leg."""
    path, start, end = forecasts.path_of(row), along[0], along[1]
    if path is None or start is None or end is None or end <= start:
        return []
    terminals = Terminal.objects.filter(conveyance_id=row.conveyance_id).values("pk")
    points = Position.objects.filter(terminal_id__in=terminals, at__gte=departed, at__lte=arrived).order_by("at")
    seen = list(points.values_list("at", "lat", "lon"))
    thinned = seen[:: max(1, len(seen) // PROGRESS_MAX)]
    return [
        (epoch(at), (path.locate((lat / MICRO, lon / MICRO), between_m=(start, end)).along_m - start) / (end - start))
        for at, lat, lon in thinned
    ]


@transaction.atomic
def learn_departure(run_id: int, *, seq: int) -> bool:
    """Learn from a halt that ended; tell whether plan and times of it were known."""
    row = Run.objects.select_related("conveyance").get(pk=run_id)
    stop = row.stops.filter(seq=seq).first()
    if stop is None or not (
        stop.planned_arrives_at and stop.planned_departs_at and stop.arrived_at and stop.departed_at
    ):
        return False
    halt = Halt(
        at=epoch(stop.departed_at), planned_s=epoch(stop.planned_departs_at) - epoch(stop.planned_arrives_at),
        came_late_s=epoch(stop.arrived_at) - epoch(stop.planned_arrives_at),
        left_late_s=epoch(stop.departed_at) - epoch(stop.planned_departs_at),
    )  # fmt: skip
    site = places.places().get(stop.site_id)
    mode = forecasts.MODES[ConveyanceKind(row.conveyance.kind)]
    for key in forecasts.lesson(site, None, mode=mode, length_m=0).halts:
        _learn(key, Halts, lambda known: known.learn(halt), now=stop.departed_at)
    return True


def _learn(key: str, kind: type, step: Callable[[Any], Any], *, now: datetime) -> None:
    """Let what is known under a name take in one more outcome, one writer after the other."""
    Learnt.objects.get_or_create(key=key, defaults={"body": msgspec.msgpack.encode(kind()), "updated_at": now})
    row = Learnt.objects.select_for_update().get(pk=key)
    known = forecasts.unpacked({key: bytes(row.body)}, key, kind)
    row.body, row.updated_at = msgspec.msgpack.encode(step(known)), now
    row.save(update_fields=["body", "updated_at"])


_SAVE_LEARNT = """
UPDATE learnt l SET body = n.body, updated_at = %s FROM unnest(%s::text[], %s::bytea[]) AS n (key, body) WHERE l.key = n.key
"""


@transaction.atomic
def learn_all(lessons: Mapping[str, Sequence[Past | Halt]], *, now: datetime) -> None:
    """Let what is known under many names take in what ended, in a few statements whatever their number."""
    if not lessons:
        return
    keys = sorted(lessons)
    empty = {key: msgspec.msgpack.encode(_kind_of(lessons[key])()) for key in keys}
    Learnt.objects.bulk_create(
        [Learnt(key=key, body=body, updated_at=now) for key, body in empty.items()], ignore_conflicts=True
    )
    rows = Learnt.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    known = {key: bytes(body) for key, body in rows.values_list("key", "body")}
    bodies = []
    for key in keys:
        window = forecasts.unpacked(known, key, _kind_of(lessons[key]))
        told = set(window.halts if isinstance(window, Halts) else window.past)
        for lesson in lessons[key]:
            if lesson not in told:  # a lorry of a thousand parcels is one lesson, and so is one told again
                window, told = window.learn(lesson), told | {lesson}
        bodies.append(msgspec.msgpack.encode(window))
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_LEARNT, [now, keys, bodies])


def _kind_of(lessons: Sequence[Past | Halt]) -> type:
    return Halts if isinstance(lessons[0], Halt) else History

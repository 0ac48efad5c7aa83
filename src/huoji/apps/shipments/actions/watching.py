"""Sensors that watch cargo: set and end a watch, and follow what is measured; an excursion is an alarm and an exception.

What is told late is folded in by its time, from the readings that are stored: in which order they came changes nothing.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.fleet.actions import alarming
from huoji.apps.fleet.actions import readings as fleet
from huoji.apps.fleet.actions.alarming import FROM_RULE, Clear, Raise
from huoji.apps.fleet.queries import readings
from huoji.apps.shipments.actions import exceptions
from huoji.apps.shipments.actions.desk import FORMULA
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.models import Excursion, Watch
from huoji.apps.shipments.queries import scope, watches
from huoji.apps.shipments.queries.watches import WatchRow
from huoji.core import sensing
from huoji.core.exception import ExceptionKind
from huoji.core.fleet import UNITS, Metric
from huoji.core.permission import Actor, Permission, system
from huoji.core.sensing import Course, Limit, LimitRefusedError
from huoji.kit import outbox
from huoji.kit.problem import Problem, declare

WATCHED = (Metric.TEMPERATURE, Metric.HUMIDITY, Metric.PRESSURE, Metric.DOOR, Metric.SHOCK)
WATCHES_MAX = 20  # of one unit
BACK_MAX = timedelta(days=180)
ACTOR = system("sensor")
CHANGED = "watch.changed"
SECOND = timedelta(seconds=1)
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Course).decode

for _code, _title in (
    ("limit_missing", _("请填写下限或上限")),
    ("limit_crossed", _("下限须低于上限")),
    ("limit_margin", _("回差过大，数值永远不会算作恢复")),
    ("limit_span", _("允许时间须在 0 到 7 天之间")),
    ("too_many_watches", _("这个对象的监测项太多")),
    ("watch_span", _("开始时间不能早于 180 天前，结束须晚于开始")),
):
    declare(_code, status=422, title=_title)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchDraft:
    """What shall be watched, as it was typed: the sensor by its number, the limits in the unit of the metric."""

    unit_id: int
    sensor: str
    metric: Metric
    limit: Limit
    since: datetime
    until: datetime | None = None


@transaction.atomic
def set_watch(actor: Actor, draft: WatchDraft, *, now: datetime) -> int:
    """Let a sensor watch a unit; readings that are stored already count. A sensor that never spoke may be named ahead."""
    require(actor, Permission.SENSOR_MANAGE)
    unit = scope.visible_to(actor).filter(pk=draft.unit_id).first()
    if unit is None:
        raise Problem("not_found", 404)
    try:
        limit = sensing.check(draft.limit)
    except LimitRefusedError as error:
        raise _refusal(error.code) from error
    if draft.since < now - BACK_MAX or (draft.until is not None and draft.until <= draft.since):
        raise _refusal("watch_span")
    if Watch.objects.filter(unit=unit).count() >= WATCHES_MAX:
        raise _refusal("too_many_watches")
    known = readings.sensor_named(draft.sensor)
    terminal_id = known.id if known else fleet.enrol(actor, [draft.sensor])[draft.sensor]
    row = Watch.objects.create(
        unit=unit, terminal_id=terminal_id, metric=draft.metric.value, low=limit.low, high=limit.high,
        allowed_s=limit.allowed_s, margin=limit.margin, gap_s=limit.gap_s, since=draft.since, until=draft.until,
        created_by=actor.principal, created_at=now, dataset=unit.dataset,
    )  # fmt: skip
    fleet.set_watched([terminal_id], watched=True)
    record_audit(
        actor, verb="watch.set", target=f"{unit.kind}:{unit.number}", dataset=unit.dataset,
        changed={"sensor": draft.sensor, "metric": draft.metric.value, "low": limit.low, "high": limit.high},
    )  # fmt: skip
    _follow(row, since=None, now=now)
    return row.pk


@transaction.atomic
def end_watch(actor: Actor, *, watch_id: int, now: datetime) -> None:
    """End a watch as of now; what it found stays, and what is open is over."""
    require(actor, Permission.SENSOR_MANAGE)
    row = Watch.objects.select_for_update().filter(pk=watch_id, unit__in=scope.visible_to(actor)).first()
    if row is None:
        raise Problem("not_found", 404)
    if row.until is not None and row.until <= now:
        return
    row.until = max(now, row.since + SECOND)
    row.save(update_fields=["until"])
    record_audit(
        actor,
        verb="watch.end",
        target=f"{row.unit.kind}:{row.unit.number}",
        changed={"watch": str(row.pk)},
        dataset=row.dataset,
    )
    if row.is_out:
        row.is_out = False
        row.save(update_fields=["is_out"])
        row.excursions.filter(ended_at=None).update(ended_at=now)
        _clear(row, at=now, now=now)
    if not Watch.objects.filter(terminal_id=row.terminal_id, until=None).exists():
        fleet.set_watched([row.terminal_id], watched=False)


def follow(terminal_ids: Sequence[int], since: Sequence[int], *, now: datetime) -> None:
    """Follow what these sensors measured anew, each since the time (epoch seconds) of its earliest new reading."""
    earliest = dict(zip(terminal_ids, since, strict=True))
    for watch_id in _concerned(earliest):
        with transaction.atomic():
            row = Watch.objects.select_for_update().select_related("unit").filter(pk=watch_id).first()
            if row is not None:
                _follow(row, since=earliest[row.terminal_id], now=now)


def _concerned(earliest: Mapping[int, int]) -> list[int]:
    rows = Watch.objects.filter(terminal_id__in=list(earliest)).order_by("pk").values_list("pk", "terminal_id", "until")
    return [pk for pk, terminal_id, until in rows if until is None or until.timestamp() > earliest[terminal_id]]


@transaction.atomic
def export(actor: Actor, row: WatchRow, *, zone: tzinfo, now: datetime) -> bytes:
    """Return the readings of a watch as CSV that spreadsheets read; who took them stays in the audit."""
    require(actor, Permission.EXPORT_RUN)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["time", row.metric.value, "unit", "side", "sensor"])
    samples = watches.series(row, now=now)
    sensor = row.sensor.number
    name = f"'{sensor}" if sensor.startswith(FORMULA) else sensor
    for each in samples:
        at = datetime.fromtimestamp(each.at, zone).isoformat()
        writer.writerow([at, each.value, row.measure, sensing.side_of(each.value, row.limit).value, name])
    record_audit(
        actor, verb="watch.export", target=f"{row.unit_kind}:{row.unit_number}",
        changed={"watch": str(row.id), "rows": len(samples)},
    )  # fmt: skip
    return "\ufeff".encode() + text.getvalue().encode()


def limit_of(row: Watch) -> Limit:
    return Limit(low=row.low, high=row.high, allowed_s=row.allowed_s, margin=row.margin, gap_s=row.gap_s)


def _follow(row: Watch, *, since: int | None, now: datetime) -> None:
    """Fold what is new; afresh when it lies before what is known."""
    before = _unpack(row.course) if row.course else sensing.NEW
    is_late = since is None or since <= before.last_at
    known = sensing.NEW if is_late else before
    begin = row.since if not known.count else datetime.fromtimestamp(known.last_at, UTC) + SECOND
    samples = readings.series(
        row.terminal_id, Metric(row.metric), since=begin, until=row.until or now + timedelta(days=1)
    )
    course = known
    for sample in _one_a_moment(samples):
        course = sensing.step(course, sample, limit_of(row))
    if course == before:
        return
    row.course, row.is_out = _pack(course), course.is_out and (row.until is None or row.until > now)
    row.save(update_fields=["course", "is_out"])
    _keep(row, course, was_out=before.is_out, now=now)
    outbox.publish(CHANGED, [row.unit_id])


def _one_a_moment(samples: Sequence[sensing.Sample]) -> list[sensing.Sample]:
    """Of several channels at one moment the highest counts."""
    by_time: dict[int, float] = {}
    for at, value in samples:
        by_time[at] = max(value, by_time.get(at, value))
    return [sensing.Sample(*each) for each in sorted(by_time.items())]


def _keep(row: Watch, course: Course, *, was_out: bool, now: datetime) -> None:
    """Bring excursions, alarm and exception in line with what the readings say now."""
    known = {(each.began_at, each.side): each for each in row.excursions.all()}
    told = {(_moment(each.began_at), each.side.value): each for each in course.excursions}
    for key in known.keys() - told.keys():
        known[key].delete()  # a late reading showed that it was none, or began earlier
    for key, each in told.items():
        values = {
            "opened_at": _moment(each.opened_at), "ended_at": _moment(each.ended_at) if each.ended_at else None,
            "outside_s": each.outside_s, "extreme": each.extreme, "extreme_at": _moment(each.extreme_at),
        }  # fmt: skip
        Excursion.objects.update_or_create(
            watch=row,
            began_at=key[0],
            side=key[1],
            defaults=values,
            create_defaults=values | {"unit_id": row.unit_id, "dataset": row.dataset},
        )
    new = [each for key, each in told.items() if key not in known]
    if row.is_out and course.current is not None:
        _open(row, course.current, now=now)
    elif new and not was_out:  # it came and went between two batches: it is told, and over
        _open(row, new[-1], now=now)
        _clear(row, at=_moment(new[-1].ended_at), now=now)
    elif was_out or known.keys() - told.keys():
        _clear(row, at=_moment(course.last_at), now=now)


def _open(row: Watch, each: sensing.Excursion, *, now: datetime) -> None:
    sensor = readings.sensors([row.terminal_id]).get(row.terminal_id)
    facts = {
        "sensor": sensor.number if sensor else "", "side": each.side.value, "limit_low": row.low, "limit_high": row.high,
        "worst": round(each.extreme, 2), "measure": UNITS[Metric(row.metric)], "minutes_outside": round(each.outside_s / 60),
    }  # fmt: skip
    facts = {name: value for name, value in facts.items() if value not in (None, "")}
    at = _moment(each.began_at)
    conveyance_id = sensor.conveyance_id if sensor else None
    alarming.turn(
        [
            Raise(
                terminal_id=row.terminal_id, conveyance_id=conveyance_id, kind=row.metric, source=FROM_RULE, at=at,
                facts=facts, dataset=row.dataset,
            )
        ],
        [],
    )  # fmt: skip
    opening = Opening(
        kind=ExceptionKind(row.metric), at=at, source="sensor", unit_id=row.unit_id, conveyance_id=conveyance_id,
        facts=facts, dataset=row.dataset,
    )  # fmt: skip
    exceptions.open_exception(ACTOR, opening, now=now)


def _clear(row: Watch, *, at: datetime, now: datetime) -> None:
    """Clear the alarm and the exception, unless another watch still finds the same wrong."""
    others = Watch.objects.filter(metric=row.metric, is_out=True).exclude(pk=row.pk)
    if not others.filter(terminal_id=row.terminal_id).exists():
        alarming.turn([], [Clear(terminal_id=row.terminal_id, kinds=(row.metric,), source=FROM_RULE, at=at)])
    if not others.filter(unit_id=row.unit_id).exists():
        exceptions.clear_of(
            ACTOR,
            ExceptionKind(row.metric),
            at=max(at, _latest_opening(row, at)),
            now=now,
            unit_ids=[row.unit_id],
            source="sensor",
        )


def _latest_opening(row: Watch, at: datetime) -> datetime:
    """Return a time at which the exception had begun, whatever beginning it was opened with."""
    began = row.excursions.order_by("-began_at").values_list("began_at", flat=True).first()
    return began or at


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _refusal(code: str) -> Problem:
    return Problem(code, 422)

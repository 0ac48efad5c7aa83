"""Watches as they are read: those of a unit and of what holds it, and one with its readings, its course and its excursions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from huoji.apps.fleet.queries import readings
from huoji.apps.fleet.queries.readings import Sensor
from huoji.apps.shipments.models import Custody, Unit, Watch
from huoji.apps.shipments.queries import scope
from huoji.apps.shipments.queries.facts import custody_of
from huoji.core import sensing
from huoji.core.custody import FOREVER, chain
from huoji.core.fleet import UNITS, Metric, TerminalKind
from huoji.core.permission import Actor
from huoji.core.sensing import Course, Excursion, Limit, Sample

OF_UNIT_MAX = 20
STALE = timedelta(hours=2)
_unpack = msgspec.msgpack.Decoder(Course).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """One metric of one sensor on one unit, and what is known of it; `own` is False for a watch of what holds the unit asked for."""

    id: int
    unit_id: int
    unit_kind: str
    unit_number: str
    unit_label: str
    own: bool
    sensor: Sensor
    metric: Metric
    limit: Limit
    since: datetime
    until: datetime | None
    course: Course
    is_out: bool
    is_over: bool
    is_stale: bool

    @property
    def measure(self) -> str:
        return UNITS[self.metric]

    @property
    def last_at(self) -> datetime | None:
        return datetime.fromtimestamp(self.course.last_at, UTC) if self.course.count else None

    @property
    def outside_min(self) -> int:
        return round((self.course.above_s + self.course.below_s) / 60)

    @property
    def excursions(self) -> tuple[Excursion, ...]:
        return self.course.excursions

    @property
    def allowed_min(self) -> int:
        return self.limit.allowed_s // 60


def of_unit(actor: Actor, unit_id: int, *, now: datetime) -> list[WatchRow]:
    """Return the watches of a unit and of what held it while it held it, its own first."""
    if not actor.is_staff:
        return []
    custody = custody_of([unit_id])
    spans: dict[int, list[tuple[int, int]]] = {}
    for hold in chain(unit_id, custody):
        spans.setdefault(hold.holder, []).append((hold.start, hold.end))
    rows = Watch.objects.select_related("unit").filter(unit_id__in=[unit_id, *spans]).order_by("pk")
    found = [row for row in rows if row.unit_id == unit_id or _meets(row, spans[row.unit_id])]
    found.sort(key=lambda row: (row.unit_id != unit_id, row.pk))
    return _rows(found[:OF_UNIT_MAX], unit_id, now=now)


def _meets(row: Watch, spans: Sequence[tuple[int, int]]) -> bool:
    since, until = row.since.timestamp(), row.until.timestamp() if row.until else FOREVER
    return any(since < end and until >= start for start, end in spans)


def watch_of(actor: Actor, watch_id: int, *, now: datetime) -> WatchRow | None:
    """Return one watch, if the actor may see its unit."""
    row = (
        Watch.objects.select_related("unit").filter(pk=watch_id, unit__in=scope.visible_to(actor)).first()
        if actor.is_staff
        else None
    )
    return _rows([row], row.unit_id, now=now)[0] if row else None


def containers_at_sea(dataset: str, *, limit: int) -> list[int]:
    """Return containers of a dataset that are aboard a vessel now and hold cargo."""
    aboard = Custody.objects.filter(
        until=FOREVER,
        unit_id__in=Unit.objects.filter(kind=Unit.Kind.CONTAINER, dataset=dataset).values("id"),
        holder_id__in=Unit.objects.filter(kind=Unit.Kind.VOYAGE).values("id"),
    ).values("unit_id")
    laden = Custody.objects.filter(until=FOREVER, holder_id__in=aboard).order_by("holder_id")
    return list(laden.values_list("holder_id", flat=True).distinct()[:limit])


def series(row: WatchRow, *, now: datetime) -> list[Sample]:
    """Return what was measured while it watched."""
    return readings.series(row.sensor.id, row.metric, since=row.since, until=row.until or now + timedelta(days=1))


def _rows(rows: Sequence[Watch], unit_id: int, *, now: datetime) -> list[WatchRow]:
    sensors = readings.sensors({row.terminal_id for row in rows})
    return [_row(row, unit_id, sensors.get(row.terminal_id), now=now) for row in rows]


def _row(row: Watch, unit_id: int, sensor: Sensor | None, *, now: datetime) -> WatchRow:
    course = _unpack(row.course) if row.course else sensing.NEW
    is_over = row.until is not None and row.until <= now
    gone = Sensor(id=row.terminal_id, kind=TerminalKind.SENSOR, number="?", conveyance_id=None)
    return WatchRow(
        id=row.pk, unit_id=row.unit_id, unit_kind=row.unit.kind, unit_number=row.unit.number, unit_label=row.unit.label or row.unit.number,
        own=row.unit_id == unit_id, sensor=sensor or gone, metric=Metric(row.metric),
        limit=Limit(low=row.low, high=row.high, allowed_s=row.allowed_s, margin=row.margin, gap_s=row.gap_s),
        since=row.since, until=row.until, course=course, is_out=row.is_out, is_over=is_over,
        is_stale=not is_over and (not course.count or now - datetime.fromtimestamp(course.last_at, UTC) > STALE),
    )  # fmt: skip

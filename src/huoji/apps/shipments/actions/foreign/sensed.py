"""What sensors of an EPCIS document measured becomes readings of the sensors that watch the things the events name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from huoji.apps.fleet.actions import readings
from huoji.apps.shipments.actions.foreign.telling import Telling
from huoji.apps.shipments.models import Watch
from huoji.core.fleet import Metric
from huoji.core.permission import system
from huoji.core.reading import DAY_S, Reading, ReadingRefusedError, take
from huoji.wire.epcis import Event

ACTOR = system("epcis")
# Measurement types of the GS1 web vocabulary; what is not here we do not measure.
METRICS: Mapping[str, Metric] = {
    "Temperature": Metric.TEMPERATURE,
    "RelativeHumidity": Metric.HUMIDITY,
    "Pressure": Metric.PRESSURE,
    "Illuminance": Metric.LIGHT,
}


def put(events: Sequence[Event], tellings: Sequence[Telling], *, source: str, now: datetime) -> int:
    """Store what was measured of things that are watched; return how many readings were new."""
    measured = [
        (event, told) for event, told in zip(events, tellings, strict=True) if event.sensors and not event.error
    ]
    names = {(each.target, each.number) for _, told in measured for each in told.reports}
    if not names:
        return 0
    watches: dict[tuple[str, str], list[Watch]] = {}
    rows = Watch.objects.select_related("unit").filter(unit__number__in={number for _, number in names})
    for row in rows.filter(Q(until=None) | Q(until__gt=now)):
        watches.setdefault((row.unit.kind, row.unit.number), []).append(row)
    told_of = [
        (row.terminal_id, reading)
        for event, told in measured
        for row in _watching(told, watches)
        for reading in _readings(event, now=now)
        if reading.metric.value == row.metric
    ]
    count = 0
    for start in range(0, len(told_of), readings.BATCH_MAX):
        count += sum(readings.store(ACTOR, told_of[start : start + readings.BATCH_MAX], source=source, now=now))
    return count


def _watching(told: Telling, watches: Mapping[tuple[str, str], list[Watch]]) -> Iterable[Watch]:
    rows = {row.pk: row for each in told.reports for row in watches.get((each.target, each.number), ())}
    return rows.values()


def _readings(event: Event, *, now: datetime) -> Iterator[Reading]:
    """Yield what can be taken; a type, unit or time that cannot stays in the event as it was told."""
    for element in event.sensors:
        for each in element.reports:
            metric = METRICS.get(each.type.rpartition(":")[2].rpartition("/")[2])
            value = next((v for v in (each.value, each.value_mean, each.value_max) if v is not None), None)
            at = each.time or element.time or element.end or event.event_time
            if metric is None or value is None:
                continue
            try:
                yield take(
                    metric, value, each.uom, at=int(at.timestamp()), channel=0, now=int(now.timestamp()),
                    kept_s=settings.HUOJI.keep_positions_days * DAY_S,
                )  # fmt: skip
            except ReadingRefusedError:
                continue

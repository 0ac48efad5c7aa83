"""What sensors measured, read by terminal, metric and span; one index range a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from huoji.apps.fleet.models import Reading, Terminal
from huoji.core.fleet import METRIC_CODE, METRICS, Metric, TerminalKind
from huoji.core.sensing import Sample

SERIES_MAX = 200_000  # readings of one series that are read at once: half a year at one a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A terminal that measures, as pages name it."""

    id: int
    kind: TerminalKind
    number: str
    conveyance_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The newest value of a metric of a terminal."""

    terminal_id: int
    metric: Metric
    at: datetime
    value: float


def series(terminal_id: int, metric: Metric, *, since: datetime, until: datetime) -> list[Sample]:
    """Return the readings of a half-open span in the order of time, all channels together."""
    rows = Reading.objects.filter(
        terminal_id=terminal_id, metric=METRIC_CODE[metric], at__gte=since, at__lt=until
    ).order_by("at", "channel")
    return [Sample(int(at.timestamp()), value) for at, value in rows.values_list("at", "value")[:SERIES_MAX]]


def latest(terminal_id: int, *, since: datetime) -> list[Latest]:
    """Return the newest value of each metric that the terminal measured since then."""
    found = []
    for metric in METRICS:
        row = (
            Reading.objects.filter(terminal_id=terminal_id, metric=METRIC_CODE[metric], at__gte=since)
            .order_by("-at")
            .values_list("at", "value")
            .first()
        )
        if row:
            found.append(Latest(terminal_id=terminal_id, metric=metric, at=row[0], value=row[1]))
    return found


def sensors(terminal_ids: Collection[int]) -> dict[int, Sensor]:
    rows = Terminal.objects.filter(pk__in=list(terminal_ids)).values_list("pk", "kind", "number", "conveyance_id")
    return {row[0]: Sensor(id=row[0], kind=TerminalKind(row[1]), number=row[2], conveyance_id=row[3]) for row in rows}


def sensor_named(
    number: str, kinds: Sequence[TerminalKind] = (TerminalKind.SENSOR, TerminalKind.JT808)
) -> Sensor | None:
    """Return the sensor of a number; one that only measures goes before a road terminal with a thermometer."""
    rows = Terminal.objects.filter(number=number, kind__in=[kind.value for kind in kinds])
    found = sorted(sensors(list(rows.values_list("pk", flat=True))).values(), key=lambda each: kinds.index(each.kind))
    return found[0] if found else None

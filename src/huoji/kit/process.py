"""The processes of the installation, as their heartbeats tell: who lives, who fell silent, and what all of them counted."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from huoji.kit.models import Heartbeat

ALIVE = timedelta(seconds=30)
STARTING = timedelta(seconds=60)
KEPT = timedelta(days=1)
RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process that beat within the last day."""

    instance: str
    kind: str
    started_at: datetime
    beat_at: datetime
    stopped: bool
    alive: bool


def processes(*, now: datetime) -> list[Process]:
    rows = Heartbeat.objects.exclude(kind=RETIRED).filter(beat_at__gt=now - KEPT).order_by("kind", "-started_at")
    return [
        Process(
            instance=row.instance,
            kind=row.kind,
            started_at=row.started_at,
            beat_at=row.beat_at,
            stopped=row.stopped_at is not None,
            alive=row.stopped_at is None and row.beat_at > now - ALIVE,
        )
        for row in rows
    ]


def missing_kinds(*, now: datetime) -> list[str]:
    """Return the kinds of which none lives although the last one never said goodbye; an installation that just starts may."""
    found = processes(now=now)
    oldest = min((row.started_at for row in found if row.alive), default=None)
    if oldest is not None and now - oldest < STARTING:
        return []
    alive = {row.kind for row in found if row.alive}
    last = {row.kind: row for row in sorted(found, key=lambda row: row.beat_at)}
    return sorted(kind for kind, row in last.items() if kind not in alive and not row.stopped)


def totals(*, now: datetime) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return all counters ever counted and the gauges of the living, added up by name."""
    counters: defaultdict[str, float] = defaultdict(float)
    gauges: defaultdict[str, float] = defaultdict(float)
    for row in Heartbeat.objects.all():
        for name, value in row.counters.items():
            counters[name] += value
        if row.stopped_at is None and row.beat_at > now - ALIVE:
            for name, value in row.gauges.items():
                gauges[name] += value
    return counters, gauges


def retire(*, now: datetime) -> None:
    """Fold the counters of processes that are long gone into one row, so that no counter ever falls."""
    with transaction.atomic():
        gone = list(Heartbeat.objects.select_for_update().exclude(kind=RETIRED).filter(beat_at__lt=now - KEPT))
        if not gone:
            return
        total, _created = Heartbeat.objects.select_for_update().get_or_create(instance=RETIRED, kind=RETIRED)
        for row in gone:
            for name, value in row.counters.items():
                total.counters[name] = total.counters.get(name, 0) + value
        total.save(update_fields=["counters"])
        Heartbeat.objects.filter(instance__in=[row.instance for row in gone]).delete()

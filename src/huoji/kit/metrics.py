"""The installation's numbers in Prometheus' text format: what all processes counted, and what the tables say now."""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from huoji.kit import health, ingest, mark, outbox, process, set_aside

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LABEL_BREAKERS = re.compile(r'[\\"\n]')
Sample = tuple[str, float]


def render(*, now: datetime) -> str:
    """Return every sample, grouped by metric with its type."""
    counters, gauges = process.totals(now=now)
    samples = [*counters.items(), *gauges.items(), *state(now=now)]
    lines: list[str] = []
    last = ""
    for name, value in sorted(samples, key=lambda sample: (family(sample[0]), sample[0])):
        if family(name) != last:
            last = family(name)
            lines.append(f"# TYPE {last} {'counter' if last.endswith('_total') else 'gauge'}")
        lines.append(f"{name} {value:.15g}" if math.isfinite(value) else f"{name} +Inf")
    return "\n".join(lines) + "\n"


def family(name: str) -> str:
    return name.partition("{")[0]


def labelled(name: str, **labels: str) -> str:
    """Return the name with labels, quoted as Prometheus wants it."""
    inside = ",".join(f'{key}="{LABEL_BREAKERS.sub("_", value)}"' for key, value in labels.items())
    return f"{name}{{{inside}}}"


def state(*, now: datetime) -> Iterator[Sample]:
    backlog = outbox.backlog()
    yield "huoji_outbox_waiting", backlog.waiting
    yield "huoji_outbox_oldest_age_seconds", seconds_since(backlog.oldest_at, now=now)
    yield "huoji_outbox_dead", backlog.dead
    yield "huoji_set_aside", set_aside.counts()[0]
    for status in ("todo", "doing", "failed"):
        yield labelled("huoji_jobs", status=status), ProcrastinateJob.objects.filter(status=status).count()
    for row in process.processes(now=now):
        if row.alive:
            yield labelled("huoji_process_up", kind=row.kind, instance=row.instance), 1
    for standing in health.standings(now=now):
        yield labelled("huoji_check_ok", check=standing.name), float(standing.state is not health.State.FAIL)
    for marked in (mark.last("backup"), mark.last("restore_verified")):
        if marked is not None and marked.ok:
            yield labelled("huoji_last_success_timestamp_seconds", what=marked.name), marked.at.timestamp()
    yield from sources(ingest.sources(now=now), now=now)
    yield "huoji_database_bytes", database_bytes()


def sources(found: Iterable[ingest.Source], *, now: datetime) -> Iterator[Sample]:
    for row in found:
        for result, amount in (
            ("accepted", row.accepted),
            ("duplicate", row.duplicates),
            ("rejected", row.rejected),
            ("skewed", row.skewed),
        ):
            yield labelled("huoji_ingest_day", source=row.name, result=result), amount
        yield labelled("huoji_ingest_last_seen_age_seconds", source=row.name), seconds_since(row.last_seen_at, now=now)
        for quantile, value in (("0.5", row.lag_p50_s), ("0.95", row.lag_p95_s)):
            if value is not None:
                yield labelled("huoji_ingest_lag_seconds", source=row.name, quantile=quantile), value


def seconds_since(moment: datetime | None, *, now: datetime) -> float:
    return max((now - moment) / timedelta(seconds=1), 0.0) if moment else 0.0


def database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        row = cursor.fetchone()
    return int(row[0]) if row else 0

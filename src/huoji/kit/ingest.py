"""How fresh the data is: what each source sent, what was refused, and how late it came, in five-minute slots."""

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from django.db import connection

from huoji.core.timeline import ANCIENT_BEFORE, FUTURE_TOLERANCE_S
from huoji.kit.models import IngestSlot

SLOT = timedelta(minutes=5)
KEEP = timedelta(days=8)
SOURCE_LENGTH_MAX = 64
PROBE = "huoji:web"  # not a source: whether pages were served, asked by the worker every half minute
PROBES_PER_SLOT = 10
LAG_TARGET_S = 60
REGULAR_SLOTS = 24  # who spoke in so many slots is expected to go on; one import of a file is not
# Upper bounds of the lag histogram in seconds; the last bucket has none.
LAG_BOUNDS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400, 259_200, 604_800)
FLUSH_SQL = """
INSERT INTO kit_ingest_slot AS slot
  (source, slot_at, accepted, duplicates, rejected, skewed, lag_counts, last_event_at, last_seen_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (source, slot_at) DO UPDATE SET
  accepted = slot.accepted + excluded.accepted,
  duplicates = slot.duplicates + excluded.duplicates,
  rejected = slot.rejected + excluded.rejected,
  skewed = slot.skewed + excluded.skewed,
  lag_counts = (SELECT array_agg(a + b ORDER BY i)
                FROM unnest(slot.lag_counts, excluded.lag_counts) WITH ORDINALITY AS t(a, b, i)),
  last_event_at = greatest(slot.last_event_at, excluded.last_event_at),
  last_seen_at = greatest(slot.last_seen_at, excluded.last_seen_at)
"""


@dataclass(slots=True)
class Tally:
    """What this process saw of one source in one slot and has not written yet."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    skewed: int = 0
    lag_counts: list[int] = field(default_factory=lambda: [0] * (len(LAG_BOUNDS_S) + 1))
    last_event_at: datetime | None = None
    last_seen_at: datetime | None = None


_tallies: dict[tuple[str, datetime], Tally] = {}
_lock = Lock()


def observe(
    source: str,
    *,
    now: datetime,
    occurred: Iterable[float] = (),
    accepted: int = 0,
    duplicates: int = 0,
    rejected: int = 0,
) -> None:
    """Count one batch of a source after its commit; memory only, written with the next heartbeat.

    `occurred` holds the time (seconds since 1970) of each accepted event that tells more than a day and came by itself;
    others (plans, day-precise times, imports of old files) only add to `accepted`. A time far ahead or before 2000 is a wrong clock, as in the timeline.
    """
    now_s = now.timestamp()
    with _lock:
        tally = _tallies.setdefault((source[:SOURCE_LENGTH_MAX], slot_of(now)), Tally())
        tally.accepted += accepted
        tally.duplicates += duplicates
        tally.rejected += rejected
        tally.last_seen_at = now
        latest_s = 0.0
        for at_s in occurred:
            tally.accepted += 1
            if at_s > now_s + FUTURE_TOLERANCE_S or at_s < ANCIENT_BEFORE:
                tally.skewed += 1
                continue
            tally.lag_counts[bisect.bisect_left(LAG_BOUNDS_S, now_s - at_s)] += 1
            latest_s = max(latest_s, min(at_s, now_s))
        if latest_s:
            tally.last_event_at = latest(tally.last_event_at, datetime.fromtimestamp(latest_s, UTC))


def slot_of(now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // SLOT.total_seconds() * SLOT.total_seconds(), UTC)


def flush() -> None:
    """Write what was counted; keep it for the next try when the database is away."""
    with _lock:
        taken = dict(_tallies)
        _tallies.clear()
    if not taken:
        return
    rows = [
        (source, slot_at, t.accepted, t.duplicates, t.rejected, t.skewed, t.lag_counts, t.last_event_at, t.last_seen_at)
        for (source, slot_at), t in sorted(taken.items())
    ]
    try:
        with connection.cursor() as cursor:
            cursor.executemany(FLUSH_SQL, rows)
    except Exception:
        with _lock:
            for key, tally in taken.items():
                _tallies[key] = merged(tally, _tallies.get(key))
        raise


def merged(one: Tally, other: Tally | None) -> Tally:
    if other is None:
        return one
    return Tally(
        accepted=one.accepted + other.accepted,
        duplicates=one.duplicates + other.duplicates,
        rejected=one.rejected + other.rejected,
        skewed=one.skewed + other.skewed,
        lag_counts=[a + b for a, b in zip(one.lag_counts, other.lag_counts, strict=True)],
        last_event_at=latest(one.last_event_at, other.last_event_at),
        last_seen_at=latest(one.last_seen_at, other.last_seen_at),
    )


def latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def quantile_s(lag_counts: Sequence[int], share: float) -> float | None:
    """Return the upper bound of the bucket that holds this share, in seconds; None without data, inf above the last."""
    total = sum(lag_counts)
    if not total:
        return None
    reached = 0
    for position, amount in enumerate(lag_counts):
        reached += amount
        if reached >= total * share:
            return float(LAG_BOUNDS_S[position]) if position < len(LAG_BOUNDS_S) else float("inf")
    return float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source on the health page: the last day's counts and the last hour's lag."""

    name: str
    accepted: int
    duplicates: int
    rejected: int
    skewed: int
    last_event_at: datetime | None
    last_seen_at: datetime
    lag_p50_s: float | None
    lag_p95_s: float | None
    regular: bool

    def is_silent(self, *, now: datetime, after: timedelta) -> bool:
        """Tell whether a source that used to speak has said nothing for so long."""
        return self.regular and now - self.last_seen_at > after


def sources(*, now: datetime) -> list[Source]:
    """Return every source that spoke in the time we keep, by name."""
    slots: dict[str, list[IngestSlot]] = {}
    known = IngestSlot.objects.filter(slot_at__gt=now - KEEP).exclude(source=PROBE)
    for slot in known.order_by("source", "slot_at"):
        slots.setdefault(slot.source, []).append(slot)
    return [_source(name, rows, now=now) for name, rows in slots.items()]


def _source(name: str, rows: Sequence[IngestSlot], *, now: datetime) -> Source:
    day = [row for row in rows if row.slot_at > now - timedelta(days=1)]
    hour = [row.lag_counts for row in rows if row.slot_at > now - timedelta(hours=1)]
    lag_counts = [sum(column) for column in zip(*hour, strict=True)]
    return Source(
        name=name,
        accepted=sum(row.accepted for row in day),
        duplicates=sum(row.duplicates for row in day),
        rejected=sum(row.rejected for row in day),
        skewed=sum(row.skewed for row in day),
        last_event_at=latest(*(row.last_event_at for row in rows)),
        last_seen_at=rows[-1].last_seen_at,
        lag_p50_s=quantile_s(lag_counts, 0.5),
        lag_p95_s=quantile_s(lag_counts, 0.95),
        regular=len(rows) >= REGULAR_SLOTS,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What we promise of ourselves over the last day: shares between 0 and 1, None without data."""

    availability: float | None
    lag_within_target: float | None


def service(*, now: datetime) -> Service:
    """Measure the last day: pages served (a probe that nobody made counts as down), and events that came in time."""
    day = list(IngestSlot.objects.filter(slot_at__gt=now - timedelta(days=1)))
    lags = [row.lag_counts for row in day if row.source != PROBE]
    lag_counts = [sum(column) for column in zip(*lags, strict=True)]
    within = sum(lag_counts[: LAG_BOUNDS_S.index(LAG_TARGET_S) + 1])
    return Service(
        availability=availability(now=now),
        lag_within_target=within / sum(lag_counts) if sum(lag_counts) else None,
    )


def availability(*, now: datetime) -> float | None:
    """Return the share of probes that found pages served, over the whole slots of the last day."""
    probes = IngestSlot.objects.filter(source=PROBE).order_by("slot_at")
    first = probes.first()
    if first is None:
        return None
    begin, end = max(first.slot_at + SLOT, slot_of(now - timedelta(days=1))), slot_of(now)
    expected = PROBES_PER_SLOT * ((end - begin) // SLOT)
    if expected <= 0:
        return None
    served = sum(row.accepted for row in probes.filter(slot_at__gte=begin, slot_at__lt=end))
    return min(1.0, served / expected)


def forget(*, now: datetime) -> None:
    """Remove slots that are older than we keep."""
    IngestSlot.objects.filter(slot_at__lt=now - KEEP).delete()

"""When a run was not heard: the spans between its positions that are too long, found by the database without reading the track."""

from datetime import datetime, timedelta

from django.db import connection

from huoji.apps.fleet.models import Fitting, Run
from huoji.core.fleet import ConveyanceKind
from huoji.core.journey import Gap
from huoji.core.track import DEFAULT_LIMITS

GAP_AFTER = {
    ConveyanceKind.VEHICLE: timedelta(seconds=DEFAULT_LIMITS.gap_s),
    ConveyanceKind.VESSEL: timedelta(hours=6),
}
SPAN_MAX = timedelta(days=90)
GAPS_MAX = 200

_GAPS = """
SELECT at, next_at FROM (
    SELECT at, lead(at) OVER (ORDER BY at) AS next_at FROM (
        SELECT %(since)s::timestamptz AS at UNION ALL SELECT %(until)s
        UNION ALL SELECT p.at FROM position p
        WHERE p.terminal_id = ANY(%(terminals)s) AND p.at > %(since)s AND p.at < %(until)s
    ) told
) pairs WHERE next_at - at > make_interval(secs => %(longer)s) ORDER BY at LIMIT %(most)s
"""


def gaps_of(unit_id: int, *, since: datetime, until: datetime | None, now: datetime) -> tuple[Gap, ...]:
    """Return the gaps of a run in a span, of at most SPAN_MAX; none when it is no run or has no terminal."""
    row = Run.objects.select_related("conveyance").filter(pk=unit_id).first()
    if row is None:
        return ()
    end = min(until or now, row.ends_at or now, now)
    since = max(since, end - SPAN_MAX)
    fitted = Fitting.objects.filter(conveyance_id=row.conveyance_id, since__lt=end)
    terminals = set(fitted.values_list("terminal_id", flat=True)) | set(
        row.conveyance.terminals.values_list("pk", flat=True)
    )
    if not terminals or since >= end:
        return ()
    longer = GAP_AFTER[ConveyanceKind(row.conveyance.kind)]
    with connection.cursor() as cursor:
        cursor.execute(
            _GAPS, {"since": since, "until": end, "terminals": list(terminals), "longer": longer.total_seconds(), "most": GAPS_MAX}
        )  # fmt: skip
        found = cursor.fetchall()
    lasts = until is None and row.ends_at is None
    return tuple(
        Gap(
            since=at,
            until=None if lasts and next_at == end else next_at,
            minutes=int((next_at - at).total_seconds()) // 60,
        )
        for at, next_at in found
    )

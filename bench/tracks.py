"""One day of one vehicle out of many millions of positions in daily partitions: how long it takes, and that one partition is read."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

VEHICLES, DAYS = 500, 10
BASE_ID = 900_000_000
GROW_SQL = """
INSERT INTO position (at, recorded_at, terminal_id, digest, alarm, status, lat, lon, speed, history, mileage, altitude, course, extra)
SELECT %(day)s + make_interval(secs => n * %(step)s), now(), %(base)s + v, hashint8extended(n * 1000 + v, 7) & 9223372036854775807,
  0, 786435, 30000000 + n * 50, 110000000 + v * 1000, 720, false, 1000000 + n, 12, 90, '\\x0302000a30011f31010e'
FROM generate_series(0, %(points)s - 1) AS n, generate_series(1, %(vehicles)s) AS v
ORDER BY n, v
"""


def grow(rows: int) -> float:
    """Fill the days up to yesterday with so many rows in the order in which they would come; return the seconds it took."""
    from django.db import connection, connections

    from huoji.apps.fleet.actions import partitions

    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - timedelta(days=back) for back in range(DAYS, 0, -1)]
    partitions.ensure_days([day.date() for day in days])
    points = rows // DAYS // VEHICLES
    started = time.perf_counter()
    for day in days:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM position WHERE terminal_id > %s AND at >= %s AND at < %s",
                [BASE_ID, day, day + timedelta(days=1)],
            )
            if cursor.fetchone() == (points * VEHICLES,):
                continue
            cursor.execute(
                GROW_SQL,
                {"day": day, "base": BASE_ID, "step": 86_400 // points, "points": points, "vehicles": VEHICLES},
            )
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE position_d{day:%Y%m%d}")
    return time.perf_counter() - started


def run(rows: int) -> dict[str, Any]:
    """Grow, then read whole days of vehicles at random, warm and in the order of a replay."""
    from django.db import connection

    from huoji.apps.fleet.models import Position

    grown_s = grow(rows)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    took, points = [], 0
    for turn in range(60):
        day = today - timedelta(days=1 + turn % DAYS)
        track = (
            Position.objects.filter(
                terminal_id=BASE_ID + 1 + turn * 37 % VEHICLES, at__gte=day, at__lt=day + timedelta(days=1)
            )
            .order_by("at")
            .values_list("at", "lat", "lon", "speed", "course", "status", "history")
        )
        started = time.perf_counter()
        points = len(list(track))
        took.append((time.perf_counter() - started) * 1000)
    took.sort()
    plan = track.explain(analyze=True, buffers=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'position'::regclass"
        )
        size = cursor.fetchone()[0]
    print("  " + plan.replace("\n", "\n  "))
    return {
        "rows": rows, "partitions": DAYS, "points_of_a_day": points, "p50_ms": took[len(took) // 2], "p99_ms": took[-1],
        "partitions_read": len(set(re.findall(r"position_d\d+", re.sub(r"_pkey", "", plan)))), "bytes_a_row": round(size / rows),
        "grown_s": round(grown_s),
    }  # fmt: skip

"""Days of positions and readings: made before they come, dropped when they have served their time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import connection, connections, transaction

from huoji.core.position import DAY_S
from huoji.kit.roles import OWNER

DAYS_BACK, DAYS_AHEAD = 2, 14
FILTERED_KEPT_DAYS = 7


def make_days() -> None:
    """Make the partitions around today that are missing."""
    today = datetime.now(UTC).date()
    _make(today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD))


def ensure_days(days: Iterable[date]) -> None:
    """Make the partitions of single days, such as those of points from a blind area.

    The caller has already refused what is older than we keep or further ahead than we believe.
    """
    for day in sorted(set(days)):
        _make(day, day)


@lru_cache(maxsize=2_048)
def ensure_day(number: int) -> None:
    """Make the partitions of one day, told in days since 1970, unless this process remembers them; `forget` what it remembers."""
    ensure_days([datetime.fromtimestamp(number * DAY_S, UTC).date()])


def forget() -> None:
    """Remember no day: one that was there has been dropped."""
    ensure_day.cache_clear()


def _make(first: date, last: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT huoji_make_days(%s, %s)", [first, last])


def drop_days(*, now: datetime) -> int:
    """Drop the days that are older than the settings keep them; return how many partitions went."""
    today = now.astimezone(UTC).date()
    kept = {
        "position": settings.HUOJI.keep_positions_days,
        "reading": settings.HUOJI.keep_positions_days,
        "position_filtered": FILTERED_KEPT_DAYS,
    }
    dropped = 0
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        for parent, days in kept.items():
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relname ~ %s",
                [f"^{parent}_d[0-9]{{8}}$"],
            )
            before = f"{parent}_d{today - timedelta(days=days):%Y%m%d}"
            for (name,) in cursor.fetchall():
                if name < before:
                    cursor.execute(f"DROP TABLE {name}")
                    dropped += 1
    return dropped

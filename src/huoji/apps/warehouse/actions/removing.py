"""What leaves the warehouse: goods that are long gone, and demonstration data without trace; run as the owner of the tables."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from huoji.kit import blob
from huoji.kit.roles import OWNER

# Children first.
_OF_GOODS = (
    "storage_discrepancy", "storage_investigation", "storage_anomaly", "storage_count_line", "storage_stay",
    "storage_departure", "storage_movement",
)  # fmt: skip
_FILES = "SELECT DISTINCT unnest(blobs) FROM storage_anomaly"


@contextmanager
def _as_owner() -> Iterator[CursorWrapper]:
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SET LOCAL huoji.retention = 'on'")
        yield cursor


def _delete(cursor: CursorWrapper, goods_ids: Collection[int]) -> None:
    ids = list(goods_ids)
    for table in _OF_GOODS:
        if table == "storage_investigation":
            cursor.execute(
                "DELETE FROM storage_investigation i USING storage_anomaly a"
                " WHERE a.id = i.anomaly_id AND a.goods_id = ANY(%s)",
                [ids],
            )
        else:
            cursor.execute(f"DELETE FROM {table} WHERE goods_id = ANY(%s)", [ids])  # noqa: S608  names from the tuple above
    cursor.execute("DELETE FROM storage_goods WHERE id = ANY(%s)", [ids])


def _orphans(cursor: CursorWrapper, files: set[str]) -> set[str]:
    """Return those of the files that no anomaly names any more."""
    cursor.execute(_FILES)
    return files - {row[0] for row in cursor.fetchall()}


def remove_dataset(dataset: str) -> None:
    """Delete every row of a dataset."""
    assert dataset, "rows of the carrier himself are no dataset"
    _remove(dataset, [])


def leave_sites(site_ids: Collection[int]) -> None:
    """Delete what goods did at sites that are no more, whosever they were."""
    _remove("", list(site_ids))


def _remove(dataset: str, sites: list[int]) -> None:
    with _as_owner() as cursor:
        cursor.execute(
            "SELECT id FROM storage_goods WHERE dataset = %s AND dataset <> ''"
            " UNION SELECT goods_id FROM storage_movement WHERE site_id = ANY(%s)"
            " UNION SELECT goods_id FROM storage_anomaly WHERE site_id = ANY(%s)",
            [dataset, sites, sites],
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(f"{_FILES} WHERE goods_id = ANY(%s) AND exception_id IS NULL", [ids])
        files = {row[0] for row in cursor.fetchall()}
        _delete(cursor, ids)
        of_them = "(dataset = %s AND dataset <> '') OR site_id = ANY(%s)"
        for table in ("storage_count", "storage_location"):
            cursor.execute(f"DELETE FROM {table} WHERE {of_them}", [dataset, sites])  # noqa: S608  names of ours
        files = _orphans(cursor, files)
    if files:
        blob.remove(files)


def forget(*, now: datetime) -> int:
    """Delete goods whose last movement and anomaly lie further back than shipments are kept; return how many."""
    before = now - timedelta(days=settings.HUOJI.keep_events_days)
    with _as_owner() as cursor:
        cursor.execute(
            """
            SELECT g.id FROM storage_goods g
            WHERE NOT EXISTS (SELECT FROM storage_movement m WHERE m.goods_id = g.id AND m.recorded_at >= %(before)s)
              AND NOT EXISTS (SELECT FROM storage_anomaly a WHERE a.goods_id = g.id AND a.recorded_at >= %(before)s)
              AND NOT EXISTS (SELECT FROM storage_stay s WHERE s.goods_id = g.id AND s.until IS NULL)
            """,
            {"before": before},
        )
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return 0
        cursor.execute(f"{_FILES} WHERE goods_id = ANY(%s)", [ids])
        files = {row[0] for row in cursor.fetchall()}
        _delete(cursor, ids)
        cursor.execute(
            """
            DELETE FROM storage_count c WHERE c.closed_at < %s
              AND NOT EXISTS (SELECT FROM storage_movement m WHERE m.count_id = c.id)
              AND NOT EXISTS (SELECT FROM storage_count_line l WHERE l.counting_id = c.id)
              AND NOT EXISTS (SELECT FROM storage_discrepancy d WHERE d.counting_id = c.id)
            """,
            [before],
        )
        files = _orphans(cursor, files)
    if files:
        blob.remove(files)
    return len(ids)

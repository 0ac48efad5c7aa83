"""What leaves: whole months after retention, personal data before that, one party on request, and demonstration data without trace.

All but the erasure of one party run as the owner of the tables, who alone may delete events.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.shipments.actions import ledger
from huoji.apps.shipments.models import Party, PriorParty, Unit
from huoji.core.permission import Actor, Permission, system
from huoji.core.timeline import STATUSES, TERMINAL
from huoji.kit import blob
from huoji.kit.problem import Problem
from huoji.kit.roles import OWNER

ERASED = {"name": "", "phone": "", "address": "", "phone_last4": ""}

# Children first; what carries no dataset of its own goes with its unit.
_WITH_UNIT = (
    "DELETE FROM {table} t USING unit u WHERE t.{column} = u.id AND u.dataset = %s",
    (
        ("event", "unit_id"), ("custody", "unit_id"), ("custody", "holder_id"), ("story", "unit_id"),
        ("story_stale", "unit_id"), ("waybill_state", "unit_id"), ("waybill_site", "unit_id"), ("link", "unit_id"),
        ("excursion", "unit_id"), ("watch", "unit_id"), ("cargo_exception", "unit_id"), ("waybill_outlook", "unit_id"), ("outlook_due", "unit_id"), ("outlook_step", "unit_id"), ("position_snapshot", "unit_id"), ("link", "other_id"), ("leg", "waybill_id"), ("leg", "carrier_unit_id"), ("party", "waybill_id"),
        ("reference", "unit_id"), ("prior_party", "unit_id"), ("prior_shipment", "unit_id"), ("waybill", "unit_id"),
    ),
)  # fmt: skip
_SITE_COLUMNS = (
    ("waybill", "origin_id"), ("waybill", "destination_id"), ("leg", "from_id"), ("leg", "to_id"), ("waybill_state", "place_id"),
)  # fmt: skip
_BY_DATASET = ("parked_event", "cargo_exception", "evidence", "unit", "order_", "batch")


# The files that rows of a dataset name, or those that any row names.
_FILES = """
SELECT unnest(blobs) FROM evidence WHERE %(dataset)s::text IS NULL OR dataset = %(dataset)s
UNION SELECT unnest(blobs) FROM cargo_exception WHERE %(dataset)s::text IS NULL OR dataset = %(dataset)s
UNION SELECT unnest(ARRAY[blob, error_blob]) FROM batch WHERE %(dataset)s::text IS NULL OR dataset = %(dataset)s
"""


# A raw document may prove events of several months; it goes with the last of them.
_DROP_PROOFS = """
DELETE FROM evidence v WHERE v.id = ANY(%s) AND NOT EXISTS (SELECT FROM event e WHERE e.evidence_id = v.id)
RETURNING v.blobs
"""


# What was said before an import goes with what is said now: an undo gives nobody back what was erased.
_FORGET_PRIORS = """
DELETE FROM prior_party p USING waybill_state s WHERE s.unit_id = p.unit_id AND s.status = ANY(%(ended)s) AND s.last_at < %(before)s
"""


@contextmanager
def _as_owner() -> Iterator[CursorWrapper]:
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SET LOCAL huoji.retention = 'on'")
        yield cursor


def remove_dataset(dataset: str) -> dict[str, int]:
    """Delete every row of a dataset in one transaction; return how many of each table."""
    assert dataset, "rows of the carrier himself are no dataset"
    counts: dict[str, int] = {}
    statement, tables = _WITH_UNIT
    with _as_owner() as cursor:
        cursor.execute(_FILES, {"dataset": dataset})
        files = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "DELETE FROM parked_event WHERE batch_id IN (SELECT id FROM batch WHERE dataset = %s)", [dataset]
        )
        for table, column in tables:
            cursor.execute(statement.format(table=table, column=column), [dataset])
            counts[table] = counts.get(table, 0) + cursor.rowcount
        for table in _BY_DATASET[1:]:
            cursor.execute(f"DELETE FROM {table} WHERE dataset = %s", [dataset])  # noqa: S608  names from the tuple above
            counts[table] = cursor.rowcount
        cursor.execute(_FILES, {"dataset": None})
        files -= {row[0] for row in cursor.fetchall()}
    counts["files"] = blob.remove(files) if files else 0
    return counts


@transaction.atomic
def leave_sites(site_ids: Collection[int]) -> None:
    """Let shipments that touched these sites, which are no more, tell their places by the texts of their events again."""
    gone = list(site_ids)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM waybill_site WHERE site_id = ANY(%s) RETURNING unit_id", [gone])
        touched = {row[0] for row in cursor.fetchall()}
        for table, column in _SITE_COLUMNS:
            cursor.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = ANY(%s)", [gone])  # noqa: S608  names of ours
    if touched:
        ledger.mark_stale(touched)


def retain(*, now: datetime) -> dict[str, int]:
    """Erase the parties of shipments that ended long ago, and drop the months whose events have served their time."""
    ended = [STATUSES[code].value for code in TERMINAL]
    with _as_owner() as cursor:
        served: dict[str, Any] = {
            "now": now,
            "ended": ended,
            "before": now - timedelta(days=settings.HUOJI.keep_parties_days),
        }
        cursor.execute(
            """
            UPDATE party p SET name = '', phone = '', address = '', phone_last4 = '', erased_at = %(now)s
            FROM waybill_state s WHERE s.unit_id = p.waybill_id AND p.erased_at IS NULL
              AND s.status = ANY(%(ended)s) AND s.last_at < %(before)s
            """,
            served,
        )
        erased = cursor.rowcount
        cursor.execute(_FORGET_PRIORS, served)
        cursor.execute(
            """
            UPDATE evidence v SET signed_by = '' FROM event e
            WHERE e.evidence_id = v.id AND v.signed_by <> '' AND e.recorded_at < %s
            """,
            [now - timedelta(days=settings.HUOJI.keep_parties_days)],
        )
        cursor.execute(
            "DELETE FROM cargo_exception WHERE unit_id IS NULL AND cleared_at < %s",
            [now - timedelta(days=settings.HUOJI.keep_events_days)],
        )
    counts = {"parties": erased, "months": _drop_months(now - timedelta(days=settings.HUOJI.keep_events_days))}
    if any(counts.values()):
        record_audit(system("retention"), verb="retention.run", target="installation", changed=counts)
    return counts


def _drop_months(before: datetime) -> int:
    """Drop the partitions that lie wholly before a moment, with the units of that time."""
    month = before.astimezone(UTC).strftime("%Y%m")
    files: set[str] = set()
    with _as_owner() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relname ~ '^event_p[0-9]{6}$'"
        )
        old = sorted(row[0][-6:] for row in cursor.fetchall() if row[0][-6:] < month)
        for each in old:
            first = f"{each[:4]}-{each[4:]}-01+00"
            cursor.execute(f"SELECT DISTINCT evidence_id FROM event_p{each} WHERE evidence_id IS NOT NULL")  # noqa: S608
            proofs = [row[0] for row in cursor.fetchall()]
            span = "BETWEEN huoji_unit_id_at(%s) AND huoji_unit_id_at(%s::timestamptz + interval '1 month') - 1"
            cursor.execute(f"SELECT unnest(blobs) FROM cargo_exception WHERE unit_id {span}", [first, first])  # noqa: S608
            files |= {row[0] for row in cursor.fetchall()}
            for table in ("event", "custody", "story"):
                cursor.execute(f"DROP TABLE {table}_p{each}")
            for table, column in (*_WITH_UNIT[1], ("unit", "id")):
                if table not in ("event", "custody", "story"):
                    cursor.execute(f"DELETE FROM {table} WHERE {column} {span}", [first, first])  # noqa: S608  names of ours
            cursor.execute(_DROP_PROOFS, [proofs])
            files |= {sha for row in cursor.fetchall() for sha in row[0]}
        cursor.execute(_FILES, {"dataset": None})
        files -= {row[0] for row in cursor.fetchall()}
    if files:
        blob.remove(files)
    return len(old)


@transaction.atomic
def erase_party(actor: Actor, *, unit_id: int, role: str, reason: str, now: datetime) -> None:
    """Erase one party of a waybill on the person's request; the events stay, they hold no personal data."""
    require(actor, Permission.PARTY_UNMASK)
    if not reason.strip():
        raise Problem("reason_missing", 422, "Say on whose request the data are erased.")
    changed = Party.objects.filter(waybill_id=unit_id, role=role, erased_at=None).update(erased_at=now, **ERASED)
    PriorParty.objects.filter(unit_id=unit_id, role=role).delete()
    if not changed:
        raise Problem("not_found", 404, "There is no such party, or it is erased already.")
    unit = Unit.objects.get(pk=unit_id)
    record_audit(
        actor,
        verb="party.erase",
        target=f"waybill:{unit.number}",
        cause=reason,
        changed={"role": role},
        dataset=unit.dataset,
    )

"""Events of numbers nobody knows yet: kept, limited, and joined when the shipment appears."""

from collections.abc import Collection, Sequence

import msgspec
from django.db import connection

from huoji.apps.shipments.actions.units import is_outside
from huoji.apps.shipments.actions.writing import Writing
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.report import Report
from huoji.kit.problem import Problem, declare

PARKED_MAX = 500_000
PARKED_SOURCE_MAX = 100_000  # of one source, so that none can take the room of all
AGE_MAX_DAYS = 30

declare("parking_full", status=507, title="Too many events of unknown numbers are waiting")

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Report)


_OF_SOURCE = "SELECT count(*) FROM (SELECT FROM parked_event WHERE source_id = %s LIMIT %s) AS waiting"


def park(reports: Sequence[Report], writing: Writing) -> list[bool]:
    """Keep reports whose unit is unknown; tell for each whether it is new here."""
    if not reports:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'parked_event'::regclass")
        if cursor.fetchone()[0] + len(reports) > PARKED_MAX:
            raise Problem("parking_full", 507, f"At most {PARKED_MAX} events may wait; create their shipments first.")
        cursor.execute(_OF_SOURCE, [writing.source.id, PARKED_SOURCE_MAX])
        if cursor.fetchone()[0] + len(reports) > PARKED_SOURCE_MAX:
            limit = f"At most {PARKED_SOURCE_MAX} events of one source may wait"
            raise Problem("parking_full", 507, f"{limit}; create their shipments first.", source=writing.source.name)
        cursor.execute(
            """
            INSERT INTO parked_event (kind, value, source_id, key, digest, body, principal, batch_id, created_at)
            SELECT k.kind, k.value, %s, k.key, k.digest, k.body, %s, %s, %s
            FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bytea[]) AS k (kind, value, key, digest, body)
            ON CONFLICT DO NOTHING RETURNING value, key, digest
            """,
            [
                writing.source.id, writing.actor.principal, writing.batch_id, writing.now,
                [report.target for report in reports], [report.number for report in reports],
                [report.key for report in reports], [report.digest for report in reports],
                [_encoder.encode(report) for report in reports],
            ],
        )  # fmt: skip
        new = set(cursor.fetchall())
    return [(report.number, report.key, report.digest) in new for report in reports]


def replace_list(keys: Collection[tuple[str, str]], *, source_id: int, listed: Collection[int]) -> None:
    """Forget what a source that always lists all no longer lists of these names."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM parked_event p USING unnest(%s::text[], %s::text[]) AS k (kind, value)
            WHERE p.kind = k.kind AND p.value = k.value AND p.source_id = %s AND p.key <> ALL(%s::bigint[])
            """,
            [[key[0] for key in keys], [key[1] for key in keys], source_id, list(listed)],
        )


def report_of(body: bytes) -> Report:
    """Read a parked report."""
    return _decoder.decode(body)


class Waiting(msgspec.Struct, frozen=True):
    """Parked reports of one source and principal."""

    source_id: int
    principal: str
    batch_id: int | None
    reports: tuple[Report, ...]


def take(keys: Collection[tuple[str, str]]) -> list[Waiting]:
    """Remove and return what waits for these names; call it in the transaction that records them."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM parked_event p USING unnest(%s::text[], %s::text[]) AS k (kind, value)
            WHERE p.kind = k.kind AND p.value = k.value RETURNING p.source_id, p.principal, p.batch_id, p.id, p.body
            """,
            [[key[0] for key in keys], [key[1] for key in keys]],
        )
        rows = sorted(cursor.fetchall(), key=lambda row: row[3])
    groups: dict[tuple[int, str, int | None], list[Report]] = {}
    for source_id, principal, batch_id, _, body in rows:
        groups.setdefault((source_id, principal, batch_id), []).append(_decoder.decode(body))
    return [Waiting(*key, tuple(reports)) for key, reports in groups.items()]


def writer_of(principal: str) -> Actor:
    """Return the actor as whom parked reports are recorded: outside parties keep their limits."""
    return Actor(
        principal=principal,
        scope=Scope.PARTY if is_outside(principal) else Scope.ALL,
        permissions=frozenset({Permission.EVENT_ADD}),
    )

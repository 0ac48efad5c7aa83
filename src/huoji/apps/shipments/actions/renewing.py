"""Keep stories and their surroundings true by the clock: renew stale ones, rebuild old ones, find the silent ones."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction

from huoji.apps.shipments.actions import ledger, parking
from huoji.apps.shipments.models import FailedTry, Parked
from huoji.apps.shipments.queries.facts import assemble
from huoji.core.timeline import FOLD_VERSION
from huoji.kit import outbox

CHUNK = 500
MONTHS_AHEAD = 3
TRIES_KEPT_DAYS = 7


def renew_stale(*, now: datetime) -> int:
    """Fold every marked story afresh; return how many. Safe beside writers and other workers."""
    done = 0
    while chunk := _renew("SELECT unit_id FROM story_stale ORDER BY unit_id LIMIT %s", [CHUNK], now=now):
        done += chunk
    return done


def _renew(which: str, parameters: list[object], *, now: datetime) -> int:
    """Lock, fold and save the stories that a query names; one that a writer holds is left to that writer."""
    with transaction.atomic():
        with ledger.raw_cursor() as cursor:
            cursor.execute(which, parameters)
            wanted = [row[0] for row in cursor.fetchall()]
            cursor.execute("SELECT unit_id FROM story WHERE unit_id = ANY(%s) FOR UPDATE SKIP LOCKED", [wanted])
            free = [row[0] for row in cursor.fetchall()]
        if free:
            ledger.lock_stories(free)
            ledger.save_stories(assemble(free), now=now)
    return len(free)


def rebuild(*, now: datetime, everything: bool) -> Iterator[int]:
    """Fold stories of an older fold version (or all) afresh, chunk by chunk while serving; yield how many are done.

    It can be stopped and started again: what is done already is not done twice.
    """
    done, last = 0, 0
    present = -1 if everything else FOLD_VERSION
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT unit_id FROM story WHERE unit_id > %s AND fold_version <> %s ORDER BY unit_id LIMIT %s",
                [last, present, CHUNK],
            )
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return
        _renew("SELECT unnest(%s::bigint[])", [ids], now=now)
        last = ids[-1]
        done += len(ids)
        yield done


def watch_silence(*, now: datetime) -> int:
    """Mark as stalled every waybill whose line allows no longer silence; return how many."""
    found = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    """
                    UPDATE waybill_state SET stalled_since = next_check_at, next_check_at = NULL
                    WHERE unit_id IN (
                        SELECT unit_id FROM waybill_state WHERE next_check_at <= %s ORDER BY next_check_at
                        LIMIT %s FOR UPDATE SKIP LOCKED
                    ) RETURNING unit_id
                    """,
                    [now, CHUNK],
                )
                ids = [row[0] for row in cursor.fetchall()]
            if ids:
                outbox.publish("shipments.stalled", ids)
        found += len(ids)
        if len(ids) < CHUNK:
            return found


def make_partitions() -> None:
    """Make the partitions of the coming months that are missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT huoji_make_partitions(%s)", [MONTHS_AHEAD])


def forget(*, now: datetime) -> None:
    """Drop parked events and failed tries that are too old to matter."""
    Parked.objects.filter(created_at__lt=now - timedelta(days=parking.AGE_MAX_DAYS)).delete()
    FailedTry.objects.filter(day__lt=(now - timedelta(days=TRIES_KEPT_DAYS)).date()).delete()

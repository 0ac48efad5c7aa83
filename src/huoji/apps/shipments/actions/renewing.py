"""Keep stories and their surroundings true by the clock: renew stale ones, rebuild old ones, find the silent ones."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction

from huoji.apps.shipments.actions import ledger, parking, recording, sourcing
from huoji.apps.shipments.actions.recording import Writing
from huoji.apps.shipments.models import FailedTry, Parked
from huoji.apps.shipments.queries.facts import refold
from huoji.apps.shipments.queries.tracking import silence_of_line
from huoji.core.milestone import Line
from huoji.core.permission import system
from huoji.core.timeline import FOLD_VERSION
from huoji.kit import outbox
from huoji.kit.colliding import in_transaction

CHUNK = 500
MONTHS_AHEAD = 3
TRIES_KEPT_DAYS = 7


def renew_stale() -> int:
    """Fold every marked story afresh; return how many. Safe beside writers and other workers."""
    done = 0
    while chunk := _renew("SELECT unit_id FROM story_stale ORDER BY unit_id LIMIT %s", [CHUNK]):
        done += chunk
    return done


def _renew(which: str, parameters: list[object]) -> int:
    """Lock, fold and save the stories that a query names; one that a writer holds is left to that writer."""
    return in_transaction(lambda: _renew_once(which, parameters))


def _renew_once(which: str, parameters: list[object]) -> int:
    with ledger.raw_cursor() as cursor:
        cursor.execute(which, parameters)
        wanted = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT unit_id FROM story WHERE unit_id = ANY(%s) FOR UPDATE SKIP LOCKED", [wanted])
        free = [row[0] for row in cursor.fetchall()]
    if free:
        ledger.lock_stories(free)
        again = refold(free)
        ledger.save_custody(again.holds)
        ledger.save_stories(again.stories)
        ledger.publish_changed(free)
    return len(free)


# Parked events whose shipment is there all the same: it came into being at the very moment when they were parked.
_LEFT = """
SELECT DISTINCT p.kind, p.value FROM parked_event p
JOIN unit u ON u.kind = p.kind AND u.number = p.value AND u.voided_at IS NULL
WHERE u.owner = p.principal OR p.principal !~ '^(customer|partner):'
LIMIT %s
"""


def join_left(*, now: datetime) -> int:
    """Record the parked events of numbers that are known; return how many numbers those were."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [CHUNK])
        names = cursor.fetchall()
    recording.join(names, Writing(actor=system("parking"), source=sourcing.ensure("desk"), now=now))
    return len(names)


def rebuild(*, everything: bool) -> Iterator[int]:
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
        _renew("SELECT unnest(%s::bigint[])", [ids])
        last = ids[-1]
        done += len(ids)
        yield done


# What has had news since its check was set is only put off; the rest has been silent too long.
_WATCH = """
WITH due AS (
    SELECT unit_id FROM waybill_state WHERE next_check_at <= %(now)s ORDER BY next_check_at LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
), judged AS (
    SELECT unit_id, coalesce(last_at + make_interval(hours => (%(hours)s::jsonb ->> line)::int), next_check_at) AS silent_at
    FROM waybill_state JOIN due USING (unit_id)
)
UPDATE waybill_state w SET
    next_check_at = CASE WHEN j.silent_at > %(now)s THEN j.silent_at END,
    stalled_since = CASE WHEN j.silent_at <= %(now)s THEN j.silent_at END
FROM judged j WHERE w.unit_id = j.unit_id RETURNING w.unit_id, w.stalled_since IS NOT NULL
"""


def watch_silence(*, now: datetime) -> int:
    """Mark as stalled every waybill that was silent for longer than its line allows; return how many."""
    hours = json.dumps({line.value: int(silence_of_line(line.value).total_seconds()) // 3600 for line in Line})
    found = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_WATCH, {"now": now, "most": CHUNK, "hours": hours})
                judged = cursor.fetchall()
            stalled = [unit_id for unit_id, is_stalled in judged if is_stalled]
            if stalled:
                outbox.publish("shipments.stalled", stalled)
        found += len(stalled)
        if len(judged) < CHUNK:
            return found


def make_partitions() -> None:
    """Make the partitions of the coming months that are missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT huoji_make_partitions(%s)", [MONTHS_AHEAD])


def forget(*, now: datetime) -> None:
    """Drop parked events and failed tries that are too old to matter."""
    Parked.objects.filter(created_at__lt=now - timedelta(days=parking.AGE_MAX_DAYS)).delete()
    FailedTry.objects.filter(day__lt=(now - timedelta(days=TRIES_KEPT_DAYS)).date()).delete()

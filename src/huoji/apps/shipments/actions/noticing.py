"""What the system notices by itself about shipments: events that report damage or loss, and silence; both open and clear exceptions."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.db import connection

from huoji.apps.shipments.actions import exceptions
from huoji.apps.shipments.actions.exceptions import BATCH_MAX, Opening
from huoji.apps.shipments.models import CargoException, State, Unit
from huoji.apps.shipments.queries.facts import own_facts
from huoji.core.exception import REPORTED_KINDS, ExceptionKind, Reported, reported
from huoji.core.permission import Actor, system

EVENTS = "events"
WATCHDOG = "watchdog"
HISTORY_AFTER = timedelta(days=30)  # an event older than this when it is told is history


def read_events(unit_ids: Collection[int], *, now: datetime) -> None:
    """Open what the events of these units report now, and clear what they reported and have taken back or resolved.

    What a piece suffers is an exception of its waybill. History that is imported late opens nothing.
    """
    actor = system(EVENTS)
    families = _families(unit_ids)
    facts = own_facts({member for members in families.values() for member in members})
    found = {
        unit_id: reported([fact for member in members for fact in facts[member]])
        for unit_id, members in families.items()
    }
    since = (now - HISTORY_AFTER).timestamp()
    openings = [_opening(unit_id, each) for unit_id, told in found.items() for each in told if each.at > since]
    for start in range(0, len(openings), BATCH_MAX):
        exceptions.open_all(actor, openings[start : start + BATCH_MAX], now=now)
    stand = CargoException.objects.filter(
        unit_id__in=list(families), kind__in=[kind.value for kind in REPORTED_KINDS], source=EVENTS, cleared_at=None,
        opened_at__lte=now,
    )  # fmt: skip
    told_of = {(unit_id, each.kind.value) for unit_id, told in found.items() for each in told}
    over = [row[0] for row in stand.order_by("id").values_list("id", "unit_id", "kind") if row[1:] not in told_of]
    for start in range(0, len(over), BATCH_MAX):
        exceptions.clear_rows(actor, over[start : start + BATCH_MAX], at=now, now=now)


def _families(unit_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the waybills, or other whole units, that these belong to, each with itself and its pieces."""
    units = Unit.objects.filter(id__in=list(unit_ids)).values_list("id", "parent_id")
    families = {parent_id or unit_id: [parent_id or unit_id] for unit_id, parent_id in units}
    for piece_id, parent_id in Unit.objects.filter(parent_id__in=list(families)).values_list("id", "parent_id"):
        families[parent_id].append(piece_id)
    return families


def _opening(unit_id: int, each: Reported) -> Opening:
    facts = {exceptions.SITE if isinstance(each.place, int) else "place": each.place} if each.place else {}
    return Opening(
        kind=each.kind, at=datetime.fromtimestamp(each.at, UTC), source=EVENTS, unit_id=unit_id, facts=facts
    )  # fmt: skip


def note_silence(unit_ids: Collection[int], *, now: datetime) -> None:
    """Open `stalled` for waybills that the watchdog found silent and that still are."""
    rows = State.objects.filter(unit_id__in=list(unit_ids), stalled_since__isnull=False)
    openings = [
        Opening(
            kind=ExceptionKind.STALLED, at=since, source=WATCHDOG, unit_id=unit_id,
            facts={"silent_min": int((now - last_at).total_seconds()) // 60} if last_at else {},
        )
        for unit_id, since, last_at in rows.order_by("unit_id").values_list("unit_id", "stalled_since", "last_at")
        if since is not None
    ]  # fmt: skip
    for start in range(0, len(openings), BATCH_MAX):
        exceptions.open_all(system(WATCHDOG), openings[start : start + BATCH_MAX], now=now)


_HEARD = """
SELECT e.id FROM cargo_exception e LEFT JOIN waybill_state s ON s.unit_id = e.unit_id
WHERE e.kind = 'stalled' AND e.cleared_at IS NULL AND s.stalled_since IS NULL ORDER BY e.id LIMIT %s
"""


def clear_heard(*, now: datetime) -> int:
    """Clear `stalled` for whatever has been heard of again or has ended; return how many."""
    actor: Actor = system(WATCHDOG)
    done = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_HEARD, [BATCH_MAX])
            ids = [row[0] for row in cursor.fetchall()]
        done += len(exceptions.clear_rows(actor, ids, at=now, now=now)) if ids else 0
        if len(ids) < BATCH_MAX:
            return done

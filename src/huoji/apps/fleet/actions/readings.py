"""Store what sensors measured: many readings in one statement, each kept once; who watches a sensor is told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import IntegrityError, connection, transaction
from psycopg.errors import CheckViolation

from huoji.apps.accounts.actions import require
from huoji.apps.fleet.actions import contacts, partitions
from huoji.apps.fleet.models import Terminal
from huoji.core.fleet import METRIC_CODE, TerminalKind, TerminalState
from huoji.core.permission import Actor, Permission
from huoji.core.reading import DAY_S, Reading
from huoji.kit import ingest, outbox
from huoji.kit.colliding import in_transaction

BATCH_MAX = 5_000
SENSORS_MAX = 100_000
SENSORS_OF_OWNER_MAX = 10_000  # of one customer or partner, so that nobody takes the room of all
IDS_MAX = 500  # of one message
CHANGED = "fleet.readings"
# The higher of two values told for one moment stays, whichever came first: so the order of arrival changes nothing.
PUT_SQL = """
INSERT INTO reading AS r (at, recorded_at, terminal_id, value, metric, channel)
SELECT to_timestamp(at), %s, terminal_id, value, metric, channel
FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::int2[], %s::int2[]) AS n (at, terminal_id, value, metric, channel)
ON CONFLICT (terminal_id, metric, at, channel) DO UPDATE SET value = excluded.value, recorded_at = excluded.recorded_at
WHERE excluded.value > r.value
RETURNING terminal_id, metric, extract(epoch FROM at)::bigint, channel
"""

Key = tuple[int, int, int, int]
Told = tuple[int, Reading]  # terminal and what it measured


def enrol(actor: Actor, numbers: Iterable[str]) -> Mapping[str, int]:
    """Return the terminals of sensors by their numbers; those that speak for the first time are entered.

    A number that is left out is blocked, belongs to another owner, or comes when there are SENSORS_MAX already, or
    SENSORS_OF_OWNER_MAX of this owner.
    """
    wanted = sorted(set(numbers))
    owner = "" if actor.is_staff or actor.principal.startswith("system:") else actor.principal
    known = _known(wanted)
    if missing := [number for number in wanted if number not in known]:
        sensors = Terminal.objects.filter(kind=TerminalKind.SENSOR.value)
        room = SENSORS_MAX - sensors.count()
        if owner:
            room = min(room, SENSORS_OF_OWNER_MAX - sensors.filter(owner=owner).count())
        Terminal.objects.bulk_create(
            [
                Terminal(kind=TerminalKind.SENSOR.value, number=number, owner=owner, dataset=actor.dataset)
                for number in missing[: max(0, room)]
            ],
            ignore_conflicts=True,
        )
        known = _known(wanted)
    return {
        number: terminal_id
        for number, (terminal_id, state, whose) in known.items()
        if state == TerminalState.ACTIVE.value and (not owner or whose == owner)
    }


def _known(numbers: Sequence[str]) -> dict[str, tuple[int, str, str]]:
    rows = Terminal.objects.filter(kind=TerminalKind.SENSOR.value, number__in=numbers)
    return {
        number: (pk, state, owner) for pk, number, state, owner in rows.values_list("pk", "number", "state", "owner")
    }


def store(actor: Actor, readings: Sequence[Told], *, source: str, now: datetime) -> list[bool]:
    """Store readings of enrolled terminals; tell for each whether it was new. Acknowledge when this has returned."""
    require(actor, Permission.SENSOR_REPORT)
    assert len(readings) <= BATCH_MAX, "cut them into batches"
    if not readings:
        return []
    write = partial(put, readings, now=now)
    try:
        fresh = in_transaction(write)
    except IntegrityError as error:
        if not isinstance(error.__cause__, CheckViolation):
            raise
        partitions.forget()  # a day was dropped meanwhile
        fresh = in_transaction(write)
    news = []
    for terminal_id, reading in readings:
        key = _key(terminal_id, reading)
        news.append(key in fresh)
        fresh.discard(key)  # the second of a batch is a duplicate of the first
    for terminal_id, count in Counter(terminal_id for terminal_id, _ in readings).items():
        contacts.hear(terminal_id, now=now, counts={"stored": count})
    occurred = [float(each.at) for (_, each), is_new in zip(readings, news, strict=True) if is_new]
    ingest.observe(source, now=now, occurred=occurred, duplicates=len(news) - len(occurred))
    return news


def put(readings: Sequence[Told], *, now: datetime) -> set[Key]:
    """Write readings in the transaction of the caller and tell who watches; return the keys of those that were new."""
    highest: dict[Key, float] = {}
    for terminal_id, reading in readings:
        key = _key(terminal_id, reading)
        highest[key] = max(reading.value, highest.get(key, reading.value))
    for day in {at // DAY_S for _, _, at, _ in highest}:
        partitions.ensure_day(day)
    ordered = sorted(highest)  # every writer in one order, so that two never wait for each other
    with connection.cursor() as cursor:
        cursor.execute(PUT_SQL, [
            now, [key[2] for key in ordered], [key[0] for key in ordered], [highest[key] for key in ordered],
            [key[1] for key in ordered], [key[3] for key in ordered],
        ])  # fmt: skip
        fresh = set(cursor.fetchall())
    _tell(fresh)
    return fresh


def _key(terminal_id: int, reading: Reading) -> Key:
    return (terminal_id, METRIC_CODE[reading.metric], reading.at, reading.channel)


def _tell(fresh: set[Key]) -> None:
    """Publish the watched terminals that have something new, each with the earliest time of it."""
    earliest: dict[int, int] = {}
    for terminal_id, _, at, _ in fresh:
        earliest[terminal_id] = min(at, earliest.get(terminal_id, at))
    watched = sorted(Terminal.objects.filter(pk__in=list(earliest), watched=True).values_list("pk", flat=True))
    for start in range(0, len(watched), IDS_MAX):
        ids = watched[start : start + IDS_MAX]
        outbox.publish(CHANGED, ids, since=[earliest[each] for each in ids])


@transaction.atomic
def set_watched(terminal_ids: Iterable[int], *, watched: bool) -> None:
    """Ask to be told of the readings of these terminals, or no more."""
    Terminal.objects.filter(pk__in=list(terminal_ids)).update(watched=watched)

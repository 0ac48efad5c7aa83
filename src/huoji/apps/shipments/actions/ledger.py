"""How facts reach the tables: locks in one order, events by COPY, stories and what is searched by one UPDATE each."""

import itertools
import secrets
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
from django.db import connection, transaction

from huoji.apps.shipments.queries.facts import holders_above
from huoji.apps.shipments.queries.tracking import silence_of
from huoji.core.custody import Hold
from huoji.core.exception import may_matter
from huoji.core.story import Story, pack, unpack
from huoji.core.timeline import FOLD_VERSION, STATUSES, TERMINAL, Fact
from huoji.kit import outbox

EVENT_COLUMNS = (
    ("unit_id", "int8"), ("key", "int8"), ("digest", "int8"), ("id", "int8"), ("occurred_at", "timestamptz"),
    ("recorded_at", "timestamptz"), ("place_id", "int8"), ("next_place_id", "int8"), ("holder_id", "int8"),
    ("piece_id", "int8"), ("voids", "int8"), ("evidence_id", "int8"), ("batch_id", "int8"), ("precision", "int2"),
    ("offset_min", "int2"), ("source_id", "int2"), ("rev", "int8"), ("offset_assumed", "bool"), ("classifier", "text"),
    ("milestone", "text"), ("reason", "text"), ("mode", "text"), ("source_event_id", "text"), ("provider", "text"),
    ("code", "text"), ("text", "text"), ("place", "text"), ("next_place", "text"), ("principal", "text"),
    ("dataset", "text"),
)  # fmt: skip
EVIDENCE_COLUMN = [name for name, _ in EVENT_COLUMNS].index("evidence_id")
_COPY_EVENTS = f"COPY event ({', '.join(name for name, _ in EVENT_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_EVENT_TYPES = [kind for _, kind in EVENT_COLUMNS]

MESSAGE_IDS_MAX = 500
LOCK_ORDER = ("voyage", "trip", "container", "pallet", "bag", "epc", "booking", "bill", "piece", "waybill")


class Locked(NamedTuple):
    """A story held for rewriting; `story` is None when it must be folded from the events."""

    unit_id: int
    kind: str
    dataset: str
    story: Story | None


@contextmanager
def raw_cursor() -> Iterator[psycopg.Cursor[Any]]:
    """Give a psycopg cursor with server-side parameters and prepared statements, inside Django's transaction.

    Its errors come as Django's, for whoever tries again after a deadlock.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor


_ids = itertools.count(secrets.randbits(10))


def next_event_id() -> int:
    """Return a 63-bit, time-ordered id: microseconds above 11 bits of a counter."""
    return (time.time_ns() // 1_000) << 11 | (next(_ids) & 0x7FF)


# A plan made for a known list of five hundred ids reads whole tables to find them, as long as these are not very large;
# one made for a list of any length goes by the index. So it does where a table was nearly empty when the plan was made,
# which a prepared statement keeps. It holds for all statements that this transaction prepares.
_BY_INDEX = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"


def lock_stories(unit_ids: Iterable[int]) -> dict[int, Locked]:
    """Lock the stories in the one order that all writers keep (kind, then id), and read those that are fresh.

    Whoever gets one without its story must fold it and save it in the same transaction: its stale mark is gone.
    """
    with raw_cursor() as cursor:
        cursor.execute(_BY_INDEX)
        cursor.execute(
            """
            SELECT s.unit_id, u.kind, u.dataset, s.fold_version, s.body, EXISTS (SELECT FROM story_stale m WHERE m.unit_id = s.unit_id)
            FROM story s JOIN unit u ON u.id = s.unit_id WHERE s.unit_id = ANY(%s)
            ORDER BY array_position(%s, u.kind::text), s.unit_id FOR UPDATE OF s
            """,
            [sorted(unit_ids), list(LOCK_ORDER)],
            prepare=True,
        )
        rows = cursor.fetchall()
        # A mark goes before the events are read: one set after this belongs to an event that this fold may not see.
        if stale := [row[0] for row in rows if row[5]]:
            cursor.execute("DELETE FROM story_stale WHERE unit_id = ANY(%s)", [stale], prepare=True)
    return {
        row[0]: Locked(row[0], row[1], row[2], unpack(row[4]) if row[3] == FOLD_VERSION and not row[5] else None)
        for row in rows
    }


def keep_still(unit_ids: Collection[int], *, beside: Collection[int] = ()) -> None:
    """Keep these stories, those of whatever ever held them and those beside from being written until the transaction ends.

    What came to hold one of them while we waited is locked in its place in the order: the locks are let go and taken again.
    """
    wanted = {*unit_ids, *holders_above(unit_ids), *beside}
    while wanted:
        with transaction.atomic(), raw_cursor() as cursor:
            cursor.execute(
                """
                SELECT FROM story s JOIN unit u ON u.id = s.unit_id WHERE s.unit_id = ANY(%s)
                ORDER BY array_position(%s, u.kind::text), s.unit_id FOR UPDATE OF s
                """,
                [sorted(wanted), list(LOCK_ORDER)],
            )
            more = holders_above(unit_ids) - wanted
            if not more:
                return
            transaction.set_rollback(True)
        wanted |= more


def copy_events(rows: Sequence[tuple[Any, ...]]) -> None:
    """Append events; a row is a tuple in the order of EVENT_COLUMNS."""
    if not rows:
        return
    with raw_cursor() as cursor, cursor.copy(_COPY_EVENTS) as copy:
        copy.set_types(_EVENT_TYPES)
        for row in rows:
            copy.write_row(row)


def save_stories(stories: Mapping[int, Story]) -> None:
    """Rewrite the stories of locked units and what is searched of them."""
    if not stories:
        return
    ids = list(stories)
    with raw_cursor() as cursor:
        cursor.execute(
            """
            UPDATE story s SET body = n.body, fold_version = %s
            FROM unnest(%b::bigint[], %b::bytea[]) AS n (unit_id, body) WHERE s.unit_id = n.unit_id
            """,
            [FOLD_VERSION, ids, [pack(story) for story in stories.values()]],
            prepare=True,
        )
        cursor.execute(_UPDATE_STATES, _state_arrays(stories), prepare=True)


# The next check is only ever brought forward here, and put off by the watchdog when it finds news: so an event that
# changes no status touches no index.
_UPDATE_STATES = """
UPDATE waybill_state w SET status = n.status, last_at = n.last_at, place_id = n.place_id, expected_at = n.expected_at,
    late_min = n.late_min,
    next_check_at = CASE WHEN n.done THEN NULL ELSE least(w.next_check_at, n.silent_at) END,
    stalled_since = CASE WHEN n.last_at IS NULL THEN w.stalled_since END
FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[], %b::bigint[], %b::timestamptz[], %b::int[], %b::timestamptz[],
    %b::bool[]) AS n (unit_id, status, last_at, place_id, expected_at, late_min, silent_at, done)
WHERE w.unit_id = n.unit_id
"""


def _state_arrays(stories: Mapping[int, Story]) -> list[list[Any]]:
    """Turn stories into one array a column."""
    columns: list[list[Any]] = [[] for _ in range(8)]
    for unit_id, story in stories.items():
        folded = story.folded
        done = folded.status in TERMINAL
        arrived = folded.since if done else folded.expected
        late_min = max(0, (arrived - folded.planned) // 60) if folded.planned and arrived else 0
        row = (
            unit_id, STATUSES[folded.status].value, _time(folded.last_at),
            folded.place if isinstance(folded.place, int) else None, _time(folded.expected), min(late_min, 2**31 - 1),
            _time(folded.last_at + silence_of(story)) if folded.last_at else None, done,
        )  # fmt: skip
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns


def _time(at: int) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None


def save_custody(holds: Mapping[int, Sequence[Hold]]) -> None:
    """Replace the custody rows of the units by what their facts now say."""
    if not holds:
        return
    rows = [(unit_id, hold.holder, hold.start, hold.end) for unit_id, each in holds.items() for hold in each]
    with raw_cursor() as cursor:
        cursor.execute("DELETE FROM custody WHERE unit_id = ANY(%s)", [list(holds)])
        if rows:
            cursor.execute(
                """
                INSERT INTO custody (unit_id, holder_id, since, until)
                SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[]) ON CONFLICT DO NOTHING
                """,
                [list(column) for column in zip(*rows, strict=True)],
                prepare=True,
            )


def save_touches(touches: Collection[tuple[int, int]]) -> None:
    """Note (site, unit) pairs that are new."""
    if not touches:
        return
    pairs = sorted(set(touches))
    with raw_cursor() as cursor:
        cursor.execute(
            "INSERT INTO waybill_site (site_id, unit_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING",
            [[pair[0] for pair in pairs], [pair[1] for pair in pairs]],
            prepare=True,
        )


def mark_stale(unit_ids: Collection[int]) -> None:
    """Mark stories for renewal; whoever reads one before that folds it fresh.

    A mark that stands already is locked: whoever takes it away meanwhile must wait, and then sees our events too.
    """
    with raw_cursor() as cursor:
        cursor.execute(
            "INSERT INTO story_stale (unit_id) SELECT unnest(%s::bigint[])"
            " ON CONFLICT (unit_id) DO UPDATE SET unit_id = excluded.unit_id",
            [sorted(unit_ids)],
        )
    outbox.publish("stories.stale", [], count=len(unit_ids))


def sites_of(facts: Iterable[Fact]) -> set[int]:
    return {place for fact in facts for place in (fact.place, fact.next_place) if isinstance(place, int)}


def publish_changed(unit_ids: Iterable[int]) -> None:
    """Tell who listens that these stories say something new."""
    ids = list(unit_ids)
    for start in range(0, len(ids), MESSAGE_IDS_MAX):
        outbox.publish("stories.changed", ids[start : start + MESSAGE_IDS_MAX])


def publish_told(added: Mapping[int, Sequence[Fact]], stories: Mapping[int, Story]) -> None:
    """Tell who listens of new facts and of the stories that changed with them; apart, of the few that report damage or loss."""
    publish_changed({**added, **stories})
    told = [unit_id for unit_id, facts in added.items() if any(map(may_matter, facts))]
    for start in range(0, len(told), MESSAGE_IDS_MAX):
        outbox.publish("events.told", told[start : start + MESSAGE_IDS_MAX])

"""Names to units: find what reports speak of, and make the units that come into being by being named."""

import math
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from django.db import connection, transaction

from huoji.core.custody import PAPERS
from huoji.core.permission import Actor, Scope
from huoji.core.report import REFERENCES, Report, Target
from huoji.kit import outbox

Key = tuple[str, str]  # (kind, number)
_REFERENCE_KINDS = {kind.value: kind.value for kind in REFERENCES} | {Target.CONTAINER_NUMBER.value: "container"}
_MADE_BY_NAME = frozenset(
    t.value for t in (Target.BAG, Target.PALLET, Target.TRIP, Target.VOYAGE, Target.CONTAINER, Target.EPC)
).union(PAPERS)
_NAME_MAX = 160  # of unit.number
LABEL_MAX = 120


def is_outside(principal: str) -> bool:
    """Tell whether a customer or partner speaks, who sees and touches only his own."""
    return principal.startswith(("customer:", "partner:"))


def kept_name(key: Key, *, principal: str) -> Key:
    """Return the name under which a unit is kept.

    What an outside party brings into being by naming it is its own and stands apart from ours of the same name, so that
    nobody can write to the voyage or the EPC of another by guessing how it is called.
    """
    kind, number = key
    if kind not in _MADE_BY_NAME:
        return key
    name = f"{number}|{principal}" if is_outside(principal) else number
    if len(name) > _NAME_MAX:
        name = f"{name[:120]}#{blake2b(name.encode(), digest_size=16).hexdigest()}"
    return kind, name


def resolve(keys: Collection[Key], *, actor: Actor) -> dict[Key, list[int]]:
    """Find the units that the actor may write to; a reference leads to the shipment whose it is now.

    What an outside party may not touch is not found, as if it did not exist.
    """
    found: dict[Key, list[int]] = {}
    asked = {kept_name(key, principal=actor.principal): key for key in keys if key[0] not in _REFERENCE_KINDS}
    own = _own(actor)
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT k.kind, k.number, u.id, u.owner FROM unnest(%s::text[], %s::text[]) AS k (kind, number)
                CROSS JOIN LATERAL (
                    SELECT id, owner FROM unit WHERE kind = k.kind AND number = k.number AND voided_at IS NULL
                    OFFSET 0  -- by the index, a name at a time: thousands of names must not read the whole table
                ) u
                """,
                [[key[0] for key in asked], [key[1] for key in asked]],
            )
            rows = cursor.fetchall()
        found |= {asked[kind, number]: [unit_id] for kind, number, unit_id, owner in rows if own in (None, owner)}
    now = math.ceil(time.time())  # not before a shipment that was made in this second
    named = named_at({(key, now, 0) for key in keys if key[0] in _REFERENCE_KINDS}, actor=actor)
    return found | {key: units for (key, _, _), units in named.items()}


def about(reports: Sequence[Report], *, actor: Actor) -> list[Sequence[int]]:
    """Return which known units each report is about; a correction goes where what it takes back went."""
    told = {(report.target, report.number, report.key): report.at for report in reports}
    now = math.ceil(time.time())
    plain = resolve({key for key in keys_of(reports) if key[0] not in _REFERENCE_KINDS}, actor=actor)
    namings: dict[int, Naming] = {}
    for index, report in enumerate(reports):
        if report.target in _REFERENCE_KINDS:
            event = report.voids or report.key
            at = told.get((report.target, report.number, event), report.at)
            namings[index] = (report.target, report.number), min(at, now), event  # a plan is about who has it now
    named = named_at(set(namings.values()), actor=actor, pieced=any(report.piece for report in reports))
    return [
        named.get(namings[index], ()) if index in namings else plain.get((report.target, report.number), ())
        for index, report in enumerate(reports)
    ]


def _own(actor: Actor) -> str | None:
    """Return whose units alone the actor may write to."""
    return actor.principal if actor.scope in (Scope.PARTY, Scope.NONE) else None


Naming = tuple[Key, int, int]  # (name, when it happened, key of the event)
# An event stays where it, or what it corrects, went when it was told first, also where its name was given up since; unless
# that was wrong, and somebody else than who told it (the desk) took it back there.
_WENT = """
SELECT k.at, u.id FROM unnest(%s::int[], %s::text[], %s::text[], %s::bigint[]) AS k (at, kind, value, key)
JOIN reference r ON r.value = k.value AND r.kind = k.kind
JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL AND (%s::text IS NULL OR u.owner = %s)
WHERE EXISTS (
    SELECT FROM event e WHERE e.unit_id = u.id AND e.key = k.key AND (r.left_at IS NULL OR NOT EXISTS (
        SELECT FROM event v WHERE v.unit_id = e.unit_id AND v.voids = e.key AND v.source_id <> e.source_id
            AND NOT EXISTS (SELECT FROM event b WHERE b.unit_id = v.unit_id AND b.voids = v.key)
    ))
)
"""
_OR_ITS_PIECES = "e.unit_id IN (SELECT u.id UNION ALL SELECT id FROM unit WHERE parent_id = u.id AND kind = 'piece')"
_WENT_TO_PIECE = _WENT.replace("e.unit_id = u.id", _OR_ITS_PIECES, 1)
# The one shipment that names it, if there is one and its use is not over; else the rule is asked.
_ALONE = """
SELECT k.at, min(u.id) FROM unnest(%(at)s::int[], %(kinds)s::text[], %(values)s::text[]) AS k (at, kind, value)
JOIN reference r ON r.value = k.value AND r.kind = k.kind
JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL AND (%(own)s::text IS NULL OR u.owner = %(own)s)
JOIN waybill_state s ON s.unit_id = u.id
GROUP BY k.at HAVING count(*) = 1 AND NOT bool_or(
    s.status IN ('delivered', 'returned', 'cancelled') OR r.left_at IS NOT NULL
    OR EXISTS (SELECT FROM event e WHERE e.unit_id = u.id AND e.milestone = 'empty_returned')
)
"""
_WHOSE = """
SELECT k.at, n.unit_id
FROM unnest(%(at)s::int[], %(kinds)s::text[], %(values)s::text[], %(moments)s::timestamptz[]) AS k (at, kind, value, moment)
CROSS JOIN LATERAL huoji_named(ARRAY[k.kind], k.value, k.moment, %(own)s, %(patience)s::interval) n
"""
_AFTERWARDS = "30 days"  # after its end a use of a number still gets what is told of it, unless another began


def named_at(namings: Collection[Naming], *, actor: Actor, pieced: bool = False) -> dict[Naming, list[int]]:
    """Find whose a reference was when an event of it happened; a number that is used again has its uses by time.

    `pieced` says that some are of a piece, under which they are kept.
    """
    wanted = [each for each in sorted(namings) if each[0][0] in _REFERENCE_KINDS]
    if not wanted:
        return {}
    found: dict[Naming, list[int]] = {}
    own = _own(actor)
    names = [[_REFERENCE_KINDS[key[0]] for key, _, _ in wanted], [key[1] for key, _, _ in wanted]]
    with connection.cursor() as cursor:
        went = _WENT_TO_PIECE if pieced else _WENT
        cursor.execute(went, [list(range(len(wanted))), *names, [event for _, _, event in wanted], own, own])
        for at, unit_id in cursor.fetchall():
            found.setdefault(wanted[at], []).append(unit_id)
        for statement in (_ALONE, _WHOSE):
            left = [index for index, each in enumerate(wanted) if each not in found]
            asked: dict[str, Any] = {
                "at": left, "kinds": [names[0][i] for i in left], "values": [names[1][i] for i in left], "own": own,
                "moments": [datetime.fromtimestamp(wanted[i][1], UTC) for i in left], "patience": _AFTERWARDS,
            }  # fmt: skip
            if left:
                cursor.execute(statement, asked)
                found |= {wanted[at]: [unit_id] for at, unit_id in cursor.fetchall()}
    return found


_MAKE = """
INSERT INTO unit (kind, number, label, owner, dataset)
SELECT kind, number, label, %s, %s FROM unnest(%s::text[], %s::text[], %s::text[]) AS k (kind, number, label)
ON CONFLICT (kind, number) DO NOTHING RETURNING id, kind
"""
IDS_MAX = 500  # of one message
_RUNNING = ("trip", "voyage")  # kinds that a vehicle or vessel of the fleet may be behind
# A unit that was named before anybody said what it is called; ON CONFLICT DO UPDATE would lock all the others too.
_CALL = """
UPDATE unit u SET label = k.label FROM unnest(%s::text[], %s::text[], %s::text[]) AS k (kind, number, label)
WHERE u.kind = k.kind AND u.number = k.number AND u.label = '' AND k.label <> ''
"""


@transaction.atomic  # whoever sees a unit finds its story to lock
def make(keys: Collection[Key], *, owner: str, dataset: str, labels: Mapping[Key, str] | None = None) -> dict[Key, int]:
    """Make the units that exist by being named (a trip, a voyage, a bag…), with an empty story to lock.

    `labels` says what people call them.
    """
    named = {kept_name(key, principal=owner): key for key in keys if key[0] in _MADE_BY_NAME}
    wanted = sorted(named)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        words = [_label(named[kept], kept, labels or {}) for kept in wanted]
        columns = [[key[0] for key in wanted], [key[1] for key in wanted], words]
        cursor.execute(_MAKE, [owner, dataset, *columns])
        running = [unit_id for unit_id, kind in cursor.fetchall() if kind in _RUNNING]
        for start in range(0, len(running), IDS_MAX):
            outbox.publish("units.made", running[start : start + IDS_MAX])
        if labels:
            cursor.execute(_CALL, columns)
        cursor.execute(
            """
            SELECT u.kind, u.number, u.id FROM unit u
            JOIN unnest(%s::text[], %s::text[]) AS k (kind, number) ON u.kind = k.kind AND u.number = k.number
            """,
            [[key[0] for key in wanted], [key[1] for key in wanted]],
        )
        made = {named[row[0], row[1]]: row[2] for row in cursor.fetchall()}
    start_stories(made.values())
    return made


def _label(key: Key, kept: Key, labels: Mapping[Key, str]) -> str:
    """Return what people call a unit; an EPC is found by its label, whoever brought it in."""
    plain = key[1] if key[0] == Target.EPC or key != kept else ""
    return labels.get(key, plain)[:LABEL_MAX]


def label(labels: Mapping[Key, str], *, owner: str, dataset: str) -> None:
    """Make the units if they are not there, and say how people write them; a story takes the label in when it is folded."""
    ids = make(labels.keys(), owner=owner, dataset=dataset)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE unit u SET label = k.label FROM unnest(%s::bigint[], %s::text[]) AS k (id, label) WHERE u.id = k.id",
            [[ids[key] for key in labels], list(labels.values())],
        )


@transaction.atomic
def make_pieces(pieces: Collection[tuple[int, str]], *, dataset: str) -> dict[tuple[int, str], int]:
    """Make the pieces of waybills, given as (waybill unit id, piece label).

    A piece is named by its waybill's own number, whatever reference led to it: else one piece would be two, and a
    reference that reads like the number of another shipment would lead to that one's piece.
    """
    wanted = sorted(set(pieces))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, number FROM unit WHERE id = ANY(%s)", [[parent for parent, _ in wanted]])
        parents = dict(cursor.fetchall())
        # No slash in a label, so that the last one always ends the waybill's number.
        numbers = {(parent, label): f"{parents[parent]}/{label.replace('/', '-')}" for parent, label in wanted}
        cursor.execute(
            """
            INSERT INTO unit (kind, number, label, owner, parent_id, dataset)
            SELECT 'piece', k.number, '', '', k.parent, %s FROM unnest(%s::text[], %s::bigint[]) AS k (number, parent)
            ON CONFLICT (kind, number) DO NOTHING
            """,
            [dataset, list(numbers.values()), [parent for parent, _ in wanted]],
        )
        cursor.execute(
            "SELECT number, id FROM unit WHERE kind = 'piece' AND number = ANY(%s)", [list(numbers.values())]
        )
        ids = dict(cursor.fetchall())
    start_stories(ids.values())
    return {piece: ids[number] for piece, number in numbers.items()}


def take_ids(count: int) -> list[int]:
    """Return so many new unit ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT huoji_unit_id() FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]


def start_stories(unit_ids: Collection[int]) -> None:
    """Give each new unit the row that its writers lock; fold version 0 says that it must be folded afresh."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO story (unit_id, fold_version, body) SELECT unnest(%s::bigint[]), 0, ''::bytea ON CONFLICT DO NOTHING",
            [sorted(unit_ids)],
        )


def keys_of(reports: Sequence[Report]) -> set[Key]:
    return {(report.target, report.number) for report in reports}


def holders_of(reports: Sequence[Report]) -> set[Key]:
    return {report.holder for report in reports if report.holder[0]}

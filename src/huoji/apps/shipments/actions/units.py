"""Names to units: find what reports speak of, and make the units that come into being by being named."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import connection

from huoji.core.permission import Actor, Scope
from huoji.core.report import REFERENCES, Report, Target

Key = tuple[str, str]  # (kind, number)
_REFERENCE_KINDS = {kind.value: kind.value for kind in REFERENCES} | {Target.CONTAINER_NUMBER.value: "container"}
_MADE_BY_NAME = frozenset(
    t.value for t in (Target.BAG, Target.PALLET, Target.TRIP, Target.VOYAGE, Target.CONTAINER, Target.EPC)
)


class Found(NamedTuple):
    """A unit as resolved: its id and the principal that brought it in."""

    unit_id: int
    owner: str


def resolve(keys: Collection[Key], *, actor: Actor) -> dict[Key, int]:
    """Find the units that the actor may write to; a reference names the newest waybill that carries it.

    What an outside party may not touch is not found, as if it did not exist.
    """
    found: dict[Key, Found] = {}
    plain = [key for key in keys if key[0] not in _REFERENCE_KINDS]
    named = [key for key in keys if key[0] in _REFERENCE_KINDS]
    with connection.cursor() as cursor:
        if plain:
            cursor.execute(
                """
                SELECT u.kind, u.number, u.id, u.owner FROM unit u
                JOIN unnest(%s::text[], %s::text[]) AS k (kind, number) ON u.kind = k.kind AND u.number = k.number
                WHERE u.voided_at IS NULL
                """,
                [[key[0] for key in plain], [key[1] for key in plain]],
            )
            found |= {(row[0], row[1]): Found(row[2], row[3]) for row in cursor.fetchall()}
        if named:
            cursor.execute(
                """
                SELECT DISTINCT ON (k.kind, k.value) k.kind, k.value, u.id, u.owner
                FROM unnest(%s::text[], %s::text[], %s::text[]) AS k (kind, stored, value)
                JOIN reference r ON r.value = k.value AND r.kind = k.stored
                JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL
                ORDER BY k.kind, k.value, u.id DESC
                """,
                [[key[0] for key in named], [_REFERENCE_KINDS[key[0]] for key in named], [key[1] for key in named]],
            )
            found |= {(row[0], row[1]): Found(row[2], row[3]) for row in cursor.fetchall()}
    outside = actor.scope in (Scope.PARTY, Scope.NONE)
    return {key: unit.unit_id for key, unit in found.items() if not outside or unit.owner == actor.principal}


def make(keys: Collection[Key], *, owner: str, dataset: str) -> dict[Key, int]:
    """Make the units that exist by being named (a trip, a voyage, a bag…), with an empty story to lock."""
    wanted = sorted({key for key in keys if key[0] in _MADE_BY_NAME})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO unit (kind, number, label, owner, dataset)
            SELECT kind, number, '', %s, %s FROM unnest(%s::text[], %s::text[]) AS k (kind, number)
            ON CONFLICT (kind, number) DO NOTHING
            """,
            [owner, dataset, [key[0] for key in wanted], [key[1] for key in wanted]],
        )
        cursor.execute(
            """
            SELECT u.kind, u.number, u.id FROM unit u
            JOIN unnest(%s::text[], %s::text[]) AS k (kind, number) ON u.kind = k.kind AND u.number = k.number
            """,
            [[key[0] for key in wanted], [key[1] for key in wanted]],
        )
        made = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    start_stories(made.values())
    return made


def make_pieces(pieces: Collection[tuple[int, str, str]], *, dataset: str) -> dict[tuple[int, str], int]:
    """Make the pieces of waybills, given as (waybill unit id, waybill number, piece label)."""
    wanted = sorted(set(pieces))
    if not wanted:
        return {}
    numbers = [f"{number}/{label}" for _, number, label in wanted]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO unit (kind, number, label, owner, parent_id, dataset)
            SELECT 'piece', k.number, '', '', k.parent, %s FROM unnest(%s::text[], %s::bigint[]) AS k (number, parent)
            ON CONFLICT (kind, number) DO NOTHING
            """,
            [dataset, numbers, [parent for parent, _, _ in wanted]],
        )
        cursor.execute("SELECT number, id FROM unit WHERE kind = 'piece' AND number = ANY(%s)", [numbers])
        ids = dict(cursor.fetchall())
    start_stories(ids.values())
    return {(parent, label): ids[f"{number}/{label}"] for parent, number, label in wanted}


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

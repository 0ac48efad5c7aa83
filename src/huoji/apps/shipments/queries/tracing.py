"""EPCs: what each party told of a traceable thing, with the documents themselves; for staff and that party, never public."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import connection

from huoji.apps.shipments.models import Batch
from huoji.apps.shipments.queries.facts import assemble
from huoji.apps.shipments.queries.tracking import reading
from huoji.core.answer import Answer, Audience
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.story import answer
from huoji.core.wording import Lang
from huoji.wire.epcis import identify

DOCUMENTS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """One party's telling of an EPC; `documents` are its events as they came, newest first."""

    owner: str
    answer: Answer
    documents: tuple[msgspec.Raw, ...]


def canonical(epc: str) -> str:
    """Return the one name of an EPC in whatever form it is given."""
    return identify(epc.strip()).canonical


def traced(actor: Actor, epc: str, *, now: datetime, language: Lang) -> list[Traced]:
    """Return what was told of an EPC: staff see every party's telling, a party its own."""
    if actor.scope not in (Scope.ALL, Scope.PARTY):
        return []
    name = canonical(epc)
    own = actor.principal if actor.scope is Scope.PARTY else None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, owner FROM unit
            WHERE kind = 'epc' AND label = %s AND voided_at IS NULL AND (%s::text IS NULL OR owner = %s)
            ORDER BY owner, id
            """,
            [name, own, own],
        )
        owners = dict(cursor.fetchall())
    audience = Audience.PARTY if own else Audience.STAFF
    stories = assemble(sorted(owners))
    return [
        Traced(
            owner=owner,
            answer=answer(
                stories[unit_id],
                number=name,
                reading=reading(stories[unit_id], audience=audience, now=now, language=language),
            ),
            documents=_documents(unit_id) if owner == actor.principal or actor.may(Permission.RAW_VIEW) else (),
        )
        for unit_id, owner in owners.items()
    ]


def _documents(unit_id: int) -> tuple[msgspec.Raw, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT v.raw FROM evidence v JOIN (
                SELECT evidence_id, max(occurred_at) AS at FROM event
                WHERE unit_id = %s AND evidence_id IS NOT NULL GROUP BY evidence_id
            ) e ON e.evidence_id = v.id WHERE v.raw IS NOT NULL ORDER BY e.at DESC, v.id DESC LIMIT %s
            """,
            [unit_id, DOCUMENTS_MAX],
        )
        return tuple(msgspec.Raw(row[0].encode()) for row in cursor.fetchall())


def held_in(actor: Actor, parent: tuple[str, str], *, at: datetime) -> list[str]:
    """Return the EPCs that the actor's own telling puts inside a parent at a moment, its last one included."""
    own = actor.principal if actor.scope is Scope.PARTY else None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT child.label FROM unit parent
            JOIN custody c ON c.holder_id = parent.id AND c.since <= %s AND c.until >= %s
            JOIN unit child ON child.id = c.unit_id AND child.kind = 'epc'
            WHERE parent.kind = 'epc' AND parent.label = %s AND (%s::text IS NULL OR parent.owner = %s)
            """,
            [int(at.timestamp()), int(at.timestamp()), parent[1], own, own],
        )
        return sorted(row[0] for row in cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One capture as its sender may ask for it."""

    id: int
    created_at: datetime
    finished_at: datetime | None
    state: str
    behaviour: str
    counts: dict[str, int]
    errors: list[dict[str, str]]


def job_seen_by(actor: Actor, job_id: int) -> Job | None:
    """Return a capture to whoever sent it, and to staff who see all."""
    row = Batch.objects.filter(pk=job_id, kind="epcis").first()
    if row is None or (row.principal != actor.principal and actor.scope is not Scope.ALL):
        return None
    return Job(
        id=row.pk,
        created_at=row.created_at,
        finished_at=row.finished_at,
        state=row.state,
        behaviour=row.mapping.get("behaviour", ""),
        counts=row.counts,
        errors=row.mapping.get("errors", []),
    )

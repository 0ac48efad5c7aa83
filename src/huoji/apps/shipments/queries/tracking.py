"""The one query behind every channel: numbers in, answers out, each cut to what its reader may know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from huoji.apps.places import queries as places
from huoji.apps.shipments.models import Party, Reference, Touch, Unit, Waybill
from huoji.apps.shipments.queries.facts import assemble
from huoji.apps.shipments.queries.movement import NOTHING, OUTLOOK, Movement, outlook_of, positions
from huoji.apps.shipments.queries.scope import visible_to
from huoji.apps.shipments.queries.sources import source_name
from huoji.core.answer import Answer, Audience, PartyView, Proof
from huoji.core.masking import mask_address, mask_name, mask_phone
from huoji.core.milestone import Status
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.sight import Outlook
from huoji.core.story import LINES, Reading, Story, answer, is_carried, is_under_way, unpack
from huoji.core.timeline import FOLD_VERSION, STATUSES
from huoji.core.whereabouts import cut
from huoji.core.wording import Lang

NUMBERS_MAX = 50

_TOLD = f"u.id, s.fold_version, s.body, m.unit_id IS NOT NULL, u.owner, {OUTLOOK}"
_BESIDE = "LEFT JOIN story_stale m ON m.unit_id = u.id LEFT JOIN waybill_outlook o ON o.unit_id = u.id"
_WAYBILLS = f"""
SELECT u.number, u.kind, {_TOLD} FROM unit u JOIN story s ON s.unit_id = u.id {_BESIDE}
WHERE u.kind = 'waybill' AND u.voided_at IS NULL AND u.number"""  # noqa: S608  columns of ours
_BY_NUMBER = f"{_WAYBILLS} = %s"
_BY_NUMBERS = f"{_WAYBILLS} = ANY(%s)"
# Numbers painted on boxes and printed on bills are used again and again. Where one shipment names it, it is that one's;
# where several do, the rule says whose it is now, else whose it was last.
_BY_REFERENCE = f"""
SELECT c.value, c.kind, {_TOLD}
FROM (
    SELECT r.value, min(r.unit_id) AS unit_id, min(r.kind) AS kind, count(DISTINCT r.unit_id) AS claims
    FROM reference r JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL
    WHERE r.value = ANY(%(values)s) AND r.kind = ANY(%(kinds)s) AND r.left_at IS NULL AND (%(own)s::text IS NULL OR u.owner = %(own)s)
    GROUP BY r.value
) c LEFT JOIN unit u ON u.id = c.unit_id AND c.claims = 1 LEFT JOIN story s ON s.unit_id = u.id {_BESIDE}
"""  # noqa: S608  columns of ours
_BY_USE = f"""
SELECT v.value, n.kind, {_TOLD}
FROM unnest(%(values)s::text[]) v (value)
CROSS JOIN LATERAL huoji_named(%(kinds)s, v.value, now(), %(own)s, interval '1000 years') n
JOIN unit u ON u.id = n.unit_id JOIN story s ON s.unit_id = u.id {_BESIDE}
"""  # noqa: S608  columns of ours
PUBLIC_REFERENCES = ("bill", "booking", "container")
PRIVATE_REFERENCES = (*PUBLIC_REFERENCES, "order", "customer", "carrier", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A number's story as found: `kind` is waybill or the kind of reference that led to it."""

    unit_id: int
    number: str
    kind: str
    owner: str
    story: Story
    outlook: Outlook | None


def find(
    numbers: Sequence[str], *, references: Iterable[str] = PUBLIC_REFERENCES, own: str | None = None
) -> dict[str, Told]:
    """Find the stories of normalised numbers, and what is expected of them, in one or two indexed reads; a stale one is folded fresh here.

    With `own`, references lead only to what this principal brought in.
    """
    rows = _read(_BY_NUMBER, list(numbers)) if len(numbers) == 1 else _read(_BY_NUMBERS, [list(numbers)])
    missing = [number for number in numbers if number not in {row[0] for row in rows}]
    if missing:
        asked = {"values": missing, "kinds": list(references), "own": own}
        named = _read(_BY_REFERENCE, asked)
        if shared := [row[0] for row in named if row[2] is None]:
            named = [row for row in named if row[2]] + _read(_BY_USE, asked | {"values": shared})
        rows += named
    unread = [row[2] for row in rows if row[5] or row[3] != FOLD_VERSION]
    fresh: Mapping[int, Story] = assemble(unread) if unread else {}
    return {
        row[0]: Told(
            unit_id=row[2], number=row[0], kind=row[1], owner=row[6], outlook=outlook_of(row[7:]),
            story=fresh[row[2]] if row[2] in fresh else unpack(row[4]),
        )
        for row in rows
    }  # fmt: skip


def _read(sql: str, parameters: list[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run a prepared statement on Django's connection; the hot path wants no ORM between."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, prepare=True, binary=True)
        return cursor.fetchall()


def reading(story: Story, *, audience: Audience, now: datetime, language: Lang) -> Reading:
    """Say how a story is read: by whom, when, and in whose words."""
    return Reading(
        audience=audience,
        now=int(now.timestamp()),
        silence_s=silence_of(story),
        place_name=partial(places.place_name, lang=language),
        source_name=source_name,
    )


def silence_of(story: Story) -> int:
    """Return how many seconds without news make a waybill of this story's line stalled."""
    return 3_600 * _silent_hours(LINES[story.line].value)


def silence_of_line(line: str) -> timedelta:
    return timedelta(hours=_silent_hours(line))


def _silent_hours(line: str) -> int:
    hours: int = getattr(settings.HUOJI, f"stall_{line}_hours")
    return hours


def answers(
    texts: Sequence[str], *, audience: Audience, now: datetime, language: Lang = Lang.ZH, owner: str = ""
) -> dict[str, Answer | None]:
    """Answer numbers as they were asked, at most NUMBERS_MAX; None where nothing may be said.

    A bare or verified reader sees waybill numbers and the numbers painted on boxes and bills; a party's own references
    answer only for shipments that `owner` brought in; staff see all.
    """
    asked = {text: normalise(text) for text in texts[:NUMBERS_MAX]}
    wide = audience in (Audience.PARTY, Audience.STAFF)
    found = find(
        list(dict.fromkeys(asked.values())),
        references=PRIVATE_REFERENCES if wide else PUBLIC_REFERENCES,
        own=owner if audience is Audience.PARTY else None,
    )
    told = {number: item for number, item in found.items() if audience is not Audience.PARTY or item.owner == owner}
    moved = _moved(told.values(), now=now)
    return {
        text: _answer(
            told[number], moved.get(told[number].unit_id, NOTHING), audience=audience, now=now, language=language
        )
        if number in told
        else None
        for text, number in asked.items()
    }


def _moved(told: Iterable[Told], *, now: datetime) -> dict[int, Movement]:
    """Return where it is and what is expected, of what is not at its end."""
    way = [each for each in told if is_under_way(each.story)]
    seen = positions([each.unit_id for each in way if is_carried(each.story)], now=now)
    return {each.unit_id: Movement(seen.get(each.unit_id), each.outlook) for each in way}


def _answer(
    told: Told, moved: Movement, *, audience: Audience, now: datetime, language: Lang, sees_fleet: bool = False
) -> Answer:
    """Render one story; only a waybill's own number opens parties, and never to a bare reader."""
    opens = audience is not Audience.BARE and (told.kind == "waybill" or audience is not Audience.VERIFIED)
    delivered = STATUSES[told.story.folded.status] in (Status.DELIVERED, Status.RETURNED)
    return answer(
        told.story,
        number=told.number,
        reading=reading(told.story, audience=audience, now=now, language=language),
        parties=parties(told.unit_id, audience=audience) if opens else (),
        proof=proof(told.unit_id, audience=audience) if opens and delivered else None,
        can_verify=audience is Audience.BARE and told.kind == "waybill",
        unit_id=told.unit_id,
        position=cut(moved.seen, audience=audience, sees_fleet=sees_fleet, now=int(now.timestamp()))
        if moved.seen
        else None,
        outlook=moved.outlook,
    )


def parties(unit_id: int, *, audience: Audience) -> tuple[PartyView, ...]:
    """Return the parties of a waybill, masked for the audience."""
    rows = Party.objects.filter(waybill_id=unit_id, erased_at=None).order_by("id")
    return tuple(
        PartyView(
            role=row.role,
            name=mask_name(row.name, level=audience),
            phone=mask_phone(row.phone, level=audience),
            address=mask_address(row.address, level=audience),
        )
        for row in rows
    )


_PROOF = """
SELECT v.signed_by, v.blobs FROM event e JOIN evidence v ON v.id = e.evidence_id
WHERE e.unit_id = %s AND e.milestone IN ('delivered', 'returned') AND (v.signed_by <> '' OR v.blobs <> '{}')
    AND NOT EXISTS (SELECT FROM event n WHERE n.unit_id = e.unit_id AND n.key = e.key AND n.rev > e.rev)
    AND NOT EXISTS (  -- who signed for another parcel is shown to nobody
        SELECT FROM event c WHERE c.unit_id = e.unit_id AND c.voids = e.key
            AND NOT EXISTS (SELECT FROM event b WHERE b.unit_id = c.unit_id AND b.voids = c.key)
    )
ORDER BY e.occurred_at DESC LIMIT 1
"""


def proof(unit_id: int, *, audience: Audience) -> Proof | None:
    """Return who signed and the pictures of it, masked for the audience."""
    rows = _read(_PROOF, [unit_id])
    return Proof(signed_by=mask_name(rows[0][0], level=audience), blobs=tuple(rows[0][1])) if rows else None


def number_of(unit_id: int) -> str:
    """Return the number of a unit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM unit WHERE id = %s", [unit_id])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def seen_by(actor: Actor, text: str, *, now: datetime, language: Lang) -> Answer | None:
    """Answer one number for a signed-in actor; None where it is not his to see."""
    told = named_for(actor, normalise(text))
    if told is None:
        return None
    audience = Audience.PARTY if actor.scope is Scope.PARTY else Audience.STAFF
    moved = _moved([told], now=now)
    return _answer(
        told, moved.get(told.unit_id, NOTHING), audience=audience, now=now, language=language,
        sees_fleet=actor.may(Permission.FLEET_VIEW),
    )  # fmt: skip


def named_for(actor: Actor, number: str) -> Told | None:
    """Find what a normalised number names for an actor: whose it is now, else whose of an outside party's own, else the newest he sees."""
    told = find([number], references=PRIVATE_REFERENCES).get(number)
    if told is None or may_see(actor, told):
        return told
    if actor.scope is Scope.PARTY:
        own = find([number], references=PRIVATE_REFERENCES, own=actor.principal).get(number)
        if own and own.owner == actor.principal:
            return own
    named = Reference.objects.filter(value=number, left_at=None).values("unit_id")
    unit = visible_to(actor).filter(kind=Unit.Kind.WAYBILL, id__in=named).order_by("-id").first()
    return replace(find([unit.number], references=())[unit.number], number=number, kind="reference") if unit else None


def may_see(actor: Actor, told: Told) -> bool:
    """Tell whether a waybill is within the actor's scope."""
    match actor.scope:
        case Scope.ALL:
            return True
        case Scope.PARTY:
            return told.owner == actor.principal or _is_party(actor, told.unit_id)
        case Scope.SITES:
            return Touch.objects.filter(site_id__in=actor.site_ids, unit_id=told.unit_id).exists()
        case Scope.NONE:
            return False


def _is_party(actor: Actor, unit_id: int) -> bool:
    """Tell whether the actor's customer placed the order or is a party of it."""
    if actor.party_id is None or not actor.principal.startswith("customer:"):
        return False
    return (
        Waybill.objects.filter(unit_id=unit_id, customer_id=actor.party_id).exists()
        or Party.objects.filter(waybill_id=unit_id, customer_id=actor.party_id).exists()
    )

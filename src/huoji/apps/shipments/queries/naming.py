"""What a number names now: a waybill by its own number or a reference of it, or one piece; and who else names it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from huoji.apps.shipments.models import Reference, Unit
from huoji.apps.shipments.queries.scope import visible_to
from huoji.apps.shipments.queries.tracking import PUBLIC_REFERENCES
from huoji.core.permission import Actor

RIVALS_MAX = 20
PACKAGE_REFERENCES = (Reference.Kind.CUSTOMER, Reference.Kind.CARRIER, Reference.Kind.SOURCE)  # that stand on a label


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A waybill, or the piece of it with this label."""

    unit_id: int
    number: str
    dataset: str
    piece: str = ""

    @property
    def text(self) -> str:
        """The number in full: that of the waybill, and the piece behind a slash."""
        return f"{self.number}/{self.piece}" if self.piece else self.number


def named(numbers: Collection[str]) -> dict[str, Named]:
    """Return what normalised numbers name; unknown ones are left out. Of several waybills under a reference whose it is now."""
    wanted = set(numbers)
    found = _waybills(wanted)
    cut = {text: text.rpartition("/") for text in wanted - found.keys() if "/" in text}
    heads = _waybills({head for head, _, label in cut.values() if head and label})
    for text, (head, _, label) in cut.items():
        if label and (waybill := heads.get(head)):
            found[text] = Named(
                unit_id=waybill.unit_id, number=waybill.number, dataset=waybill.dataset, piece=label
            )  # fmt: skip
    return found


def _waybills(numbers: Collection[str]) -> dict[str, Named]:
    if not numbers:
        return {}
    leads = whose(numbers, kinds=PACKAGE_REFERENCES)
    units = Unit.objects.filter(kind=Unit.Kind.WAYBILL).in_bulk(set(leads.values()))
    found = {number: _named(units[unit_id]) for number, unit_id in leads.items() if unit_id in units}
    own = Unit.objects.filter(kind=Unit.Kind.WAYBILL, number__in=numbers, voided_at=None)
    return found | {unit.number: _named(unit) for unit in own}


def _named(unit: Unit) -> Named:
    return Named(unit_id=unit.pk, number=unit.number, dataset=unit.dataset)


_WHOSE = """
SELECT c.value, coalesce(n.unit_id, c.unit_id)
FROM (
    SELECT r.value, min(r.unit_id) AS unit_id, count(DISTINCT r.unit_id) AS claims
    FROM reference r JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL
    WHERE r.value = ANY(%(values)s) AND r.kind = ANY(%(kinds)s) AND r.left_at IS NULL GROUP BY r.value
) c LEFT JOIN LATERAL (
    SELECT unit_id FROM huoji_named(%(kinds)s, c.value, now(), NULL, interval '1000 years') WHERE c.claims > 1
) n ON true
"""


def whose(values: Collection[str], *, kinds: Iterable[str] = Reference.Kind.values) -> dict[str, int]:
    """Return the waybill whose each reference is now, by the one rule for all (ADR 23); unknown ones are left out."""
    if not values:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE, {"values": list(values), "kinds": list(kinds)})
        return dict(cursor.fetchall())


# Names that a shipment of somebody else has, by the rule; only those that such a shipment names are asked for.
_OF_OTHERS = """
SELECT k.kind, k.value FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS k (kind, value)
CROSS JOIN LATERAL (
    SELECT unit_id FROM huoji_named(ARRAY[k.kind], k.value, now(), NULL, interval '1000 years') WHERE EXISTS (
        SELECT FROM reference r JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL AND u.owner <> %(own)s
        WHERE r.value = k.value AND r.kind = k.kind AND r.left_at IS NULL
    )
) n JOIN unit u ON u.id = n.unit_id AND u.owner <> %(own)s
"""


def of_others(names: Collection[tuple[str, str]], *, own: str) -> set[tuple[str, str]]:
    """Return which containers, bookings and bills answer for a shipment of another principal."""
    public = [name for name in names if name[0] in PUBLIC_REFERENCES]
    if not public:
        return set()
    with connection.cursor() as cursor:
        columns: dict[str, Any] = {
            "kinds": [kind for kind, _ in public],
            "values": [value for _, value in public],
            "own": own,
        }
        cursor.execute(_OF_OTHERS, columns)
        return set(cursor.fetchall())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A shipment under way of another principal that names the same container, booking or bill."""

    kind: str
    value: str
    number: str
    owner: str
    has_it: bool  # the number answers for the rival


_RIVALS = """
SELECT r.kind, r.value, o.id, o.number, o.owner, n.unit_id IS NOT DISTINCT FROM o.id
FROM unit u JOIN reference r ON r.unit_id = u.id AND r.left_at IS NULL AND r.kind = ANY(%s)
JOIN reference x ON x.value = r.value AND x.kind = r.kind AND x.left_at IS NULL
JOIN unit o ON o.id = x.unit_id AND o.voided_at IS NULL AND o.owner <> u.owner
JOIN waybill_state s ON s.unit_id = o.id AND s.status NOT IN ('delivered', 'returned', 'cancelled')
LEFT JOIN LATERAL huoji_named(ARRAY[r.kind], r.value, now(), NULL, interval '1000 years') n ON true
WHERE u.id = %s ORDER BY r.kind, r.value, o.id LIMIT %s
"""


def rivals(actor: Actor, unit_id: int) -> list[Rival]:
    """Return who else names the containers, bookings and bills of a visible shipment, as far as the actor sees them."""
    with connection.cursor() as cursor:
        cursor.execute(_RIVALS, [list(PUBLIC_REFERENCES), unit_id, RIVALS_MAX])
        rows = cursor.fetchall()
    seen = set(visible_to(actor).filter(id__in=[row[2] for row in rows]).values_list("id", flat=True)) if rows else ()
    return [
        Rival(kind=kind, value=value, number=number, owner=owner, has_it=has_it)
        for kind, value, other, number, owner, has_it in rows
        if other in seen
    ]

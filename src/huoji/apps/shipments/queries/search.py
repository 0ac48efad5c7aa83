"""What the palette finds: numbers by their beginning, and people by telephone or name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db import connection

from huoji.apps.fleet.queries import finding
from huoji.apps.shipments.models import Party, Reference, State, Unit
from huoji.apps.shipments.queries import naming
from huoji.apps.shipments.queries.lists import place_of
from huoji.apps.shipments.queries.scope import visible_to
from huoji.core.answer import Audience
from huoji.core.masking import mask_name, mask_phone
from huoji.core.milestone import Line, Status
from huoji.core.numbers import half_width, normalise
from huoji.core.permission import Actor
from huoji.core.wording import Lang

HITS_MAX = 12
SHARING_MAX = 5  # shipments shown for one of many numbers asked at once
CANDIDATES_MAX = 200  # rows looked at for one search by name or telephone
TEXT_MAX = 80
NUMBER_CHARS_MIN = 3
NAME_CHARS_MIN = 2
LAST_DIGITS = 4
PHONE_DIGITS = range(7, 16)

HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
LETTERS = re.compile(r"[^\W\d_]")
VEHICLES = (Unit.Kind.TRIP, Unit.Kind.VOYAGE, Unit.Kind.CONTAINER)


class PersonKey(StrEnum):
    """By what a person is looked up."""

    NAME = "name"
    PHONE = "phone"
    LAST4 = "last4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found: a shipment with how it stands, or a vehicle; `why` is what matched.

    `has_it` says that, of several shipments that name `why`, the number is this one's now.
    """

    unit_id: int
    kind: str
    number: str
    why: str = ""
    why_kind: str = ""
    has_it: bool = False
    status: Status | None = None
    line: Line | None = None
    route: tuple[str, str] = ("", "")
    person: str = ""
    phone: str = ""


def looks_like_number(text: str) -> bool:
    """Tell whether a text may be the beginning of a number: ASCII, with at least one digit."""
    number = normalise(text)
    return len(number) >= NUMBER_CHARS_MIN and number.isascii() and any(map(str.isdigit, number))


def person_key(text: str) -> PersonKey | None:
    """Say by what this text could name a person; None when it cannot."""
    plain = half_width(text).strip()
    digits = re.sub(r"[\s+()-]", "", plain)
    if digits.isdigit():
        if len(digits) == LAST_DIGITS:
            return PersonKey.LAST4
        return PersonKey.PHONE if len(digits) in PHONE_DIGITS else None
    if HAN_RUN.search(plain):
        return PersonKey.NAME
    letters = len(LETTERS.findall(plain))
    return PersonKey.NAME if letters >= NAME_CHARS_MIN and not any(map(str.isdigit, plain)) else None


def by_number(actor: Actor, text: str, *, lang: Lang) -> list[Hit]:
    """Find waybills and vehicles whose number, or any reference of theirs, begins like this; exact ones first."""
    number = normalise(text[:TEXT_MAX])
    if not looks_like_number(number):
        return []
    seen = visible_to(actor)
    own = seen.filter(kind=Unit.Kind.WAYBILL, number__startswith=number).order_by("number")[:HITS_MAX]
    found = {unit.pk: Hit(unit_id=unit.pk, kind=unit.kind, number=unit.number) for unit in own}
    named = Reference.objects.filter(value__startswith=number, left_at=None, unit__in=seen).select_related("unit")
    whose = naming.whose([number])
    having = named.filter(value=number, unit_id__in=whose.values())
    references = [*having, *named.order_by("value", "-unit_id")[:HITS_MAX]]
    is_shared = len({reference.unit_id for reference in references if reference.value == number}) > 1
    for reference in references:
        has_it = is_shared and whose.get(reference.value) == reference.unit_id
        found.setdefault(reference.unit_id, _referred(reference, has_it=has_it))
    vehicles = seen.filter(kind__in=VEHICLES, number__startswith=number).order_by("number")[:HITS_MAX]
    found |= {unit.pk: Hit(unit_id=unit.pk, kind=unit.kind, number=unit.number, why=unit.label) for unit in vehicles}
    hits = sorted(
        found.values(), key=lambda hit: (number not in (hit.number, hit.why), not hit.has_it, len(hit.number))
    )
    return _with_states(hits[:HITS_MAX], lang=lang)


def runs(actor: Actor, text: str) -> list[Hit]:
    """Find trips and voyages by any part of their number, as far as the fleet knows them, else by its beginning."""
    number = normalise(text[:TEXT_MAX])
    ids = finding.runs_like(actor, text[:TEXT_MAX])
    seen = visible_to(actor).filter(kind__in=VEHICLES)
    found = seen.in_bulk(ids)
    units = [found[pk] for pk in ids if pk in found]
    if not number.isascii() and len(number) >= NUMBER_CHARS_MIN:
        begun = seen.filter(number__startswith=number).exclude(pk__in=ids).order_by("-pk")
        units += begun[: max(0, finding.RUNS_MAX - len(units))]
    return [Hit(unit_id=unit.pk, kind=unit.kind, number=unit.number, why=unit.label) for unit in units]


def by_numbers(actor: Actor, numbers: Sequence[str], *, lang: Lang) -> list[Hit]:
    """Find the waybills of whole numbers or references, in the order of asking; of several first whose it is now."""
    wanted = list(dict.fromkeys(normalise(number) for number in numbers))
    seen = visible_to(actor).filter(kind=Unit.Kind.WAYBILL)
    found = {
        unit.number: [Hit(unit_id=unit.pk, kind=unit.kind, number=unit.number)]
        for unit in seen.filter(number__in=wanted)
    }
    named: dict[str, dict[int, Reference]] = {}
    rows = Reference.objects.filter(value__in=set(wanted) - found.keys(), left_at=None, unit__in=seen)
    for row in rows.select_related("unit").order_by("-unit_id"):
        named.setdefault(row.value, {})[row.unit_id] = row
    whose = naming.whose([number for number, each in named.items() if len(each) > 1])
    for number, each in named.items():
        hits = [_referred(row, has_it=whose.get(number) == row.unit_id) for row in each.values()]
        found[number] = sorted(hits, key=lambda hit: not hit.has_it)[:SHARING_MAX]
    return _with_states((hit for number in wanted for hit in found.get(number, ())), lang=lang)


def _referred(reference: Reference, *, has_it: bool) -> Hit:
    unit = reference.unit
    return Hit(
        unit_id=unit.pk, kind=unit.kind, number=unit.number, why=reference.value, why_kind=reference.kind, has_it=has_it
    )  # fmt: skip


def by_person(actor: Actor, text: str, *, key: PersonKey, lang: Lang) -> list[Hit]:
    """Find shipments within the actor's scope by a party's telephone or name; what is shown stays masked."""
    ids = _candidates(text, key=key)
    rows = Party.objects.filter(id__in=ids, erased_at=None, waybill_id__in=visible_to(actor).values("id"))
    hits = {
        row.waybill_id: Hit(
            unit_id=row.waybill_id, kind=Unit.Kind.WAYBILL, number=row.waybill.unit.number, why_kind=row.role,
            person=mask_name(row.name, level=Audience.STAFF), phone=mask_phone(row.phone, level=Audience.STAFF),
        )
        for row in rows.select_related("waybill__unit").order_by("waybill_id", "-role")
    }  # fmt: skip
    newest = sorted(hits.values(), key=lambda hit: -hit.unit_id)
    return _with_states(newest[:HITS_MAX], lang=lang)


_BY_DIGITS = """
SELECT id FROM party WHERE phone_last4 = right(%(digits)s, 4) AND erased_at IS NULL
AND regexp_replace(phone, '\\D', '', 'g') LIKE '%%' || %(digits)s ORDER BY waybill_id DESC LIMIT %(limit)s
"""
_BY_HAN = """
SELECT id FROM party WHERE cjk_bigrams(name || ' ' || address) @> cjk_bigrams(%(text)s) AND erased_at IS NULL
AND strpos(name || ' ' || address, %(text)s) > 0 ORDER BY waybill_id DESC LIMIT %(limit)s
"""
_BY_LETTERS = """
SELECT id FROM party WHERE lower(name) LIKE %(pattern)s AND erased_at IS NULL ORDER BY waybill_id DESC LIMIT %(limit)s
"""


def _candidates(text: str, *, key: PersonKey) -> list[int]:
    plain = half_width(text[:TEXT_MAX]).strip()
    parameters: dict[str, str | int] = {"text": plain, "limit": CANDIDATES_MAX}
    if key is not PersonKey.NAME:
        sql = _BY_DIGITS
        parameters["digits"] = _national(re.sub(r"\D", "", plain))
    elif HAN_RUN.search(plain):
        sql = _BY_HAN
    else:
        sql = _BY_LETTERS
        parameters["pattern"] = re.sub(r"([\\%_])", r"\\\1", plain.lower()) + "%"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]


def _national(digits: str) -> str:
    """Return a telephone number without the code of China, under which nobody writes it down."""
    return digits.removeprefix("0086").removeprefix("86") if len(digits) > len("13800138000") else digits


def _with_states(hits: Iterable[Hit], *, lang: Lang) -> list[Hit]:
    """Say of each shipment how it stands."""
    hits = list(hits)
    rows = State.objects.filter(unit_id__in=[hit.unit_id for hit in hits]).select_related("unit__waybill")
    states = {row.unit_id: row for row in rows}
    return [_with_state(hit, states[hit.unit_id], lang=lang) if hit.unit_id in states else hit for hit in hits]


def _with_state(hit: Hit, row: State, *, lang: Lang) -> Hit:
    waybill = row.unit.waybill
    return replace(
        hit, status=Status(row.status), line=Line(row.line), route=(
            place_of(waybill.origin_id, waybill.origin, lang=lang),
            place_of(waybill.destination_id, waybill.destination, lang=lang),
        ),
    )  # fmt: skip

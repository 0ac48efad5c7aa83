"""What a waybill's label says, with its parties masked."""

from dataclasses import dataclass, field
from decimal import Decimal

from huoji.apps.places import queries as places
from huoji.apps.shipments.models import Reference, Waybill
from huoji.apps.shipments.queries.tracking import find, may_see, parties
from huoji.core.answer import Audience
from huoji.core.milestone import Line
from huoji.core.numbers import normalise
from huoji.core.permission import Actor
from huoji.core.wording import Lang

Party = dict[str, str]
NOBODY: Party = {"name": "", "phone": "", "address": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The facts of one label."""

    number: str
    line: Line
    origin: str
    destination: str
    goods: str
    pieces: int
    weight_kg: Decimal | None
    consignee: Party = field(default_factory=lambda: NOBODY)
    shipper: Party = field(default_factory=lambda: NOBODY)
    references: tuple[str, ...] = ()


def label_of(actor: Actor, text: str, *, lang: Lang) -> Label | None:
    """Return the label of a waybill that the actor may see, with the names of our sites in `zh` or `en`."""
    number = normalise(text)
    told = find([number], references=()).get(number)
    if told is None or not may_see(actor, told):
        return None
    row = Waybill.objects.get(unit_id=told.unit_id)
    masked = {
        party.role: {"name": party.name, "phone": party.phone, "address": party.address}
        for party in parties(told.unit_id, audience=Audience.VERIFIED)
    }
    return Label(
        number=number,
        line=Line(row.line),
        origin=_site(row.origin_id, row.origin, lang),
        destination=_site(row.destination_id, row.destination, lang),
        goods=row.goods,
        pieces=row.pieces,
        weight_kg=row.weight_kg,
        consignee=masked.get("consignee", NOBODY),
        shipper=masked.get("shipper", NOBODY),
        references=tuple(
            Reference.objects.filter(unit_id=told.unit_id, left_at=None).order_by("id").values_list("value", flat=True)
        ),
    )


def _site(site_id: int | None, text: str, lang: Lang) -> str:
    return (places.place_name(site_id, lang=lang) if site_id else "") or text

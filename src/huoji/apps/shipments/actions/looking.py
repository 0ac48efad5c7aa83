"""Looking at people: finding shipments by telephone or name, and seeing the parties of one in full; both leave a row."""

from dataclasses import dataclass

from huoji.apps.accounts.actions import note_search, note_unmask, require
from huoji.apps.shipments.models import Party, Unit
from huoji.apps.shipments.queries import search
from huoji.apps.shipments.queries.scope import visible_to
from huoji.apps.shipments.queries.search import Hit, PersonKey
from huoji.core.answer import PartyView
from huoji.core.permission import Actor, Permission
from huoji.core.wording import Lang
from huoji.kit.problem import Problem


def look_up(actor: Actor, *, text: str, key: PersonKey, lang: Lang) -> list[Hit]:
    """Find visible shipments by a party's telephone or name: counted, limited, alarmed, and answered masked."""
    note_search(actor, by=key.value)
    return search.by_person(actor, text, key=key, lang=lang)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmasked:
    """The parties of one shipment in full, for one view."""

    number: str
    parties: tuple[PartyView, ...]


def unmask(actor: Actor, *, unit_id: int, cause: str) -> Unmasked:
    """Return the parties in full; who saw them, and why, stays in the audit."""
    require(actor, Permission.PARTY_UNMASK)
    unit = visible_to(actor).filter(pk=unit_id, kind=Unit.Kind.WAYBILL).first()
    if unit is None:
        raise Problem("not_found", 404)
    note_unmask(actor, target=f"waybill:{unit.number}", cause=cause)
    rows = Party.objects.filter(waybill_id=unit_id, erased_at=None).order_by("id")
    views = (PartyView(role=row.role, name=row.name, phone=row.phone, address=row.address) for row in rows)
    return Unmasked(number=unit.number, parties=tuple(views))

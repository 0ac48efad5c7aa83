"""Set up the shelves of a site, and take one out of use."""

from dataclasses import dataclass

from django.db import transaction

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.places import queries as places
from huoji.apps.warehouse.actions.refusals import at_own_site, refuse
from huoji.apps.warehouse.models import Location, Stay
from huoji.core.handling import LOCATIONS_MAX, MoveError, pasted
from huoji.core.permission import Actor, Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of a pasted list: how many shelves are new, how many were there, and which words are none."""

    new: int
    known: int
    wrong: tuple[str, ...]


@transaction.atomic
def add_locations(actor: Actor, *, site_id: int, text: str, dataset: str = "") -> Added:
    """Add the shelves of a pasted list; nothing is added while a word of it is no shelf. One that was closed is open again."""
    require(actor, Permission.STORAGE_MANAGE)
    at_own_site(actor, site_id)
    try:
        found, wrong = pasted(text)
    except MoveError as error:
        raise refuse("invalid_location", error.detail) from error
    if wrong:
        return Added(new=0, known=0, wrong=tuple(wrong))
    codes = [each.code for each in found]
    reopened = Location.objects.filter(site_id=site_id, code__in=codes, active=False).update(active=True)
    known = set(Location.objects.filter(site_id=site_id).values_list("code", flat=True))
    fresh = [each for each in found if each.code not in known]
    if len(known) + len(fresh) > LOCATIONS_MAX:
        raise refuse("invalid_location", f"A site has at most {LOCATIONS_MAX} shelves.")
    Location.objects.bulk_create(
        [
            Location(
                site_id=site_id, code=each.code, area=each.area, row=each.row, slot=each.slot,
                dataset=dataset or actor.dataset,
            )
            for each in fresh
        ]
    )  # fmt: skip
    if fresh or reopened:
        _audit(actor, site_id, verb="shelf.add", changed={"shelves": len(fresh) + reopened}, dataset=dataset)
    return Added(new=len(fresh) + reopened, known=len(found) - len(fresh) - reopened, wrong=())


@transaction.atomic
def set_active(actor: Actor, *, site_id: int, location_id: int, is_active: bool) -> None:
    """Take a shelf out of use, or back into it; one that holds goods stays in use."""
    require(actor, Permission.STORAGE_MANAGE)
    at_own_site(actor, site_id)
    row = Location.objects.select_for_update().filter(pk=location_id, site_id=site_id).first()
    if row is None:
        raise refuse("not_found")
    if row.active == is_active:
        return
    if not is_active and Stay.objects.filter(location=row, until=None).exists():
        raise refuse("location_in_use")
    Location.objects.filter(pk=row.pk).update(active=is_active)
    _audit(actor, site_id, verb="shelf.open" if is_active else "shelf.close", changed={"shelf": row.code}, dataset="")


def _audit(actor: Actor, site_id: int, *, verb: str, changed: dict[str, object], dataset: str) -> None:
    code = places.places()[site_id].code
    record_audit(actor, verb=verb, target=f"site:{code}", changed=changed, dataset=dataset)

"""Which sites of the warehouse an actor may see and work at."""

from django.db.models import Q

from huoji.apps.places import queries as places
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.place import Place, SiteKind

SITES_MAX = 500


def may_work_at(actor: Actor, site_id: int) -> bool:
    """Tell whether the actor works at this site, or at all of them."""
    return site_id in places.places() and (actor.scope is Scope.ALL or site_id in actor.site_ids)


def at_visible_sites(actor: Actor) -> Q:
    """Return the condition of rows at sites that the actor may see."""
    if not actor.may(Permission.STORAGE_VIEW):
        return Q(pk__in=[])
    match actor.scope:
        case Scope.ALL:
            return Q()
        case Scope.SITES:
            return Q(site_id__in=actor.site_ids)
        case Scope.PARTY | Scope.NONE:
            return Q(pk__in=[])


def sites_of(actor: Actor) -> list[Place]:
    """Return the sites where the actor may work: his own, or every warehouse, hub and outlet for who sees all; warehouses first."""
    kinds = (SiteKind.WAREHOUSE, SiteKind.HUB, SiteKind.OUTLET)
    found = [
        place
        for place in places.places().values()
        if place.active and may_work_at(actor, place.id) and (place.kind in kinds or place.id in actor.site_ids)
    ]
    found.sort(key=lambda place: (place.kind is not SiteKind.WAREHOUSE, place.code))
    return found[:SITES_MAX]

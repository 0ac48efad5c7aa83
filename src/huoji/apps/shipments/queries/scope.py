"""Which units an actor may see: the start of every read of the workspace."""

from django.db.models import Q, QuerySet

from huoji.apps.shipments.models import Party, State, Touch, Unit, Waybill
from huoji.core.permission import Actor, Permission, Scope


def visible_to(actor: Actor) -> QuerySet[Unit]:
    """Return the units of every kind that lie within the actor's scope; nothing that an undone import brought."""
    rows = Unit.objects.filter(voided_at=None)
    if not actor.may(Permission.SHIPMENT_VIEW):
        return rows.none()
    match actor.scope:
        case Scope.ALL:
            return rows
        case Scope.SITES:
            touched = Touch.objects.filter(site_id__in=actor.site_ids)
            return rows.filter(Q(id__in=touched.values("unit_id")) | Q(parent_id__in=touched.values("unit_id")))
        case Scope.PARTY:
            return rows.filter(_of_party(actor))
        case Scope.NONE:
            return rows.none()


def _of_party(actor: Actor) -> Q:
    """Return what a customer or partner brought in, ordered, or is a party of."""
    mine = Q(owner=actor.principal)
    if actor.party_id is None or not actor.principal.startswith("customer:"):
        return mine
    ordered = Waybill.objects.filter(customer_id=actor.party_id).values("unit_id")
    named = Party.objects.filter(customer_id=actor.party_id).values("waybill_id")
    return mine | Q(id__in=ordered) | Q(id__in=named)


def waybills_visible_to(actor: Actor) -> QuerySet[State]:
    """Return what is searched of the waybills within the actor's scope."""
    rows = State.objects.filter(unit__voided_at=None, unit__kind=Unit.Kind.WAYBILL)
    if actor.scope is Scope.ALL and actor.may(Permission.SHIPMENT_VIEW):
        return rows  # the common case needs no list of ids
    return rows.filter(unit_id__in=visible_to(actor).values("id"))

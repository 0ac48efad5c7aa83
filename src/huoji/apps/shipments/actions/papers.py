"""Bookings and bills of lading as shipments name them: made, kept still meanwhile, and others' told whose they are now."""

from collections.abc import Collection

from huoji.apps.shipments.actions import ledger, units
from huoji.apps.shipments.actions.units import is_outside
from huoji.apps.shipments.models import Reference
from huoji.core.custody import PAPERS


def hold(names: Collection[units.Key], *, owner: str, dataset: str, beside: Collection[int] = ()) -> None:
    """Make and lock the bookings and bills that shipments of an owner are about to name, with whatever held those.

    An event that is being told of one of them then either finds the shipment or is found by it. `beside` are the shipments
    themselves as far as they are known already: all are locked at once, in the one order.
    """
    wanted = {name for name in names if name[0] in PAPERS}
    owners = ("", owner) if is_outside(owner) else ("",)
    made = [units.make(wanted, owner=each, dataset=dataset).values() for each in owners] if wanted else []
    ledger.keep_still({paper for each in made for paper in each}, beside=beside)


def renew_others(names: Collection[units.Key], *, known: Collection[int], owner: str) -> None:
    """Mark the waybills of other outside parties that name these papers: whose a paper is may have changed."""
    values = {value for kind, value in names if kind in PAPERS}
    if not values:
        return
    naming = Reference.objects.filter(kind__in=PAPERS, value__in=values)
    others = naming.exclude(unit__owner__in=("", owner)).values_list("unit_id", flat=True)
    if touched := set(others) - set(known):
        ledger.mark_stale(touched)

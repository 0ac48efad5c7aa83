"""When goods left whatever warehouse they stood in, as far as the stories of their shipments tell."""

from collections.abc import Collection
from dataclasses import dataclass

from huoji.apps.shipments.models import Unit, Waybill
from huoji.apps.shipments.queries.facts import assemble, custody_of, own_facts
from huoji.core.custody import Hold, chain
from huoji.core.leaving import Leaving, all_left, believed, leavings
from huoji.core.timeline import live

CARRIERS = (Unit.Kind.TRIP, Unit.Kind.VOYAGE)  # a bag, a pallet or a container may stand in the warehouse itself


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingsOf:
    """What one waybill tells: of the whole, and of each piece by its label."""

    whole: tuple[Leaving, ...]
    pieces: dict[str, tuple[Leaving, ...]]


def leavings_of(waybill_ids: Collection[int]) -> dict[int, LeavingsOf]:
    """Read it afresh from events and custody; in a fixed number of statements."""
    ids = sorted(waybill_ids)
    stories = assemble(ids)
    pieces: dict[int, dict[int, str]] = {each: {} for each in ids}
    for unit in Unit.objects.filter(parent_id__in=ids, kind=Unit.Kind.PIECE, voided_at=None):
        assert unit.parent_id is not None
        pieces[unit.parent_id][unit.pk] = unit.number.rpartition("/")[2]
    aboard = _aboard([*ids, *(piece for each in pieces.values() for piece in each)])
    totals = dict(Waybill.objects.filter(unit_id__in=ids).values_list("unit_id", "pieces"))
    found: dict[int, LeavingsOf] = {}
    for each in ids:
        facts = stories[each].facts if each in stories else ()
        whole = leavings([fact for fact in facts if not fact.piece], aboard.get(each, ()))
        single = {
            piece: leavings([fact for fact in facts if fact.piece == piece], aboard.get(piece, ()))
            for piece in pieces[each]
        }
        found[each] = LeavingsOf(
            whole=tuple(all_left(whole, single, total=totals.get(each, 1))),
            pieces={label: tuple(sorted({*whole, *single[piece]})) for piece, label in pieces[each].items()},
        )
    return found


def labels_of(unit_ids: Collection[int]) -> dict[int, str]:
    """Return what trips and voyages are called."""
    rows = Unit.objects.filter(pk__in=unit_ids).values_list("pk", "label", "number")
    return {unit_id: label or number for unit_id, label, number in rows}


def _aboard(unit_ids: Collection[int]) -> dict[int, list[Hold]]:
    """Return over which spans a trip or voyage held the units, directly or through another."""
    custody = custody_of(unit_ids)
    facts = own_facts(custody.keys())
    for unit_id, each in custody.items():
        loads = {(fact.holder, fact.at): fact for fact in live(facts[unit_id]) if fact.holder}
        custody[unit_id] = [believed(hold, loads) for hold in each]
    held = {unit_id: chain(unit_id, custody) for unit_id in unit_ids}
    holders = {hold.holder for each in held.values() for hold in each}
    carriers = set(Unit.objects.filter(pk__in=holders, kind__in=CARRIERS).values_list("pk", flat=True))
    return {unit_id: [hold for hold in each if hold.holder in carriers] for unit_id, each in held.items()}

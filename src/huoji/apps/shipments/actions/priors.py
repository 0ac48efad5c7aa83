"""What shipments said before an import revised them: kept with each revision, given back when the import is undone."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import ledger, papers
from huoji.apps.shipments.models import Leg, Party, Prior, PriorParty, Reference, Unit, Waybill
from huoji.apps.shipments.queries.facts import own_facts
from huoji.core.timeline import live
from huoji.core.undoing import Fate, fate

_COLUMNS = (
    "line", "customer_id", "origin", "origin_id", "destination", "destination_id", "goods", "pieces", "weight_kg",
    "volume_m3", "remark", "digest",
)  # fmt: skip
_LEG = (
    "seq", "mode", "from_place", "from_id", "to_place", "to_id", "departs_at", "arrives_at", "carrier_unit_id", "dataset",
)  # fmt: skip
_PARTY = ("role", "name", "phone", "address", "phone_last4", "customer_id")
_SITES = ("origin_id", "destination_id", "from_id", "to_id")
NEVER = datetime.fromtimestamp(0, UTC)
_EMPTY: Mapping[str, Any] = {
    "customer_id": None, "origin": "", "origin_id": None, "destination": "", "destination_id": None, "goods": "",
    "pieces": 1, "weight_kg": None, "volume_m3": None, "remark": "", "digest": 0,
}  # fmt: skip


def keep(unit_ids: Collection[int], *, batch_id: int) -> None:
    """Keep what these shipments say, which the batch is about to revise; of two revisions of one batch the first counts."""
    known = set(Prior.objects.filter(unit_id__in=unit_ids, batch_id=batch_id).values_list("unit_id", flat=True))
    wanted = sorted(set(unit_ids) - known)
    legs: dict[int, list[dict[str, Any]]] = {}
    for leg in Leg.objects.filter(waybill_id__in=wanted).order_by("seq"):
        legs.setdefault(leg.waybill_id, []).append(_told(leg, _LEG))
    references: dict[int, list[list[str | None]]] = {}
    for row in Reference.objects.filter(unit_id__in=wanted, left_at=None).order_by("id"):
        named_at = row.named_at.isoformat() if row.named_at else None
        references.setdefault(row.unit_id, []).append([row.kind, row.value, named_at, row.dataset])
    Prior.objects.bulk_create(
        Prior(
            unit_id=row.unit_id, batch_id=batch_id, said_batch=row.said_batch,
            said={"waybill": _told(row, _COLUMNS), "legs": legs.get(row.unit_id, []), "references": references.get(row.unit_id, [])}
            if row.digest
            else {},
        )
        for row in Waybill.objects.filter(unit_id__in=wanted)
    )  # fmt: skip
    PriorParty.objects.bulk_create(
        PriorParty(unit_id=row.waybill_id, batch_id=batch_id, **{name: getattr(row, name) for name in _PARTY})
        for row in Party.objects.filter(waybill_id__in=wanted, erased_at=None)
    )


def _told(row: Any, fields: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in fields}
    return {name: value if isinstance(value, int | None) else str(value) for name, value in values.items()}


@transaction.atomic
def give_back(unit_ids: Collection[int], *, batch_id: int, now: datetime) -> Counter[Fate]:
    """Let each of these shipments say what it would say had the batch never spoken of it; its events are taken back already."""
    locked = Unit.objects.select_for_update(of=("self",), no_key=True).select_related("waybill").order_by("id")
    rows = list(locked.filter(id__in=unit_ids, kind=Unit.Kind.WAYBILL, voided_at=None))
    ids = [row.pk for row in rows]
    priors = {row.unit_id: row for row in Prior.objects.filter(unit_id__in=ids, batch_id=batch_id)}
    told = _told_of(ids)
    done: Counter[Fate] = Counter()
    for row in rows:
        waybill, prior = row.waybill, priors.get(row.pk)
        is_made = waybill.batch_id == batch_id
        said = prior.said if prior else {}
        judged = fate(
            says=waybill.said_batch == batch_id, has_prior=bool(said), is_empty=not waybill.digest,
            is_told=row.pk in told,
        )  # fmt: skip
        if prior or is_made:
            _pass_on(row.pk, batch_id, said, prior.said_batch if prior else None)
        if judged is Fate.HIDDEN:
            Unit.objects.filter(pk=row.pk).update(voided_at=now)
            named = set(Reference.objects.filter(unit_id=row.pk).values_list("kind", "value"))
            papers.renew_others(named, known=[row.pk], owner=row.owner)
        elif judged in (Fate.RESTORED, Fate.EMPTIED):
            _say(row, said, batch_id=batch_id, said_batch=prior.said_batch if prior else None)
        if is_made and judged is not Fate.HIDDEN:
            Waybill.objects.filter(pk=row.pk).update(batch_id=None)
        if prior or is_made or judged is not Fate.KEPT:
            done[judged] += 1
    for model in (Prior, PriorParty):
        model.objects.filter(unit_id__in=ids, batch_id=batch_id).delete()
    if done:
        ledger.mark_stale(ids)
    return done


def _told_of(unit_ids: Collection[int]) -> set[int]:
    """Return the shipments of which events stand, told of themselves or of a piece."""
    pieces = dict(Unit.objects.filter(parent_id__in=unit_ids, kind=Unit.Kind.PIECE).values_list("id", "parent_id"))
    facts = own_facts([*unit_ids, *pieces])
    return {pieces.get(unit_id) or unit_id for unit_id, each in facts.items() if live(each)}


def _pass_on(unit_id: int, batch_id: int, said: Mapping[str, Any], said_batch: int | None) -> None:
    """Let a later import that revised what this batch said go back to what was said before this batch."""
    later = Prior.objects.filter(unit_id=unit_id, said_batch=batch_id)
    for batch in list(later.values_list("batch_id", flat=True)):
        parties = PriorParty.objects.filter(unit_id=unit_id, batch_id=batch_id)
        PriorParty.objects.filter(unit_id=unit_id, batch_id=batch).delete()
        PriorParty.objects.bulk_create(
            PriorParty(unit_id=unit_id, batch_id=batch, **{name: getattr(row, name) for name in _PARTY})
            for row in parties
        )
    later.update(said=said, said_batch=said_batch)


def _say(unit: Unit, said: Mapping[str, Any], *, batch_id: int, said_batch: int | None) -> None:
    """Put a shipment's own data back as they were said, or take them away where nobody said any."""
    sites = places.places()
    Waybill.objects.filter(pk=unit.pk).update(said_batch=said_batch, **_here(said.get("waybill", _EMPTY), sites))
    Party.objects.filter(waybill_id=unit.pk, erased_at=None).delete()
    erased = set(Party.objects.filter(waybill_id=unit.pk).values_list("role", flat=True))
    Party.objects.bulk_create(
        Party(waybill_id=unit.pk, dataset=unit.dataset, **{name: getattr(row, name) for name in _PARTY})
        for row in PriorParty.objects.filter(unit_id=unit.pk, batch_id=batch_id).exclude(role__in=erased)
    )
    legs = [_here(leg, sites) for leg in said.get("legs", ())]
    carriers = {leg["carrier_unit_id"] for leg in legs}
    there = set(Unit.objects.filter(id__in=carriers - {None}).values_list("id", flat=True))
    Leg.objects.filter(waybill_id=unit.pk).delete()
    Leg.objects.bulk_create(
        Leg(waybill_id=unit.pk, **leg | {"carrier_unit_id": leg["carrier_unit_id"] if leg["carrier_unit_id"] in there else None})
        for leg in legs
    )  # fmt: skip
    _name(unit, said.get("references", ()))


def _name(unit: Unit, told: Collection[tuple[str, str, str | None, str]]) -> None:
    """Let a shipment name what it named before the batch, and as if the batch had named and given up nothing.

    What others told of it under a number of the batch's stands here: that row stays, and answers for no time.
    """
    named = {(kind, value): (named_at, dataset) for kind, value, named_at, dataset in told}
    rows = list(Reference.objects.filter(unit_id=unit.pk))
    now = {(row.kind, row.value): row for row in rows if row.left_at is None}
    gone = [row for key, row in now.items() if key not in named]
    papers.hold(named, owner=unit.owner, dataset=unit.dataset)
    Reference.objects.filter(id__in=[row.pk for row in gone]).update(left_at=Coalesce("named_at", Value(NEVER)))
    for (kind, value), (named_at, dataset) in named.items():
        if (kind, value) not in now:
            since = datetime.fromisoformat(named_at) if named_at else None
            before = [row.pk for row in rows if (row.kind, row.value, row.named_at) == (kind, value, since)]
            if not Reference.objects.filter(pk__in=before[-1:]).update(left_at=None):
                Reference.objects.create(unit=unit, kind=kind, value=value, named_at=since, dataset=dataset)
    papers.renew_others({*named, *((row.kind, row.value) for row in gone)}, known=[unit.pk], owner=unit.owner)


def _here(told: Mapping[str, Any], sites: Collection[int]) -> dict[str, Any]:
    """Return columns without sites that are gone since."""
    return {name: None if name in _SITES and value not in sites else value for name, value in told.items()}

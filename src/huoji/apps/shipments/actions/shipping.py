"""Create shipments: number, rows, first events and the parked events that waited for them, in one transaction a chunk."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec import structs
from psycopg.errors import UniqueViolation

from huoji.apps.customers import queries as customers
from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import ledger, numbering, papers, priors, recording, units
from huoji.apps.shipments.actions.recording import Result, Writing
from huoji.apps.shipments.models import Leg, Link, Order, Party, Reference, State, Unit, Waybill
from huoji.apps.shipments.queries import naming
from huoji.apps.shipments.queries.tracking import PUBLIC_REFERENCES
from huoji.core.draft import Draft, last4
from huoji.core.moment import Moment
from huoji.core.permission import Scope
from huoji.core.report import Report, identity
from huoji.kit.colliding import in_transaction

CHUNK_MAX = 500
PAST_NAMES_MAX = 200  # that a shipment gave up; of more the oldest are forgotten
MIRROR = {
    "returned_as": "return_of",
    "return_of": "returned_as",
    "forwarded_as": "forward_of",
    "forward_of": "forwarded_as",
}
STORED_KIND = {"container": "container_number"}  # how reports name a reference of that kind


@dataclass(frozen=True, slots=True)
class Shipped:
    """The answer to one shipment of a batch."""

    result: Result
    number: str = ""
    code: str = ""
    detail: str = ""
    unit_id: int = 0


IN_USE = (
    "The {} number {} is in use by somebody else's shipment: public questions and what the carrier tells of it go there. "
    "Your shipment is found by its own number, and with your key under all its numbers."
)
TAKEN = ("number_taken", "This number belongs to another shipment; use the number that was given to yours.")


def ship(drafts: Sequence[Draft], writing: Writing) -> list[Shipped]:
    """Create shipments; the same again is a duplicate, another content under one's own number a revision."""
    answers: list[Shipped] = []
    for start in range(0, len(drafts), CHUNK_MAX):
        chunk = drafts[start : start + CHUNK_MAX]
        answers += _warned(chunk, _create(chunk, writing), writing)
    return answers


def _warned(drafts: Sequence[Draft], answers: Sequence[Shipped], writing: Writing) -> list[Shipped]:
    """Tell an outside party which container or paper of its shipments answers for somebody else's, and never whose."""
    if writing.actor.scope is not Scope.PARTY:
        return list(answers)
    names = {name for draft in drafts for name in draft.references}
    taken = naming.of_others(names, own=writing.actor.principal)
    return [
        replace(given, code="number_in_use", detail=IN_USE.format(*shared[0]))
        if (shared := [name for name in draft.references if name in taken]) and given.result is not Result.REJECTED
        else given
        for draft, given in zip(drafts, answers, strict=True)
    ]


def _create(drafts: Sequence[Draft], writing: Writing) -> list[Shipped]:
    """Create one chunk in one transaction; when another caller creates the same at the same moment, look again."""
    return in_transaction(lambda: _create_chunk(drafts, writing), also=(UniqueViolation,))


def _create_chunk(drafts: Sequence[Draft], writing: Writing) -> list[Shipped]:
    numbered = _with_numbers(drafts)
    known = {
        row.number: row
        for row in Unit.objects.select_for_update(of=("self",), no_key=True)
        .select_related("waybill")
        .filter(kind=Unit.Kind.WAYBILL, number__in=[draft.number for draft in numbered])
        .order_by("id")
    }
    others = _names_of_others({draft.number for draft in numbered} - known.keys(), writing)
    answers: list[Shipped] = []
    new: dict[str, Draft] = {}
    changed: dict[int, Draft] = {}
    for draft in numbered:
        unit = known.get(draft.number)
        if unit is None and draft.number in others:
            answers.append(Shipped(Result.REJECTED, draft.number, *TAKEN))
        elif unit is None:
            repeat = draft.number in new
            same = repeat and new[draft.number].digest == draft.digest
            answers.append(
                Shipped(Result.ACCEPTED, draft.number)
                if not repeat
                else Shipped(Result.DUPLICATE, draft.number)
                if same
                else Shipped(Result.REJECTED, draft.number, *TAKEN)
            )
            new.setdefault(draft.number, draft)
        elif not _owns(unit, writing):
            answers.append(Shipped(Result.REJECTED, draft.number, *TAKEN))
        elif unit.waybill.digest == draft.digest and unit.voided_at is None:
            answers.append(Shipped(Result.DUPLICATE, draft.number, unit_id=unit.pk))
            if writing.batch_id is None and unit.waybill.said_batch is not None:  # no longer an import's word alone
                Waybill.objects.filter(unit_id=unit.pk).update(said_batch=None)
        else:
            answers.append(Shipped(Result.REVISION, draft.number, unit_id=unit.pk))
            changed[unit.pk] = draft
    papers.hold(  # before any mark is set: who holds a story and takes its mark away must not wait for us, who wait for him
        {name for draft in (*new.values(), *changed.values()) for name in draft.references},
        owner=writing.actor.principal if writing.actor.scope is Scope.PARTY else "",
        dataset=writing.dataset,
        beside=changed.keys(),
    )
    made = _insert(new, writing)
    _revise(changed, {row.pk for row in known.values() if row.voided_at}, writing)
    _tell(
        made | {draft.number: unit_id for unit_id, draft in changed.items()},
        [*new.values(), *changed.values()],
        writing,
    )
    return [replace(a, unit_id=made.get(a.number, a.unit_id)) for a in answers]


def _names_of_others(numbers: Collection[str], writing: Writing) -> set[str]:
    """Return which numbers are painted on the container or printed on the papers of another's shipment.

    An outside party's waybill of that number would answer for it.
    """
    if writing.actor.scope is not Scope.PARTY or not numbers:
        return set()
    named = Reference.objects.filter(
        value__in=numbers, kind__in=PUBLIC_REFERENCES, left_at=None, unit__voided_at=None
    )  # fmt: skip
    return set(named.exclude(unit__owner=writing.actor.principal).values_list("value", flat=True))


def _owns(unit: Unit, writing: Writing) -> bool:
    """Staff and imports may revise what staff and imports brought in; an outside party only its own."""
    if writing.actor.scope is Scope.PARTY:
        return unit.owner == writing.actor.principal
    return unit.waybill.source_id == writing.source.id or unit.owner == ""


def _with_numbers(drafts: Sequence[Draft]) -> list[Draft]:
    """Give each draft without a number one of ours."""
    ours = iter(numbering.take_numbers(sum(1 for draft in drafts if not draft.number)))
    return [draft if draft.number else structs.replace(draft, number=next(ours)) for draft in drafts]


def _insert(new: dict[str, Draft], writing: Writing) -> dict[str, int]:
    """Insert the rows of new shipments; return unit ids by number."""
    if not new:
        return {}
    outside = writing.actor.scope is Scope.PARTY
    owner = writing.actor.principal if outside else ""
    ids = dict(zip(sorted(new), units.take_ids(len(new)), strict=True))  # one order for all who create
    Unit.objects.bulk_create(
        Unit(id=unit_id, kind=Unit.Kind.WAYBILL, number=number, owner=owner, dataset=writing.dataset)
        for number, unit_id in ids.items()
    )
    customer_ids = _customer_ids(new.values(), writing)
    orders = {
        number: Order(
            number=draft.order, line=draft.line, placed_at=_at(draft.placed), dataset=writing.dataset,
            customer_id=customer_ids[draft.customer],
        )
        for number, draft in new.items()
        if draft.order
    }  # fmt: skip
    Order.objects.bulk_create(orders.values())
    site_ids = places.resolve_many({place for d in new.values() for place in (d.origin, d.destination) if place})
    Waybill.objects.bulk_create(
        [
            Waybill(
                unit_id=ids[number], order=orders.get(number), source_id=writing.source.id, batch_id=writing.batch_id,
                said_batch=writing.batch_id, created_at=writing.now, dataset=writing.dataset, **_columns(draft, site_ids, customer_ids),
            )
            for number, draft in new.items()
        ]
    )  # fmt: skip
    State.objects.bulk_create(
        [State(unit_id=ids[number], status="created", line=draft.line) for number, draft in new.items()]
    )
    units.start_stories(ids.values())
    _insert_children({ids[number]: draft for number, draft in new.items()}, writing)
    ledger.save_touches(
        {
            (site, ids[number])
            for number, draft in new.items()
            for site in (site_ids.get(draft.origin), site_ids.get(draft.destination))
            if site
        }
    )
    return ids


def _customer_ids(drafts: Iterable[Draft], writing: Writing) -> Mapping[str, int | None]:
    """Return whose shipments these are, by the codes they name; an outside party's are its own."""
    codes = {draft.customer for draft in drafts}
    if writing.actor.scope is Scope.PARTY:
        return dict.fromkeys(codes, writing.actor.party_id)
    known = customers.ids_of(codes - {""})
    return {code: known.get(code.strip().upper()) for code in codes}


def _columns(draft: Draft, site_ids: Mapping[str, int], customer_ids: Mapping[str, int | None]) -> dict[str, object]:
    return {
        "line": draft.line,
        "customer_id": customer_ids[draft.customer],
        "origin": draft.origin,
        "origin_id": site_ids.get(draft.origin),
        "destination": draft.destination,
        "destination_id": site_ids.get(draft.destination),
        "goods": draft.goods,
        "pieces": draft.pieces,
        "weight_kg": draft.weight_kg,
        "volume_m3": draft.volume_m3,
        "remark": draft.remark,
        "digest": draft.digest,
    }


def _insert_children(drafts: dict[int, Draft], writing: Writing) -> None:
    """Insert parties, references, legs and links."""
    dataset = writing.dataset
    Party.objects.bulk_create(
        Party(
            waybill_id=unit_id, role=p.role, name=p.name, phone=p.phone, address=p.address, phone_last4=last4(p.phone),
            dataset=dataset,
        )
        for unit_id, draft in drafts.items()
        for p in draft.parties
    )  # fmt: skip
    named = {name for draft in drafts.values() for name in draft.references}
    owner = writing.actor.principal if writing.actor.scope is Scope.PARTY else ""
    Reference.objects.bulk_create(
        (
            Reference(unit_id=unit_id, kind=kind, value=value, named_at=writing.now, dataset=dataset)
            for unit_id, draft in drafts.items()
            for kind, value in draft.references
        ),
        ignore_conflicts=True,  # what a revision still names, it has named since it did first
    )
    texts = {text for draft in drafts.values() for leg in draft.legs for text in (leg.origin, leg.destination) if text}
    site_ids = places.resolve_many(texts) if texts else {}
    vehicles = units.make(
        {leg.vehicle for draft in drafts.values() for leg in draft.legs if leg.vehicle[0]},
        owner=writing.actor.principal,
        dataset=dataset,
    )
    Leg.objects.bulk_create(
        Leg(
            waybill_id=unit_id, seq=seq, mode=leg.mode, from_place=leg.origin, from_id=site_ids.get(leg.origin),
            to_place=leg.destination, to_id=site_ids.get(leg.destination), departs_at=_at(leg.departs),
            arrives_at=_at(leg.arrives), carrier_unit_id=vehicles.get(leg.vehicle), dataset=dataset,
        )
        for unit_id, draft in drafts.items()
        for seq, leg in enumerate(draft.legs, 1)
    )  # fmt: skip
    papers.renew_others(named, known=drafts.keys(), owner=owner)
    _link(drafts, writing)


def _link(drafts: dict[int, Draft], writing: Writing) -> None:
    """Tie waybills of one story both ways; a number not known yet is tied when it comes, by its own link.

    An outside party ties only what is its own: the other's page would show it, and so would its silence tell who exists.
    """
    wanted = {number for draft in drafts.values() for _, number in draft.links}
    if not wanted:
        return
    known = Unit.objects.filter(kind=Unit.Kind.WAYBILL, number__in=wanted)
    if writing.actor.scope is Scope.PARTY:
        known = known.filter(owner=writing.actor.principal)
    others = dict(known.values_list("number", "id"))
    rows = [
        row
        for unit_id, draft in drafts.items()
        for relation, number in draft.links
        if (other := others.get(number)) and other != unit_id
        for row in (
            Link(unit_id=unit_id, other_id=other, relation=relation),
            Link(unit_id=other, other_id=unit_id, relation=MIRROR[relation]),
        )
    ]
    Link.objects.bulk_create(rows, ignore_conflicts=True)
    ledger.mark_stale({row.unit_id for row in rows})


def _revise(changed: dict[int, Draft], hidden: Collection[int], writing: Writing) -> None:
    """Replace what a shipment says of itself; its events stay.

    It belongs to the batch that brought it in or back: undoing one that only revised it must not hide it.
    """
    if not changed:
        return
    Unit.objects.filter(id__in=changed).update(voided_at=None)
    if writing.batch_id is not None:
        priors.keep(changed.keys() - set(hidden), batch_id=writing.batch_id)
    customer_ids = _customer_ids(changed.values(), writing)
    site_ids = places.resolve_many({place for d in changed.values() for place in (d.origin, d.destination) if place})
    for unit_id, draft in changed.items():
        columns = _columns(draft, site_ids, customer_ids)
        Waybill.objects.filter(unit_id=unit_id).update(said_batch=writing.batch_id, **columns)
    Waybill.objects.filter(unit_id__in=changed.keys() & hidden).update(batch_id=writing.batch_id)
    for model in (Party, Leg):
        model.objects.filter(waybill_id__in=changed).delete()
    gone = [
        (row_id, (kind, value))
        for row_id, unit_id, kind, value in Reference.objects.filter(unit_id__in=changed, left_at=None).values_list(
            "id", "unit_id", "kind", "value"
        )
        if (kind, value) not in changed[unit_id].references
    ]
    _give_up([row_id for row_id, _ in gone], of=changed.keys(), at=writing.now)
    papers.renew_others({name for _, name in gone}, known=changed.keys(), owner=writing.actor.principal)
    _insert_children(changed, writing)
    ledger.mark_stale(changed.keys())


def _give_up(row_ids: Collection[int], *, of: Collection[int], at: datetime) -> None:
    """Let shipments name these no more. What was told under a name stands here: its row stays, and says until when."""
    if not row_ids:
        return
    Reference.objects.filter(id__in=row_ids).update(left_at=at)
    past: dict[int, int] = {}
    for row_id, unit_id in (
        Reference.objects.filter(unit_id__in=of, left_at__isnull=False)
        .order_by("-left_at", "-id")
        .values_list("id", "unit_id")
    ):
        past[unit_id] = past.get(unit_id, 0) + 1
        if past[unit_id] > PAST_NAMES_MAX:
            Reference.objects.filter(pk=row_id).delete()


def _tell(ids: dict[str, int], drafts: Sequence[Draft], writing: Writing) -> None:
    """Record that the shipments exist, what is planned for them, and what was parked under their names."""
    placed: dict[int, list[tuple[int, Report]]] = {}
    for draft in drafts:
        placed[ids[draft.number]] = [(0, report) for report in first_reports(draft, writing.source.name)]
    if placed:
        recording.record_on_units(placed, writing)
    names: dict[tuple[str, str], int] = {}
    for draft in drafts:
        names["waybill", draft.number] = ids[draft.number]
        names |= {(STORED_KIND.get(kind, kind), value): ids[draft.number] for kind, value in draft.references}
    recording.join(names.keys(), writing)


def first_reports(draft: Draft, source: str) -> list[Report]:
    """Return the events that a shipment's own data tell: when it was ordered, if told, and the plan of legs and delivery."""
    reports = [_report(draft, source, "created", "ACT", draft.placed, place=draft.origin)] if draft.placed else []
    for seq, leg in enumerate(draft.legs):
        if leg.departs:
            reports.append(
                _report(draft, source, "departed", "PLN", leg.departs, leg.origin, leg.destination, leg.mode, seq)
            )
        if leg.arrives:
            reports.append(_report(draft, source, "arrived", "PLN", leg.arrives, leg.destination, "", leg.mode, seq))
    if draft.promised:
        reports.append(_report(draft, source, "delivered", "PLN", draft.promised, draft.destination))
    return reports


def _report(
    draft: Draft, source: str, milestone: str, classifier: str, moment: Moment,
    place: str = "", next_place: str = "", mode: str = "unknown", seq: int = 0,
) -> Report:  # fmt: skip
    told_once = "" if milestone == "created" else str(moment.at.timestamp())
    key = identity(source, "~plan", draft.number, milestone, classifier, str(seq), told_once)
    return Report(
        target="waybill", number=draft.number, key=key, digest=key, at=int(moment.at.timestamp()),
        precision=int(moment.precision), offset_min=moment.offset_min, offset_assumed=moment.offset_assumed,
        classifier=classifier, milestone=milestone, place=place, next_place=next_place, mode=mode,
    )  # fmt: skip


def _at(moment: Moment | None) -> datetime | None:
    return moment.at if moment else None

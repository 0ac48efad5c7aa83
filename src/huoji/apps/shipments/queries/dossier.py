"""All that the desk shows of one unit: what was agreed, who held it, what was told about it word for word, and who did what here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from huoji.apps.accounts import queries as accounts
from huoji.apps.shipments.models import Batch, Custody, Event, Evidence, Leg, Reference, State, Unit, Waybill
from huoji.apps.shipments.queries import naming, tracking
from huoji.apps.shipments.queries.facts import assemble, custody_of, own_facts, under
from huoji.apps.shipments.queries.lists import place_of
from huoji.apps.shipments.queries.scope import visible_to, waybills_visible_to
from huoji.apps.shipments.queries.sources import source_name
from huoji.core.answer import Answer, Audience, Entry
from huoji.core.custody import FOREVER, chain
from huoji.core.milestone import Classifier, Line, Milestone, Mode, Reason, Status
from huoji.core.moment import Moment, Precision
from huoji.core.numbers import normalise
from huoji.core.permission import Actor, Permission
from huoji.core.story import answer
from huoji.core.timeline import void_keys
from huoji.core.wording import Lang

PIECES_MAX = 200
HOLDS_MAX = 100
ABOARD_MAX = 200
EVENTS_MAX = 2_000
AUDIT_MAX = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a shipment says of itself."""

    unit_id: int
    number: str
    line: Line
    origin: str
    destination: str
    goods: str
    pieces: int
    weight_kg: Decimal | None
    volume_m3: Decimal | None
    remark: str
    order: str
    customer_id: int | None
    created_at: datetime
    source: str
    stalled_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """One planned part of the way; its vehicle has a page when it is visible."""

    seq: int
    mode: Mode
    origin: str
    destination: str
    departs_at: datetime | None
    arrives_at: datetime | None
    vehicle: str
    vehicle_kind: str
    vehicle_number: str
    is_visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """A unit that held this one, or was held by it; `until` is None while aboard."""

    unit_id: int
    kind: str
    number: str
    label: str
    since: datetime
    until: datetime | None
    is_visible: bool
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEvent:
    """One event as it came in, with what became of it: `voided_by` is its correction, `superseded` a later revision."""

    event_id: int
    unit: str
    is_own: bool
    when: Moment
    recorded_at: datetime
    classifier: Classifier
    milestone: Milestone
    reason: Reason
    source: str
    source_event_id: str
    provider: str
    code: str
    text: str
    place: str
    next_place: str
    principal: str
    batch: str
    rev: int
    note: str
    is_correction: bool
    corrects: int
    voided_by: int
    voided_principal: str
    voided_note: str
    superseded: bool

    @property
    def stands(self) -> bool:
        return not (self.voided_by or self.superseded)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """Another number of a waybill, and the shipments of others that name it too."""

    kind: str
    value: str
    rivals: tuple[naming.Rival, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One shipment as the desk sees it."""

    answer: Answer
    agreed: Agreed
    references: list[ReferenceRow]
    pieces: list[tuple[int, str]]
    legs: list[LegRow]
    holds: list[HoldRow]
    own_event_ids: frozenset[int]
    audit: Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit as pages name it."""

    id: int
    kind: str
    number: str
    label: str
    parent: str
    dataset: str


def shipment_of(actor: Actor, text: str) -> UnitRow | None:
    """Return the waybill that a number or reference names, if the actor may see it; of several the one whose it is now."""
    told = tracking.named_for(actor, normalise(text))
    return _row(visible_to(actor).filter(pk=told.unit_id, kind=Unit.Kind.WAYBILL).first()) if told else None


def unit_of(actor: Actor, kind: str, number: str) -> UnitRow | None:
    """Return a unit by kind and number, if the actor may see it."""
    return _row(visible_to(actor).select_related("parent").filter(kind=kind, number=number).first())


def _row(unit: Unit | None) -> UnitRow | None:
    if unit is None:
        return None
    parent = unit.parent.number if unit.parent else ""
    return UnitRow(
        id=unit.pk, kind=unit.kind, number=unit.number, label=unit.label, parent=parent, dataset=unit.dataset
    )


def dossier(actor: Actor, unit: UnitRow, *, now: datetime, language: Lang) -> Dossier:
    """Read everything about a visible waybill."""
    told = tracking.seen_by(actor, unit.number, now=now, language=language)
    assert told is not None, "visible_to and may_see agree"
    return Dossier(
        answer=told,
        agreed=_agreed(unit, language=language),
        references=_references(actor, unit),
        pieces=list(
            Unit.objects.filter(parent_id=unit.id, kind=Unit.Kind.PIECE).order_by("number").values_list("id", "number")
        )[:PIECES_MAX],
        legs=_legs(actor, unit, language=language),
        holds=holders_of(actor, unit.id),
        own_event_ids=frozenset(Event.objects.filter(unit_id=unit.id).values_list("id", flat=True)),
        audit=accounts.audit_of(f"{unit.kind}:{unit.number}", limit=AUDIT_MAX),
    )


def _references(actor: Actor, unit: UnitRow) -> list[ReferenceRow]:
    """Return the other numbers of a waybill; staff are told who else claims them."""
    rivals = naming.rivals(actor, unit.id) if actor.is_staff else ()
    rows = Reference.objects.filter(unit_id=unit.id, left_at=None).order_by("kind", "value")
    return [
        ReferenceRow(
            kind=kind, value=value, rivals=tuple(each for each in rivals if (each.kind, each.value) == (kind, value))
        )
        for kind, value in rows.values_list("kind", "value")
    ]


def _agreed(unit: UnitRow, *, language: Lang) -> Agreed:
    row = Waybill.objects.select_related("order", "source").get(unit_id=unit.id)
    state = State.objects.get(unit_id=unit.id)
    return Agreed(
        unit_id=unit.id, number=unit.number, line=Line(row.line),
        origin=place_of(row.origin_id, row.origin, lang=language),
        destination=place_of(row.destination_id, row.destination, lang=language),
        goods=row.goods, pieces=row.pieces, weight_kg=row.weight_kg, volume_m3=row.volume_m3, remark=row.remark,
        order=row.order.number if row.order else "", customer_id=row.customer_id, created_at=row.created_at,
        source=row.source.name, stalled_since=state.stalled_since,
    )  # fmt: skip


def _legs(actor: Actor, unit: UnitRow, *, language: Lang) -> list[LegRow]:
    rows = list(Leg.objects.filter(waybill_id=unit.id).select_related("carrier_unit").order_by("seq"))
    seen = _visible_ids(actor, [row.carrier_unit_id for row in rows if row.carrier_unit_id])
    return [
        LegRow(
            seq=row.seq, mode=Mode(row.mode), origin=place_of(row.from_id, row.from_place, lang=language),
            destination=place_of(row.to_id, row.to_place, lang=language), departs_at=row.departs_at, arrives_at=row.arrives_at,
            vehicle=(row.carrier_unit.label or row.carrier_unit.number) if row.carrier_unit else "",
            vehicle_kind=row.carrier_unit.kind if row.carrier_unit else "",
            vehicle_number=row.carrier_unit.number if row.carrier_unit else "",
            is_visible=row.carrier_unit_id in seen,
        )
        for row in rows
    ]  # fmt: skip


def _visible_ids(actor: Actor, unit_ids: Collection[int]) -> set[int]:
    return set(visible_to(actor).filter(id__in=unit_ids).values_list("id", flat=True)) if unit_ids else set()


def holders_of(actor: Actor, unit_id: int) -> list[HoldRow]:
    """Return the chain of custody, the newest hold first: each unit that held this one, directly or through another."""
    custody = custody_of([unit_id])
    holds = sorted(chain(unit_id, custody), key=lambda hold: -hold.start)[:HOLDS_MAX]
    units = Unit.objects.in_bulk([hold.holder for hold in holds])
    seen = _visible_ids(actor, list(units))
    return [
        HoldRow(
            unit_id=hold.holder, kind=units[hold.holder].kind, number=units[hold.holder].number,
            label=units[hold.holder].label, since=_utc(hold.start), until=_until(hold.end),
            is_visible=hold.holder in seen,
        )
        for hold in holds
        if hold.holder in units
    ]  # fmt: skip


def named_by(actor: Actor, unit: UnitRow) -> list[HoldRow]:
    """Return the waybills within the actor's scope that name a booking or a bill, the newest first."""
    rows = visible_to(actor).filter(id__in=under([unit.id])).order_by("-id")[:ABOARD_MAX]
    states = dict(
        waybills_visible_to(actor).filter(unit_id__in=[row.pk for row in rows]).values_list("unit_id", "status")
    )
    created = dict(Waybill.objects.filter(unit_id__in=states).values_list("unit_id", "created_at"))
    return [
        HoldRow(
            unit_id=row.pk, kind=row.kind, number=row.number, label=row.label, since=created[row.pk], until=None,
            is_visible=True, status=Status(states[row.pk]),
        )
        for row in rows
        if row.pk in created
    ]  # fmt: skip


def held_by(actor: Actor, unit_id: int) -> list[HoldRow]:
    """Return what is or was directly aboard a unit and lies within the actor's scope; what is aboard now first."""
    rows = list(
        Custody.objects.filter(holder_id=unit_id, unit_id__in=visible_to(actor).values("id"))
        .order_by("-until", "-since")
        .values_list("unit_id", "since", "until")[:ABOARD_MAX]
    )
    units = Unit.objects.in_bulk([row[0] for row in rows])
    states = dict(
        waybills_visible_to(actor).filter(unit_id__in=list(units)).values_list("unit_id", "status")
    )  # fmt: skip
    return [
        HoldRow(
            unit_id=held, kind=units[held].kind, number=units[held].number, label=units[held].label,
            since=_utc(since), until=_until(until), is_visible=True,
            status=Status(states[held]) if held in states else None,
        )
        for held, since, until in rows
    ]  # fmt: skip


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _until(at: int) -> datetime | None:
    return None if at >= FOREVER else _utc(at)


def raw_events(actor: Actor, unit: UnitRow) -> list[RawEvent]:
    """Return every event of the unit and its pieces as it came in, the last recorded first; needs RAW_VIEW."""
    return events_of(unit) if actor.may(Permission.RAW_VIEW) else []


def corrected(unit: UnitRow) -> list[RawEvent]:
    """Return the events that no longer stand; that they were taken back, and why, everybody here may know."""
    return [event for event in events_of(unit) if not event.stands and not event.corrects]


def pictures_of(unit: UnitRow) -> set[str]:
    """Return the pictures that prove events of the unit."""
    ids = Event.objects.filter(unit_id=unit.id, evidence_id__isnull=False).values_list("evidence_id", flat=True)
    return {sha for blobs in Evidence.objects.filter(id__in=list(ids)).values_list("blobs", flat=True) for sha in blobs}


def events_of(unit: UnitRow) -> list[RawEvent]:
    """Return the events of a unit and its pieces with what became of each."""
    pieces = dict(Unit.objects.filter(parent_id=unit.id).values_list("id", "number"))
    names = {unit.id: unit.number, **pieces}
    rows = list(Event.objects.filter(unit_id__in=names).order_by("-recorded_at", "-id")[:EVENTS_MAX])
    notes = dict(
        Evidence.objects.filter(id__in=[row.evidence_id for row in rows if row.evidence_id]).values_list("id", "note")
    )
    batches = {
        row[0]: f"#{row[0]} {row[1]}".strip()
        for row in Batch.objects.filter(id__in={row.batch_id for row in rows if row.batch_id}).values_list("id", "name")
    }
    voids = _voids(rows)
    newest: dict[tuple[int, int], int] = {}
    for row in rows:
        key = row.unit_id, row.key
        newest[key] = max(newest.get(key, 0), row.rev)
    by_key = {(row.unit_id, row.key): row for row in rows}
    return [
        _raw(
            row, names=names, own=unit.id, notes=notes, batches=batches, voided_by=voids.get((row.unit_id, row.key)),
            corrected=by_key.get((row.unit_id, row.voids or 0)), newest_rev=newest[row.unit_id, row.key],
        )
        for row in rows
    ]  # fmt: skip


def _voids(rows: Sequence[Event]) -> dict[tuple[int, int], Event]:
    """Return the correction that took back each event that is void, as the fold judges it."""
    told = own_facts({row.unit_id for row in rows})
    void = {(unit_id, key) for unit_id, facts in told.items() for key in void_keys(facts)}
    return {
        (row.unit_id, row.voids): row
        for row in rows
        if row.voids and (row.unit_id, row.voids) in void and (row.unit_id, row.key) not in void
    }


def _raw(
    row: Event,
    *,
    names: dict[int, str],
    own: int,
    notes: dict[int, str],
    batches: dict[int, str],
    voided_by: Event | None,
    corrected: Event | None,
    newest_rev: int,
) -> RawEvent:
    return RawEvent(
        event_id=row.id, unit=names[row.unit_id], is_own=row.unit_id == own,
        when=Moment(row.occurred_at, Precision(row.precision), row.offset_min, row.offset_assumed),
        recorded_at=row.recorded_at, classifier=Classifier(row.classifier), milestone=Milestone(row.milestone),
        reason=Reason(row.reason), source=source_name(row.source_id), source_event_id=row.source_event_id,
        provider=row.provider, code=row.code, text=row.text, place=row.place, next_place=row.next_place,
        principal=row.principal, batch=batches.get(row.batch_id or 0, ""), rev=row.rev,
        note=notes.get(row.evidence_id or 0, ""), is_correction=bool(row.voids),
        corrects=corrected.id if corrected and row.voids else 0, voided_by=voided_by.id if voided_by else 0,
        voided_principal=voided_by.principal if voided_by else "",
        voided_note=notes.get(voided_by.evidence_id or 0, "") if voided_by else "", superseded=row.rev < newest_rev,
    )  # fmt: skip


def timeline_of(unit: UnitRow, *, now: datetime, language: Lang) -> Sequence[Entry]:
    """Return the timeline of any unit, folded fresh; newest first."""
    story = assemble([unit.id])[unit.id]
    reading = tracking.reading(story, audience=Audience.STAFF, now=now, language=language)
    return answer(story, number=unit.number, reading=reading).entries

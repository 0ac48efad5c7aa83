"""Record movements of goods: sort news from repeats, fold what lies where, tell the timeline, and commit all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from psycopg.errors import UniqueViolation

from huoji.apps.accounts.actions import require
from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import sourcing
from huoji.apps.shipments.queries import naming
from huoji.apps.shipments.queries.sources import SourceRow
from huoji.apps.warehouse.actions import counting, deriving
from huoji.apps.warehouse.actions.goods import goods_of
from huoji.apps.warehouse.models import Count, Goods, Location, Movement
from huoji.apps.warehouse.queries.ledger import departures_of, moves_of
from huoji.core import handling
from huoji.core.handling import Asked, MoveError
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.report import identity
from huoji.core.storage import MOVES_MAX, DiscrepancyKind, Verb, fold
from huoji.kit import outbox
from huoji.kit.colliding import in_transaction

CHUNK_GOODS_MAX = 200  # numbers of one transaction
UNDO_FOR = timedelta(hours=24)
SITES_TOLD_MAX = 500  # of one message
SOURCE = "storage"


class Result(StrEnum):
    """What became of one movement."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer to one movement; `flags` say what does not add up with it, `number` is what the scanned text named."""

    result: Result
    code: str = ""
    detail: str = ""
    number: str = ""
    is_known: bool = True
    flags: tuple[DiscrepancyKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Who records, from which source, and when."""

    actor: Actor
    source: SourceRow
    now: datetime
    dataset: str = ""


def recording(actor: Actor, *, now: datetime, dataset: str = "") -> Recording:
    """Say in whose name movements are recorded: the source comes from the key or the door, never from a body."""
    require(actor, Permission.STORAGE_RECORD)
    return Recording(actor=actor, source=sourcing.source_of(actor, default=SOURCE), now=now, dataset=dataset)


def record(asked: Sequence[Asked], writing: Recording) -> list[Outcome]:
    """Record movements in transactions of at most CHUNK_GOODS_MAX numbers; return one outcome each, in their order.

    The same id again changes nothing. What cannot have happened so is kept and flagged, not lost.
    """
    require(writing.actor, Permission.STORAGE_RECORD)
    outcomes: dict[int, Outcome] = {}
    prepared = _prepare(asked, writing, outcomes)
    goods = goods_of({each.number for each in prepared.values()}, dataset=writing.dataset or writing.actor.dataset)
    by_goods: dict[int, list[tuple[int, _Prepared]]] = {}
    for index, each in prepared.items():
        by_goods.setdefault(goods[each.number].pk, []).append((index, each))
    ids = sorted(by_goods)
    for start in range(0, len(ids), CHUNK_GOODS_MAX):
        outcomes |= _settle(
            {goods_id: by_goods[goods_id] for goods_id in ids[start : start + CHUNK_GOODS_MAX]}, writing
        )
    return [outcomes[index] for index in range(len(asked))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A movement whose names are resolved."""

    asked: Asked
    number: str
    site_id: int
    next_site_id: int | None
    location_id: int | None
    overrides: bool
    is_known: bool


def _refused(code: str, detail: str) -> Outcome:
    return Outcome(result=Result.REJECTED, code=code, detail=detail)


class _Names:
    """What the texts of a batch mean, read at once."""

    def __init__(self, asked: Sequence[Asked], actor: Actor) -> None:
        self.actor = actor
        self.sites = places.resolve_many(
            {text for each in asked for text in (each.site, each.next_site) if text}
        )  # fmt: skip
        self.goods = naming.named({each.number for each in asked if each.number})
        codes = {each.location for each in asked if each.location}
        self.locations = {
            (row.site_id, row.code): row.pk
            for row in Location.objects.filter(site_id__in=set(self.sites.values()), code__in=codes, active=True)
        }
        targets = {each.voids for each in asked if each.voids}
        self.targets = {row.id: row for row in Movement.objects.filter(id__in=targets).select_related("goods")}
        counts = {each.count for each in asked if each.count}
        self.counts = {row.pk: row for row in Count.objects.filter(pk__in=counts)}

    def may_work_at(self, site_id: int) -> bool:
        return self.actor.scope is Scope.ALL or site_id in self.actor.site_ids


def _prepare(asked: Sequence[Asked], writing: Recording, outcomes: dict[int, Outcome]) -> dict[int, _Prepared]:
    """Resolve the names of all movements; what cannot be taken gets its outcome here."""
    names = _Names(asked, writing.actor)
    ready: dict[int, _Prepared] = {}
    batch = {each.id: each for each in asked}
    for index, each in enumerate(asked):
        try:
            ready[index] = _undo(each, names, writing, batch) if each.voids else _plain(each, names)
        except MoveError as error:
            outcomes[index] = _refused(error.code, error.detail)
    return ready


def _plain(asked: Asked, names: _Names) -> _Prepared:
    site_id = _site(asked.site, names)
    location_id = names.locations.get((site_id, asked.location)) if asked.location else None
    if asked.location and location_id is None:
        raise MoveError("unknown_location", f"This site has no shelf {asked.location}; set it up, or scan another.")
    if asked.count:
        count = names.counts.get(asked.count)
        if count is None or count.site_id != site_id:
            raise MoveError("unknown_count", "This site has no such count sheet.")
        if count.closed_at and asked.at > count.closed_at:
            raise MoveError("count_closed", "The count was closed before this scan; open another one.")
    known = names.goods.get(asked.number)
    return _Prepared(
        asked=asked, number=known.text if known else asked.number, site_id=site_id, overrides=False,
        next_site_id=names.sites.get(asked.next_site), location_id=location_id, is_known=known is not None,
    )  # fmt: skip


def _site(text: str, names: _Names) -> int:
    site_id = names.sites.get(text)
    if site_id is None or not names.may_work_at(site_id):
        raise MoveError("unknown_site", "You have no such site; give the code of a site where you work.")
    return site_id


def _undo(asked: Asked, names: _Names, writing: Recording, batch: Mapping[UUID, Asked]) -> _Prepared:
    """Judge an undo: one's own of the last day, or any by who manages the warehouse."""
    assert asked.voids is not None
    manages = writing.actor.may(Permission.STORAGE_MANAGE)
    target = names.targets.get(asked.voids)
    if target is None:
        earlier = batch.get(asked.voids)
        number = earlier.number if earlier else asked.number
        site = earlier.site if earlier else asked.site
        if not number or not site:
            raise MoveError("unknown_movement", "There is no such movement; it may have been refused.")
        known = names.goods.get(number)
        return _Prepared(
            asked=asked, number=known.text if known else number, site_id=_site(site, names), next_site_id=None,
            location_id=None, overrides=manages, is_known=known is not None,
        )  # fmt: skip
    if not names.may_work_at(target.site_id) or (target.principal != writing.actor.principal and not manages):
        raise MoveError("not_yours", "Only who made a movement takes it back, or who manages the warehouse.")
    if writing.now - target.recorded_at > UNDO_FOR and not manages:
        raise MoveError("undo_too_late", "A movement is taken back within a day; ask who manages the warehouse.")
    return _Prepared(
        asked=asked, number=target.goods.number, site_id=target.site_id, next_site_id=None, location_id=None,
        overrides=manages, is_known=target.goods.waybill_id is not None,
    )  # fmt: skip


def _digest(each: _Prepared) -> int:
    asked = each.asked
    return identity(
        asked.verb, asked.number, str(each.site_id), asked.told_at.isoformat(), asked.location, asked.next_site,
        str(asked.count), str(asked.voids or ""),
    )  # fmt: skip


CONFLICT = _refused("id_conflict", "This id was used before for another movement; give each its own.")
FULL = _refused("too_many_movements", f"A number has at most {MOVES_MAX} movements.")


def _settle(chunk: Mapping[int, list[tuple[int, _Prepared]]], writing: Recording) -> dict[int, Outcome]:
    """Write one chunk; when somebody else takes one of its ids for other goods at the same moment, look again and tell."""
    return in_transaction(lambda: _write(chunk, writing), also=(UniqueViolation,))


def _write(chunk: Mapping[int, list[tuple[int, _Prepared]]], writing: Recording) -> dict[int, Outcome]:
    """Write one chunk; its goods are locked in the order of their ids."""
    rows = {row.pk: row for row in Goods.objects.select_for_update().filter(pk__in=chunk).order_by("pk")}
    before, departures = moves_of(rows), departures_of(rows)
    ids = [each.asked.id for items in chunk.values() for _, each in items]
    digests = dict(Movement.objects.filter(id__in=ids).values_list("id", "digest"))
    fresh: list[Movement] = []
    outcomes: dict[int, Outcome] = {}
    for goods_id, items in chunk.items():
        room = MOVES_MAX - len(before.get(goods_id, ()))
        for index, each in items:
            outcomes[index], digest = _sort(each, digests, room=room), _digest(each)
            if outcomes[index].result is Result.ACCEPTED:
                digests[each.asked.id] = digest
                room -= 1
                fresh.append(_row(goods_id, each, digest, writing, dataset=rows[goods_id].dataset))
    Movement.objects.bulk_create(fresh)
    changed = {row.goods_id for row in fresh}
    after = moves_of(changed)
    derived = [
        deriving.Derived(
            goods=rows[each], before=fold(before.get(each, ()), departures[each]), after=fold(after[each], departures[each])
        )
        for each in sorted(changed)
    ]  # fmt: skip
    deriving.save(derived, actor=writing.actor, source=writing.source, now=writing.now, dataset=writing.dataset)
    counting.renew({row.count_id for row in fresh if row.count_id}, now=writing.now)
    if changed:
        outbox.publish("storage.changed", sorted({row.site_id for row in fresh})[:SITES_TOLD_MAX])
    flags: dict[UUID, list[DiscrepancyKind]] = {}
    for flag in (flag for each in derived for flag in each.after.flags):
        flags.setdefault(flag.move, []).append(flag.kind)
    asked = {index: each.asked.id for items in chunk.values() for index, each in items}
    return {
        index: replace(outcome, flags=tuple(flags.get(asked[index], ()))) if outcome.number else outcome
        for index, outcome in outcomes.items()
    }


def _sort(each: _Prepared, digests: Mapping[UUID, int], *, room: int) -> Outcome:
    """Tell news from a repeat and from another movement under the same id."""
    known = digests.get(each.asked.id)
    if known is not None and known != _digest(each):
        return CONFLICT
    if known is None and room <= 0:
        return FULL
    result = Result.ACCEPTED if known is None else Result.DUPLICATE
    return Outcome(result=result, number=each.number, is_known=each.is_known)


def _row(goods_id: int, each: _Prepared, digest: int, writing: Recording, *, dataset: str) -> Movement:
    asked = each.asked
    return Movement(
        id=asked.id, goods_id=goods_id, site_id=each.site_id, verb=asked.verb.value, location_id=each.location_id,
        next_site_id=each.next_site_id, count_id=asked.count or None, voids=asked.voids, overrides=each.overrides,
        at=asked.at, told_at=asked.told_at, recorded_at=writing.now, digest=digest, source=writing.source.name,
        principal=writing.actor.principal, dataset=dataset or writing.dataset or writing.actor.dataset,
    )  # fmt: skip


def undo(actor: Actor, *, movement_id: UUID, now: datetime) -> Outcome:
    """Take back one movement from the page of its goods."""
    writing = recording(actor, now=now)
    asked = Asked(
        id=handling.move_id(writing.source.name, f"undo {movement_id}"), verb=Verb.UNDO, number="", site="", at=now,
        told_at=now, location="", next_site="", count=0, voids=movement_id,
    )  # fmt: skip
    return record([asked], writing)[0]

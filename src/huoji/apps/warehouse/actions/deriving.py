"""What follows from movements: stays on the shelf, what does not add up, and the lines of the timeline."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import recording
from huoji.apps.shipments.actions.recording import Writing
from huoji.apps.shipments.queries import naming
from huoji.apps.shipments.queries.sources import SourceRow
from huoji.apps.warehouse.models import Discrepancy, Goods, Movement, Stay
from huoji.core import report
from huoji.core.milestone import Milestone
from huoji.core.milestones import meaning
from huoji.core.permission import Actor
from huoji.core.report import Report, Told
from huoji.core.storage import Move, Shelf, Verb

State = Discrepancy.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What the movements and departures of one number said before, and say now."""

    goods: Goods
    before: Shelf
    after: Shelf


def save(derived: Sequence[Derived], *, actor: Actor, source: SourceRow, now: datetime, dataset: str) -> None:
    """Bring the tables and the timelines in line; call it in the transaction of the movements, with the goods locked."""
    _save_stays(derived)
    _save_discrepancies(derived, now=now)
    reports = _Teller(derived, source).reports()
    if reports:
        # What was undone and comes back stands again; what falls twice falls once.
        writing = Writing(actor=actor, source=source, now=now, dataset=dataset, revives=True, is_live=True)
        recording.record(reports, writing)


def _save_stays(derived: Sequence[Derived]) -> None:
    """Rewrite the stays that changed: first what closes or goes, then what opens, for goods are at one place at a time."""
    opened: list[Stay] = []
    for each in derived:
        old = {stay.opened_by: stay for stay in each.before.stays}
        new = {stay.opened_by: stay for stay in each.after.stays}
        gone = old.keys() - new.keys()
        if gone:
            Stay.objects.filter(goods=each.goods, opened_by__in=gone).delete()
        for key, stay in sorted(new.items(), key=lambda item: item[1].since):
            values = {
                "site_id": stay.site, "since": stay.since, "until": stay.until, "location_id": stay.location,
                "located_at": stay.located_at, "closed_by": stay.closed_by,
            }  # fmt: skip
            if key not in old:
                opened.append(Stay(goods=each.goods, opened_by=key, dataset=each.goods.dataset, **values))
            elif old[key] != stay and stay.until is not None:
                Stay.objects.filter(goods=each.goods, opened_by=key).update(**values)
        for key, stay in new.items():  # what was closed by mistake is open again, now that all others are closed
            if key in old and old[key] != stay and stay.until is None:
                Stay.objects.filter(goods=each.goods, opened_by=key).update(
                    site_id=stay.site, since=stay.since, until=None, closed_by=None, location_id=stay.location,
                    located_at=stay.located_at,
                )  # fmt: skip
    Stay.objects.bulk_create(opened)


def _save_discrepancies(derived: Sequence[Derived], *, now: datetime) -> None:
    """Open what does not add up now; what no longer is so is explained, what a person settled stays settled."""
    for each in derived:
        before = {(flag.kind, flag.move): flag for flag in each.before.flags}
        after = {(flag.kind, flag.move): flag for flag in each.after.flags}
        for kind, move in before.keys() - after.keys():
            Discrepancy.objects.filter(goods=each.goods, kind=kind, movement=move, state=State.OPEN).update(
                state=State.EXPLAINED, settled_at=now
            )
        for key in after.keys() - before.keys():
            flag = after[key]
            row, created = Discrepancy.objects.get_or_create(
                goods=each.goods, kind=flag.kind.value, movement=flag.move,
                defaults={"site_id": flag.site, "at": flag.at, "dataset": each.goods.dataset},
            )  # fmt: skip
            if not created and row.state == State.EXPLAINED:
                Discrepancy.objects.filter(pk=row.pk).update(state=State.OPEN, settled_at=None)


class _Teller:
    """Turns what came and left into lines of the timeline; names are read once for all."""

    def __init__(self, derived: Sequence[Derived], source: SourceRow) -> None:
        self.derived, self.source = derived, source
        self.known = naming.named([each.goods.number for each in derived])
        added = {key for each in derived for key in each.after.told().keys() - each.before.told().keys()}
        rows = Movement.objects.filter(id__in=added, next_site_id__isnull=False)
        self.next_sites = dict(rows.values_list("id", "next_site_id"))

    def reports(self) -> list[Report]:
        return [each for one in self.derived for each in self._of(one)]

    def _of(self, one: Derived) -> Iterator[Report]:
        """Yield the lines that the movements of one number add or take back."""
        before, after = one.before.told(), one.after.told()
        number, piece = self._name(one.goods)
        for move in _in_order(after, after.keys() - before.keys()):
            is_out = move.verb is Verb.OUT
            yield self._checked(
                Told(
                    number=number, piece=piece, id=f"move {move.id}", occurred_at=move.at.isoformat(),
                    place=_code(move.site), milestone=Milestone.DEPARTED if is_out else Milestone.ARRIVED,
                    next_place=_code(self.next_sites.get(move.id) or 0) if is_out else "",
                )
            )  # fmt: skip
        for move in _in_order(before, before.keys() - after.keys()):
            yield self._checked(
                Told(
                    number=number, piece=piece, id=f"undo {move.id}", retracts=f"move {move.id}",
                    occurred_at=move.at.isoformat(),
                )
            )  # fmt: skip

    def _name(self, goods: Goods) -> tuple[str, str]:
        """Return the waybill's number and the piece; of a number that nobody knows yet, as it reads."""
        if named := self.known.get(goods.number):
            return named.number, named.piece
        head, _, piece = goods.number.rpartition("/")
        return (head, piece) if head and piece else (goods.number, "")

    def _checked(self, told: Told) -> Report:
        source = self.source
        return report.check(told, source=source.name, assumed_offset_min=source.assumed_offset_min, meaning=meaning)


def _in_order(moves: Mapping[UUID, Move], keys: Collection[UUID]) -> list[Move]:
    return sorted((moves[key] for key in keys), key=lambda move: (move.at, move.id))


def _code(site_id: int) -> str:
    place = places.places().get(site_id)
    return place.code if place else ""

"""What follows from movements: stays on the shelf, what does not add up, and the lines of the timeline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

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
    """What the movements of one number said before, and say now."""

    goods: Goods
    before: Shelf
    after: Shelf
    moves: Sequence[Move]


def save(derived: Sequence[Derived], *, actor: Actor, source: SourceRow, now: datetime, dataset: str) -> None:
    """Bring the tables and the timelines in line; call it in the transaction of the movements, with the goods locked."""
    _save_stays(derived)
    _save_discrepancies(derived, now=now)
    reports = [each for one in derived for each in _reports(one, source=source)]
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


def _reports(one: Derived, *, source: SourceRow) -> Iterator[Report]:
    """Yield the lines of the timeline that the movements add or take back."""
    before, after = one.before.told(), one.after.told()
    unit = next(iter(naming.named([one.goods.number]).values()), None)
    number = unit.number if unit else one.goods.number.rpartition("/")[0] or one.goods.number
    piece = unit.piece if unit else one.goods.number.rpartition("/")[2] if "/" in one.goods.number else ""
    added = [after[key] for key in sorted(after.keys() - before.keys(), key=lambda key: (after[key].at, key))]
    fallen = [before[key] for key in sorted(before.keys() - after.keys(), key=lambda key: (before[key].at, key))]
    rows = Movement.objects.in_bulk([move.id for move in added])
    for move in added:
        next_site = places.places().get(rows[move.id].next_site_id or 0)
        told = Told(
            number=number, piece=piece, id=f"move {move.id}", occurred_at=move.at.isoformat(), place=_code(move.site),
            milestone=Milestone.DEPARTED if move.verb is Verb.OUT else Milestone.ARRIVED,
            next_place=next_site.code if next_site and move.verb is Verb.OUT else "",
        )  # fmt: skip
        yield _checked(told, source)
    for move in fallen:
        told = Told(
            number=number, piece=piece, id=f"undo {move.id}", retracts=f"move {move.id}",
            occurred_at=move.at.isoformat(),
        )  # fmt: skip
        yield _checked(told, source)


def _code(site_id: int) -> str:
    place = places.places().get(site_id)
    return place.code if place else ""


def _checked(told: Told, source: SourceRow) -> Report:
    return report.check(told, source=source.name, assumed_offset_min=source.assumed_offset_min, meaning=meaning)

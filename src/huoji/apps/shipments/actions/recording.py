"""Record events: find their units, park what nobody knows, and write chunk after chunk, each whole or not at all."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter

from django.db import transaction

from huoji.apps.shipments.actions import parking, units
from huoji.apps.shipments.actions.chunk import Chunk
from huoji.apps.shipments.actions.writing import Outcome, Result, Writing
from huoji.apps.shipments.queries.sources import source_by_id
from huoji.core.milestone import Classifier
from huoji.core.permission import Actor
from huoji.core.report import Report
from huoji.kit import ingest
from huoji.kit.colliding import in_transaction

__all__ = ["CHUNK_UNITS_MAX", "Outcome", "Result", "Writing", "join", "record", "record_on_units"]

CHUNK_UNITS_MAX = 500  # waybills of one transaction

NOT_GRANTED = Outcome(
    Result.REJECTED, "milestone_not_granted", "Your key may not report this milestone; ask the carrier to grant it."
)


def _granted(report: Report, actor: Actor) -> bool:
    """Tell whether the actor's key may write this milestone; taking back one's own event is always allowed."""
    return actor.milestones is None or bool(report.voids) or report.milestone in actor.milestones


def record(reports: Sequence[Report], writing: Writing) -> list[Outcome]:
    """Record reports in transactions of at most CHUNK_UNITS_MAX units; return one outcome a report, in their order.

    An event of a number that nobody knows is parked. Sending the same again changes nothing.
    """
    outcomes: list[Outcome | None] = [None if _granted(report, writing.actor) else NOT_GRANTED for report in reports]
    granted = [(index, report) for index, report in enumerate(reports) if outcomes[index] is None]
    found = _find([report for _, report in granted], writing)
    unknown = [index for (index, _), about in zip(granted, found, strict=True) if not about]
    waiting = [reports[index] for index in unknown]
    for index, parked in zip(unknown, parking.park(waiting, writing), strict=True):
        outcomes[index] = Outcome(Result.PARKED if parked else Result.DUPLICATE, "unknown_number")
    # Its shipment may have come into being since we looked; what is missed here too, the worker joins.
    by_now = zip(waiting, units.about(waiting, actor=writing.actor), strict=True)
    join({(report.target, report.number) for report, about in by_now if about}, writing)
    placed: dict[int, list[tuple[int, Report]]] = {}
    pieces = units.make_pieces(
        [
            (unit_id, report.piece)
            for (_, report), about in zip(granted, found, strict=True)
            if report.piece
            for unit_id in about
        ],
        dataset=writing.dataset,
    )
    for (index, report), about in zip(granted, found, strict=True):
        for unit_id in about:
            placed.setdefault(pieces[unit_id, report.piece] if report.piece else unit_id, []).append((index, report))
    for chunk in _chunks(placed):
        for index, outcome in record_on_units(chunk, writing):
            outcomes[index] = _weightier(outcomes[index], outcome)
    known = [outcome for outcome in outcomes if outcome is not None]
    transaction.on_commit(lambda: _observe(reports, known, writing))
    return known


def _find(reports: Sequence[Report], writing: Writing) -> list[Sequence[int]]:
    """Return which units each report is about, and make those that come into being by being named."""
    found = units.about(reports, actor=writing.actor)
    unmade = {(r.target, r.number) for r, about in zip(reports, found, strict=True) if not about}
    made = units.make(unmade, owner=writing.actor.principal, dataset=writing.dataset, labels=writing.labels)
    return [
        about or [made[key] for key in ((report.target, report.number),) if key in made]
        for report, about in zip(reports, found, strict=True)
    ]


_WEIGHT = (Result.DUPLICATE, Result.PARKED, Result.REVISION, Result.ACCEPTED, Result.REJECTED)


def _weightier(one: Outcome | None, other: Outcome) -> Outcome:
    """Of what one event did to several shipments that name one number, tell what a sender must know."""
    return other if one is None or _WEIGHT.index(other.result) > _WEIGHT.index(one.result) else one


def join(names: Collection[units.Key], writing: Writing) -> None:
    """Record what is parked under these names, for whoever parked it."""
    if not names:
        return
    with transaction.atomic():
        for waiting in parking.take(names):
            source = source_by_id(waiting.source_id)
            assert source is not None
            record(
                waiting.reports,
                replace(
                    writing, actor=parking.writer_of(waiting.principal), source=source, batch_id=waiting.batch_id,
                    is_live=False, revives=False, lists_all=False, labels={},
                ),
            )  # fmt: skip


def _observe(reports: Sequence[Report], outcomes: Sequence[Outcome], writing: Writing) -> None:
    """Count for the health page how fresh this source is; a file or a plan says nothing about that."""
    results = Counter(outcome.result for outcome in outcomes)
    news = [r for r, o in zip(reports, outcomes, strict=True) if o.result in {Result.ACCEPTED, Result.REVISION}]
    is_live = writing.batch_id is None or writing.is_live
    timely = [r.at for r in news if r.precision and r.classifier == Classifier.ACTUAL and not r.voids and is_live]
    ingest.observe(
        writing.source.name,
        now=writing.now,
        occurred=timely,
        accepted=len(news) - len(timely) + results[Result.PARKED],
        duplicates=results[Result.DUPLICATE],
        rejected=results[Result.REJECTED],
    )


def _chunks(placed: Mapping[int, list[tuple[int, Report]]]) -> Iterator[dict[int, list[tuple[int, Report]]]]:
    items = sorted(placed.items(), key=itemgetter(0))  # one order for all writers, whose chunks may share a transaction
    for start in range(0, len(items), CHUNK_UNITS_MAX):
        yield dict(items[start : start + CHUNK_UNITS_MAX])


def record_on_units(placed: Mapping[int, Sequence[tuple[int, Report]]], writing: Writing) -> list[tuple[int, Outcome]]:
    """Record one chunk in one transaction; a deadlock between two loads of one vessel is tried again."""
    return in_transaction(lambda: Chunk(placed, writing).write())

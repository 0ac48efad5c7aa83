"""One transaction of recording: lock the stories, sort news from repeats, append, fold, save and publish."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import ledger, units
from huoji.apps.shipments.actions.writing import Outcome, Result, Writing
from huoji.apps.shipments.models import Evidence
from huoji.apps.shipments.queries.facts import held_by, holders_above, own_facts, parents_of, refold
from huoji.core.custody import PAPERS, Hold, holds, may_move
from huoji.core.report import FREE_TEXT, HOLDERS, Report, correction
from huoji.core.story import FACTS_MAX, Story, tell_on
from huoji.core.timeline import CLASSIFIERS, MILESTONE_CODE, MODE_CODE, REASON_CODE, Fact, live, void_keys

CORRECTIONS_SPARE = 200  # by which corrections alone may pass FACTS_MAX: what is full can still be put right
INLINE_MAX = 200  # waybills whose stories one event may rewrite in its own transaction; more are marked stale

_MILESTONE = {milestone.value: code for milestone, code in MILESTONE_CODE.items()}
_REASON = {reason.value: code for reason, code in REASON_CODE.items()}
_MODE = {mode.value: code for mode, code in MODE_CODE.items()}
_CLASSIFIER = {classifier.value: code for code, classifier in enumerate(CLASSIFIERS)}
_TELLING_KINDS = frozenset(kind.value for kind in HOLDERS).union(PAPERS)  # whose events others' stories tell

CONFLICT = Outcome(
    Result.REJECTED, "id_conflict", "This event id was used before with other content; send a correction, or a new id."
)
FULL = Outcome(
    Result.REJECTED, "too_many_events", f"A unit keeps at most {FACTS_MAX} events; follow a vehicle by its trips."
)


class Chunk:
    """One transaction's work, step by step."""

    def __init__(self, placed: Mapping[int, Sequence[tuple[int, Report]]], writing: Writing) -> None:
        self.placed, self.writing = placed, writing
        self.recorded = int(writing.now.timestamp())
        self.rows: list[tuple[Any, ...]] = []
        self.outcomes: list[tuple[int, Outcome]] = []
        self.fresh: dict[int, list[Fact]] = {}
        self.evidence: list[Evidence] = []
        self.shared: dict[tuple[bytes, str], Evidence] = {}
        reports = [report for each in placed.values() for _, report in each]
        self.place_ids = places.resolve_many({text for r in reports for text in (r.place, r.next_place) if text})
        self.holder_ids = self._holders(reports)

    def _holders(self, reports: list[Report]) -> dict[units.Key, int]:
        wanted = units.holders_of(reports)
        if not wanted:
            return {}
        return units.make(
            wanted, owner=self.writing.actor.principal, dataset=self.writing.dataset, labels=self.writing.labels
        )

    def write(self) -> list[tuple[int, Outcome]]:
        holder_ids = set(self.holder_ids.values())
        locked = ledger.lock_stories({*self.placed, *holder_ids, *holders_above(holder_ids), *self._foreseen()})
        unread = [unit_id for unit_id, each in locked.items() if each.story is None]
        own = own_facts(unread) if unread else {}
        stories: dict[int, Story] = {}
        afresh: set[int] = set(unread)
        custody = {}
        touches: set[tuple[int, int]] = set()
        for unit_id, items in self.placed.items():
            before = locked[unit_id]
            facts = own[unit_id] if before.story is None else before.story.facts
            added = self._take(unit_id, items, facts, before.dataset)
            if not added:
                continue
            self.fresh[unit_id] = added
            touches |= {(site, unit_id) for site in ledger.sites_of(added)}
            held = self._held(before.story, facts, added)
            if held is not None:
                custody[unit_id] = held
                afresh.add(unit_id)
            elif before.story and (
                _names_another(added, before.story)
                or _told_by_holder(added, facts)
                or _moves_beside_paper(added, facts)
            ):
                afresh.add(unit_id)
            elif before.story is not None:
                stories[unit_id] = tell_on(before.story, added)
        if not (self.fresh or afresh):
            return self.outcomes
        ledger.copy_events(self._with_evidence(self.rows))
        ledger.save_custody(custody)
        afresh |= self._lock_above(custody, locked)
        afresh |= self._dependents(locked)
        if afresh:
            again = refold(sorted(afresh))
            ledger.save_custody(again.holds)
            stories |= again.stories
            touches |= {
                (site, unit_id) for unit_id in again.stories for site in ledger.sites_of(stories[unit_id].facts)
            }
        ledger.save_touches(touches)
        ledger.save_stories(stories)
        ledger.publish_told(self.fresh, stories)
        return self.outcomes

    def _lock_above(self, custody: Mapping[int, Sequence[Hold]], locked: Mapping[int, ledger.Locked]) -> set[int]:
        """Lock what came to hold the new holders while we waited for them; return whose stories must be folded for it.

        An event of the vessel and a load into a box aboard it must not pass each other unseen: either the vessel's writer
        finds the load, or the load finds the event.
        """
        holders = {hold.holder for each in custody.values() for hold in each}
        known, afresh = set(locked), set[int]()
        while missed := (holders | holders_above(holders)) - known:
            afresh |= {each.unit_id for each in ledger.lock_stories(missed).values() if each.story is None}
            known |= missed
        return afresh

    def _held(self, story: Story | None, facts: Sequence[Fact], added: Sequence[Fact]) -> tuple[Hold, ...] | None:
        """Return the unit's holds when the added facts change them, as far as this story knows what its papers tell."""
        if story is not None and not story.holders and not any(fact.holder for fact in added):
            return None
        mine = [fact for fact in facts if not fact.via and not fact.piece]
        held = holds([*mine, *added])
        return None if held == holds(mine) else held

    def _take(
        self, unit_id: int, items: Sequence[tuple[int, Report]], facts: Sequence[Fact], dataset: str
    ) -> list[Fact]:
        """Sort one unit's reports into news, revisions, repeats and conflicts."""
        known = _versions(facts, {report.key for _, report in items})
        added: list[Fact] = []
        for index, report in items:
            versions = known[report.key]
            if report.digest in versions:
                revived = self._revive(unit_id, report, [*facts, *added]) if self.writing.revives else None
                if revived is None:
                    self.outcomes.append((index, Outcome(Result.DUPLICATE, unit_id=unit_id)))
                    continue
                report = revived  # noqa: PLW2901  the repeat becomes the correction that brings the event back
                versions = known.setdefault(report.key, _versions(facts, {report.key})[report.key])
            elif versions and not self.writing.source.revising:
                self.outcomes.append((index, CONFLICT))
                continue
            if len(facts) + len(added) >= FACTS_MAX + CORRECTIONS_SPARE * bool(report.voids):
                self.outcomes.append((index, FULL))
                continue
            result = Result.REVISION if versions else Result.ACCEPTED
            rev = report.version or max(versions.values(), default=-1) + 1
            fact = self._fact(report, rev)
            versions[report.digest] = rev
            added.append(fact)
            self.rows.append(self._row(unit_id, report, fact, dataset))
            self.outcomes.append((index, Outcome(result, unit_id=unit_id, event_id=fact.event_id)))
        if self.writing.lists_all:
            added += self._unlist(unit_id, {report.key for _, report in items}, [*facts, *added], dataset)
        return added

    def _unlist(self, unit_id: int, listed: set[int], facts: Sequence[Fact], dataset: str) -> list[Fact]:
        """Take back what this source told before and lists no longer."""
        gone = {
            fact.key
            for fact in live(facts)
            if fact.source == self.writing.source.id and fact.key not in listed and fact.is_own
        }
        added = []
        for key in sorted(gone):
            report = self._own_correction(unit_id, key, facts, why="~unlisted")
            fact = self._fact(report, 0)
            added.append(fact)
            self.rows.append(self._row(unit_id, report, fact, dataset))
        return added

    def _own_correction(self, unit_id: int, target: int, facts: Sequence[Fact], *, why: str) -> Report:
        """Return this source's next correction of an event: the same one may fall and come back many times."""
        source = self.writing.source
        generation = sum(fact.voids == target and fact.source == source.id for fact in facts)
        return correction(unit_id, target, source=source.name, at=self.recorded, why=f"{why}:{generation}")

    def _revive(self, unit_id: int, report: Report, facts: Sequence[Fact]) -> Report | None:
        """Return the correction that takes back its own source's correction of this event, when one stands."""
        if report.key not in void_keys(facts):
            return None
        standing = [f for f in facts if f.voids == report.key and f.source == self.writing.source.id]
        target = next((f.key for f in standing if f.key not in void_keys(facts)), 0)
        return self._own_correction(unit_id, target, facts, why="~revive") if target else None

    def _fact(self, report: Report, rev: int) -> Fact:
        return Fact(
            key=report.key, digest=report.digest, at=report.at, recorded=self.recorded,
            milestone=_MILESTONE[report.milestone], classifier=_CLASSIFIER[report.classifier],
            precision=report.precision, offset_min=report.offset_min, offset_assumed=report.offset_assumed,
            reason=_REASON[report.reason], place=self.place_ids.get(report.place) or report.place or None,
            next_place=self.place_ids.get(report.next_place) or report.next_place or None,
            source=self.writing.source.id, voids=report.voids, rev=rev,
            holder=self.holder_ids.get(report.holder, 0), mode=_MODE[report.mode], event_id=ledger.next_event_id(),
            unmapped=report.unmapped, inferred=report.provider == FREE_TEXT and report.milestone != "info",
        )  # fmt: skip

    def _evidence_of(self, report: Report, dataset: str) -> Evidence | None:
        """Return what proves the event; what a foreign document says of many units is kept once for all of them."""
        if not (report.signed_by or report.blobs or report.note or report.raw):
            return None
        if report.raw and (known := self.shared.get((report.raw, report.note))):
            return known
        proof = Evidence(
            signed_by=report.signed_by, blobs=list(report.blobs), note=report.note, dataset=dataset,
            raw=msgspec.json.decode(report.raw) if report.raw else None,
        )  # fmt: skip
        self.evidence.append(proof)
        if report.raw:
            self.shared[report.raw, report.note] = proof
        return proof

    def _with_evidence(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Insert the evidence at once and put its ids where the rows refer to it."""
        if not self.evidence:
            return rows
        Evidence.objects.bulk_create(self.evidence)
        column = ledger.EVIDENCE_COLUMN
        return [(*row[:column], row[column] and row[column].pk, *row[column + 1 :]) for row in rows]

    def _row(self, unit_id: int, report: Report, fact: Fact, dataset: str) -> tuple[Any, ...]:
        """Lay out an event in the order of ledger.EVENT_COLUMNS."""
        evidence = self._evidence_of(report, dataset or self.writing.dataset)
        return (
            unit_id, report.key, report.digest, fact.event_id, datetime.fromtimestamp(report.at, UTC), self.writing.now,
            self.place_ids.get(report.place), self.place_ids.get(report.next_place), fact.holder or None, None,
            report.voids or None, evidence, self.writing.batch_id, report.precision, report.offset_min,
            self.writing.source.id, fact.rev, report.offset_assumed, report.classifier, report.milestone, report.reason,
            report.mode, report.source_event_id, report.provider, report.code, report.text, report.place,
            report.next_place, self.writing.actor.principal, dataset or self.writing.dataset,
        )  # fmt: skip

    def _foreseen(self) -> set[int]:
        """Return whose stories are likely to change with these, so that all are locked in the one order of all writers."""
        telling, pieces = set[int](), set[int]()
        for unit_id, items in self.placed.items():
            for _, report in items:
                if report.piece or report.target == "piece":
                    pieces.add(unit_id)
                elif report.target in _TELLING_KINDS or not report.target:
                    telling.add(unit_id)
        found = held_by(telling, most=INLINE_MAX) if telling else set()
        if len(found) <= INLINE_MAX and (pieces or found):
            found |= parents_of({*found, *pieces})
        return found if len(found) <= INLINE_MAX else set()

    def _dependents(self, locked: Mapping[int, ledger.Locked]) -> set[int]:
        """Return the units whose stories change with these, locked; too many are marked stale instead."""
        told = [unit_id for unit_id in self.fresh if locked[unit_id].kind in _TELLING_KINDS]
        found = held_by(told) if told else set()
        kinds = {locked[unit_id].kind for unit_id in self.fresh}
        if "piece" in kinds or found:
            found |= parents_of({*found, *self.fresh})
        others = found - locked.keys()
        if len(others) > INLINE_MAX:
            ledger.mark_stale(others)
            return found & locked.keys()
        if others:  # that came to be held while we waited for the locks
            ledger.lock_stories(others)  # all of them are folded afresh below, so their marks may go
        return found


def _versions(facts: Sequence[Fact], keys: Collection[int]) -> dict[int, dict[int, int]]:
    """Return what a unit was told under these keys: the revision of each content."""
    found: dict[int, dict[int, int]] = {key: {} for key in keys}
    for fact in facts:
        if fact.key in found and fact.is_own:
            found[fact.key][fact.digest] = fact.rev
    return found


def _names_another(added: Sequence[Fact], story: Story) -> bool:
    """Tell whether a holder is named that the story cannot name yet, such as by an unload that no load came before."""
    return bool({fact.holder for fact in added if fact.holder} - {holder.unit for holder in story.holders})


def _told_by_holder(added: Sequence[Fact], facts: Sequence[Fact]) -> bool:
    """Tell whether a holder or a paper already told any of this: the unit's own telling of it goes first."""
    known = {(fact.key, fact.digest) for fact in facts if fact.via or fact.paper}
    return any((fact.key, fact.digest) in known for fact in added)


def _moves_beside_paper(added: Sequence[Fact], facts: Sequence[Fact]) -> bool:
    """Tell whether it may matter when the unit was under which paper, which no story says."""
    return any(map(may_move, added)) and any(fact.paper for fact in facts)

"""From rows to stories: a unit's own facts joined with those of the units that held it and of its pieces."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from msgspec.structs import replace

from huoji.apps.places import queries as places
from huoji.core.custody import DEPTH_MAX, FOREVER, Hold, chain, holds, told_within
from huoji.core.milestone import UNKNOWN_MEANING
from huoji.core.milestones import meaning
from huoji.core.report import FREE_TEXT
from huoji.core.story import LINE_CODE, Holder, Story, tell
from huoji.core.timeline import CLASSIFIERS, MILESTONE_CODE, MODE_CODE, REASON_CODE, Fact

_CLASSIFIER_CODE = {classifier.value: code for code, classifier in enumerate(CLASSIFIERS)}
_MILESTONE = {milestone.value: code for milestone, code in MILESTONE_CODE.items()}
_REASON = {reason.value: code for reason, code in REASON_CODE.items()}
_MODE = {mode.value: code for mode, code in MODE_CODE.items()}

_EVENTS = """
SELECT unit_id, key, digest, extract(epoch FROM occurred_at)::bigint, floor(extract(epoch FROM recorded_at))::bigint,
       milestone, classifier, precision, offset_min, offset_assumed, reason, place_id, place, next_place_id, next_place,
       source_id, voids, rev, holder_id, mode, id, provider, code
FROM event WHERE unit_id = ANY(%s)
"""
_UNITS = """
SELECT u.id, u.kind, coalesce(nullif(u.label, ''), u.number), u.parent_id, w.line, w.pieces
FROM unit u LEFT JOIN waybill w ON w.unit_id = u.id WHERE u.id = ANY(%s)
"""
_CUSTODY = "SELECT unit_id, holder_id, since, until FROM custody WHERE unit_id = ANY(%s)"
_PIECES = "SELECT id, parent_id FROM unit WHERE parent_id = ANY(%s) AND kind = 'piece'"
# From when to when its papers tell a waybill: all that is past while it names them, and what happened in the time in which
# it did when it names them no more. An outside party's waybills stand under what that party tells of the booking; under the
# booking as the carrier knows it only where no shipment of the carrier's own names it, nor one that another party brought
# in before (else it could read their story by naming it), and from when the last of those gave it up.
_PAPERS = """
WITH named AS (
    SELECT r.id, r.unit_id, r.kind, r.value, u.owner, coalesce(r.named_at, '-infinity') AS since, r.left_at AS until
    FROM reference r JOIN unit u ON u.id = r.unit_id
    WHERE r.unit_id = ANY(%s) AND r.kind IN ('booking', 'bill')
), party AS (
    SELECT n.*, (
        SELECT min(coalesce(r.named_at, '-infinity'))
        FROM reference r JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL AND u.owner = n.owner
        WHERE r.value = n.value AND r.kind = n.kind AND (r.left_at IS NULL OR r.left_at > n.since)
    ) AS first FROM named n WHERE n.owner <> ''
), before AS (
    SELECT n.id, bool_or(r.left_at IS NULL) AS has_it, max(r.left_at) AS until
    FROM party n JOIN reference r ON r.value = n.value AND r.kind = n.kind
        AND (n.until IS NULL OR coalesce(r.named_at, '-infinity') < n.until)
    JOIN unit u ON u.id = r.unit_id AND u.voided_at IS NULL AND u.owner <> n.owner
    WHERE u.owner = '' OR (coalesce(r.named_at, '-infinity'), u.owner) < (n.first, n.owner)
    GROUP BY n.id
)
SELECT n.unit_id, p.id, greatest(
        CASE WHEN n.until IS NOT NULL AND n.since > '-infinity' THEN floor(extract(epoch FROM n.since)) END,
        CASE WHEN p.number = n.value THEN ceil(extract(epoch FROM b.until)) END
    )::bigint, ceil(extract(epoch FROM n.until))::bigint
FROM named n LEFT JOIN before b ON b.id = n.id
JOIN unit p ON p.kind = n.kind AND p.number IN (
    CASE WHEN b.has_it IS NOT TRUE THEN n.value END, n.value || '|' || nullif(n.owner, '')
)
WHERE n.until IS NULL OR n.until > n.since
"""
_NAMED_BY = """
SELECT r.unit_id, r.left_at IS NULL FROM unit p
JOIN reference r ON r.kind = p.kind AND r.value IN (p.number, split_part(p.number, '|', 1))
JOIN unit u ON u.id = r.unit_id AND p.number IN (r.value, r.value || '|' || u.owner)
WHERE p.id = ANY(%s) AND p.kind IN ('booking', 'bill')
"""
_LINKS = """
SELECT l.unit_id, l.relation, u.number FROM link l JOIN unit u ON u.id = l.other_id WHERE l.unit_id = ANY(%s) ORDER BY l.id
"""


def _rows(sql: str, ids: Collection[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def own_facts(unit_ids: Collection[int]) -> dict[int, list[Fact]]:
    """Read the facts told about the units themselves."""
    found: dict[int, list[Fact]] = {unit_id: [] for unit_id in unit_ids}
    sites = places.places()  # a site that is gone tells nothing; the text of the event does
    for row in _rows(_EVENTS, unit_ids) if unit_ids else ():
        found[row[0]].append(
            Fact(
                key=row[1], digest=row[2], at=row[3], recorded=row[4],
                milestone=_MILESTONE.get(row[5], _MILESTONE["info"]), classifier=_CLASSIFIER_CODE[row[6]],
                precision=row[7], offset_min=row[8], offset_assumed=row[9], reason=_REASON.get(row[10], 0),
                place=row[11] if row[11] in sites else row[12] or None,
                next_place=row[13] if row[13] in sites else row[14] or None,
                source=row[15], voids=row[16] or 0, rev=row[17], holder=row[18] or 0,
                mode=_MODE.get(row[19], _MODE["unknown"]), event_id=row[20],
                unmapped=row[5] == "info"
                and bool(row[21])
                and not row[16]
                and meaning(row[21], row[22]) is UNKNOWN_MEANING,
                inferred=row[21] == FREE_TEXT and row[5] != "info",
            )
        )  # fmt: skip
    return found


def custody_of(unit_ids: Collection[int]) -> dict[int, list[Hold]]:
    """Read the holds of the units, of their holders, and so on up."""
    found: dict[int, list[Hold]] = {}
    layer: set[int] = set(unit_ids)
    for _ in range(DEPTH_MAX):
        rows = _rows(_CUSTODY, layer) if layer else []
        for unit_id, holder_id, since, until in rows:
            found.setdefault(unit_id, []).append(Hold(holder_id, since, until))
        layer = {row[1] for row in rows} - found.keys()
    return found


def holders_above(unit_ids: Collection[int]) -> set[int]:
    """Return every unit that ever held any of these, directly or through another."""
    return {hold.holder for each in custody_of(unit_ids).values() for hold in each} if unit_ids else set()


def held_by(holder_ids: Collection[int], *, most: int | None = None) -> set[int]:
    """Return every unit that any of these ever held, directly or through another; no further once there are more than `most`."""
    found: set[int] = set()
    layer: set[int] = set(holder_ids)
    for _ in range(DEPTH_MAX):
        if not layer or (most is not None and len(found) > most):
            break
        rows = _rows("SELECT DISTINCT unit_id FROM custody WHERE holder_id = ANY(%s)", layer)
        rows += _rows(_NAMED_BY, layer)
        layer = {row[0] for row in rows} - found
        found |= layer
    return found


def papers_of(unit_ids: Collection[int]) -> dict[int, list[Hold]]:
    """Return the bookings and bills that hold these waybills because they name or named them."""
    found: dict[int, list[Hold]] = {}
    for unit_id, paper_id, since, until in _rows(_PAPERS, unit_ids) if unit_ids else ():
        found.setdefault(unit_id, []).append(Hold(paper_id, since or 0, FOREVER if until is None else until))
    return found


def under(paper_ids: Collection[int]) -> set[int]:
    """Return the waybills that name these bookings and bills."""
    return {unit_id for unit_id, names_it in _rows(_NAMED_BY, paper_ids) if names_it}


class Refolded(NamedTuple):
    """Stories as the events tell them now, and the holds of those units whose custody rows say something else."""

    stories: dict[int, Story]
    holds: dict[int, tuple[Hold, ...]]


def assemble(unit_ids: Sequence[int]) -> dict[int, Story]:
    """Fold the stories of the units afresh from their events and those of what held them."""
    return refold(unit_ids).stories


def refold(unit_ids: Sequence[int]) -> Refolded:
    """Fold stories and direct holds of the units afresh; set-based, in a fixed number of statements."""
    units = {row[0]: row for row in _rows(_UNITS, unit_ids)}
    pieces: dict[int, list[int]] = {}
    for piece_id, parent_id in _rows(_PIECES, unit_ids):
        pieces.setdefault(parent_id, []).append(piece_id)
    wanted = (*unit_ids, *(piece for group in pieces.values() for piece in group))
    papers = papers_of(unit_ids)
    facts = own_facts({*wanted, *(paper.holder for each in papers.values() for paper in each)})
    told = {unit: [*facts[unit], *_on_paper(papers.get(unit, ()), facts, own=facts[unit])] for unit in wanted}
    direct = {unit: holds(told[unit], papers=papers.get(unit, ())) for unit in wanted}
    custody = custody_of({*wanted, *(hold.holder for each in direct.values() for hold in each)})
    wrong = {unit: direct[unit] for unit in wanted if sorted(custody.get(unit, ())) != sorted(direct[unit])}
    custody |= {unit: list(each) for unit, each in direct.items()}
    held = {unit: chain(unit, custody) for unit in wanted}
    holder_ids = {hold.holder for each in held.values() for hold in each}
    facts |= own_facts(holder_ids - facts.keys())
    named = holder_ids | {unit for each in told.values() for f in each for unit in (f.holder, f.paper) if unit}
    labels = {row[0]: row for row in _rows(_UNITS, named)} if named else {}
    links: dict[int, list[tuple[str, str]]] = {}
    for unit_id, relation, number in _rows(_LINKS, unit_ids):
        links.setdefault(unit_id, []).append((relation, number))

    stories: dict[int, Story] = {}
    for unit_id, (_, _, _, _, line, count) in units.items():
        lines = [*told[unit_id], *_carried(held[unit_id], facts, own=told[unit_id], piece=0)]
        for piece in pieces.get(unit_id, ()):
            lines += [replace(fact, piece=piece) for fact in told[piece]]
            lines += _carried(held[piece], facts, own=told[piece], piece=piece)
        kept = {hold.holder for each in (unit_id, *pieces.get(unit_id, ())) for hold in held[each]}
        kept |= {each for fact in lines for each in (fact.holder, fact.paper) if each}
        stories[unit_id] = tell(
            lines,
            line=LINE_CODE.get(line, 0) if line else 0,
            pieces=count or 1,
            links=tuple(links.get(unit_id, ())),
            holders=tuple(Holder(h, labels[h][1], labels[h][2]) for h in sorted(kept) if h in labels),
        )
    return Refolded(stories, wrong)


def _on_paper(papers: Iterable[Hold], facts: Mapping[int, Sequence[Fact]], *, own: Iterable[Fact]) -> list[Fact]:
    """Return what its booking and bills tell a waybill, each once; what was told of itself as well goes first."""
    seen = {(fact.key, fact.digest) for fact in own}
    found: list[Fact] = []
    for paper in sorted(papers):
        for fact in told_within(facts[paper.holder], paper):
            if (fact.key, fact.digest) not in seen:
                seen.add((fact.key, fact.digest))
                found.append(replace(fact, paper=paper.holder))
    return found


def _carried(
    spans: Iterable[Hold], facts: Mapping[int, Sequence[Fact]], *, own: Iterable[Fact], piece: int
) -> list[Fact]:
    """Return the facts of the holders while they held it, each once however often it was aboard.

    What a source told of the unit itself as well is not told again by the holder.
    """
    found: dict[tuple[int, int, int], Fact] = {}
    known = {(fact.key, fact.digest) for fact in own}
    for hold in spans:
        for fact in facts.get(hold.holder, ()):
            if (hold.start <= fact.at < hold.end or fact.voids) and (fact.key, fact.digest) not in known:
                found[hold.holder, fact.key, fact.digest] = replace(fact, holder=0, via=hold.holder, piece=piece)
    return list(found.values())


def parents_of(unit_ids: Collection[int]) -> set[int]:
    """Return the waybills whose pieces these are."""
    rows = _rows("SELECT DISTINCT parent_id FROM unit WHERE id = ANY(%s) AND parent_id IS NOT NULL", unit_ids)
    return {row[0] for row in rows}

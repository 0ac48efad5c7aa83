"""The way that is still ahead of cargo: what a run carries now, and each waybill's own planned legs behind it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from huoji.apps.fleet.queries import forecasts
from huoji.apps.fleet.queries.forecasts import Ahead, lesson, straight_m
from huoji.apps.places import queries as places
from huoji.apps.shipments.models import Leg, Story, Waybill
from huoji.apps.shipments.queries.facts import assemble
from huoji.core import outlook, way
from huoji.core.custody import DEPTH_MAX, FOREVER
from huoji.core.milestone import Line, Mode, Reason, Status
from huoji.core.story import unpack
from huoji.core.timeline import FOLD_VERSION, REASONS, STATUSES, TERMINAL, Fact, Folded
from huoji.core.way import Done, Rest, Standing, Stretch

_ABOARD = """
WITH RECURSIVE held (run_id, unit_id, depth) AS (
    SELECT c.holder_id, c.unit_id, 1 FROM custody c WHERE c.holder_id = ANY(%(runs)s) AND c.until = %(forever)s
    UNION ALL
    SELECT h.run_id, c.unit_id, h.depth + 1
    FROM held h JOIN custody c ON c.holder_id = h.unit_id AND c.until = %(forever)s WHERE h.depth < %(depth)s
), waybills AS (
    SELECT DISTINCT h.run_id, coalesce(u.parent_id, u.id) AS unit_id
    FROM held h JOIN unit u ON u.id = h.unit_id AND u.voided_at IS NULL WHERE u.kind IN ('waybill', 'piece')
)
SELECT unit_id, run_id
FROM (SELECT *, row_number() OVER (PARTITION BY run_id ORDER BY unit_id) AS number FROM waybills) numbered
WHERE number <= %(most)s ORDER BY run_id, unit_id
"""


def aboard(run_ids: Collection[int], *, most: int) -> dict[int, int]:
    """Return the waybills that these runs' units hold now, directly or in containers, pallets and bags, each with its run.

    A waybill whose pieces ride on several goes by one of them.
    """
    parameters: dict[str, Any] = {"runs": list(run_ids), "forever": FOREVER, "depth": DEPTH_MAX, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_ABOARD, parameters)
        return dict(cursor.fetchall())


# What holds a waybill now, or a piece of it: by way of containers, pallets and bags.
_HELD = """
WITH RECURSIVE up (root, unit_id, depth) AS (
    SELECT r, r, 0 FROM unnest(%(ids)s::bigint[]) r
    UNION ALL SELECT p.parent_id, p.id, 0 FROM unit p WHERE p.parent_id = ANY(%(ids)s) AND p.kind = 'piece'
    UNION ALL
    SELECT up.root, c.holder_id, up.depth + 1 FROM up
    JOIN custody c ON c.unit_id = up.unit_id AND c.until = %(forever)s WHERE up.depth < %(depth)s
)
SELECT DISTINCT root, unit_id FROM up WHERE depth > 0
"""


def carried(unit_ids: Collection[int]) -> set[int]:
    """Return those of these waybills that are aboard a run which is estimated itself."""
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"ids": list(unit_ids), "forever": FOREVER, "depth": DEPTH_MAX}
        cursor.execute(_HELD, parameters)
        held: list[tuple[int, int]] = cursor.fetchall()
    runs = forecasts.estimated(holder for _, holder in held)
    return {unit_id for unit_id, holder in held if holder in runs}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """One planned leg of a waybill between known sites."""

    seq: int
    mode: Mode
    from_id: int
    to_id: int
    departs: int
    arrives: int
    is_estimate: bool
    carrier_id: int | None
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cargo:
    """A waybill as an estimate needs it; `promise` is what was first promised, in epoch seconds, 0 for nothing.

    `arrives` is when others expect it now, `told` when it was heard of first, `facts` all that was told.
    """

    unit_id: int
    line: Line
    origin_id: int | None
    destination: str
    destination_id: int | None
    promise: int
    arrives: int
    told: int
    status: Status
    is_over: bool
    is_astray: bool  # not bound for its consignee any more: no plan and no promise holds
    legs: tuple[PlannedLeg, ...]
    standing: Standing
    done: tuple[Done, ...]
    facts: tuple[Fact, ...]

    def _number(self, run_id: int) -> int | None:
        return next((number for number, leg in enumerate(self.legs) if leg.carrier_id == run_id), None)

    @property
    def end_id(self) -> int | None:
        """The site where its way ends, as far as that is known."""
        return self.destination_id or (self.legs[-1].to_id if self.legs else None)

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has had it in hands yet."""
        return self.status in (Status.CREATED, Status.AWAITING_PICKUP)

    def ends_at(self, site_id: int | None) -> bool:
        """Tell whether its way may end at a site; a destination that names no site of ours is not reached by a run of ours."""
        if self.destination_id is not None:
            return site_id == self.destination_id
        return site_id == self.legs[-1].to_id if self.legs else not self.destination

    def unload_site(self, run_id: int) -> int | None:
        """Return where it leaves a run by plan; without legs where it is bound for."""
        number = self._number(run_id)
        return self.legs[number].to_id if number is not None else self.destination_id

    def legs_after(self, run_id: int) -> tuple[Ahead, ...]:
        """Return the planned legs behind the one that a run makes."""
        number = self._number(run_id)
        return self._ahead(number + 1) if number is not None else ()

    def legs_ahead(self) -> tuple[Ahead, ...]:
        """Return the planned legs from where it is by what was told, the one that is under way among them."""
        return self._ahead(self.standing.number)

    def metres_before(self, run_id: int) -> int:
        """Return the length of the legs before the one that a run makes."""
        number = self._number(run_id)
        return sum(leg.distance_m for leg in self.legs[:number]) if number else 0

    @property
    def departs(self) -> int:
        """When it ought to leave where it waits, 0 when it has left or nobody knows."""
        is_waiting = self.standing.number < len(self.legs) and not self.standing.departed
        return self.legs[self.standing.number].departs if is_waiting else 0

    def percent_between(self) -> int | None:
        """Return the part of the planned route that is done, by the legs that were made."""
        whole = sum(leg.distance_m for leg in self.legs)
        done = sum(leg.distance_m for leg in self.legs[: self.standing.number])
        return outlook.percent(done_m=done, whole_m=whole)

    def _ahead(self, first: int) -> tuple[Ahead, ...]:
        found = []
        for number in range(first, len(self.legs)):
            leg = self.legs[number]
            before = self.legs[number - 1].arrives if number else 0
            departs = leg.departs or before
            if leg.is_estimate and number == self.standing.number and self.standing.departed:
                departs = self.standing.departed  # whoever estimated the arrival knew of the departure
            found.append(
                Ahead(
                    seq=leg.seq, site_id=leg.to_id, mode=leg.mode, departs=departs, arrives=leg.arrives,
                    halt_s=max(0, departs - before) if departs and before else 0, distance_m=leg.distance_m,
                    lesson=self.lesson_of(number),
                )
            )  # fmt: skip
        return tuple(found)

    def lesson_of(self, number: int) -> forecasts.Lesson:
        """Return under which names one of its legs teaches and is estimated: those of the runs on the same lane."""
        leg, atlas = self.legs[number], places.places()
        return lesson(atlas.get(leg.from_id), atlas.get(leg.to_id), mode=leg.mode, length_m=leg.distance_m)

    def rest(self) -> Rest:
        """Return the rest of its way to the delivery, from the site where it was seen last."""
        here, since = way.since_here(self.facts)
        return self.rest_from(here, since)

    def rest_from(self, here: int, since: int) -> Rest:
        """Return the rest of its way from a site on it, with the names under which such ones teach."""
        atlas = places.places()
        codes = [site.code if site else "" for site in map(atlas.get, (here, self.origin_id or 0, self.end_id or 0))]
        return way.rest_of(
            line=self.line, here=codes[0], origin=codes[1], destination=codes[2], since=since,
            distance_m=straight_m(atlas.get(here), atlas.get(self.end_id or 0)),
        )  # fmt: skip


def cargo_of(unit_ids: Collection[int]) -> list[Cargo]:
    """Read these waybills with their plans, in a fixed number of statements; those that an undone import brought are none."""
    ids = list(unit_ids)
    if not ids:
        return []
    bodies = {row.unit_id: row for row in Story.objects.filter(unit_id__in=ids)}
    old = [unit_id for unit_id, row in bodies.items() if row.fold_version != FOLD_VERSION]
    fresh = assemble(old) if old else {}
    legs: dict[int, list[Leg]] = {}
    for row in Leg.objects.filter(waybill_id__in=ids, from_id__isnull=False, to_id__isnull=False).order_by("seq"):
        legs.setdefault(row.waybill_id, []).append(row)
    found = []
    for waybill in Waybill.objects.filter(unit_id__in=ids, unit__voided_at=None):
        body = bodies.get(waybill.unit_id)
        if body is not None:
            story = fresh.get(waybill.unit_id) or unpack(body.body)
            found.append(_cargo(waybill, story.facts, story.folded, legs.get(waybill.unit_id, ())))
    return found


def _cargo(waybill: Waybill, facts: tuple[Fact, ...], folded: Folded, rows: Sequence[Leg]) -> Cargo:
    line = Line(waybill.line)
    told = [Stretch(row.from_id or 0, row.to_id or 0, Mode(row.mode), _epoch(row.departs_at), _epoch(row.arrives_at)) for row in rows]  # fmt: skip
    plan = way.revised(told, facts) if told else _told_plan(waybill, facts)
    standing, done = way.walk(plan, facts)
    own = tuple(_planned(number, each, line, rows) for number, each in enumerate(plan))
    last = told[-1] if told else plan[-1] if plan else None
    promised = way.promise(facts, folded.planned) or (last.arrives if last and not last.is_estimate else 0)
    status, reason = STATUSES[folded.status], REASONS[folded.reason]
    astray = status in (Status.REFUSED, Status.RETURNING) or (status is Status.EXCEPTION and reason is Reason.LOST)
    arrives = way.promise(facts, folded.expected) if folded.expected == folded.planned else folded.expected
    return Cargo(
        unit_id=waybill.unit_id, line=line, origin_id=waybill.origin_id, destination=waybill.destination,
        destination_id=waybill.destination_id, promise=0 if astray else promised, arrives=arrives, is_astray=astray, told=folded.last_at or _epoch(waybill.created_at), status=status,
        is_over=folded.status in TERMINAL, legs=own, standing=standing, done=done, facts=facts,
    )  # fmt: skip


def _told_plan(waybill: Waybill, facts: Sequence[Fact]) -> tuple[Stretch, ...]:
    """Return the plan that events tell, if it leads where the waybill is bound for: the next port may be one on the way."""
    plan = way.told_plan(facts)
    leads_there = plan and (plan[-1].end == waybill.destination_id or not waybill.destination)
    return plan if leads_there else ()


def _planned(number: int, each: Stretch, line: Line, rows: Sequence[Leg]) -> PlannedLeg:
    atlas = places.places()
    return PlannedLeg(
        seq=rows[number].seq if rows else number + 1, mode=way.MODE_OF[line] if each.mode is Mode.UNKNOWN else each.mode,
        from_id=each.start, to_id=each.end, departs=each.departs, arrives=each.arrives, is_estimate=each.is_estimate,
        carrier_id=rows[number].carrier_unit_id if rows else None,
        distance_m=straight_m(atlas.get(each.start), atlas.get(each.end)),
    )  # fmt: skip


def _epoch(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0

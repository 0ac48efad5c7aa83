"""The way that is still ahead of cargo: what a run carries now, and each waybill's own planned legs behind it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from huoji.apps.fleet.queries.forecasts import Ahead, lesson, straight_m
from huoji.apps.places import queries as places
from huoji.apps.shipments.models import Leg, State, Story, Waybill
from huoji.apps.shipments.queries.facts import assemble
from huoji.core import outlook
from huoji.core.custody import DEPTH_MAX, FOREVER
from huoji.core.milestone import Line, Mode
from huoji.core.story import unpack
from huoji.core.timeline import FOLD_VERSION, TERMINAL

_ABOARD = """
WITH RECURSIVE held (unit_id, depth) AS (
    SELECT c.unit_id, 1 FROM custody c WHERE c.holder_id = %(run)s AND c.until = %(forever)s
    UNION ALL
    SELECT c.unit_id, h.depth + 1 FROM held h JOIN custody c ON c.holder_id = h.unit_id AND c.until = %(forever)s
    WHERE h.depth < %(depth)s
)
SELECT DISTINCT coalesce(u.parent_id, u.id) FROM held h JOIN unit u ON u.id = h.unit_id AND u.voided_at IS NULL
WHERE u.kind IN ('waybill', 'piece') ORDER BY 1 LIMIT %(most)s
"""


def aboard(run_id: int, *, limit: int) -> list[int]:
    """Return the waybills that a run's unit holds now, directly or in containers, pallets and bags."""
    parameters = {"run": run_id, "forever": FOREVER, "depth": DEPTH_MAX, "most": limit}
    with connection.cursor() as cursor:
        cursor.execute(_ABOARD, parameters)
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLeg:
    """One planned leg of a waybill between known sites."""

    seq: int
    mode: Mode
    from_id: int
    to_id: int
    departs: int
    arrives: int
    carrier_id: int | None
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cargo:
    """A waybill as an estimate needs it; `promise` is what was first promised, in epoch seconds, 0 for nothing."""

    unit_id: int
    line: Line
    destination: str
    destination_id: int | None
    place_id: int | None
    promise: int
    last_at: int
    is_over: bool
    legs: tuple[PlannedLeg, ...]

    def _number(self, run_id: int) -> int | None:
        return next((number for number, leg in enumerate(self.legs) if leg.carrier_id == run_id), None)

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
        """Return the planned legs from where it is now; all of them when it is where none begins."""
        here = [number for number, leg in enumerate(self.legs) if leg.from_id == self.place_id]
        return self._ahead(here[-1]) if here else ()

    def metres_before(self, run_id: int) -> int:
        """Return the length of the legs before the one that a run makes."""
        number = self._number(run_id)
        return sum(leg.distance_m for leg in self.legs[:number]) if number else 0

    def percent_between(self, ahead: Sequence[Ahead]) -> int | None:
        """Return the part of the route that is done when it waits between two legs."""
        whole = sum(leg.distance_m for leg in self.legs)
        return outlook.percent(done_m=whole - sum(leg.distance_m for leg in ahead), whole_m=whole) if ahead else None

    def _ahead(self, first: int) -> tuple[Ahead, ...]:
        atlas = places.places()
        found = []
        for number in range(first, len(self.legs)):
            leg = self.legs[number]
            before = self.legs[number - 1].arrives if number else 0
            found.append(
                Ahead(
                    seq=leg.seq, site_id=leg.to_id, mode=leg.mode, departs=leg.departs, arrives=leg.arrives,
                    halt_s=max(0, leg.departs - before) if leg.departs and before else 0, distance_m=leg.distance_m,
                    lesson=lesson(atlas.get(leg.from_id), atlas.get(leg.to_id), mode=leg.mode, length_m=leg.distance_m),
                )
            )  # fmt: skip
        return tuple(found)


def cargo_of(unit_ids: Collection[int]) -> list[Cargo]:
    """Read these waybills with their plans, in a fixed number of statements."""
    ids = list(unit_ids)
    if not ids:
        return []
    bodies = {row.unit_id: row for row in Story.objects.filter(unit_id__in=ids)}
    old = [unit_id for unit_id, row in bodies.items() if row.fold_version != FOLD_VERSION]
    fresh = assemble(old) if old else {}
    legs: dict[int, list[PlannedLeg]] = {}
    for row in Leg.objects.filter(waybill_id__in=ids, from_id__isnull=False, to_id__isnull=False).order_by("seq"):
        legs.setdefault(row.waybill_id, []).append(_planned(row))
    places_now = dict(State.objects.filter(unit_id__in=ids).values_list("unit_id", "place_id"))
    found = []
    for waybill in Waybill.objects.filter(unit_id__in=ids):
        body = bodies.get(waybill.unit_id)
        if body is None:
            continue
        story = fresh.get(waybill.unit_id) or unpack(body.body)
        own = tuple(legs.get(waybill.unit_id, ()))
        found.append(
            Cargo(
                unit_id=waybill.unit_id, line=Line(waybill.line), destination=waybill.destination,
                destination_id=waybill.destination_id, place_id=places_now.get(waybill.unit_id), last_at=story.folded.last_at,
                promise=story.folded.planned or (own[-1].arrives if own else 0),
                is_over=story.folded.status in TERMINAL, legs=own,
            )
        )  # fmt: skip
    return found


def _planned(row: Leg) -> PlannedLeg:
    atlas = places.places()
    assert row.from_id is not None
    assert row.to_id is not None
    return PlannedLeg(
        seq=row.seq, mode=Mode(row.mode), from_id=row.from_id, to_id=row.to_id, departs=_epoch(row.departs_at),
        arrives=_epoch(row.arrives_at), carrier_id=row.carrier_unit_id,
        distance_m=straight_m(atlas.get(row.from_id), atlas.get(row.to_id)),
    )  # fmt: skip


def _epoch(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0

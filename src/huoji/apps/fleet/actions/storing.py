"""Store points of many terminals in one transaction: filtered, kept once, last positions moved, fences, routes and alarms fed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from psycopg.errors import CheckViolation, UniqueViolation

from huoji.apps.fleet.actions import alarming, contacts, moving, partitions, readings, rows
from huoji.apps.fleet.actions.alarming import Clear, Raise
from huoji.apps.fleet.actions.rows import Aside, Place, PointIn
from huoji.apps.fleet.models import Run, Terminal
from huoji.apps.fleet.queries import grounds
from huoji.apps.places import queries as places
from huoji.core import fence, movement, position
from huoji.core.alarm import OFF_ROUTE, kinds_of
from huoji.core.corridor import CorridorLimits
from huoji.core.fleet import Metric
from huoji.core.movement import LATE, Ground, Memory, Walk
from huoji.core.position import DAY_S, Limits, Point
from huoji.core.reading import Reading
from huoji.kit import binary, ingest, outbox
from huoji.kit.colliding import in_transaction

__all__ = ["PointIn", "Stored", "store"]

REMEDIES_MAX = 3
DRIVER = "demo"  # the source of what a demonstration makes up
DUPLICATE, UNKNOWN, STORED = "duplicate", "unknown", "stored"
FUTURE_MAX_S = (partitions.DAYS_AHEAD - 1) * DAY_S

_COLUMNS = "t.id, t.conveyance_id, t.filters_off, t.dataset, r.unit_id, r.corridor_m, r.xmin::text::bigint, t.driven"
_RUN = "LEFT JOIN run r ON r.conveyance_id = t.conveyance_id AND r.state = 'under_way'"
LOCK_SQL = f"""
SELECT {_COLUMNS}, l.memory, false FROM last_position l JOIN terminal t ON t.id = l.terminal_id {_RUN}
WHERE l.terminal_id = ANY(%s) ORDER BY l.terminal_id FOR UPDATE OF l
"""  # noqa: S608  our own constants
LOCK_NEW_SQL = f"""
SELECT {_COLUMNS}, ''::bytea, true FROM terminal t {_RUN} WHERE t.id = ANY(%s) ORDER BY t.id FOR NO KEY UPDATE OF t
"""  # noqa: S608  our own constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a batch. `outcomes` has one word a point, in their order: "" (stored), `duplicate`, `unknown`, or its filter."""

    outcomes: list[str]

    @property
    def accepted(self) -> int:
        return self.outcomes.count("")

    @property
    def duplicates(self) -> int:
        return self.outcomes.count(DUPLICATE)

    @property
    def rejected(self) -> int:
        return len(self.outcomes) - self.accepted - self.duplicates


def store(batch: Sequence[PointIn], *, source: str, now: datetime) -> Stored:
    """Store a batch; the order of a terminal's points in it is the order in which they came. Sending the same again changes nothing.

    Filtered points count as received: they are kept raw for some days under the name of their filter. Whoever acknowledges
    may do so when this has returned and the transaction around it, if any, has committed.
    """
    if not batch:
        return Stored(outcomes=[])
    careful = False

    def write() -> Stored:
        return _Batch(batch, source=source, now=now, careful=careful).write()

    for _ in range(REMEDIES_MAX):
        try:
            return in_transaction(write)
        except IntegrityError as error:
            match error.__cause__:
                case CheckViolation():
                    partitions.forget()  # a day was dropped meanwhile
                case UniqueViolation():
                    careful = True  # rows that the terminal's own row does not know of, such as after a partial restore
                case _:
                    raise
    return in_transaction(write)


@lru_cache(maxsize=256)
def _enabled(filters_off: tuple[str, ...]) -> frozenset[str]:
    return position.ALL - set(filters_off)


class _Terminal(NamedTuple):
    """A terminal whose row is locked."""

    id: int
    conveyance_id: int | None
    filters_off: list[str]
    dataset: str
    run_id: int | None
    corridor_m: int | None
    run_version: int | None
    driven: bool
    packed: bytes
    is_new: bool


@dataclass(slots=True)
class _Effects:
    """What a batch writes, gathered terminal by terminal."""

    fresh: list[int] = field(
        default_factory=list
    )  # numbers in the batch; newer than all that is stored of their terminal
    late: list[int] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    moved: list[Place] = field(default_factory=list)
    first: list[Place] = field(default_factory=list)
    memories: list[tuple[int, bytes]] = field(default_factory=list)
    raised: list[Raise] = field(default_factory=list)
    cleared: list[Clear] = field(default_factory=list)
    warmth: list[readings.Told] = field(default_factory=list)


class _Batch:
    """One transaction's work, step by step."""

    def __init__(self, batch: Sequence[PointIn], *, source: str, now: datetime, careful: bool) -> None:
        self.batch, self.source, self.now, self.careful = batch, source, now, careful
        self.now_s = int(now.timestamp())
        self.now_us = int(now.timestamp() * 1_000_000)
        kept_s = settings.HUOJI.keep_positions_days * DAY_S
        self.limits = Limits(ancient_s=min(Limits().ancient_s, kept_s), ahead_s=FUTURE_MAX_S, kept_s=kept_s)
        self.outcomes = [UNKNOWN] * len(batch)
        self.effects = _Effects()

    def write(self) -> Stored:
        of_terminal: dict[int, list[int]] = {}
        for number, item in enumerate(self.batch):
            of_terminal.setdefault(item.terminal_id, []).append(number)
        self.fences = places.fences()
        driven = []
        for terminal in self._lock(sorted(of_terminal)):
            self._walk(terminal, of_terminal[terminal.id])
            if terminal.driven:
                driven.append(terminal.id)
        if driven and self.source != DRIVER:
            Terminal.objects.filter(pk__in=driven).update(driven=False)  # from now on it speaks for itself
        self._write()
        transaction.on_commit(self._observe)
        return Stored(outcomes=self.outcomes)

    def _lock(self, ids: list[int]) -> list[_Terminal]:
        """Lock the terminals in the one order that all writers keep: their last positions, or themselves when they have none."""
        with binary.cursor() as cursor:
            cursor.execute(LOCK_SQL, [ids], prepare=True)
            found = {row[0]: _Terminal(*row) for row in cursor.fetchall()}
            if missing := [each for each in ids if each not in found]:
                cursor.execute(LOCK_NEW_SQL, [missing], prepare=True)
                found |= {row[0]: _Terminal(*row) for row in cursor.fetchall()}
                cursor.execute(LOCK_SQL, [missing], prepare=True)  # somebody may have been first
                found |= {row[0]: _Terminal(*row) for row in cursor.fetchall()}
        return [found[each] for each in ids if each in found]

    def _ground(self, terminal: _Terminal) -> Ground:
        enabled = _enabled(tuple(terminal.filters_off)) if terminal.filters_off else position.ALL
        if terminal.run_id is None:
            return Ground(fences=self.fences, enabled=enabled, limits=self.limits)
        return Ground(
            fences=self.fences, enabled=enabled, limits=self.limits, run=terminal.run_id,
            path=grounds.path_of(terminal.run_id, terminal.run_version or 0),
            bounds=CorridorLimits(width_m=terminal.corridor_m or 0),
        )  # fmt: skip

    def _walk(self, terminal: _Terminal, numbers: list[int]) -> None:
        memory = movement.unpack(bytes(terminal.packed))
        points = [self.batch[number].point for number in numbers]
        walk = movement.walk(points, memory, self._ground(terminal), now=self.now_s)
        newest, last = memory.filters.at, None
        for number, verdict in zip(numbers, walk.verdicts, strict=True):
            item = self.batch[number]
            if verdict in {"", LATE}:
                self.outcomes[number] = ""
                if item.point.at > newest:
                    newest = item.point.at
                    self.effects.fresh.append(number)
                else:
                    self.effects.late.append(number)
                last = last if verdict else item
                if item.celsius is not None:
                    told = Reading(metric=Metric.TEMPERATURE, value=item.celsius, at=item.point.at, channel=0)
                    self.effects.warmth.append((item.terminal_id, told))
                continue
            self.outcomes[number] = verdict
            if verdict != DUPLICATE:
                self.effects.aside.append(Aside(item, verdict))
        self._remember(terminal, memory, walk, last)
        self._tell(terminal, walk)

    def _remember(self, terminal: _Terminal, memory: Memory, walk: Walk, last: PointIn | None) -> None:
        if walk.last is None:
            if walk.memory != memory and not terminal.is_new:
                self.effects.memories.append((terminal.id, movement.pack(walk.memory)))
            return
        assert last is not None
        inside = walk.memory.fences.inside
        place = Place(
            terminal_id=terminal.id, conveyance_id=terminal.conveyance_id, item=last, moving_since=walk.memory.moving_since,
            stopped_since=walk.memory.stopped_since, site_id=inside[-1] if inside else None,
            memory=movement.pack(walk.memory), dataset=terminal.dataset,
        )  # fmt: skip
        (self.effects.first if terminal.is_new else self.effects.moved).append(place)

    def _tell(self, terminal: _Terminal, walk: Walk) -> None:
        """Publish what changed at fences and on the route; gather alarms."""
        who: dict[str, Any] = {"terminal": terminal.id, "conveyance": terminal.conveyance_id, "run": terminal.run_id}
        for change in walk.visits:
            topic = "fleet.arrived" if change.kind is fence.ChangeKind.ARRIVED else "fleet.departed"
            outbox.publish(topic, [terminal.id], **who, site=change.fence, at=change.at)
        for route in walk.routes:
            at = _moment(route.at)
            Run.objects.filter(pk=terminal.run_id or 0).update(off_route_since=at if route.is_open else None)
            outbox.publish(
                "fleet.offroute" if route.is_open else "fleet.onroute",
                [terminal.id],
                **who,
                at=route.at,
                off_m=route.off_m,
            )
            if route.is_open:
                facts = {"run": terminal.run_id, "off_m": route.off_m}
                self.effects.raised.append(
                    self._alarm(terminal, OFF_ROUTE, route.at, walk.last, facts, alarming.FROM_RULE)
                )
            else:
                self._clear(terminal, (OFF_ROUTE,), route.at, alarming.FROM_RULE)
        for turn in walk.alarms:
            self._clear(terminal, kinds_of(turn.lifted), turn.at, alarming.FROM_TERMINAL)
            facts = {"run": terminal.run_id}
            self.effects.raised += [
                self._alarm(terminal, kind, turn.at, turn.point, facts, alarming.FROM_TERMINAL)
                for kind in kinds_of(turn.raised)
            ]

    def _alarm(
        self, terminal: _Terminal, kind: str, at: int, point: Point | None, facts: dict[str, Any], source: str
    ) -> Raise:
        known = point is not None and position.has_place(point)
        return Raise(
            terminal_id=terminal.id, conveyance_id=terminal.conveyance_id, kind=kind, source=source, at=_moment(at),
            lat=point.lat_e6 if point and known else None, lon=point.lon_e6 if point and known else None,
            facts=facts, dataset=terminal.dataset,
        )  # fmt: skip

    def _clear(self, terminal: _Terminal, kinds: Sequence[str], at: int, source: str) -> None:
        if kinds:
            self.effects.cleared.append(Clear(terminal_id=terminal.id, kinds=kinds, source=source, at=_moment(at)))

    def _write(self) -> None:
        effects = self.effects
        for day in {self.batch[number].point.at // DAY_S for number in (*effects.fresh, *effects.late)} | {
            self.now_s // DAY_S
        }:
            partitions.ensure_day(day)
        if self.careful:
            self._insert(sorted(effects.fresh + effects.late))
        else:
            rows.copy_points([self.batch[number] for number in effects.fresh], recorded_us=self.now_us)
            self._insert(effects.late)
        rows.keep_aside(effects.aside, recorded_us=self.now_us, careful=self.careful)
        rows.put_places(effects.moved, recorded_us=self.now_us, are_new=False)
        rows.put_places(effects.first, recorded_us=self.now_us, are_new=True)
        rows.put_memories(effects.memories)
        alarming.turn(effects.raised, effects.cleared)
        if effects.moved or effects.first:
            moving.say()
        if effects.warmth:
            readings.put(effects.warmth, now=self.now)

    def _insert(self, numbers: Sequence[int]) -> None:
        """Add points that may be there; those that are count as duplicates, as does the second of a batch."""
        added = rows.insert_points([self.batch[number] for number in numbers], recorded_us=self.now_us)
        for number in numbers:
            item = self.batch[number]
            key = (item.terminal_id, item.point.at, item.digest)
            if key in added:
                added.discard(key)
            else:
                self.outcomes[number] = DUPLICATE

    def _observe(self) -> None:
        """Count, after the commit, for the health page and for each terminal."""
        live: list[float] = []
        totals: dict[str, int] = {}
        counts: dict[int, dict[str, int]] = {}
        for item, outcome in zip(self.batch, self.outcomes, strict=True):
            totals[outcome] = totals.get(outcome, 0) + 1
            if not outcome and not item.point.history:
                live.append(item.point.at)
            mine = counts.setdefault(item.terminal_id, {})
            mine[outcome or STORED] = mine.get(outcome or STORED, 0) + 1
        stored, duplicates = totals.get("", 0), totals.get(DUPLICATE, 0)
        ingest.observe(
            self.source, now=self.now, occurred=live, accepted=stored - len(live), duplicates=duplicates,
            rejected=len(self.batch) - stored - duplicates,
        )  # fmt: skip
        contacts.hear_all(counts, now=self.now)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=at)

"""One step of a terminal's life: which of its new points stand, and what they change at fences, on the route and in its alarms.

`walk` joins the filters, fences and corridor over the points of one terminal in the order of their arrival. What it must
remember until the next batch is one small value, packed into the terminal's row, so that any process can go on.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from huoji.core import corridor, fence, position
from huoji.core.alarm import EMERGENCY, KINDS, WORD
from huoji.core.geo import HALF_TURN_E6, MICRO, Path
from huoji.core.position import DEFAULT_LIMITS, LAT_MAX_E6, Limits, Point, State, Verdict

LATE = "late"  # stands, but is older than what moved the terminal last
MOVING_DKMH = 50
ANCIENT = "ancient"  # says nothing of now, except for an emergency
EMERGENCY_BIT = 1 << KINDS.index(EMERGENCY)
MEMORY_FORMAT = 1
BEHIND_M, AHEAD_M = (
    3_000,
    30_000,
)  # of the path is looked at first, which is cheap and does not mistake the way back for the way there


class Memory(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """What is remembered of a terminal between two batches."""

    format: int = MEMORY_FORMAT
    filters: State = position.NEW
    fences: fence.FenceState = fence.NEW
    run: int = 0
    route: corridor.CorridorState = corridor.NEW
    alarm: int = 0  # bits as last told live
    alarm_at: int = 0
    moving_since: int = 0
    stopped_since: int = 0
    along_m: int = 0  # how far along the path it was


NEW = Memory()
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Memory)


def pack(memory: Memory) -> bytes:
    return _encoder.encode(memory)


def unpack(data: bytes) -> Memory:
    """Read what was packed; what an older version packed, or nobody, is a terminal without a past."""
    try:
        memory = _decoder.decode(data) if data else NEW
    except msgspec.DecodeError:
        return NEW
    return memory if memory.format == MEMORY_FORMAT else NEW


class Ground(NamedTuple):
    """What a terminal moves over: the fences of all sites, and the planned path of its run if it has one."""

    fences: fence.FenceIndex
    enabled: frozenset[str] = position.ALL
    limits: Limits = DEFAULT_LIMITS
    run: int = 0
    path: Path | None = None
    bounds: corridor.CorridorLimits = corridor.DEFAULT_LIMITS


class AlarmTurn(NamedTuple):
    """Bits of the alarm word that were raised and lifted by one live point; `at` is never ahead of our own clock."""

    raised: int
    lifted: int
    at: int
    point: Point


class Walk(NamedTuple):
    """What became of the points, in their order: "" (stands), `LATE`, or the filter that set it aside; and what followed."""

    verdicts: list[str]
    last: Point | None  # the newest that moved it
    memory: Memory
    visits: list[fence.Change]
    routes: list[corridor.OffRoute]
    alarms: list[AlarmTurn]


def walk(points: Sequence[Point], memory: Memory, ground: Ground, *, now: int) -> Walk:
    """Take the points of one terminal, in the order of arrival; `now` in epoch seconds."""
    state, fences, route = memory.filters, memory.fences, memory.route if memory.run == ground.run else corridor.NEW
    alarm, alarm_at = memory.alarm, memory.alarm_at
    moving, stopped, along = memory.moving_since, memory.stopped_since, memory.along_m * (memory.run == ground.run)
    verdicts: list[str] = []
    visits: list[fence.Change] = []
    routes: list[corridor.OffRoute] = []
    alarms: list[AlarmTurn] = []
    last = None
    first_s, last_s = max(1, now - ground.limits.kept_s), now + ground.limits.ahead_s
    for point in points:
        if first_s <= point.at <= last_s and abs(point.lat_e6) <= LAT_MAX_E6 and abs(point.lon_e6) <= HALF_TURN_E6:
            verdict = position.judge(point, state, now=now, limits=ground.limits, enabled=ground.enabled)
        else:
            verdict = Verdict(position.impossible(point, now=now), False, state)
        state = verdict.state
        verdicts.append(LATE if verdict.late else verdict.filter)
        if point.history:
            pass  # says nothing of now
        elif point.alarm == alarm and alarm_at and point.at > 0 and verdict.filter != ANCIENT:  # as nearly always
            alarm_at = max(alarm_at, min(now, point.at))
        else:
            turn, alarm, alarm_at = _turn(point, alarm, alarm_at, now=now, is_ancient=verdict.filter == ANCIENT)
            if turn.raised or turn.lifted:
                alarms.append(turn)
        if verdict.filter or verdict.late:
            continue
        last = point
        if point.speed_dkmh > MOVING_DKMH:
            moving, stopped = moving or point.at, 0
        else:
            moving, stopped = 0, stopped or point.at
        fences, changes = fence.step(fences, point, ground.fences)
        visits.extend(changes)
        if ground.path is not None and not point.history:
            along, off_m = _on_path(ground.path, point, along_m=along, width_m=ground.bounds.width_m)
            route, told = corridor.step(route, at=point.at, off_m=off_m, limits=ground.bounds)
            if told is not None:
                routes.append(told)
    kept = Memory(
        filters=state, fences=fences, run=ground.run, route=route, alarm=alarm, alarm_at=alarm_at,
        moving_since=moving, stopped_since=stopped, along_m=along,
    )  # fmt: skip
    return Walk(verdicts, last, kept, visits, routes, alarms)


def _turn(point: Point, alarm: int, alarm_at: int, *, now: int, is_ancient: bool) -> tuple[AlarmTurn, int, int]:
    """Return what a live point changes in the alarms, and what they are after it.

    A terminal whose clock was reset still calls for help: a point without a time, or ahead of us, tells of now. One that is
    too old may be a memory and tells nothing else. Two points of one second can come in any order, and again: nothing that
    one of them raises is lifted by the other.
    """
    told_at = min(now, point.at) if point.at > 0 else now
    if is_ancient:
        raised = point.alarm & EMERGENCY_BIT & ~alarm
        return AlarmTurn(raised, 0, now, point), alarm | raised, alarm_at
    if not alarm_at:  # the first of its life: nothing is known of the alarms that are open
        return AlarmTurn(point.alarm, WORD & ~point.alarm, told_at, point), point.alarm, told_at
    if told_at < alarm_at:
        return AlarmTurn(0, 0, told_at, point), alarm, alarm_at
    lifted = alarm & ~point.alarm if told_at > alarm_at else 0
    return AlarmTurn(point.alarm & ~alarm, lifted, told_at, point), alarm & ~lifted | point.alarm, told_at


def _on_path(path: Path, point: Point, *, along_m: int, width_m: int) -> tuple[int, float]:
    """Return how far along the path a point lies, and how far off it."""
    at = (point.lat_e6 / MICRO, point.lon_e6 / MICRO)
    near = path.locate(at, between_m=(along_m - BEHIND_M, along_m + AHEAD_M))
    if near.off_m > width_m:
        near = path.locate(at)
    return round(near.along_m), near.off_m

"""Positions as they are kept, and the list of filters that decides, in this order, which of them move a vehicle.

`FILTERS` is the pipeline: the first filter that holds names why a point is set aside. A point that is set aside is still
acknowledged and kept raw; it moves nothing on the map and enters no track. Every filter can be switched off per terminal.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from huoji.core.geo import HALF_TURN_E6, MICRO, quick_m

HOUR_S, DAY_S = 3600, 86_400
LAT_MAX_E6 = 90 * MICRO
UNKNOWN = -1  # of speed, course and mileage
DKMH_PER_MPS = 36  # 0.1 km/h in a metre per second


class Point(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One position. `at` in epoch seconds UTC, WGS-84 microdegrees; speed in 0.1 km/h and mileage in 0.1 km, as JT/T 808 has them.

    `history` marks what was told later on purpose (blind area): it completes the track and raises no live alarm.
    `fixed` is false when the receiver had no fix and repeats an old place.
    """

    at: int
    lat_e6: int
    lon_e6: int
    speed_dkmh: int = UNKNOWN
    course_deg: int = UNKNOWN
    altitude_m: int = 0
    alarm: int = 0
    status: int = 0
    mileage_hm: int = UNKNOWN
    history: bool = False
    fixed: bool = True


class State(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """What is remembered of a terminal between two points: the last that moved it, and where it seems to have jumped to."""

    at: int = 0
    lat_e6: int = 0
    lon_e6: int = 0
    alarm: int = 0
    status: int = 0
    jump_at: int = 0
    jump_lat_e6: int = 0
    jump_lon_e6: int = 0
    jump_count: int = 0


NEW = State()


class Limits(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where the filters draw their lines; the defaults fit a lorry that reports every 10 to 60 s."""

    future_s: int = 600  # a terminal's clock may run ahead of ours
    ancient_s: int = 90 * DAY_S  # a clock that was reset, or a GPS week that rolled over
    ahead_s: int = 13 * DAY_S  # no later day has a place, whatever filters are switched off
    kept_s: int = 90 * DAY_S  # and no earlier one
    jump_m: int = 1_000  # nearer than that it is noise, not a jump
    jump_kmh: int = 250
    jump_points: int = 5  # so many in a row that agree with each other are believed
    static_m: int = 30
    static_dkmh: int = 50
    static_gap_s: int = 300  # a parked vehicle still leaves a point so often


class Verdict(NamedTuple):
    """What became of a point: the filter that set it aside ("" when it stands), and what to remember.

    `late` says that it stands but is older than what moved the vehicle last: it goes into the track by its time, and moves nothing.
    """

    filter: str
    late: bool
    state: State


DEFAULT_LIMITS = Limits()
Filter = Callable[[Point, State, Limits, int], bool]


def has_place(point: Point) -> bool:
    """Tell whether a point says where it is, whenever that was."""
    return not is_invalid(point, NEW, DEFAULT_LIMITS, 0) and not is_zero(point, NEW, DEFAULT_LIMITS, 0)


def impossible(point: Point, *, now: int) -> str:
    """Name the filter of a point that no column or day can hold, which no switch lets pass."""
    if point.at <= 0 or abs(point.lat_e6) > LAT_MAX_E6 or abs(point.lon_e6) > HALF_TURN_E6:
        return "invalid"
    return "future" if point.at > now else "ancient"


def is_invalid(point: Point, _state: State, _limits: Limits, _now: int) -> bool:
    """Have no fix, or be no place on earth."""
    return not point.fixed or abs(point.lat_e6) > LAT_MAX_E6 or abs(point.lon_e6) > HALF_TURN_E6


def is_zero(point: Point, _state: State, _limits: Limits, _now: int) -> bool:
    """Be in the Gulf of Guinea, where receivers without a fix are."""
    return point.lat_e6 == 0 and point.lon_e6 == 0


def is_future(point: Point, _state: State, limits: Limits, now: int) -> bool:
    """Be dated further ahead of us than clocks may differ."""
    return point.at > now + limits.future_s


def is_ancient(point: Point, _state: State, limits: Limits, now: int) -> bool:
    """Be older than any terminal remembers."""
    return point.at < now - limits.ancient_s


def is_duplicate(point: Point, state: State, _limits: Limits, _now: int) -> bool:
    """Repeat the point before."""
    return point.at == state.at and point.lat_e6 == state.lat_e6 and point.lon_e6 == state.lon_e6


def is_jump(point: Point, state: State, limits: Limits, _now: int) -> bool:
    """Lie further from the last place than anything drives, unless enough points in a row agree on the new one."""
    if not state.at or point.at < state.at:
        return False  # nothing to compare a first or a late point with
    if not _leaps(point, state.at, state.lat_e6, state.lon_e6, limits):
        return False
    return not (_agrees(point, state, limits) and state.jump_count + 1 >= limits.jump_points)


def is_static(point: Point, state: State, limits: Limits, _now: int) -> bool:
    """Be parked: as near as the jitter, slow, with nothing new to say, and told of not long ago."""
    return (
        0 <= point.at - state.at < limits.static_gap_s
        and point.speed_dkmh <= limits.static_dkmh
        and point.alarm == state.alarm
        and point.status == state.status
        and quick_m(point.lat_e6, point.lon_e6, state.lat_e6, state.lon_e6) <= limits.static_m
    )


FILTERS: Mapping[str, Filter] = {
    "invalid": is_invalid,
    "zero": is_zero,
    "future": is_future,
    "ancient": is_ancient,
    "duplicate": is_duplicate,
    "jump": is_jump,
    "static": is_static,
}
ALL = frozenset(FILTERS)


@lru_cache(maxsize=128)  # 2 to the number of filters: every choice of them
def _chain(enabled: frozenset[str]) -> tuple[tuple[str, Filter], ...]:
    return tuple((name, holds) for name, holds in FILTERS.items() if name in enabled)


def judge(point: Point, state: State, *, now: int, limits: Limits, enabled: frozenset[str]) -> Verdict:
    """Tell whether a point stands, and what to remember; `now` in epoch seconds. Points of one terminal in the order of arrival."""
    for name, holds in _chain(enabled):
        if holds(point, state, limits, now):
            return Verdict(name, False, _remember(name, point, state, limits))
    if point.at < state.at:
        return Verdict("", True, state)
    kept = State(at=point.at, lat_e6=point.lat_e6, lon_e6=point.lon_e6, alarm=point.alarm, status=point.status)
    return Verdict("", False, kept)


def _remember(name: str, point: Point, state: State, limits: Limits) -> State:
    """Return what a point that was set aside leaves behind: a jump is a suspicion, a parked vehicle refutes it."""
    if name == "jump":
        return _suspect(point, state, limits)
    if name == "static" and state.jump_count:
        return State(at=state.at, lat_e6=state.lat_e6, lon_e6=state.lon_e6, alarm=state.alarm, status=state.status)
    return state


def _leaps(point: Point, at: int, lat_e6: int, lon_e6: int, limits: Limits) -> bool:
    distance = quick_m(lat_e6, lon_e6, point.lat_e6, point.lon_e6)
    return distance > limits.jump_m and distance * DKMH_PER_MPS > limits.jump_kmh * 10 * max(1, point.at - at)


def _agrees(point: Point, state: State, limits: Limits) -> bool:
    """Tell whether the point follows the one that jumped before it."""
    return (
        state.jump_count > 0
        and point.at > state.jump_at
        and not _leaps(point, state.jump_at, state.jump_lat_e6, state.jump_lon_e6, limits)
    )


def _suspect(point: Point, state: State, limits: Limits) -> State:
    """Remember where the terminal seems to have jumped to, and how many points in a row say so."""
    return State(
        at=state.at, lat_e6=state.lat_e6, lon_e6=state.lon_e6, alarm=state.alarm, status=state.status,
        jump_at=point.at, jump_lat_e6=point.lat_e6, jump_lon_e6=point.lon_e6,
        jump_count=state.jump_count + 1 if _agrees(point, state, limits) else 1,
    )  # fmt: skip

"""Off the planned route: opens after several points outside the corridor, and clears after several well back inside."""

import msgspec

OFF_MAX_M = 30_000_000  # further is nowhere


class CorridorLimits(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How wide a route is to each side, and how many points in a row settle it."""

    width_m: int = 3_000
    open_points: int = 5  # more than so many outside
    clear_points: int = 3
    clear_factor: float = 0.8  # back means within this part of the width


class CorridorState(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """What is remembered of one vehicle on one route."""

    at: int = 0
    out_since: int = 0  # first point outside in a row
    out_points: int = 0
    back_points: int = 0
    is_open: bool = False
    off_m_max: int = 0  # the furthest while outside


NEW = CorridorState()
DEFAULT_LIMITS = CorridorLimits()


class OffRoute(msgspec.Struct, frozen=True, kw_only=True):
    """The route was left, or taken up again: `at` the first point outside or the point that cleared it; `off_m` the furthest so far."""

    is_open: bool
    at: int
    off_m: int


def step(
    state: CorridorState, *, at: int, off_m: float, limits: CorridorLimits = DEFAULT_LIMITS
) -> tuple[CorridorState, OffRoute | None]:
    """Take in how far off the route a vehicle was at a time (`Path.locate(...).off_m`). Points older than the last change nothing."""
    if at < state.at:
        return state, None
    off = min(round(off_m), OFF_MAX_M)
    if off > limits.width_m:
        return _out(state, at, off, limits)
    back = off <= limits.width_m * limits.clear_factor
    if not state.is_open:
        # Between the two lines nothing is forgotten, so that a drive along the edge is told of in the end, and once.
        return (CorridorState(at=at) if back else msgspec.structs.replace(state, at=at)), None
    points = state.back_points + back
    if points >= limits.clear_points:
        return CorridorState(at=at), OffRoute(is_open=False, at=at, off_m=state.off_m_max)
    return msgspec.structs.replace(state, at=at, back_points=points), None


def _out(state: CorridorState, at: int, off: int, limits: CorridorLimits) -> tuple[CorridorState, OffRoute | None]:
    points = state.out_points + 1
    opens = not state.is_open and points > limits.open_points
    after = CorridorState(
        at=at, out_since=state.out_since or at, out_points=points, is_open=state.is_open or opens,
        off_m_max=max(state.off_m_max, off),
    )  # fmt: skip
    if not opens:
        return after, None
    return after, OffRoute(is_open=True, at=after.out_since, off_m=after.off_m_max)

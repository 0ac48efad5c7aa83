"""Delay risk of one promise: none, low or high, with reasons, opened late and cleared later so that noise never makes it flip.

High: the most likely arrival lies after the promise and its tolerance. Low: the late end of the interval does. A level is
reached when the estimate has been beyond the upper edge of a band for some time, and left when it has been below the lower
edge for longer; inside the band nothing changes.
"""

from enum import IntEnum, StrEnum

import msgspec

from huoji.core.eta_history import Interval

STEP_S = 60  # between two looks at one risk


class Level(IntEnum):
    """How likely it comes too late."""

    NONE = 0
    LOW = 1
    HIGH = 2


class RiskReason(StrEnum):
    """Why; the value is in seconds."""

    LIKELY_LATE = "likely_late"
    MAY_BE_LATE = "may_be_late"
    OVERDUE = "overdue"
    NOT_KNOWN = "not_known"


class RiskWhy(msgspec.Struct, frozen=True, kw_only=True):
    """One reason with its figure."""

    code: RiskReason
    value: int = 0


class RiskLimits(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """When a risk opens and clears."""

    tolerance_s: int = 1800  # after the promise still counts as kept
    band_s: int = 1800  # between opening and clearing
    open_s: int = 600
    clear_s: int = 1800


DEFAULT_LIMITS = RiskLimits()


class RiskState(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """What is remembered of one promise; `up_since` and `down_since` are 0 while nothing pulls that way."""

    level: Level = Level.NONE
    since: int = 0
    at: int = 0
    up_since: int = 0
    down_since: int = 0


NEW = RiskState()


def step(
    state: RiskState, told: Interval | None, *, promise: int, now: int, limits: RiskLimits = DEFAULT_LIMITS
) -> RiskState:
    """Take in the newest estimate against a promise (epoch seconds). Nothing older than the last is taken in.

    A promise that has passed with its tolerance is late whatever is estimated, at once and until another promise is given.
    Where nothing was promised (0) nothing can be late.
    """
    if now < state.at:
        return state
    due = promise + limits.tolerance_s
    if promise <= 0 or now > due:
        return _at(state, Level.HIGH if promise > 0 else Level.NONE, now)
    if told is None:
        return msgspec.structs.replace(state, at=now)  # not knowing is no reason to change one's mind
    half = limits.band_s / 2
    upper, lower = _level(told, due + half), _level(told, due - half)
    up_since = (state.up_since or now) if upper > state.level else 0
    down_since = (state.down_since or now) if lower < state.level else 0
    if up_since and now - up_since >= limits.open_s:
        return _at(state, upper, now)
    if down_since and now - down_since >= limits.clear_s:
        return _at(state, lower, now)
    return RiskState(level=state.level, since=state.since, at=now, up_since=up_since, down_since=down_since)


def _level(told: Interval, due: float) -> Level:
    if told.likely > due:
        return Level.HIGH
    return Level.LOW if told.late > due else Level.NONE


def _at(state: RiskState, level: Level, now: int) -> RiskState:
    return RiskState(level=level, since=now if level is not state.level else state.since, at=now)


def why(state: RiskState, told: Interval | None, *, promise: int, now: int) -> tuple[RiskWhy, ...]:
    """Return the reasons for the level that stands; none for no risk."""
    if state.level is Level.NONE:
        return ()
    reasons = []
    if now > promise:
        reasons.append(RiskWhy(code=RiskReason.OVERDUE, value=now - promise))
    if told is None:
        reasons.append(RiskWhy(code=RiskReason.NOT_KNOWN))
    elif told.likely > promise:
        reasons.append(RiskWhy(code=RiskReason.LIKELY_LATE, value=told.likely - promise))
    elif told.late > promise:
        reasons.append(RiskWhy(code=RiskReason.MAY_BE_LATE, value=told.late - promise))
    return tuple(reasons)

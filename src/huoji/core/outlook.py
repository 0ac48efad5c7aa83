"""What an estimate means for a waybill: its transport state by rule and version, whether that is news, and how far it has come."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from huoji.core import risk
from huoji.core.eta import Because
from huoji.core.eta_history import Interval
from huoji.core.milestone import Line
from huoji.core.risk import Level, RiskLimits, RiskState
from huoji.core.sight import Reason, Risk, TransportState

RULE = "outlook@1/eta@1/risk@1"  # raise it whenever a rule behind it would decide otherwise
HOUR_S = 3600
LIMITS: Mapping[Line, RiskLimits] = {
    Line.ROAD: RiskLimits(tolerance_s=HOUR_S, band_s=HOUR_S),
    Line.EXPRESS: RiskLimits(tolerance_s=2 * HOUR_S, band_s=HOUR_S),
    Line.OCEAN: RiskLimits(tolerance_s=24 * HOUR_S, band_s=6 * HOUR_S, open_s=HOUR_S, clear_s=3 * HOUR_S),
}
RISKS = {Level.NONE: Risk.NONE, Level.LOW: Risk.LOW, Level.HIGH: Risk.HIGH}
STATES = {
    Level.NONE: TransportState.NORMAL,
    Level.LOW: TransportState.AT_RISK,
    Level.HIGH: TransportState.DELAYED,
}
NEWS_S_MIN = 15 * 60  # an estimate that moves by less is no news
NEWS_SHARE = 0.1  # nor by less than this part of the time that is left
PERCENT_MAX = 99  # all of it is done only when it has arrived
LOOK_S_MIN = 600  # between two estimates of cargo of which nothing new is told
LOOK_SHARE = 8  # once its interval has begun: every so many parts of what is left of it


class Judged(NamedTuple):
    """What was decided, and what to remember for the next time."""

    memory: RiskState
    state: TransportState
    risk: Risk
    late_s: int
    reasons: tuple[Reason, ...]
    has_turned: bool


def judge(
    memory: RiskState, told: Interval | None, because: tuple[Because, ...], *, promise: int, line: Line, now: int
) -> Judged:
    """Judge an estimate against the promise (epoch seconds, 0 for none) with hysteresis."""
    if not promise:
        plain = tuple(Reason(code=each.code.value, value=each.value) for each in because)
        return Judged(memory, TransportState.NORMAL, Risk.NONE, 0, plain, has_turned=False)
    after = risk.step(memory, told, promise=promise, now=now, limits=LIMITS[line])
    whys = risk.why(after, told, promise=promise, now=now)
    told_by: tuple[tuple[str, int], ...] = tuple((each.code.value, each.value) for each in whys)
    told_by += tuple((each.code.value, each.value) for each in because)
    by_code = dict(reversed(told_by))
    order = dict.fromkeys(code for code, _ in told_by)
    once = tuple(Reason(code=code, value=by_code[code]) for code in order)
    return Judged(
        after, STATES[after.level], RISKS[after.level], max(0, (told.likely if told else now) - promise), once,
        has_turned=after.level is not memory.level,
    )  # fmt: skip


def is_news(before: int, after: int, *, now: int) -> bool:
    """Tell whether the likely arrival has moved by enough to be told of (epoch seconds, 0 for not known)."""
    if not before or not after:
        return before != after
    return abs(after - before) >= max(NEWS_S_MIN, NEWS_SHARE * max(0, after - now))


def next_look(
    memory: RiskState, told: Interval | None, *, departs: int, promise: int, line: Line, now: int
) -> int | None:
    """Return when time alone changes what is told of cargo; None when only news can.

    The possible arrivals thin out from the early end of the interval on; cargo that waits may be late from its departure
    on; a promise breaks at its own moment, and a risk opens and clears by the clock.
    """
    limits = LIMITS[line]
    due = promise + limits.tolerance_s + 1 if promise else 0
    turns: list[int] = []
    if told and promise:  # otherwise no clock turns what is remembered, and one would look every minute for nothing
        turns = [memory.up_since and memory.up_since + limits.open_s, memory.down_since and memory.down_since + limits.clear_s]  # fmt: skip
    looks = [due] if due > now else []
    looks += [max(at, now + risk.STEP_S) for at in turns if at]
    looks += [max(at, now + LOOK_S_MIN) for at in (departs, told.early if told else 0) if at > now]
    if told and told.early <= now:
        looks.append(now + max(LOOK_S_MIN, (told.late - now) // LOOK_SHARE))
    return min(looks, default=None)


def percent(*, done_m: int, whole_m: int) -> int | None:
    """Return the part of the route that lies behind, None where its length is not known."""
    return min(PERCENT_MAX, max(0, done_m * 100 // whole_m)) if whole_m > 0 else None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(RiskState)


def pack(memory: RiskState) -> bytes:
    return _encoder.encode(memory)


def unpack(body: bytes) -> RiskState:
    """Return what was remembered; nothing of what another version packed."""
    try:
        return _decoder.decode(body) if body else risk.NEW
    except msgspec.DecodeError:
        return risk.NEW

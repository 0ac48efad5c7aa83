"""A line of measured values as a picture: points in a box, thinned to what a screen shows, with gaps left as gaps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from huoji.core.sensing import Sample

BUCKETS = 400
TICKS = 5
STEPS = (1, 2, 2.5, 5, 10)
MINUTES = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 20_160, 43_200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The picture's inner box, in its own units."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn: lines as point lists, lone points, ticks of both axes, and the levels of the limits."""

    lines: list[str]
    dots: list[tuple[float, float]]
    values: list[tuple[float, float]]  # value, y
    times: list[tuple[int, float]]  # epoch seconds, x
    low_y: float | None
    high_y: float | None


def draw(
    samples: Sequence[Sample], *, box: Box, gap_s: int, low: float | None, high: float | None, offset_s: int
) -> Chart | None:
    """Lay samples (in the order of time) into a box; ticks of time fall on whole hours of a zone so many seconds east."""
    if not samples:
        return None
    first, last = samples[0].at, max(samples[-1].at, samples[0].at + 1)
    known = [each.value for each in samples] + [limit for limit in (low, high) if limit is not None]
    bottom, top, step = _scale(min(known), max(known))

    def x(at: int) -> float:
        return round(box.left + box.width * (at - first) / (last - first), 1)

    def y(value: float) -> float:
        return round(box.top + box.height * (top - value) / (top - bottom), 1)

    lines, dots = [], []
    for piece in _pieces(samples, gap_s):
        kept = thin(piece, first=first, last=last)
        if len(kept) == 1:
            dots.append((x(kept[0].at), y(kept[0].value)))
        else:
            lines.append(" ".join(f"{x(each.at)},{y(each.value)}" for each in kept))
    count = round((top - bottom) / step)
    return Chart(
        lines=lines,
        dots=dots,
        values=[(round(bottom + step * number, 6), y(bottom + step * number)) for number in range(count + 1)],
        times=[(at, x(at)) for at in _times(first, last, offset_s)],
        low_y=None if low is None else y(low),
        high_y=None if high is None else y(high),
    )


def _scale(lowest: float, highest: float) -> tuple[float, float, float]:
    """Return round bounds around the values and a round step between them."""
    span = (highest - lowest) or max(1.0, abs(highest) * 0.1)
    rough = span / TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in STEPS if each * power >= rough * 0.999)
    return math.floor(lowest / step) * step, (math.floor(highest / step) + 1) * step, step


def _times(first: int, last: int, offset_s: int) -> list[int]:
    step_s = next((each * 60 for each in MINUTES if (last - first) / (each * 60) <= TICKS + 1), MINUTES[-1] * 60)
    begin = -(-(first + offset_s) // step_s) * step_s - offset_s
    return list(range(begin, last + 1, step_s))


def _pieces(samples: Sequence[Sample], gap_s: int) -> list[list[Sample]]:
    found: list[list[Sample]] = [[samples[0]]]
    for before, each in pairwise(samples):
        if each.at - before.at > gap_s:
            found.append([])
        found[-1].append(each)
    return found


def thin(samples: Sequence[Sample], *, first: int, last: int) -> list[Sample]:
    """Keep of each sliver of time its first, lowest, highest and last value, so that no peak is lost."""
    if len(samples) <= BUCKETS:
        return list(samples)
    buckets: dict[int, list[Sample]] = {}
    for each in samples:
        buckets.setdefault((each.at - first) * BUCKETS // max(1, last - first), []).append(each)
    kept: list[Sample] = []
    for bucket in buckets.values():
        chosen = {bucket[0], bucket[-1], min(bucket, key=_value), max(bucket, key=_value)}
        kept += sorted(chosen)
    return kept


def _value(sample: Sample) -> float:
    return sample.value

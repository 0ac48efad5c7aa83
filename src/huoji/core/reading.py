"""One value that a sensor measured: metrics, the units it may be told in, and what no sensor can have measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from huoji.core.fleet import METRICS, Metric
from huoji.core.items import ItemError
from huoji.core.moment import MomentError, Precision, parse
from huoji.core.sensing import KELVIN

DAY_S = 86_400
MILLISECONDS_FROM = 10**11
FUTURE_S = 600  # a logger's clock may run ahead of ours
STANDARD_GRAVITY = 9.806_65
DEVICE_LENGTH_MAX = 40
CHANNELS = range(256)

RANGES: Mapping[Metric, tuple[float, float]] = {
    Metric.TEMPERATURE: (-273.15, 1_000.0),
    Metric.HUMIDITY: (0.0, 100.0),
    Metric.PRESSURE: (0.0, 20_000.0),
    Metric.DOOR: (0.0, 1.0),
    Metric.SHOCK: (0.0, 10_000.0),
    Metric.BATTERY: (0.0, 100.0),
    Metric.LIGHT: (0.0, 500_000.0),
}
"""In our own units; what lies outside is a broken sensor or another unit than was told."""

# What to multiply with and to add, for our own unit. By symbol and by UN/ECE Recommendation 20 code, as EPCIS has it.
_FACTORS: Mapping[Metric, Mapping[str, tuple[float, float]]] = {
    Metric.TEMPERATURE: {
        "": (1, 0), "°c": (1, 0), "c": (1, 0), "cel": (1, 0), "celsius": (1, 0),
        "°f": (5 / 9, -160 / 9), "f": (5 / 9, -160 / 9), "fah": (5 / 9, -160 / 9), "fahrenheit": (5 / 9, -160 / 9),
        "k": (1, -KELVIN), "kel": (1, -KELVIN), "kelvin": (1, -KELVIN),
    },
    Metric.HUMIDITY: {"": (1, 0), "%": (1, 0), "%rh": (1, 0), "p1": (1, 0), "percent": (1, 0)},
    Metric.PRESSURE: {
        "": (1, 0), "hpa": (1, 0), "a97": (1, 0), "mbar": (1, 0), "mbr": (1, 0), "kpa": (10, 0), "kpb": (10, 0),
        "pa": (0.01, 0), "pal": (0.01, 0), "bar": (1_000, 0),
    },
    Metric.DOOR: {"": (1, 0)},
    Metric.SHOCK: {
        "": (1, 0), "g": (1, 0), "k40": (1, 0), "m/s2": (1 / STANDARD_GRAVITY, 0), "m/s²": (1 / STANDARD_GRAVITY, 0),
        "msk": (1 / STANDARD_GRAVITY, 0),
    },
    Metric.BATTERY: {"": (1, 0), "%": (1, 0), "p1": (1, 0)},
    Metric.LIGHT: {"": (1, 0), "lx": (1, 0), "lux": (1, 0)},
}  # fmt: skip
DIGITS = 4
"""Decimals kept: a conversion must give the same number again."""


class ReadingRefusedError(ItemError):
    """A reading that cannot be taken; `code` is stable: invalid_device, invalid_time, unknown_metric, unknown_unit, value_out_of_range,
    time_ahead, too_old.
    """


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reading as it stands in a JSON body. `at`: a time with its offset, or seconds or milliseconds since 1970."""

    device: str
    metric: str
    value: float
    at: str | int | float
    unit: str = ""
    channel: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value in our own unit, at epoch seconds; `channel` tells several probes of one device apart."""

    metric: Metric
    at: int
    value: float
    channel: int = 0


def check(told: Told, *, now: datetime, kept_days: int) -> tuple[str, Reading]:
    """Return the device and its reading, or raise what is wrong with it."""
    if told.channel not in CHANNELS:
        raise ReadingRefusedError("invalid_device", f"a channel is a number from 0 to {CHANNELS[-1]}")
    reading = take(
        metric_of(told.metric), told.value, told.unit, at=time_of(told.at), channel=told.channel,
        now=int(now.timestamp()), kept_s=kept_days * DAY_S,
    )  # fmt: skip
    return device_of(told.device), reading


def device_of(name: str) -> str:
    """Return the number of a device: what its maker wrote on it, without spaces around."""
    number = name.strip()
    if not number or len(number) > DEVICE_LENGTH_MAX or not number.isprintable():
        raise ReadingRefusedError(
            "invalid_device", f"a device has a number of 1 to {DEVICE_LENGTH_MAX} visible characters"
        )
    return number


def time_of(told: str | float) -> int:
    """Read a time with its offset, or seconds or milliseconds since 1970."""
    if isinstance(told, str):
        try:
            moment = parse(told, assumed_offset_min=0)
        except MomentError:
            raise ReadingRefusedError("invalid_time", f"{told[:40]!r} is no date and time") from None
        if moment.offset_assumed or moment.precision is Precision.DAY:
            raise ReadingRefusedError("invalid_time", "a time needs its offset, such as 2026-11-25T10:00:00+08:00")
        return int(moment.at.timestamp())
    seconds = told / 1_000 if abs(told) >= MILLISECONDS_FROM else told
    try:
        return int(datetime.fromtimestamp(seconds, UTC).timestamp())
    except (ValueError, OverflowError, OSError):
        raise ReadingRefusedError("invalid_time", f"{told!r} is no time since 1970") from None


def metric_of(name: str) -> Metric:
    try:
        return Metric(name.strip().lower())
    except ValueError:
        known = ", ".join(METRICS)
        raise ReadingRefusedError("unknown_metric", f"{name[:40]!r} is not measured here; known are {known}") from None


def convert(metric: Metric, value: float, unit: str) -> float:
    """Return the value in our own unit."""
    try:
        factor, offset = _FACTORS[metric][unit.strip().lower()]
    except KeyError:
        known = ", ".join(name for name in _FACTORS[metric] if name)
        detail = f"{unit[:20]!r} is no unit of {metric}; known are {known or 'none'}"
        raise ReadingRefusedError("unknown_unit", detail) from None
    return float(round(value * factor + offset, DIGITS))


def take(metric: Metric, value: float, unit: str, *, at: int, channel: int, now: int, kept_s: int) -> Reading:
    """Check a reading as a door was told it; `kept_s` is how far back readings are kept."""
    converted = convert(metric, value, unit)
    lowest, highest = RANGES[metric]
    if not lowest <= converted <= highest:
        raise ReadingRefusedError(
            "value_out_of_range",
            f"no sensor measures a {metric} of {value:g}; it lies between {lowest:g} and {highest:g}",
        )
    if at > now + FUTURE_S:
        raise ReadingRefusedError(
            "time_ahead", f"the time lies {at - now} s ahead of ours; set the clock of the sensor"
        )
    if at < now - kept_s:
        raise ReadingRefusedError("too_old", f"readings are kept for {kept_s // DAY_S} days, and this one is older")
    return Reading(metric=metric, at=at, value=converted, channel=channel)

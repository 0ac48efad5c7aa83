"""What a sensor publishes by MQTT: topics by a pattern, payloads as a bare value or as JSON, read as readings.

A pattern such as `sensor/{device}/{metric}` names the levels of a topic; `+` is a level that says nothing. Where the pattern has no
metric the payload is a JSON object with one field a metric, or a list of objects as the API takes them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from huoji.core import reading
from huoji.core.fleet import METRICS
from huoji.core.reading import Reading, ReadingRefusedError, Told

TOPIC_CHARS_MAX = 200
PAYLOAD_BYTES_MAX = 64 * 1024
READINGS_MAX = 1_000  # of one message
DEVICE, METRIC = "{device}", "{metric}"
LEVEL = re.compile(r"\{device\}|\{metric\}|\+|[^\s/+#{}]+")
WORDS: Mapping[str, float] = {
    "on": 1, "off": 0, "open": 1, "closed": 0, "opened": 1, "close": 0, "true": 1, "false": 0,
}  # fmt: skip
TIMES = ("at", "time", "timestamp", "ts")
VALUES = ("value", "val", "v")
_decode = msgspec.json.Decoder().decode


class PatternError(ValueError):
    """A pattern that names no device, or is no topic."""


class Pattern(NamedTuple):
    """A pattern, level by level."""

    levels: tuple[str, ...]

    @property
    def subscription(self) -> str:
        """The filter to subscribe to."""
        return "/".join("+" if each in {DEVICE, METRIC} else each for each in self.levels)

    def match(self, topic: str) -> tuple[str, str] | None:
        """Return device and metric (or nothing) that a topic names; None when it is another topic."""
        levels = topic.split("/")
        if len(levels) != len(self.levels):
            return None
        named = {"": "", DEVICE: "", METRIC: ""}
        for mine, theirs in zip(self.levels, levels, strict=True):
            if mine in named:
                named[mine] = theirs
            elif mine not in {"+", theirs}:
                return None
        return named[DEVICE], named[METRIC]


def pattern(text: str) -> Pattern:
    """Read a pattern."""
    levels = tuple(text.strip().split("/"))
    if len(text) > TOPIC_CHARS_MAX or not all(LEVEL.fullmatch(level) for level in levels):
        raise PatternError(f"{text[:60]!r} is no topic such as sensor/{DEVICE}/{METRIC}")
    if levels.count(DEVICE) != 1 or levels.count(METRIC) > 1:
        raise PatternError(f"{text[:60]!r} must name {DEVICE} once and {METRIC} at most once")
    return Pattern(levels)


def read(
    topic: str, payload: bytes, *, patterns: Sequence[Pattern], retained: bool, now: datetime, kept_days: int
) -> list[tuple[str, Reading]]:
    """Return the readings of one message, or raise the first thing that is wrong with it.

    A value without a time is as of now; of a retained message nobody knows of when it is, so it needs its time.
    """
    named = next((found for each in patterns if (found := each.match(topic))), None)
    if named is None:
        raise ReadingRefusedError("unknown_topic", f"{topic[:60]!r} fits none of the patterns")
    device, metric = named
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise ReadingRefusedError("too_large", f"a message has at most {PAYLOAD_BYTES_MAX} bytes")
    at = None if retained else int(now.timestamp())
    told = list(_told(device, metric, payload, at))
    if len(told) > READINGS_MAX:
        raise ReadingRefusedError("too_large", f"a message has at most {READINGS_MAX} readings")
    return [reading.check(each, now=now, kept_days=kept_days) for each in told]


def _told(device: str, metric: str, payload: bytes, at: int | None) -> Iterator[Told]:
    value = _value(payload)
    if metric:
        fields = value if isinstance(value, dict) else {"value": value}
        yield _one(device, metric, fields, at)
        return
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, dict):
            raise ReadingRefusedError(
                "invalid_payload", "a message without a metric in its topic is a JSON object or a list of them"
            )
        if "metric" in each:
            yield _one(device, str(each["metric"]), each, at)
            continue
        when = _first(each, TIMES, at)
        found = False
        for name in METRICS:
            if name in each:
                found = True
                yield _one(device, name, {"value": each[name], "at": when}, at)
        if not found:
            raise ReadingRefusedError("invalid_payload", f"the message names none of {', '.join(METRICS)}")


def _value(payload: bytes) -> Any:
    text = payload.strip()
    if (word := text.decode("ascii", "replace").lower()) in WORDS:
        return WORDS[word]
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ReadingRefusedError("invalid_payload", "the payload is neither a number nor JSON") from None


def _one(device: str, metric: str, fields: Mapping[str, Any], at: int | None) -> Told:
    value = _first(fields, VALUES, None)
    when = _first(fields, TIMES, at)
    if isinstance(value, str):
        value = WORDS.get(value.lower(), value)
    if isinstance(value, bool):
        value = float(value)
    if not isinstance(value, int | float):
        raise ReadingRefusedError("invalid_payload", f"{str(value)[:40]!r} is no number")
    if not isinstance(when, str | int | float) or isinstance(when, bool):
        raise ReadingRefusedError("invalid_time", "a retained message needs its time, since nobody knows of when it is")
    channel, unit = fields.get("channel", 0), fields.get("unit", "")
    if not isinstance(channel, int) or not isinstance(unit, str):
        raise ReadingRefusedError("invalid_payload", "channel is a number, unit a text")
    return Told(device=device, metric=metric, value=value, at=when, unit=unit, channel=channel)


def _first(fields: Mapping[str, Any], names: Sequence[str], other: Any) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), other)

"""What a reader is told of movement: where the cargo's vehicle or vessel is, and when and how surely the cargo will come."""

from dataclasses import dataclass
from enum import StrEnum

from huoji.core.fleet import ConveyanceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """The last place of what carries the cargo, cut to its reader; epoch seconds, WGS-84 degrees.

    `precision_m` 0 means as told; `near` names the nearest city or port in Chinese and English.
    """

    kind: ConveyanceKind
    at: int
    age_s: int
    is_stale: bool
    lat: float
    lon: float
    precision_m: int
    near: tuple[str, str] = ("", "")
    speed_kmh: float | None = None
    course: int | None = None
    nav: int | None = None
    source: str = ""


class Risk(StrEnum):
    """How likely the cargo comes too late."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"


class TransportState(StrEnum):
    """How the transport goes against its plan, derived by rule."""

    NORMAL = "normal"
    AT_RISK = "at_risk"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of an estimate with its figure; the code's unit is told in core/sight_words.py."""

    code: str
    value: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """When the cargo will come: four of five times between `early` and `late` (epoch seconds), why, and what that means for the plan."""

    early: int | None
    likely: int | None
    late: int | None
    made_at: int
    confidence: str
    risk: Risk
    state: TransportState
    percent: int | None
    reasons: tuple[Reason, ...] = ()

"""How fresh a position is: what a reader may take for now, what he must take with its age, and what is no longer known."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from huoji.core.fleet import ConveyanceKind


class Freshness(StrEnum):
    """What a last position says of the present; new ones go to the end, since maps send the place in this list."""

    LIVE = "live"
    STALE = "stale"  # drawn with its age
    LOST = "lost"  # drawn as where it was last
    NEVER = "never"


FRESHNESSES = tuple(Freshness)

# A lorry reports every 10 to 60 s; a vessel is out of reach of receivers on land for hours.
LIVE: Mapping[ConveyanceKind, timedelta] = {
    ConveyanceKind.VEHICLE: timedelta(minutes=5),
    ConveyanceKind.VESSEL: timedelta(minutes=30),
}
LOST: Mapping[ConveyanceKind, timedelta] = {
    ConveyanceKind.VEHICLE: timedelta(hours=24),
    ConveyanceKind.VESSEL: timedelta(days=7),
}


def freshness(at: datetime | None, *, now: datetime, kind: ConveyanceKind) -> Freshness:
    """Tell what a position of that time says of now."""
    if at is None:
        return Freshness.NEVER
    age = now - at
    if age <= LIVE[kind]:
        return Freshness.LIVE
    return Freshness.STALE if age <= LOST[kind] else Freshness.LOST

"""Read alarms: which are open, and which were, of everything or of one conveyance or terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from huoji.apps.fleet.models import Alarm
from huoji.core.geo import MICRO
from huoji.core.permission import Actor, Permission
from huoji.kit.paging import page


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLine:
    """One alarm as pages show it."""

    id: int
    kind: str
    source: str
    conveyance_id: int | None
    conveyance: str
    terminal_id: int | None
    terminal: str
    opened_at: datetime
    last_at: datetime
    cleared_at: datetime | None
    times: int
    lat: float | None
    lon: float | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPage:
    """One page of alarms and the cursor of the page after it."""

    rows: list[AlarmLine]
    next: str


def visible_to(actor: Actor) -> QuerySet[Alarm]:
    """Return the alarms an actor may see: all of them for who sees the fleet."""
    rows = Alarm.objects.select_related("conveyance", "terminal")
    return rows if actor.may(Permission.FLEET_VIEW) else rows.none()


def line_of(row: Alarm) -> AlarmLine:
    fitted = row.conveyance
    return AlarmLine(
        id=row.pk,
        kind=row.kind,
        source=row.source,
        conveyance_id=row.conveyance_id,
        conveyance=(fitted.plate or fitted.name or fitted.imo or fitted.mmsi) if fitted else "",
        terminal_id=row.terminal_id,
        terminal=row.terminal.number if row.terminal else "",
        opened_at=row.opened_at,
        last_at=row.last_at,
        cleared_at=row.cleared_at,
        times=row.times,
        lat=None if row.lat is None else row.lat / MICRO,
        lon=None if row.lon is None else row.lon / MICRO,
        facts=row.facts,
    )


def listed(
    actor: Actor,
    *,
    is_open: bool,
    kind: str = "",
    conveyance_id: int | None = None,
    terminal_id: int | None = None,
    cursor: str = "",
    limit: int,
) -> AlarmPage:
    """Return one page of alarms, newest first."""
    rows = visible_to(actor).filter(cleared_at__isnull=is_open)
    if kind:
        rows = rows.filter(kind=kind)
    if conveyance_id is not None:
        rows = rows.filter(conveyance_id=conveyance_id)
    if terminal_id is not None:
        rows = rows.filter(terminal_id=terminal_id)
    of = f"alarms:{is_open}:{kind}:{conveyance_id}:{terminal_id}"
    found = page(rows, of=of, order=("-opened_at", "-id"), cursor=cursor, limit=limit)
    return AlarmPage(rows=[line_of(row) for row in found.rows], next=found.next)


def kinds_of(actor: Actor, *, is_open: bool) -> list[str]:
    """Return which kinds of alarms there are, to choose from."""
    rows = visible_to(actor).select_related(None).filter(cleared_at__isnull=is_open)
    return sorted(rows.order_by().values_list("kind", flat=True).distinct())

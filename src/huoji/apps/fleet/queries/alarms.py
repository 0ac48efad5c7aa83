"""Read alarms: which are open, and which were, of everything or of one conveyance or terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from huoji.apps.fleet.models import Alarm
from huoji.core.geo import MICRO
from huoji.core.permission import Actor, Permission
from huoji.kit import paging
from huoji.kit.paging import page
from huoji.kit.problem import Problem


class Part(StrEnum):
    """Which alarms to list."""

    WAITING = "waiting"  # open, and nobody has taken it up
    OPEN = "open"
    OVER = "over"


PARTS: Mapping[Part, Mapping[str, bool]] = {
    Part.WAITING: {"cleared_at__isnull": True, "acknowledged_at__isnull": True},
    Part.OPEN: {"cleared_at__isnull": True},
    Part.OVER: {"cleared_at__isnull": False},
}


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
    acknowledged_at: datetime | None
    acknowledged_by: str
    note: str
    lat: float | None
    lon: float | None
    facts: Mapping[str, Any]

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has taken it up, nor is it over."""
        return self.acknowledged_at is None and self.cleared_at is None


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
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        note=row.note,
        lat=None if row.lat is None else row.lat / MICRO,
        lon=None if row.lon is None else row.lon / MICRO,
        facts=row.facts,
    )


def listed(
    actor: Actor,
    *,
    part: Part,
    kind: str = "",
    conveyance_id: int | None = None,
    terminal_id: int | None = None,
    cursor: str = "",
    limit: int,
) -> AlarmPage:
    """Return one page of alarms, newest first."""
    rows = visible_to(actor).filter(**PARTS[part])
    if kind:
        rows = rows.filter(kind=kind)
    if conveyance_id is not None:
        rows = rows.filter(conveyance_id=conveyance_id)
    if terminal_id is not None:
        rows = rows.filter(terminal_id=terminal_id)
    of = f"alarms:{part}:{kind}:{conveyance_id}:{terminal_id}"
    found = page(rows, of=of, order=("-opened_at", "-id"), cursor=cursor, limit=limit)
    return AlarmPage(rows=[line_of(row) for row in found.rows], next=found.next)


def kinds_of(actor: Actor, *, part: Part) -> list[str]:
    """Return which kinds of alarms there are, to choose from."""
    rows = visible_to(actor).select_related(None).filter(**PARTS[part])
    return sorted(rows.order_by().values_list("kind", flat=True).distinct())


def line(actor: Actor, *, alarm_id: int) -> AlarmLine:
    """Return one alarm, or raise `not_found`."""
    row = visible_to(actor).filter(pk=alarm_id).first()
    if row is None:
        raise Problem("not_found", 404)
    return line_of(row)


def count_waiting(actor: Actor, *, most: int, terminal_id: int | None = None) -> int:
    """Return how many alarms nobody has taken up, for who may; counted up to one more than `most`."""
    if not actor.may(Permission.ALARM_HANDLE):
        return 0
    rows = visible_to(actor).filter(**PARTS[Part.WAITING])
    if terminal_id is not None:
        rows = rows.filter(terminal_id=terminal_id)
    return paging.count(rows, most=most)


def count_of_kind(actor: Actor, kind: str, *, most: int) -> int:
    """Return how many alarms of a kind go on, counted up to one more than `most`."""
    return paging.count(visible_to(actor).filter(**PARTS[Part.OPEN], kind=kind), most=most)

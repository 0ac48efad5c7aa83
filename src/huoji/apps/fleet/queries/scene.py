"""Read everything that moves for the map: the whole scene in columns, and what moved since; small, for thousands of objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count

from huoji.apps.fleet.models import Alarm
from huoji.core import datum
from huoji.core.datum import Datum
from huoji.core.fleet import ConveyanceKind, TerminalKind, TerminalState
from huoji.core.geo import MICRO
from huoji.core.permission import Actor, Permission

OBJECTS_MAX = 20_000
OVERLAP = timedelta(seconds=5)  # a transaction that began before the last look may commit after it
E5 = 10  # microdegrees in a hundred-thousandth: a metre is enough for a map
LOAD_BIT, LOAD_MASK = 8, 0b11
RISKS = ("", "none", "low", "high")  # new ones go to the end: the map reads places in this list
COLUMNS = ("id", "kind", "number", "lat", "lon", "at", "speed", "course", "load", "risk", "off", "site", "run", "ask")

SCENE_SQL = """
SELECT DISTINCT ON (c.id) c.id, c.kind, coalesce(nullif(c.plate, ''), nullif(c.name, ''), c.mmsi), c.name_en, l.lat, l.lon,
  extract(epoch FROM l.at)::bigint, l.speed, l.course, l.status, l.site_id, t.id, t.kind = %(road)s AND t.state = %(active)s,
  r.unit_id IS NOT NULL, r.off_route_since IS NOT NULL, s.risk
FROM last_position l
JOIN conveyance c ON c.id = l.conveyance_id AND c.active
JOIN terminal t ON t.id = l.terminal_id
LEFT JOIN run r ON r.conveyance_id = c.id AND r.state = 'under_way'
LEFT JOIN LATERAL (
  SELECT risk FROM run_stop WHERE run_id = r.unit_id AND arrived_at IS NULL ORDER BY seq LIMIT 1) s ON true
WHERE l.recorded_at > %(since)s
ORDER BY c.id, l.at DESC LIMIT %(most)s
"""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a map draws: columns of one length, open alarms by conveyance, and the moment from which on to ask again."""

    now: int
    columns: Mapping[str, list[Any]]
    alarms: Mapping[int, int]
    was_cut: bool

    def content(self) -> dict[str, Any]:
        """Return it as it is sent."""
        return {"now": self.now, "columns": self.columns, "alarms": self.alarms, "cut": self.was_cut}


def scene(actor: Actor, *, now: datetime, english: bool, since: datetime | None = None) -> Scene:
    """Return all that has a position, or what moved since a moment; nothing to who does not see the fleet."""
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    if not actor.may(Permission.FLEET_VIEW):
        return Scene(now=int(now.timestamp()), columns=columns, alarms={}, was_cut=False)
    with connection.cursor() as cursor:
        cursor.execute(
            SCENE_SQL,
            {
                "road": TerminalKind.JT808.value,
                "active": TerminalState.ACTIVE.value,
                "since": since - OVERLAP if since else BEGINNING,
                "most": OBJECTS_MAX + 1,
            },
        )
        rows = cursor.fetchall()
    for row in rows[:OBJECTS_MAX]:
        for name, value in zip(COLUMNS, _object(row, english=english), strict=True):
            columns[name].append(value)
    return Scene(now=int(now.timestamp()), columns=columns, alarms=open_alarms(), was_cut=len(rows) > OBJECTS_MAX)


def open_alarms() -> Mapping[int, int]:
    """Return how many alarms are open for each conveyance that has any."""
    rows = Alarm.objects.filter(cleared_at=None, conveyance__isnull=False).order_by()
    return dict(rows.values_list("conveyance_id").annotate(Count("pk"))[:OBJECTS_MAX])


def _object(row: Sequence[Any], *, english: bool) -> tuple[Any, ...]:
    (
        number,
        kind,
        name,
        name_en,
        lat,
        lon,
        at,
        speed,
        course,
        status,
        site,
        terminal,
        may_ask,
        has_run,
        is_off,
        risk,
    ) = row
    lat, lon = shown_e6(lat, lon)
    return (
        number, int(kind == ConveyanceKind.VESSEL), name_en if english and name_en else name, round(lat / E5), round(lon / E5),
        at, round(speed / 10), -1 if course is None else course, status >> LOAD_BIT & LOAD_MASK,
        RISKS.index(risk) if risk in RISKS else 0, int(is_off), site or 0, int(has_run), terminal if may_ask else 0,
    )  # fmt: skip


def shown_e6(lat: int, lon: int) -> tuple[float, float]:
    """Return a kept place as the base map shows it; the only door by which coordinates reach a map."""
    if settings.HUOJI.map_datum == Datum.WGS84:
        return lat, lon
    shown = datum.show(lat / MICRO, lon / MICRO, datum=Datum.GCJ02)
    return shown.lat * MICRO, shown.lon * MICRO


def shown(lat: float, lon: float) -> tuple[float, float]:
    """Return a kept place in degrees as the base map shows it."""
    lat_e6, lon_e6 = shown_e6(round(lat * MICRO), round(lon * MICRO))
    return lat_e6 / MICRO, lon_e6 / MICRO

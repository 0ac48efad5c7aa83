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

# The database makes the columns as they are sent, for five thousand rows are many for an interpreter.
SCENE_SQL = f"""
SELECT DISTINCT ON (c.id) c.id, (c.kind = %(vessel)s)::int,
  coalesce(CASE WHEN %(english)s THEN nullif(c.name_en, '') END, nullif(c.plate, ''), nullif(c.name, ''), c.mmsi),
  round(l.lat / {E5}.0)::int, round(l.lon / {E5}.0)::int, extract(epoch FROM l.at)::bigint, round(l.speed / 10.0)::int,
  coalesce(l.course, -1), (l.status >> {LOAD_BIT} & {LOAD_MASK})::int, coalesce(array_position(%(risks)s::text[], s.risk::text) - 1, 0),
  (r.off_route_since IS NOT NULL)::int, coalesce(l.site_id, 0), (r.unit_id IS NOT NULL)::int,
  CASE WHEN t.kind = %(road)s AND t.state = %(active)s THEN t.id ELSE 0 END
FROM last_position l
JOIN conveyance c ON c.id = l.conveyance_id AND c.active
JOIN terminal t ON t.id = l.terminal_id
LEFT JOIN run r ON r.conveyance_id = c.id AND r.state = 'under_way'
LEFT JOIN LATERAL (
  SELECT risk FROM run_stop WHERE run_id = r.unit_id AND arrived_at IS NULL AND NOT passed ORDER BY seq LIMIT 1) s ON true
WHERE l.recorded_at > %(since)s
ORDER BY c.id, l.at DESC LIMIT %(most)s
"""  # noqa: S608  our own constants
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a map draws: columns of one length, open alarms by conveyance, and the moment from which on to ask again."""

    now: int
    columns: Mapping[str, Sequence[Any]]
    alarms: Mapping[int, int]
    was_cut: bool

    def content(self) -> dict[str, Any]:
        """Return it as it is sent."""
        return {"now": self.now, "columns": self.columns, "alarms": self.alarms, "cut": self.was_cut}


def scene(actor: Actor, *, now: datetime, english: bool, since: datetime | None = None) -> Scene:
    """Return all that has a position, or what moved since a moment; nothing to who does not see the fleet."""
    now_s = int(now.timestamp())
    if not actor.may(Permission.FLEET_VIEW):
        return Scene(now=now_s, columns=dict.fromkeys(COLUMNS, ()), alarms={}, was_cut=False)
    with connection.cursor() as cursor:
        cursor.execute(
            SCENE_SQL,
            {
                "vessel": ConveyanceKind.VESSEL.value,
                "english": english,
                "risks": list(RISKS),
                "road": TerminalKind.JT808.value,
                "active": TerminalState.ACTIVE.value,
                "since": max(since or BEGINNING, BEGINNING) - OVERLAP,
                "most": OBJECTS_MAX + 1,
            },
        )
        rows = cursor.fetchall()
    values = list(zip(*rows[:OBJECTS_MAX], strict=True)) or [()] * len(COLUMNS)
    columns: dict[str, Sequence[Any]] = dict(zip(COLUMNS, values, strict=True))
    if settings.HUOJI.map_datum != Datum.WGS84:
        columns["lat"], columns["lon"] = _shifted(columns["lat"], columns["lon"])
    return Scene(now=now_s, columns=columns, alarms=open_alarms(), was_cut=len(rows) > OBJECTS_MAX)


def _shifted(lats: Sequence[int], lons: Sequence[int]) -> tuple[list[int], list[int]]:
    places = [shown_e6(lat * E5, lon * E5) for lat, lon in zip(lats, lons, strict=True)]
    return [round(lat / E5) for lat, _ in places], [round(lon / E5) for _, lon in places]


def open_alarms() -> Mapping[int, int]:
    """Return how many alarms are open for each conveyance that has any."""
    rows = Alarm.objects.filter(cleared_at=None, conveyance__isnull=False).order_by()
    return dict(rows.values_list("conveyance_id").annotate(Count("pk"))[:OBJECTS_MAX])


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

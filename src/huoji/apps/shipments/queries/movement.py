"""Where waybills are by their vehicle or vessel, one indexed statement for all numbers of a query; and how their outlook is read.

A position is a waybill's only while what the vehicle's run holds holds the waybill: it must be aboard now, and the position
must be from after it came aboard. Unloaded, delivered, or a run that ended: there is none.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import psycopg
from django.db import connection

from huoji.core.custody import DEPTH_MAX
from huoji.core.fleet import ConveyanceKind, TerminalKind
from huoji.core.sight import Outlook, Reason, Risk, TransportState
from huoji.core.whereabouts import Seen

SOURCES = {TerminalKind.JT808: "gps", TerminalKind.AIS: "ais", TerminalKind.SENSOR: "sensor", TerminalKind.HTTP: "gps"}

# Fleet's view run_position says where each run under way is; custody says whose cargo that is, at this moment.
_POSITIONS = """
WITH RECURSIVE aboard (root, unit_id, since, depth) AS (
    SELECT r, r, 0::bigint, 0 FROM unnest(%(ids)s::bigint[]) r
    UNION ALL SELECT p.parent_id, p.id, 0::bigint, 0 FROM unit p WHERE p.parent_id = ANY(%(ids)s) AND p.kind = 'piece'
    UNION ALL
    SELECT a.root, c.holder_id, greatest(a.since, c.since), a.depth + 1
    FROM aboard a JOIN custody c ON c.unit_id = a.unit_id AND c.since <= %(now)s AND c.until > %(now)s
    WHERE a.depth < %(depth)s
), seen AS (
    SELECT DISTINCT ON (a.root) a.root, p.* FROM aboard a
    -- OFFSET 0 keeps it a look-up by the run's key: joined freely it may begin with all runs that are under way.
    JOIN LATERAL (SELECT * FROM run_position WHERE unit_id = a.unit_id OFFSET 0) p ON p.at >= to_timestamp(a.since)
    ORDER BY a.root, p.at DESC
)
SELECT s.root, s.kind, s.terminal_kind, s.at, s.lat, s.lon, s.speed, s.course, s.nav FROM seen s
"""
OUTLOOK = "o.early_at, o.likely_at, o.late_at, o.made_at, o.confidence, o.risk, o.state, o.percent, o.reasons"
"""The columns of an outlook `o`, for `outlook_of`."""


class Movement(NamedTuple):
    """What is known of one waybill's movement."""

    seen: Seen | None = None
    outlook: Outlook | None = None


NOTHING = Movement()


def positions(unit_ids: Collection[int], *, now: datetime) -> dict[int, Seen]:
    """Return where those of these waybills were last seen that are aboard something that moves."""
    if not unit_ids:
        return {}
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        parameters = {"ids": list(unit_ids), "now": int(now.timestamp()), "depth": DEPTH_MAX}
        cursor.execute(_POSITIONS, parameters, prepare=True)
        return {row[0]: _seen(row[1:]) for row in cursor.fetchall()}


def _seen(row: tuple[Any, ...]) -> Seen:
    kind, terminal_kind, at, lat, lon, speed, course, nav = row
    return Seen(
        kind=ConveyanceKind(kind), at=int(at.timestamp()), lat_e6=lat, lon_e6=lon, speed_dkmh=speed, course=course, nav=nav,
        source=SOURCES[TerminalKind(terminal_kind)],
    )  # fmt: skip


def outlook_of(row: tuple[Any, ...]) -> Outlook | None:
    """Read the columns OUTLOOK; None where nothing is expected."""
    if row[3] is None:
        return None
    early, likely, late, made_at, confidence, risk, state, percent, reasons = row
    told = msgspec.json.decode(reasons) if isinstance(reasons, str | bytes) else reasons
    return Outlook(
        early=_epoch(early), likely=_epoch(likely), late=_epoch(late), made_at=int(made_at.timestamp()),
        confidence=confidence, risk=Risk(risk), state=TransportState(state), percent=percent,
        reasons=tuple(Reason(code=code, value=value) for code, value in told),
    )  # fmt: skip


def _epoch(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None

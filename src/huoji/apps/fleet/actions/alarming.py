"""Alarms are opened once, renewed while they stand, and cleared: those that terminals tell and those that our rules find."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from huoji.core.alarm import EMERGENCIES
from huoji.kit import binary, outbox

FROM_TERMINAL, FROM_RULE = "terminal", "rule"
IDS_MAX = 500
OPEN_SQL = """
INSERT INTO alarm (terminal_id, conveyance_id, kind, source, opened_at, last_at, times, lat, lon, facts, dataset)
VALUES (%(terminal_id)s, %(conveyance_id)s, %(kind)s, %(source)s, %(at)s, %(at)s, 1, %(lat)s, %(lon)s, %(facts)s, %(dataset)s)
ON CONFLICT (terminal_id, kind) WHERE cleared_at IS NULL
DO UPDATE SET times = alarm.times + 1, last_at = greatest(alarm.last_at, excluded.last_at)
RETURNING id, times = 1
"""
CLEAR_SQL = """
UPDATE alarm SET cleared_at = greatest(opened_at, %s), last_at = greatest(last_at, %s)
WHERE terminal_id = %s AND kind = ANY(%s) AND source = %s AND cleared_at IS NULL RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """An alarm to be opened, or renewed when it stands."""

    terminal_id: int
    conveyance_id: int | None
    kind: str
    source: str
    at: datetime
    lat: int | None = None
    lon: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    dataset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Alarms of a terminal to be cleared, as far as they stand."""

    terminal_id: int
    kinds: Sequence[str]
    source: str
    at: datetime


def turn(raised: Sequence[Raise], cleared: Sequence[Clear]) -> None:
    """Clear and open, in the transaction of what told of it; tell `fleet.alarm`, and `fleet.emergency` for each new one.

    Rows are taken in the order of terminals, so that two writers never wait for each other.
    """
    if not raised and not cleared:
        return
    told: list[int] = []
    with binary.cursor() as cursor:
        for each in sorted(cleared, key=lambda clear: clear.terminal_id):
            cursor.execute(CLEAR_SQL, [each.at, each.at, each.terminal_id, list(each.kinds), each.source], prepare=True)
            told += [row[0] for row in cursor.fetchall()]
        for one in sorted(raised, key=lambda new: (new.terminal_id, new.kind)):
            cursor.execute(OPEN_SQL, _parameters(one), prepare=True)
            row = cursor.fetchone()
            assert row is not None
            alarm_id, is_new = row
            if not is_new:
                continue
            told.append(alarm_id)
            if one.kind in EMERGENCIES:
                outbox.publish(
                    "fleet.emergency", [alarm_id], terminal=one.terminal_id, conveyance=one.conveyance_id,
                    kind=one.kind, at=int(one.at.timestamp()), lat=one.lat, lon=one.lon, **one.facts,
                )  # fmt: skip
    for start in range(0, len(told), IDS_MAX):
        outbox.publish("fleet.alarm", told[start : start + IDS_MAX])


def _parameters(one: Raise) -> dict[str, Any]:
    return {
        "terminal_id": one.terminal_id, "conveyance_id": one.conveyance_id, "kind": one.kind, "source": one.source,
        "at": one.at, "lat": one.lat, "lon": one.lon, "facts": Jsonb(one.facts), "dataset": one.dataset,
    }  # fmt: skip

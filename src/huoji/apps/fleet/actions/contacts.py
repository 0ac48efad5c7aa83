"""When terminals were last heard of and what was wrong with what they sent: counted in memory, written with the heartbeat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from psycopg.types.json import Jsonb

from huoji.kit import binary

FLUSH_SQL = """
INSERT INTO contact AS c (terminal_id, last_at, counts, disconnected_at, gateway, peer)
SELECT t.id, n.last_at, n.counts, n.gone_at, '', ''
FROM unnest(%s::bigint[], %s::timestamptz[], %s::jsonb[], %s::timestamptz[]) AS n (terminal_id, last_at, counts, gone_at)
JOIN terminal t ON t.id = n.terminal_id ORDER BY t.id
ON CONFLICT (terminal_id) DO UPDATE SET
  last_at = greatest(c.last_at, excluded.last_at),
  disconnected_at = greatest(c.disconnected_at, excluded.disconnected_at),
  counts = c.counts || (
    SELECT coalesce(jsonb_object_agg(key, coalesce((c.counts ->> key)::bigint, 0) + value::bigint), '{}')
    FROM jsonb_each_text(excluded.counts))
"""


@dataclass(slots=True)
class Heard:
    """What this process heard of one terminal and has not written yet."""

    last_at: datetime | None
    counts: dict[str, int] = field(default_factory=dict)
    disconnected_at: datetime | None = None


_heard: dict[int, Heard] = {}
_lock = Lock()


def hear(terminal_id: int, *, now: datetime, counts: Mapping[str, int]) -> None:
    """Note that a terminal spoke; memory only, written with the next heartbeat, so that it costs the hot path nothing."""
    hear_all({terminal_id: counts}, now=now)


def hear_all(spoke: Mapping[int, Mapping[str, int]], *, now: datetime) -> None:
    """Note that many terminals spoke."""
    with _lock:
        for terminal_id, counts in spoke.items():
            heard = _heard.get(terminal_id)
            if heard is None:
                heard = _heard[terminal_id] = Heard(now)
            elif heard.last_at is None or now > heard.last_at:
                heard.last_at = now
            for name, count in counts.items():
                heard.counts[name] = heard.counts.get(name, 0) + count


def refuse(terminal_id: int, *, why: str) -> None:
    """Count what was refused of somebody who says to be this terminal; it was not heard by that."""
    with _lock:
        counts = _heard.setdefault(terminal_id, Heard(None)).counts
        counts[why] = counts.get(why, 0) + 1


def part(terminal_id: int, *, now: datetime) -> None:
    """Note that the connection of a terminal ended."""
    hear(terminal_id, now=now, counts={})
    with _lock:
        _heard[terminal_id].disconnected_at = now


def flush() -> None:
    """Write what was heard; keep it for the next try when the database is away."""
    with _lock:
        taken = dict(_heard)
        _heard.clear()
    if not taken:
        return
    ids = sorted(taken)
    try:
        with binary.cursor() as cursor:
            cursor.execute(FLUSH_SQL, [
                ids, [taken[each].last_at for each in ids], [Jsonb(taken[each].counts) for each in ids],
                [taken[each].disconnected_at for each in ids],
            ])  # fmt: skip
    except Exception:
        _keep(taken)
        raise


def _keep(taken: Mapping[int, Heard]) -> None:
    """Put back what could not be written, beside what was heard meanwhile."""
    with _lock:
        for terminal_id, old in taken.items():
            new = _heard.setdefault(terminal_id, Heard(None))
            new.last_at = max((at for at in (old.last_at, new.last_at) if at), default=None)
            new.disconnected_at = max((at for at in (old.disconnected_at, new.disconnected_at) if at), default=None)
            for name, count in old.counts.items():
                new.counts[name] = new.counts.get(name, 0) + count

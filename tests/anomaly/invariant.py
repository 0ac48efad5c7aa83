"""The invariant of every broken world: what is acknowledged is stored once, and every story says what its events say."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections
from django.test import Client
from msgspec import structs

from huoji.apps.shipments.models import Event, Unit
from huoji.apps.shipments.queries.facts import assemble
from huoji.core.story import Story, unpack
from huoji.core.timeline import FOLD_VERSION

EVENTS, SHIPMENTS = "/api/v1/events", "/api/v1/shipments"


def comparable(story: Story) -> Story:
    """Put facts and holders into one order; how they came in says nothing."""
    facts = tuple(sorted(story.facts, key=lambda f: (f.key, f.digest, f.via, f.piece)))
    holders = tuple(sorted(story.holders, key=lambda holder: holder.unit))
    return structs.replace(story, facts=facts, holders=holders)


def differences(one: Story, other: Story) -> Iterator[tuple[Any, ...]]:
    """Tell in which fields two stories differ."""
    pairs = [
        ("story", one, other),
        ("folded", one.folded, other.folded),
        *zip(one.facts, one.facts, other.facts, strict=True),
    ]
    for name, left, right in pairs:
        for field in left.__struct_fields__:
            a, b = getattr(left, field), getattr(right, field)
            if a != b and field not in ("facts", "folded"):
                yield name, field, a, b


def stories_equal_events() -> int:
    """Assert that each stored story that claims to be fresh equals a fold of the database; return how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.unit_id, s.fold_version, s.body, m.unit_id IS NOT NULL"
            " FROM story s LEFT JOIN story_stale m ON m.unit_id = s.unit_id"
        )
        rows = cursor.fetchall()
    fresh = {row[0]: unpack(row[2]) for row in rows if row[1] == FOLD_VERSION and not row[3]}
    folded = assemble(sorted(fresh))
    names = dict(Unit.objects.filter(id__in=fresh).values_list("id", "number"))
    for unit_id, story in fresh.items():
        stored, told = comparable(story), comparable(folded[unit_id])
        assert [f.event_id for f in stored.facts] == [f.event_id for f in told.facts], names[unit_id]
        assert stored == told, (names[unit_id], list(differences(stored, told)))
    return len(rows)


def stored(source_event_ids: Iterable[str]) -> dict[str, int]:
    """Return how many rows each of these event ids has."""
    wanted = list(source_event_ids)
    found = Event.objects.filter(source_event_id__in=wanted).values_list("source_event_id", flat=True)
    counts = dict.fromkeys(wanted, 0)
    for each in found:
        counts[each] += 1
    return counts


def send(key: str, path: str, body: Any, *, kind: str = "application/json", **more: str):
    """Post a body, bytes as they are, and return the response whatever it is."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}"} | more
    return Client(raise_request_exception=False).generic("POST", path, data, content_type=kind, headers=headers)


HANG_S = 240  # no measure of speed: only a deadlock takes so long


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together, each with a connection of its own; return what each gave."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(HANG_S) for future in [pool.submit(run, call) for call in calls]]


def numbers(prefix: str, count: int) -> Sequence[str]:
    return [f"{prefix}{index:04}" for index in range(count)]

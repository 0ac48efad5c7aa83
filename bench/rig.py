"""The installation under test: a data folder of its own, its server processes, a key, and growth data by COPY."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("BENCH_DIR", ".huoji-bench")).resolve()
PORT = int(os.environ.get("BENCH_PORT", "18700"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")
os.environ["HUOJI_DATA_DIR"] = str(FOLDER)
os.environ["HUOJI_WEB_PORT"] = str(PORT)
os.environ["HUOJI_LIVE_PORT"] = str(PORT + 1)
os.environ["HUOJI_JT808_PORT"] = str(PORT + 2)
os.environ["HUOJI_TRUSTED_PROXIES"] = "127.0.0.1/32"
os.environ["HUOJI_LOG_LEVEL"] = "WARNING"

STARTED_TRIES = 1_200  # of 50 ms: on a busy machine the interpreter alone takes seconds to load
EVENTS_EACH = 8
WAY = ("picked_up", "sorted", "departed", "arrived", "departed", "arrived", "out_for_delivery", "arrived_dest")
T0 = 1_790_000_000


@contextmanager
def database() -> Iterator[None]:
    """Run the embedded server, provisioned and migrated, as an installation has it: durable."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    import django

    from huoji.config import database as place
    from huoji.kit import postgres, provision

    cluster = place.cluster(FOLDER)
    with postgres.running(cluster):
        provision.make_database(cluster, database=place.DATABASE)
        django.setup()
        from huoji.config import migrate

        migrate.migrate(verbosity=0)
        yield
        from django.db import connections

        connections.close_all()


@contextmanager
def web(program: list[str] | None = None) -> Iterator[str]:
    """Serve (Huoji by default) and yield its address."""
    from huoji.config import env, serve

    process = subprocess.Popen(program or serve.web(env.load()), env=os.environ)
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(STARTED_TRIES):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=1).read()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(15)


def key() -> str:
    """Issue an API key that may do everything a source does."""
    from huoji.apps.accounts import actions, queries
    from huoji.core.permission import KeyScope, system

    actor = queries.actor_for_number("BENCH")
    if actor.principal == "public":
        actions.create_staff(
            system("bench"),
            staff_number="BENCH",
            name="bench",
            password=secrets.token_urlsafe(16),
            roles=("cs_chief_clerk", "cs_manager"),
            must_change_password=False,
        )
        actor = queries.actor_for_number("BENCH")

    return actions.issue_key(
        system("bench"), name="bench", principal=actor.principal, source="bench",
        scopes=[KeyScope.SHIPMENTS_READ, KeyScope.SHIPMENTS_WRITE, KeyScope.EVENTS_WRITE],
    )  # fmt: skip


def post(address: str, path: str, body: Any, raw_key: str) -> dict[str, Any]:
    """Send one JSON call and return the answer."""
    request = urllib.request.Request(
        address + path, data=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {raw_key}"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.load(answer)


def events_stored() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM event")
        return int(cursor.fetchone()[0])


def grow(events: int) -> None:
    """Bring the tables up to so many events of 8-event waybills, by COPY, stories included."""
    from huoji.apps.shipments.actions import units
    from huoji.apps.shipments.models import Source

    missing = max(0, events - events_stored()) // EVENTS_EACH
    source, _ = Source.objects.get_or_create(name="bench")
    while missing > 0:
        count = min(missing, 5_000)
        ids = units.take_ids(count)
        copy_waybills(ids, source.pk)
        missing -= count


def numbers_of(ids: list[int]) -> list[str]:
    return [f"BX{unit_id}" for unit_id in ids]


def copy_waybills(ids: list[int], source_id: int) -> None:
    from django.db import transaction

    from huoji.apps.shipments.actions import ledger
    from huoji.core.story import pack

    now = datetime.now(UTC)
    stories = [(unit_id, story(unit_id, source_id)) for unit_id in ids]
    from huoji.core.timeline import FOLD_VERSION

    tables = {
        "unit (id, kind, number, label, owner, dataset)": [(i, "waybill", f"BX{i}", "", "", "bench") for i in ids],
        "waybill (unit_id, line, origin, destination, goods, pieces, remark, source_id, digest, created_at, dataset)": [
            (i, "express", "上海", "成都", "", 1, "", source_id, i, now, "bench") for i in ids
        ],
        "waybill_state (unit_id, status, line, last_at, late_min, next_check_at)": [
            (i, "arrived_dest", "express", now, 0, now)
            for i in ids  # as the ingest of its events would have left it
        ],
        "story (unit_id, fold_version, body)": [(i, FOLD_VERSION, pack(s)) for i, s in stories],
    }
    with transaction.atomic():
        with ledger.raw_cursor() as cursor:
            for table, rows in tables.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        ledger.copy_events([row for i, s in stories for row in event_rows(i, s.facts, source_id, now)])


def next_check(story: Any) -> datetime:
    """Return when the watchdog looks next, as the ingest of the events would have left it."""
    from huoji.apps.shipments.queries.tracking import silence_of

    return datetime.fromtimestamp(story.folded.last_at + silence_of(story), UTC)


def story(unit_id: int, source_id: int) -> Any:
    """Return a believable story of eight scans."""
    from huoji.core.report import identity
    from huoji.core.story import tell
    from huoji.core.timeline import MILESTONE_CODE, Fact, Milestone

    start = T0 + unit_id % 86_400
    facts = [
        Fact(
            key=identity("bench", str(unit_id), str(step)), digest=identity(str(unit_id), str(step), "x"),
            at=start + step * 14_400, recorded=start + step * 14_400 + 5, milestone=MILESTONE_CODE[Milestone(name)],
            place=f"网点{(unit_id + step) % 60}", source=source_id, event_id=unit_id + step,
        )
        for step, name in enumerate(WAY)
    ]  # fmt: skip
    return tell(facts, line=1, pieces=1)


def event_rows(unit_id: int, facts: Any, source_id: int, now: datetime) -> list[tuple[Any, ...]]:
    """Lay facts out as rows of the event table."""
    from huoji.core.timeline import MILESTONES

    return [
        (
            unit_id, f.key, f.digest, f.event_id, datetime.fromtimestamp(f.at, UTC), now, None, None, None, None, None, None,
            None, 2, 480, source_id, 0, False, "ACT", MILESTONES[f.milestone].value, "", "unknown", "", "", "", "", f.place,
            "", "system:bench", "bench",
        )
        for f in facts
    ]  # fmt: skip


def settle() -> None:
    """Bring the planner's statistics up to date and the pages to disk, so that no run pays for the one before."""
    import psycopg

    from huoji.config import database as place
    from huoji.config import env

    with psycopg.connect(place.conninfo(env.load(), "owner"), autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")


def python() -> str:
    return sys.executable

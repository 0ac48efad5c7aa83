"""Estimates of arrival made by one worker: of runs and what they carry, and of cargo that no run carries.

Each figure is of the whole way: due rows out of the database, estimated, and written back; the database on the same machine.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import rig

RUNS, CARGO_EACH, STOPS = 400, 5, 4
ROUNDS = 3
WAYBILLS, AGENDA = 5_000, 1_000_000


def run() -> dict[str, dict[str, Any]]:
    """Measure both."""
    return {"runs": of_runs(), "agenda": of_agenda()}


def timed(work: Any, count: int) -> tuple[float, float]:
    """Return how many a second of the clock and of this process's CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return count / (time.perf_counter() - wall), count / (time.process_time() - cpu)


def of_runs() -> dict[str, Any]:
    from huoji.apps.fleet.models import Run
    from huoji.apps.shipments.actions import forecasting

    fill_runs()
    now = datetime.now(UTC)
    found = []
    for step in range(ROUNDS + 1):
        at = now + timedelta(minutes=6 * step)
        due = Run.objects.filter(dataset="bench", state="under_way").update(forecast_due_at=at)
        found.append(timed(lambda at=at: forecasting.tick(now=at), due))
    best = max(found[1:])
    return {"runs": due, "waybills aboard": due * CARGO_EACH, "runs/s": best[0], "runs/CPU s": best[1]}


def fill_runs() -> None:
    """Let lorries be half way between cities, each with a few parcels aboard and something learnt of its lanes."""
    from django.db import connection

    from huoji.apps.fleet.models import Conveyance, Run, RunStop
    from huoji.apps.shipments.actions import ledger, units
    from huoji.core.custody import FOREVER

    if Run.objects.filter(dataset="bench").exists():
        return
    sites = made_sites()
    now = datetime.now(UTC)
    ids = units.take_ids(RUNS)
    with ledger.raw_cursor() as cursor, cursor.copy("COPY unit (id, kind, number, label, owner, dataset) FROM STDIN") as copy:  # fmt: skip
        for each in ids:
            copy.write_row((each, "trip", f"T{each}", "", "", "bench"))
    conveyances = Conveyance.objects.bulk_create(
        Conveyance(kind="vehicle", plate=f"沪B{number:05d}", dataset="bench") for number in range(RUNS)
    )
    Run.objects.bulk_create(
        Run(unit_id=unit_id, number=f"T{unit_id}", conveyance=conveyance, state="under_way", starts_at=now - timedelta(hours=5), dataset="bench")
        for unit_id, conveyance in zip(ids, conveyances, strict=True)
    )  # fmt: skip
    stops = []
    for number, unit_id in enumerate(ids):
        for seq in range(1, STOPS + 1):
            arrives = now + timedelta(hours=9 * (seq - 2) + 2)
            stops.append(RunStop(
                run_id=unit_id, seq=seq, site_id=sites[(number * 7 + seq) % len(sites)], planned_arrives_at=arrives,
                planned_departs_at=arrives + timedelta(hours=1), departed_at=now - timedelta(hours=4) if seq == 1 else None, dataset="bench",
            ))  # fmt: skip
    RunStop.objects.bulk_create(stops)
    cargo = units.take_ids(RUNS * CARGO_EACH)
    source_id = rig_source()
    rig.copy_waybills(cargo, source_id)
    with connection.cursor() as cursor:
        for number, unit_id in enumerate(cargo):
            run_id = ids[number // CARGO_EACH]
            cursor.execute(
                "INSERT INTO custody (unit_id, holder_id, since, until) VALUES (%s, %s, %s, %s)",
                [unit_id, run_id, int(now.timestamp()) - 20_000, FOREVER],
            )
            site = sites[(number // CARGO_EACH * 7 + STOPS) % len(sites)]
            cursor.execute("UPDATE waybill SET destination_id = %s WHERE unit_id = %s", [site, unit_id])
    teach(sites)


def rig_source() -> int:
    from huoji.apps.shipments.models import Source

    return int(Source.objects.get_or_create(name="bench")[0].pk)


def made_sites() -> list[int]:
    """Return sites in many cities."""
    from huoji.apps.places import actions as places
    from huoji.apps.places.queries import places as known
    from huoji.core.cities import CITIES
    from huoji.core.permission import system
    from huoji.core.place import SiteDraft, SiteKind

    for number, city in enumerate(CITIES):
        draft = SiteDraft(code=f"BN{number:03d}", name=f"{city.name}站", name_en=city.name_en, kind=SiteKind.HUB, lat=city.lat, lon=city.lon)  # fmt: skip
        places.put_site(system("bench"), draft)
    return [site_id for site_id, site in known().items() if site.code.startswith("BN")]


def teach(sites: list[int]) -> None:
    """Let every mode and a few hundred lanes know two hundred outcomes each, as after half a year."""
    import msgspec

    from huoji.apps.fleet.models import Learnt
    from huoji.apps.fleet.queries.forecasts import lesson
    from huoji.apps.places.queries import places as known
    from huoji.core.eta_history import Halt, Halts, History, Past
    from huoji.core.milestone import Mode

    at = int(time.time())
    pasts = History(tuple(Past(at=at - 9_000 * n, late_s=600 * (n % 9), planned_s=30_000, paced_s=30_000, actual_s=30_000 + 600 * (n % 9)) for n in range(200, 0, -1)))  # fmt: skip
    halts = Halts(tuple(Halt(at=at - 9_000 * n, planned_s=3_600, came_late_s=0, left_late_s=60 * (n % 9)) for n in range(200, 0, -1)))  # fmt: skip
    atlas, keys = known(), {}
    for number in range(RUNS):
        for seq in range(1, STOPS):
            one, other = (atlas[sites[(number * 7 + each) % len(sites)]] for each in (seq, seq + 1))
            for band in (0, 200_000, 500_000, 1_000_000, 3_000_000):
                names = lesson(one, other, mode=Mode.ROAD, length_m=band)
                keys |= dict.fromkeys(names.legs, pasts) | dict.fromkeys(names.halts, halts)
    ways = History(tuple(Past(at=at - 9_000 * n, late_s=600 * (n % 9), planned_s=90_000, paced_s=90_000, actual_s=90_000 + 6_000 * (n % 9)) for n in range(200, 0, -1)))  # fmt: skip
    keys |= dict.fromkeys(["promise/express", *(f"way/express/{band}" for band in (0, 1, 2, 3, 4, "-"))], ways)
    Learnt.objects.bulk_create(
        [Learnt(key=key, body=msgspec.msgpack.encode(body), updated_at=datetime.now(UTC)) for key, body in keys.items()],
        ignore_conflicts=True,
    )  # fmt: skip


def of_agenda() -> dict[str, Any]:
    """Measure a look at waybills with scans and a promise, and one beside a million that are not due."""
    from huoji.apps.shipments.actions import expecting
    from huoji.apps.shipments.models import OutlookDue

    ids = fill_waybills()
    now = datetime.now(UTC)
    found = []
    for step in range(ROUNDS + 1):
        at = now + timedelta(hours=step)
        OutlookDue.objects.filter(unit_id__in=ids).update(due_at=at)
        found.append(timed(lambda at=at: expecting.tick(now=at), len(ids)))
    best = max(found[1:])
    rest = min(1 / timed(lambda: expecting.tick(now=now), 1)[0] for _ in range(20))
    return {
        "waybills": len(ids), "waybills/s": best[0], "waybills/CPU s": best[1], "on the agenda": OutlookDue.objects.count(),
        "a look with nothing due, ms": rest * 1000,
    }  # fmt: skip


def fill_waybills() -> list[int]:
    """Let parcels be scanned on their way between cities, each with a promise, and a million more stand on the agenda."""
    from django.db import connection

    from huoji.apps.shipments.actions import ledger, units
    from huoji.core.story import pack
    from huoji.core.timeline import FOLD_VERSION

    sites = made_sites()
    ids, now = units.take_ids(WAYBILLS), datetime.now(UTC)
    source_id = rig_source()
    tables = {
        "unit (id, kind, number, label, owner, dataset)": [(i, "waybill", f"BF{i}", "", "", "bench") for i in ids],
        "waybill (unit_id, line, origin, destination, destination_id, goods, pieces, remark, source_id, digest, created_at, dataset)": [
            (i, "express", "上海", "成都", sites[i % len(sites)], "", 1, "", source_id, i, now, "bench") for i in ids
        ],
        "waybill_state (unit_id, status, line, last_at, late_min)": [(i, "in_transit", "express", now, 0) for i in ids],
        "story (unit_id, fold_version, body)": [(i, FOLD_VERSION, pack(scanned(i, sites, source_id))) for i in ids],
        "outlook_due (unit_id, due_at)": [(i, now) for i in ids],
    }
    with ledger.raw_cursor() as cursor:
        for table, rows in tables.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outlook_due (unit_id, due_at) SELECT -i, now() + interval '30 days' + i * interval '1 second'"
            " FROM generate_series(1, %s) i ON CONFLICT DO NOTHING", [AGENDA],
        )  # fmt: skip
    rig.settle()
    return list(ids)


def scanned(unit_id: int, sites: list[int], source_id: int) -> Any:
    from huoji.core.story import tell
    from huoji.core.timeline import MILESTONE_CODE, PLANNED, Fact, Milestone

    start = int(time.time()) - 40_000 - unit_id % 20_000
    steps = ((0, "picked_up", 1), (2, "departed", 1), (8, "arrived", 2), (10, "departed", 2))
    facts = [
        Fact(
            key=unit_id * 8 + step, digest=step, at=start + hours * 3_600, recorded=start + hours * 3_600 + 5,
            milestone=MILESTONE_CODE[Milestone(name)], place=sites[(unit_id + place) % len(sites)], source=source_id, event_id=unit_id + step,
        )
        for step, (hours, name, place) in enumerate(steps)
    ]  # fmt: skip
    promise = Fact(
        key=unit_id * 8 + 7, digest=7, at=start + 40 * 3_600, recorded=start, milestone=MILESTONE_CODE[Milestone.DELIVERED],
        classifier=PLANNED, source=source_id,
    )  # fmt: skip
    return tell((*facts, promise), line=1, pieces=1)

"""`huoji demo`: load a carrier to look at, say who may sign in, and take all of it away again without trace."""

import gc
import os
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from huoji.apps.accounts import actions as accounts
from huoji.apps.customers import actions as customers
from huoji.apps.fleet.actions import loading as fleet
from huoji.apps.places import actions as places
from huoji.apps.places import queries as place_queries
from huoji.apps.shipments.actions import batches, numbering, recording, renewing, retaining, shipping, sourcing, units
from huoji.apps.shipments.actions.recording import Writing
from huoji.apps.warehouse.actions import removing as storage
from huoji.config import demo_fleet, demo_sensors, demo_storage, migrate
from huoji.config.env import Env
from huoji.core.customer import CustomerKind
from huoji.core.demo import WAYBILLS, World, generate
from huoji.core.demo.model import DAYS
from huoji.core.demo.world import NUMBERS_MIN
from huoji.core.permission import system
from huoji.core.report import Target
from huoji.kit import mark

DATASET = "demo"
SEED = 20_261_123
ACTOR = system(DATASET)
ACCOUNTS_FILE = "demo-accounts.txt"
STEP_S = 24 * 3_600
MARK = "demo"


def run(env: Env, *, remove: bool, again: bool, drive: bool = False) -> int:
    """Load the demonstration, unless it is there; with `again` renew it, with `remove` take it away, with `drive` move it."""
    if drive:
        return demo_fleet.drive(DATASET)
    migrate.migrate(verbosity=0)
    loaded = mark.last(MARK)
    if remove or again or (loaded is not None and not loaded.ok):
        take_away(env)
        if remove:
            print("The demonstration is gone; nothing of it is left.")
            return 0
    elif loaded is not None:
        print(f"The demonstration of {loaded.at:%Y-%m-%d %H:%M} UTC is there; renew it with `huoji demo --again`.")
        return 0
    load(env, now=datetime.now(UTC))
    return 0


def take_away(env: Env) -> None:
    """Delete every row of the demonstration, higher apps first, and the file with its passwords."""
    storage.remove_dataset(DATASET)
    retaining.remove_dataset(DATASET)
    fleet.remove_dataset(DATASET)
    gone = places.remove_dataset(DATASET)
    retaining.leave_sites(gone)
    storage.leave_sites(gone)
    customers.remove_dataset(DATASET)
    accounts.remove_dataset(DATASET)
    mark.drop(MARK)
    (env.data_dir / ACCOUNTS_FILE).unlink(missing_ok=True)


def load(env: Env, *, now: datetime, waybills: int = WAYBILLS) -> None:
    """Load everything; a load that is cut short is begun anew by the next one."""
    started = time.monotonic()
    mark.put(MARK, now=now, ok=False)
    world = generate(seed=SEED, now=now, numbers=numbering.take_numbers(NUMBERS_MIN), waybills=waybills)
    gc.freeze()  # or each full collection of the load walks through the whole of this world again
    try:
        _load_world(env, world, now=now, started=started)
    finally:
        gc.unfreeze()


def _load_world(env: Env, world: World, *, now: datetime, started: float) -> None:
    _load_places(world)
    with ThreadPoolExecutor(max_workers=1) as beside:  # hashing passwords takes seconds and lets the interpreter go
        passwords = beside.submit(_load_staff, world)
        _load_customers(world)
        _load_shipments(world, now=now, show=_progress)
        points = demo_fleet.load(world, actor=ACTOR, dataset=DATASET, now=now)
        demo_sensors.load(actor=ACTOR, dataset=DATASET, now=now)
        path = env.data_dir / ACCOUNTS_FILE
        _write_accounts(path, world, passwords.result())
    mark.put(MARK, now=now, ok=True, shipments=len(world.shipments), events=len(world.reports))
    print(
        f"\r{len(world.shipments):,} shipments, {len(world.reports):,} events, {len(world.sites)} sites, {len(world.trucks)} trucks and "
        f"{len(world.vessels)} ships with {points:,} positions, and {len(world.staff)} staff of an invented carrier in {time.monotonic() - started:.1f} s.\n"
    )
    print(path.read_text(encoding="utf-8"))


def _load_places(world: World) -> None:
    places.load_places(
        ACTOR,
        sites=world.sites,
        aliases=world.aliases,
        lanes=[
            places.LaneDraft(
                origin=lane.origin,
                destination=lane.destination,
                mode=lane.mode,
                planned_min=lane.planned_min,
                distance_km=lane.distance_km,
            )
            for lane in world.lanes
        ],
        dataset=DATASET,
    )


def _load_customers(world: World) -> None:
    for each in world.customers:
        customer_id = customers.create_customer(
            ACTOR, code=each.code, name=each.name, kind=CustomerKind.COMPANY, dataset=DATASET
        )
        customers.add_contact(ACTOR, customer_id=customer_id, name=each.contact, phone=each.phone, address=each.address)


def _load_shipments(world: World, *, now: datetime, show: Callable[[float], None]) -> None:
    """Tell the month day by day: what was ordered, then what happened."""
    source = sourcing.ensure(DATASET, label="演示")
    batch_id = batches.start(ACTOR, kind="demo", source=source, name="huoji demo", dataset=DATASET)
    voyages = {(Target.VOYAGE.value, number): label for number, label in world.voyages.items()}
    units.label(voyages, owner=ACTOR.principal, dataset=DATASET)
    scans = demo_storage.without_some(world.handled)
    demo_storage.load_shelves(ACTOR, sorted({each.site for each in scans}), dataset=DATASET)
    scanned = [each.at for each in scans]
    ordered = [placed.at for placed in world.shipments]
    told = [each.at for each in world.reports]
    done_shipments = done_reports = done_scans = 0
    for end in _days(now):
        at = datetime.fromtimestamp(end, UTC)
        writing = Writing(actor=ACTOR, source=source, now=at, batch_id=batch_id, dataset=DATASET)
        upto = bisect_right(ordered, end)
        shipping.ship([placed.draft for placed in world.shipments[done_shipments:upto]], writing)
        done_shipments = upto
        upto = bisect_right(told, end)
        recording.record([each.report for each in world.reports[done_reports:upto]], writing)
        done_reports = upto
        upto = bisect_right(scanned, end)
        demo_storage.record(ACTOR, scans[done_scans:upto], now=at, dataset=DATASET)
        done_scans = upto
        show(done_reports / len(told))
    demo_storage.report_anomalies(ACTOR, scans, now=now, dataset=DATASET)
    batches.finish(batch_id, now=now, counts={"accepted": len(told)})
    renewing.renew_stale()
    renewing.watch_silence(now=now)


def _days(now: datetime) -> Iterator[int]:
    """Yield the ends of the days up to now."""
    last = int(now.timestamp())
    first = last - (DAYS + 1) * STEP_S
    yield from range(first, last, STEP_S)
    yield last


def _load_staff(world: World) -> list[str]:
    """Take on staff of every role, with departments and sites, and return their passwords; runs in a thread of its own."""
    try:
        departments = {
            name: accounts.create_department(ACTOR, code=f"demo-{index}", name=name, dataset=DATASET)
            for index, name in enumerate(dict.fromkeys(each.department for each in world.staff), 1)
        }
        site_ids = {place.code: place.id for place in place_queries.places().values()}
        passwords = [accounts.first_password() for _ in world.staff]
        for each, password in zip(world.staff, passwords, strict=True):
            accounts.create_staff(
                ACTOR,
                staff_number=each.number,
                name=each.name,
                password=password,
                department_id=departments[each.department],
                roles=[each.role],
                must_change_password=False,
                dataset=DATASET,
            )
            for code in each.sites:
                places.assign_staff(ACTOR, site_id=site_ids[code], staff_number=each.number)
    finally:
        connections.close_all()
    return passwords


def _write_accounts(path: Path, world: World, passwords: Sequence[str]) -> None:
    """Write who may sign in where only the owner of the data folder can read it."""
    lines = ["Demonstration staff of this installation (number, password, role, name):", ""]
    lines += [
        f"  {each.number}  {password}  {each.role:<16} {each.name}"
        for each, password in zip(world.staff, passwords, strict=True)
    ]
    lines += ["", "While they exist Huoji is served on this machine only. Remove them: huoji demo --remove", ""]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def _progress(share: float) -> None:
    if sys.stdout.isatty():
        print(f"\rLoading the demonstration: {share:4.0%}", end="", flush=True)

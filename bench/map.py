"""The dispatch map with thousands of objects: bytes and time of the whole scene and of what moved, and frames in a browser."""

import gzip
import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import rig

OBJECTS, MOVED, RUNS, STEPS = 5_000, 500, 20, 60
CHROMIUM = "/usr/bin/chromium"
WINDOW = (1440, 900)
PASSWORD = "river-lantern-41"
DATASET = "bench"


def run(*, objects: int = OBJECTS) -> dict[str, Any]:
    """Fill the fleet, ask as the map asks, then draw and drag in a real browser."""
    found = fill(objects)
    with rig.web() as address:
        return {"objects": objects} | ask(found) | draw(address, objects)


def fill(count: int) -> list[int]:
    """Bring in a fleet that stands and drives all over China; return its terminals."""
    from huoji.apps.accounts import actions as accounts
    from huoji.apps.fleet.actions import loading
    from huoji.apps.fleet.actions.conveyances import ConveyanceDraft
    from huoji.apps.fleet.actions.loading import FleetDraft
    from huoji.apps.fleet.actions.rows import Place
    from huoji.core.fleet import ConveyanceKind, TerminalKind
    from huoji.core.permission import system

    loading.remove_dataset(DATASET)
    accounts.remove_dataset(DATASET)
    dice, now = random.Random(7), datetime.now(UTC)
    drafts = [
        FleetDraft(
            name=str(index), conveyance=ConveyanceDraft(kind=ConveyanceKind.VEHICLE, plate=f"沪I{index:05d}"),
            terminal_kind=TerminalKind.JT808, terminal_number=f"2000000{index:05d}",
        )
        for index in range(count)
    ]  # fmt: skip
    loaded = loading.load_fleet(drafts, dataset=DATASET, now=now)
    loading.load_places(
        [
            Place(
                terminal_id=whose.terminal_id, conveyance_id=whose.conveyance_id, item=item(whose.terminal_id, dice, now),
                moving_since=0, stopped_since=0, site_id=None, memory=b"", dataset=DATASET,
            )
            for whose in loaded.values()
        ],
        now=now - timedelta(minutes=1),
    )  # fmt: skip
    accounts.create_staff(
        system("bench"), staff_number="BENCHMAP", name="bench", password=PASSWORD, roles=["dispatch"], must_change_password=False,
        dataset=DATASET,
    )  # fmt: skip
    return [whose.terminal_id for whose in loaded.values()]


def item(terminal_id: int, dice: random.Random, now: datetime) -> Any:
    """Return one point somewhere in China, as old as positions are."""
    from huoji.apps.fleet.actions.rows import PointIn
    from huoji.core.position import Point

    age_s = dice.choice((5, 20, 60, 240, 2_000, 90_000))
    point = Point(
        at=int(now.timestamp()) - age_s, lat_e6=dice.randint(22_000_000, 44_000_000), lon_e6=dice.randint(98_000_000, 122_000_000),
        speed_dkmh=dice.choice((0, 0, 640, 820)), course_deg=dice.randint(0, 359), status=2 | dice.choice((0, 256, 768)),
    )  # fmt: skip
    return PointIn(terminal_id=terminal_id, point=point, digest=dice.getrandbits(62), raw=b"")


def ask(terminals: list[int]) -> dict[str, Any]:
    """Measure what the server spends and sends, without HTTP around it."""
    from django.db import connection

    from huoji.apps.fleet.queries import scene
    from huoji.core.permission import system
    from huoji.kit.batch import encode

    actor = system("bench")

    def whole() -> bytes:
        return encode(scene.scene(actor, now=datetime.now(UTC), english=False).content())

    def moved() -> bytes:
        since = datetime.now(UTC) - timedelta(seconds=2)
        return encode(scene.scene(actor, now=datetime.now(UTC), english=False, since=since).content())

    whole_ms, body = timed(whole)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE last_position SET recorded_at = now() + interval '1 hour' WHERE terminal_id = ANY(%s)",
            [terminals[:MOVED]],
        )
    moved_ms, part = timed(moved)
    return {
        "scene_bytes": len(body), "scene_gzip_bytes": len(gzip.compress(body, 5)), "scene_ms": whole_ms,
        f"moved_{MOVED}_bytes": len(part), f"moved_{MOVED}_gzip_bytes": len(gzip.compress(part, 5)), f"moved_{MOVED}_ms": moved_ms,
    }  # fmt: skip


def timed(act: Callable[[], bytes]) -> tuple[float, bytes]:
    spans = []
    for _ in range(RUNS):
        started = time.perf_counter()
        body = act()
        spans.append((time.perf_counter() - started) * 1_000)
    return round(statistics.median(spans), 1), body


def draw(address: str, objects: int) -> dict[str, Any]:
    """Open the map, drag and zoom it, and tell what a frame cost."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
        page.goto(f"{address}/accounts/login/")
        page.fill("[name=login]", "BENCHMAP")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/app/**")
        started = time.perf_counter()
        page.goto(f"{address}/app/dispatch/", wait_until="domcontentloaded")
        while page.evaluate("window.huojiDispatch ? huojiDispatch.known.size : 0") < objects:
            time.sleep(0.02)
        shown_s = time.perf_counter() - started
        found: dict[str, Any] = {"shown_s": round(shown_s, 2)}
        for zoom in (4, 7):
            page.evaluate(f"huojiDispatch.map.setView([33, 112], {zoom}); huojiDispatch.scene.frames.length = 0")
            for _ in range(STEPS):
                page.evaluate(
                    "new Promise(done => { huojiDispatch.map.panBy([7, 3], {animate: false}); requestAnimationFrame(done); })"
                )
            costs = sorted(page.evaluate("huojiDispatch.scene.frames"))
            found[f"frame_ms_zoom_{zoom}"] = round(statistics.median(costs), 1)
            found[f"frame_p95_ms_zoom_{zoom}"] = round(costs[int(len(costs) * 0.95) - 1], 1)
        found["heap_mb"] = round(page.evaluate("performance.memory ? performance.memory.usedJSHeapSize : 0") / 2**20, 1)
        browser.close()
    return found


if __name__ == "__main__":
    with rig.database():
        print(json.dumps(run(), indent=1))

"""Run the benches: `python -m bench [--events N …] [idle] [eta] [query] [ingest] [vessel] [growth] [jt808] [lasting] [ais] [readings] [tracks] [map] [forecast]`; figures go to standard output as Markdown."""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import ais, eta, forecast, idle, ingest, jt808, lasting, query, readings, rig, tracks, vessel
from bench import map as scene
from bench.limits import cpu

# `lasting` takes half an hour and is done when it is asked for.
BENCHES = (
    "idle",
    "eta",
    "ingest",
    "query",
    "vessel",
    "growth",
    "jt808",
    "ais",
    "readings",
    "tracks",
    "map",
    "forecast",
)
OF_SHIPMENTS = {"ingest", "query", "vessel"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("benches", nargs="*", default=list(BENCHES))
    parser.add_argument("--events", type=int, default=1_000_000, help="events stored before ingest and query")
    parser.add_argument("--positions", type=int, default=20_000_000, help="positions stored before tracks")
    parser.add_argument("--growth", type=int, nargs="*", default=[10_000, 1_000_000, 5_000_000])
    parser.add_argument(
        "--deliveries", type=Path, nargs="*", default=eta.FILES, help="files of deliveries that eta is measured on"
    )
    parser.add_argument("--seed", type=int, default=eta.HELD_OUT_SEED, help="of the network that eta is measured on")
    parser.add_argument("--minutes", type=float, default=25, help="that lasting takes")
    given = parser.parse_args()
    print(
        f"\n{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, {platform.machine()}, CPython {platform.python_version()}"
    )
    print(f"fixed CPU loop {cpu.loop_ms():.0f} ms, load average {os.getloadavg()[0]:.1f}\n")
    if "idle" in given.benches:
        show("huoji up at rest", idle.run())
    if "eta" in given.benches:
        eta.run(files=given.deliveries, seed=given.seed)
    if not set(given.benches) - {"idle", "eta"}:
        return
    with rig.database():
        raw_key = rig.key()
        of_fleet(given)
        if "growth" in given.benches:
            for size in sorted(given.growth):
                last = {"vessel"} & set(given.benches) if size == max(given.growth) else set()
                measure(size, raw_key, title=f"{size:,} events", do={"ingest", "query"} | last)
        elif OF_SHIPMENTS & set(given.benches):
            measure(given.events, raw_key, title=f"{given.events:,} events", do=set(given.benches))


def of_fleet(given: argparse.Namespace) -> None:
    """Run the benches of what moves."""
    if "jt808" in given.benches:
        for title, figures in jt808.report():
            show(title, figures)
    if "lasting" in given.benches:
        for figures in lasting.run(given.minutes):
            show("a gateway that terminals leave and join", figures)
    if "ais" in given.benches:
        show("AIS lines by TCP", ais.run())
    if "readings" in given.benches:
        with rig.web() as address:
            show("sensor readings over HTTP", readings.run(address))
    if "map" in given.benches:
        show("the dispatch map", scene.run())
    if "forecast" in given.benches:
        for title, figures in forecast.run().items():
            show(f"estimates of arrival: {title}", figures)
    if "tracks" in given.benches:
        show("one day of one vehicle", tracks.run(given.positions))


def measure(size: int, raw_key: str, *, title: str, do: set[str]) -> None:
    """Grow to a size and run the chosen benches there."""
    from huoji.apps.shipments.models import Source, Unit

    rig.grow(size)
    rig.settle()
    source_id = Source.objects.get(name="bench").pk
    rows = Unit.objects.filter(kind="waybill", number__startswith="BX").order_by("-id").values_list("id", "number")
    ids, numbers = zip(*rows[:110_000], strict=True)
    print(f"\n### {title}, fixed CPU loop {cpu.loop_ms():.0f} ms\n")
    if "ingest" in do:
        with rig.web() as address:
            at = 0
            for count, each in ingest.SHAPES:
                needed = min(count, len(ids) // 8) * (ingest.RUNS + 1)
                pairs = list(ingest.measure(address, raw_key, list(ids[at : at + needed]), each, source_id))
                at += needed // 2
                show(f"ingest, {each} each for {needed // (ingest.RUNS + 1):,} waybills (events/s)", {
                    "Huoji": spread([ours for ours, _ in pairs]), "COPY": spread([theirs for _, theirs in pairs]),
                    "ratio": spread([ours / theirs for ours, theirs in pairs], digits=3),
                })  # fmt: skip
    if "query" in do:
        asked, fed = list(numbers[: len(numbers) // 2]), list(numbers[len(numbers) // 2 :])
        with rig.web() as address:
            results = query.run(address, raw_key, asked, fed)
        results["bare WSGI"] = query.bare(asked)
        results["pgbench"] = query.pgbench()
        for name, result in results.items():
            show(f"query: {name}", result)
        print(f"- API / bare WSGI: {results['API']['per_s'] / results['bare WSGI']['per_s']:.3f}")
    if "vessel" in do:
        with rig.web() as address:
            show(f"event on a vessel with {vessel.ABOARD:,} waybills", vessel.run(address, raw_key))


def spread(values: list[float], *, digits: int = 0) -> str:
    """Return median and range."""
    number: Callable[[float], str] = f"{{:,.{digits}f}}".format
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def show(title: str, figures: dict[str, Any]) -> None:
    said = ", ".join(
        f"{name} {value:,.2f}" if isinstance(value, float) else f"{name} {value}" for name, value in figures.items()
    )
    print(f"- {title}: {said}", flush=True)


if __name__ == "__main__":
    main()

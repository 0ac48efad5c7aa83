"""An event on a vessel with 20,000 waybills aboard: when are all their stories renewed, and is any read old meanwhile?"""

import time
from datetime import UTC, datetime
from typing import Any

from bench import rig

ABOARD = 20_000
CALL = 5_000


def load_vessel(address: str, raw_key: str, voyage: str, prefix: str) -> list[str]:
    """Create the waybills and put them aboard."""
    numbers = [f"{prefix}{n:05d}" for n in range(ABOARD)]
    holder = {"kind": "voyage", "number": voyage}
    for start in range(0, ABOARD, CALL):
        part = numbers[start : start + CALL]
        rig.post(address, "/api/v1/shipments", [{"line": "ocean", "number": n} for n in part], raw_key)
        rig.post(
            address, "/api/v1/events",
            [{"number": n, "occurred_at": "2026-11-01T00:00:00Z", "milestone": "loaded", "holder": holder} for n in part],
            raw_key,
        )  # fmt: skip
    return numbers


def run(address: str, raw_key: str) -> dict[str, Any]:
    """Send one event to the vessel, read at once, and renew as the worker does; return seconds."""
    import json
    import urllib.request

    from huoji.apps.shipments.actions import renewing

    tag = f"{time.time_ns() % 10**9:09d}"
    voyage = f"IMO9074729/{tag}"
    numbers = load_vessel(address, raw_key, voyage, f"VX{tag}")
    renewing.renew_stale()
    event = {
        "unit": {"kind": "voyage", "number": voyage}, "milestone": "departed", "place": "CNSHA",
        "occurred_at": datetime(2026, 11, 2, tzinfo=UTC).isoformat(),
    }  # fmt: skip
    started = time.perf_counter()
    rig.post(address, "/api/v1/events", [event], raw_key)
    told = time.perf_counter() - started
    with urllib.request.urlopen(f"{address}/api/v1/track?numbers={numbers[-1]}") as answer:
        first = json.load(answer)["results"][0]["events"][0]["milestone"]
    assert first == "departed", "a read was stale"
    renewed = renewing.renew_stale()
    return {"acknowledged_s": told, "all_renewed_s": time.perf_counter() - started, "renewed": renewed}

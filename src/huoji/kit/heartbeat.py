"""Every process says every few seconds that it lives, and what it counted; the health page and /metrics add it up."""

import os
import secrets
import socket
from collections import defaultdict
from threading import Lock
from typing import Any

from psycopg.types.json import Jsonb

BEAT_S = 5.0
BEAT_SQL = """
INSERT INTO kit_heartbeat (instance, kind, counters, gauges) VALUES (%(instance)s, %(kind)s, %(counters)s, %(gauges)s)
ON CONFLICT (instance) DO UPDATE
SET beat_at = now(), stopped_at = NULL, counters = excluded.counters, gauges = excluded.gauges
"""
STOP_SQL = "UPDATE kit_heartbeat SET beat_at = now(), stopped_at = now() WHERE instance = %s"


class Beat:
    """The heart of this process: its name and its numbers."""

    def __init__(self) -> None:
        self.kind = ""
        self.instance = ""
        self._counters: defaultdict[str, float] = defaultdict(float)
        self._gauges: dict[str, float] = {}
        self._lock = Lock()

    def start(self, kind: str) -> None:
        """Name this process; a forked or respawned one gets a name of its own."""
        self.kind = kind
        self.instance = f"{kind}-{socket.gethostname()[:24]}-{os.getpid()}-{secrets.token_hex(4)}"

    def add(self, name: str, amount: float) -> None:
        with self._lock:
            self._counters[name] += amount

    def set(self, name: str, value: float) -> None:
        with self._lock:
            self._gauges[name] = value

    def parameters(self) -> dict[str, Any]:
        with self._lock:
            counters, gauges = dict(self._counters), dict(self._gauges)
        return {
            "instance": self.instance,
            "kind": self.kind,
            "counters": Jsonb(counters),
            "gauges": Jsonb(gauges),
        }


BEAT = Beat()


def count(name: str, amount: float = 1) -> None:
    """Add to a counter of this process; the name is Prometheus's, labels included (`x_total{status="2xx"}`)."""
    BEAT.add(name, amount)


def gauge(name: str, value: float) -> None:
    """Set a gauge of this process."""
    BEAT.set(name, value)

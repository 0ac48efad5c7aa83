"""What sensors tell: readings, each with the number of its device."""

from collections.abc import Sequence
from datetime import UTC, datetime

from huoji.apps.fleet.actions import readings
from huoji.core.permission import system
from huoji.core.reading import Reading
from huoji.gateways.kinds import Kind
from huoji.kit import ingest


def _store(told: Sequence[tuple[str, Reading]], source: str) -> None:
    now, actor = datetime.now(UTC), system(source)
    terminals = readings.enrol(actor, {device for device, _ in told})
    known = [(terminals[device], reading) for device, reading in told if device in terminals]
    if len(known) < len(told):
        ingest.observe(source, now=now, rejected=len(told) - len(known))
    for start in range(0, len(known), readings.BATCH_MAX):
        readings.store(actor, known[start : start + readings.BATCH_MAX], source=source, now=now)


READINGS: Kind[tuple[str, Reading]] = Kind("readings", tuple[str, Reading], lambda it: it[0].encode(), _store)

"""What gateways receive, by kind: whose it is, and the action that stores it. Gateways and the writer of the stream look here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.conf import settings

from huoji.apps.fleet.actions import ais, hearing, readings, storing
from huoji.apps.fleet.actions.ais import Heard
from huoji.apps.fleet.actions.hearing import Said
from huoji.apps.fleet.actions.rows import PointIn
from huoji.apps.fleet.actions.vessels import Introduction
from huoji.core.permission import system
from huoji.core.reading import Reading
from huoji.kit import heartbeat, ingest

TERMINAL_BYTES = 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T]):
    """A kind of things received.

    `item` is their type. `key` tells whose a thing is: things of one key are stored in the order in which they came. `store`
    stores some of them under the name of their door and returns when they are committed; the same again changes nothing.
    """

    name: str
    item: Any
    key: Callable[[T], bytes]
    store: Callable[[Sequence[T], str], None]


def _store_points(points: Sequence[PointIn], source: str) -> None:
    storing.store(points, source=source, now=datetime.now(UTC))


def _store_said(said: Sequence[Said], source: str) -> None:
    del source
    for each in said:
        hearing.keep(each)


def _store_vessels(told: Sequence[Heard | Introduction], source: str) -> None:
    keep_all = settings.HUOJI.ais_keep == "all"
    taken = ais.take(told, source=source, keep_all=keep_all, history=False, now=datetime.now(UTC))
    heartbeat.count("huoji_ais_stored_total", taken.stored.accepted)
    heartbeat.count("huoji_ais_duplicates_total", taken.stored.duplicates)
    heartbeat.count("huoji_ais_filtered_total", taken.stored.rejected)
    heartbeat.count("huoji_ais_foreign_total", taken.foreign)


def _store_readings(told: Sequence[tuple[str, Reading]], source: str) -> None:
    now, actor = datetime.now(UTC), system(source)
    terminals = readings.enrol(actor, {device for device, _ in told})
    known = [(terminals[device], reading) for device, reading in told if device in terminals]
    if len(known) < len(told):
        ingest.observe(source, now=now, rejected=len(told) - len(known))
    for start in range(0, len(known), readings.BATCH_MAX):
        readings.store(actor, known[start : start + readings.BATCH_MAX], source=source, now=now)


POINTS: Kind[PointIn] = Kind("points", PointIn, lambda it: it.terminal_id.to_bytes(TERMINAL_BYTES), _store_points)
SAID: Kind[Said] = Kind("said", Said, lambda it: it.terminal_id.to_bytes(TERMINAL_BYTES), _store_said)
VESSELS: Kind[Heard | Introduction] = Kind("vessels", Heard | Introduction, lambda it: it.mmsi.encode(), _store_vessels)
READINGS: Kind[tuple[str, Reading]] = Kind("readings", tuple[str, Reading], lambda it: it[0].encode(), _store_readings)
BY_NAME: dict[str, Kind[Any]] = {each.name: each for each in (POINTS, SAID, VESSELS, READINGS)}

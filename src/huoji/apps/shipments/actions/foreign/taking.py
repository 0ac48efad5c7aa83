"""Take documents of DCSA and traces of 快递100: each event or list by itself, so that a bad one spoils no other."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from huoji.apps.shipments.actions import parking, recording, sourcing, units
from huoji.apps.shipments.actions.foreign import dcsa, kuaidi100, telling
from huoji.apps.shipments.actions.foreign.telling import Telling, Told
from huoji.apps.shipments.actions.recording import Writing
from huoji.core.numbers import normalise
from huoji.core.permission import Actor
from huoji.core.report import Report, Target
from huoji.kit import ingest
from huoji.wire import FormatError
from huoji.wire import dcsa as dcsa_wire
from huoji.wire import kuaidi100 as kuaidi100_wire

REPORTS_MAX = 20_000  # units that the events of one call may speak of
Name = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a call: one answer an event, and what could not be read."""

    told: tuple[Told, ...]
    errors: tuple[dict[str, str], ...]


def take_dcsa(actor: Actor, body: bytes, *, now: datetime) -> Taken:
    """Record Track & Trace events; a faulty one is told with its path, and the whole refused only when nothing is sound."""
    source = sourcing.source_at(actor, door="dcsa")
    try:
        document, faults = dcsa_wire.decode_partly(body)
    except FormatError as error:
        raise telling.refusal(telling.errors_of(error.faults), source=source.name, now=now) from error
    errors = telling.errors_of(faults)
    if errors and not document.items:
        raise telling.refusal(errors, source=source.name, now=now)
    if errors:
        ingest.observe(source.name, now=now, rejected=len(errors))
    at = int(now.timestamp())
    tellings = [dcsa.tell(event, source=source.name) for event in document.events]
    keys = [dcsa.key_of(event.id, event.originator, source=source.name) for event in document.events]
    gone = _mention(source.id, keys, tellings)
    for index, (key, each) in enumerate(zip(keys, tellings, strict=True)):
        if key in gone:  # taken back before it was told
            tellings[index] = _with(each, _corrections(key, _names(each), source=source.name, at=at))
    for retraction in document.retractions:
        key = dcsa.key_of(retraction.event_id, retraction.originator, source=source.name)
        names = _retract(source.id, key)
        tellings.append(Telling(path=retraction.path, reports=_corrections(key, names, source=source.name, at=at)))
    telling.check_size(tellings, limit=REPORTS_MAX)
    labels = {name: label for event in document.events for name, label in dcsa.labels(event).items()}
    return _record(tellings, errors, Writing(actor=actor, source=source, now=now, labels=labels))


def take_kuaidi100(actor: Actor, body: bytes, *, is_form: bool, now: datetime) -> Taken:
    """Record a trace: what it no longer lists is taken back, what it lists again is brought back."""
    source = sourcing.source_at(actor, door="kuaidi100")
    try:
        trace = kuaidi100_wire.decode_push(body, salt="") if is_form else kuaidi100_wire.decode(body)
    except FormatError as error:
        raise telling.refusal(telling.errors_of(error.faults), source=source.name, now=now) from error
    number = normalise(trace.number)
    names: Collection[Name] = ((Target.WAYBILL.value, number), (Target.CARRIER.value, number))
    known = units.resolve(names, actor=actor)
    told = kuaidi100.tell(trace, known or names, source=source.name, assumed_offset_min=source.assumed_offset_min)
    if not known:
        parking.replace_list(names, source_id=source.id, listed=[each.key for each in told.reports])
    return _record([told], [], Writing(actor=actor, source=source, now=now, revives=True, lists_all=True))


def _record(tellings: Sequence[Telling], errors: Sequence[dict[str, str]], writing: Writing) -> Taken:
    reports = tuple(each for one in tellings for each in one.reports)
    outcomes = recording.record(reports, writing)
    return Taken(told=tuple(telling.gather(tellings, outcomes)), errors=tuple(errors))


def _names(told: Telling) -> list[Name]:
    return [(each.target, each.number) for each in told.reports]


def _with(told: Telling, more: Sequence[Report]) -> Telling:
    return Telling(path=told.path, reports=(*told.reports, *more))


def _corrections(key: int, names: Collection[Name], *, source: str, at: int) -> tuple[Report, ...]:
    return tuple(dcsa.correction(key, name, source=source, at=at) for name in names)


def _mention(source_id: int, keys: Sequence[int], tellings: Sequence[Telling]) -> set[int]:
    """Note of which names the events speak; return the events that were taken back already."""
    rows = sorted({(key, *name) for key, told in zip(keys, tellings, strict=True) for name in _names(told)})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO mention (source_id, key, kind, value)
            SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING
            """,
            [source_id, *([row[column] for row in rows] for column in range(3))],
        )
        cursor.execute(
            "SELECT key FROM mention WHERE source_id = %s AND key = ANY(%s) AND kind = ''", [source_id, list(keys)]
        )
        return {row[0] for row in cursor.fetchall()}


def _retract(source_id: int, key: int) -> list[Name]:
    """Note that an event was taken back; return the names of which it spoke."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mention (source_id, key, kind, value) VALUES (%s, %s, '', '') ON CONFLICT DO NOTHING",
            [source_id, key],
        )
        cursor.execute(
            "SELECT kind, value FROM mention WHERE source_id = %s AND key = %s AND kind <> ''", [source_id, key]
        )
        return list(cursor.fetchall())

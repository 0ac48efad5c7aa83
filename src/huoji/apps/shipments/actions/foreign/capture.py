"""Capture an EPCIS document: whole or not at all by default, event by event on request; each capture is a job one can ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from huoji.apps.shipments.actions import batches, recording, sourcing, units
from huoji.apps.shipments.actions.foreign import epcis, sensed, telling
from huoji.apps.shipments.actions.foreign.telling import Telling, Told
from huoji.apps.shipments.actions.recording import Result, Writing
from huoji.apps.shipments.models import Batch
from huoji.apps.shipments.queries import tracing
from huoji.core.numbers import normalise
from huoji.core.permission import Actor
from huoji.core.report import NUMBER_MAX, Target
from huoji.kit import ingest
from huoji.kit.problem import Problem
from huoji.wire import FormatError
from huoji.wire import epcis as wire

REPORTS_MAX = 20_000  # units that the events of one document may speak of
ERRORS_MAX = 500  # kept of one capture
REFERENCE_KINDS = (Target.CARRIER, Target.CUSTOMER, Target.ORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What became of a document."""

    job_id: int
    told: tuple[Told, ...]
    errors: tuple[dict[str, str], ...]


def capture(actor: Actor, body: bytes, *, proceed: bool, now: datetime) -> Captured:
    """Record a document; with `proceed` the sound events are kept and the others told as errors of the job."""
    source = sourcing.source_at(actor, door="epcis")
    try:
        document, faults = wire.decode_partly(body)
    except FormatError as error:
        raise telling.refusal(telling.errors_of(error.faults), source=source.name, now=now) from error
    unkept = [fault for event in document.events if (fault := epcis.fault_of(event))]
    errors = telling.errors_of((*faults, *unkept))
    writing = Writing(actor=actor, source=source, now=now, is_live=True)
    if errors and not proceed:
        raise _refused(errors, writing)
    lost = {fault.path for fault in unkept}
    kept = [event for event in document.events if event.path not in lost]
    tellings = _tell(kept, writing)
    telling.check_size(tellings, limit=REPORTS_MAX)
    with transaction.atomic():
        captured = _record(tellings, errors, writing, proceed=proceed)
        if whole_fails := bool(captured.errors) and not proceed:
            transaction.set_rollback(True)
        else:
            sensed.put(kept, tellings, source=source.name, now=now)
    if whole_fails:
        raise _refused(captured.errors, writing)
    if errors:
        ingest.observe(source.name, now=now, rejected=len(errors))
    return captured


def _record(
    tellings: Sequence[Telling], errors: Sequence[dict[str, str]], writing: Writing, *, proceed: bool
) -> Captured:
    """Record what the events mean and close the job with what became of each."""
    job_id = _start(writing, proceed=proceed)
    reports = tuple(each for one in tellings for each in one.reports)
    told = telling.gather(tellings, recording.record(reports, replace(writing, batch_id=job_id)))
    refused = [each for each in told if each.result is Result.REJECTED]
    every = (*errors, *({"path": each.path, "code": each.code, "detail": each.detail} for each in refused))
    _finish(job_id, told, every, proceed=proceed)
    return Captured(job_id=job_id, told=tuple(told), errors=every)


def _refused(errors: Sequence[dict[str, str]], writing: Writing) -> Problem:
    """Keep the failed capture as a job that can be asked for, and return the refusal."""
    job_id = _start(writing, proceed=False)
    _finish(job_id, (), errors, proceed=False)
    return telling.refusal(errors[:ERRORS_MAX], source=writing.source.name, now=writing.now, capture=str(job_id))


def _tell(events: Sequence[wire.Event], writing: Writing) -> list[Telling]:
    """Say what the events mean for each EPC, and for the waybills that carry one of them as a reference."""
    source = writing.source.name
    tellings = []
    for event in events:
        parent = epcis.emptied(event)
        held = tracing.held_in(writing.actor, epcis.name_of(parent), at=event.event_time) if parent else ()
        tellings.append(epcis.tell(event, source=source, held=held))
    waybills = _waybills({each.number for one in tellings for each in one.reports}, actor=writing.actor)
    return [epcis.with_waybills(each, waybills) for each in tellings] if waybills else tellings


def _waybills(epcs: set[str], *, actor: Actor) -> dict[str, units.Key]:
    """Find the waybills that carry these SSCCs as a reference of the carrier, the customer or the order."""
    wanted: dict[units.Key, str] = {}
    for epc in epcs:
        known = wire.identify(epc)
        if known.kind != "sscc":
            continue
        for value in (known.number, f"00{known.number}", normalise(epc)):
            wanted |= {(kind.value, value): epc for kind in REFERENCE_KINDS if len(value) <= NUMBER_MAX}
    return {wanted[key]: key for key in units.resolve(wanted.keys(), actor=actor)} if wanted else {}


def _start(writing: Writing, *, proceed: bool) -> int:
    behaviour = "proceed" if proceed else "rollback"
    return batches.start(writing.actor, kind="epcis", source=writing.source, mapping={"behaviour": behaviour})


def _finish(job_id: int, told: Sequence[Told], errors: Sequence[dict[str, str]], *, proceed: bool) -> None:
    counts = {result.value: sum(each.result is result for each in told) for result in Result}
    failed = bool(errors) and not (proceed and told)
    mapping: dict[str, Any] = {
        "behaviour": "proceed" if proceed else "rollback",
        "errors": list(errors[:ERRORS_MAX]),
        "errors_total": len(errors),
    }
    Batch.objects.filter(pk=job_id).update(mapping=mapping)
    batches.finish(job_id, now=datetime.now(UTC), counts=counts, error=_headline(errors) if failed else "")


def _headline(errors: Sequence[dict[str, str]]) -> str:
    return f"{errors[0]['path']}: {errors[0]['detail']}" if errors else ""

"""What the fleet tells becomes the cargo's story: arrivals and departures events of the trip, the rest exceptions that open and clear."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from huoji.apps.fleet.actions import forecasting, runs
from huoji.apps.fleet.queries import plans
from huoji.apps.places import queries as places
from huoji.apps.shipments.actions import exceptions, recording, sourcing
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.actions.recording import Writing
from huoji.apps.shipments.models import Unit
from huoji.apps.shipments.queries.facts import own_facts
from huoji.core import report
from huoji.core.exception import ExceptionKind
from huoji.core.fleet import ConveyanceKind
from huoji.core.milestone import Milestone
from huoji.core.milestones import meaning
from huoji.core.permission import system
from huoji.core.report import Name, Told
from huoji.core.timeline import ACTUAL, MILESTONES, live, ordered

SOURCES = {ConveyanceKind.VEHICLE: "gps", ConveyanceKind.VESSEL: "ais"}
MODES = {ConveyanceKind.VEHICLE: "road", ConveyanceKind.VESSEL: "sea"}

VISITS = frozenset({Milestone.ARRIVED, Milestone.DEPARTED})

Data = Mapping[str, Any]


def visit(data: Data, *, has_arrived: bool, now: datetime) -> bool:
    """Note that a run arrived at, or left, a site, and tell it of the trip; tell whether that was news.

    The event's identity is its content (run, site, time), so that the same message again changes nothing. A site that is
    no stop of a run with planned stops is passed by without a word.
    """
    run_id, site_id, at = int(data.get("run") or 0), int(data["site"]), _moment(data["at"])
    run = plans.runs_of([run_id]).get(run_id)
    site = places.places().get(site_id)
    if run is None or site is None:
        return False
    visited = runs.note_visit(run_id, site_id=site_id, at=at, has_arrived=has_arrived)
    if visited is not None:
        learn = forecasting.learn_arrival if has_arrived else forecasting.learn_departure
        learn(run_id, seq=visited.seq)
    if visited is None and run.stops:
        return False
    unit = Unit.objects.filter(pk=run_id, voided_at=None).first()
    if unit is None:
        return False
    source = sourcing.ensure(SOURCES[run.conveyance.kind])
    milestone = Milestone.ARRIVED if has_arrived else Milestone.DEPARTED
    told = Told(
        unit=Name(unit.kind, unit.number), occurred_at=at.isoformat(), milestone=milestone.value, place=site.code,
        mode=MODES[run.conveyance.kind], id=f"{run_id}/{site_id}/{milestone.value}/{data['at']}",
    )  # fmt: skip
    checked = report.check(told, source=source.name, assumed_offset_min=source.assumed_offset_min, meaning=meaning)
    writing = Writing(actor=system(source.name), source=source, now=now, dataset=unit.dataset)
    recording.record_on_units({unit.pk: [(0, checked)]}, writing)
    return True


def scanned(unit_ids: Sequence[int]) -> None:
    """Note at the stops of runs what people scanned of their trips: where no terminal reports, a scan is what is known."""
    found = {unit_id: run for unit_id, run in plans.runs_of(plans.not_over_of(unit_ids)).items() if run.stops}
    for unit_id, facts in own_facts(found.keys()).items():
        stops = found[unit_id].stops
        sites = {stop.site_id for stop in stops}
        known = {(stop.site_id, at) for stop in stops for at in (stop.arrived_at, stop.departed_at)}
        for fact in ordered(live(facts)):
            milestone = MILESTONES[fact.milestone]
            if fact.classifier != ACTUAL or not isinstance(fact.place, int) or milestone not in VISITS:
                continue
            if fact.place not in sites or (fact.place, _moment(fact.at)) in known:
                continue  # no stop of it, or noted before: most changes of a trip's story are neither
            has_arrived = milestone is Milestone.ARRIVED
            visited = runs.note_visit(unit_id, site_id=fact.place, at=_moment(fact.at), has_arrived=has_arrived)
            if visited is not None:
                learn = forecasting.learn_arrival if has_arrived else forecasting.learn_departure
                learn(unit_id, seq=visited.seq)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _run_of(data: Data) -> int | None:
    """Return the run that a message is about: as told, or the one its conveyance is on."""
    if data.get("run"):
        return int(data["run"])
    under_way = plans.under_way_of(data["conveyance"]) if data.get("conveyance") else None
    return under_way.unit_id if under_way else None


def off_route(data: Data, *, now: datetime) -> None:
    """Open `off_route` for the run."""
    if run_id := _run_of(data):
        facts = {"distance_m": data.get("off_m", 0)}
        _open(ExceptionKind.OFF_ROUTE, data, run_id=run_id, facts=facts, now=now)


def on_route(data: Data, *, now: datetime) -> None:
    """Clear it: the run is back on its path."""
    if run_id := _run_of(data):
        exceptions.clear_of(
            system("fleet"), ExceptionKind.OFF_ROUTE, at=_moment(data["at"]), now=now, unit_ids=[run_id]
        )  # fmt: skip


def silent(terminal_ids: Sequence[int], *, now: datetime) -> None:
    """Open `offline`: of the run, so that its cargo shows it, or of the conveyance alone."""
    for each in plans.silences(terminal_ids):
        if each.heard_at is None:
            data = {"conveyance": each.conveyance_id, "at": int(each.since.timestamp())}
            _open(ExceptionKind.OFFLINE, data, run_id=each.run_id, facts={}, now=now)


def heard(terminal_ids: Sequence[int], *, now: datetime) -> None:
    """Clear it."""
    for each in plans.silences(terminal_ids):
        if each.heard_at is not None:
            at = max(each.heard_at, each.since)
            exceptions.clear_by_conveyance(
                system("fleet"), ExceptionKind.OFFLINE, conveyance_id=each.conveyance_id, at=at, now=now
            )  # fmt: skip


def emergency(data: Data, *, now: datetime) -> None:
    """Open `emergency`, with the place when it is known; a person clears it."""
    facts: dict[str, Any] = {"alarm": str(data["kind"])[:40]} if data.get("kind") else {}
    if data.get("lat") is not None and data.get("lon") is not None:
        facts |= {"lat": data["lat"] / 1_000_000, "lon": data["lon"] / 1_000_000}
    _open(ExceptionKind.EMERGENCY, data, run_id=_run_of(data), facts=facts, now=now)


def _open(kind: ExceptionKind, data: Data, *, run_id: int | None, facts: Data, now: datetime) -> None:
    conveyance_id = data.get("conveyance")
    dataset = plans.dataset_of(conveyance_id) if conveyance_id else None
    is_ours = run_id is not None and Unit.objects.filter(pk=run_id, voided_at=None).exists()
    if not is_ours and dataset is None:
        return  # of nothing that is known, or that was taken away meanwhile
    opening = Opening(
        kind=kind, at=_moment(data["at"]), source="gps", unit_id=run_id if is_ours else None,
        conveyance_id=conveyance_id, facts=facts, dataset=dataset or "",
    )  # fmt: skip
    exceptions.open_exception(system("fleet"), opening, now=now)


def run_ended(unit_ids: tuple[int, ...], *, now: datetime) -> None:
    """Clear what only a run under way can be: off its route, or silent."""
    for kind in (ExceptionKind.OFF_ROUTE, ExceptionKind.OFFLINE):
        exceptions.clear_of(system("fleet"), kind, at=now, now=now, unit_ids=unit_ids, source="gps")

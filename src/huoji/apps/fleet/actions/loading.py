"""Bring in a whole fleet at once, with its runs and its past, and take a dataset's away again without trace."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db import transaction

from huoji.apps.fleet.actions import alarming, partitions, rows
from huoji.apps.fleet.actions.alarming import Raise
from huoji.apps.fleet.actions.conveyances import ConveyanceDraft
from huoji.apps.fleet.actions.rows import Place, PointIn
from huoji.apps.fleet.actions.terminals import CODE_BYTES
from huoji.apps.fleet.models import (
    Alarm,
    Contact,
    Conveyance,
    FilteredPosition,
    Fitting,
    Position,
    Reading,
    Run,
    RunStop,
    Terminal,
)
from huoji.core import conveyance as rules
from huoji.core.fleet import RunState, TerminalKind
from huoji.core.position import DAY_S

POINTS_AT_ONCE = 20_000
FITTED_BEFORE = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetDraft:
    """A conveyance with the terminal that it carries; `name` is by what the loader knows it."""

    name: str
    conveyance: ConveyanceDraft
    terminal_kind: TerminalKind
    terminal_number: str
    maker: str = ""
    model: str = ""
    firmware: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What one draft became."""

    conveyance_id: int
    terminal_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLoad:
    """One stop of a run with all that is known of it."""

    site_id: int
    planned_arrives_at: datetime | None
    planned_departs_at: datetime | None
    arrived_at: datetime | None
    departed_at: datetime | None
    eta_at: datetime | None
    eta_spread: timedelta
    risk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLoad:
    """A run with its stops."""

    unit_id: int
    number: str
    conveyance_id: int
    state: RunState
    starts_at: datetime
    ends_at: datetime | None
    path: tuple[tuple[int, int], ...]
    corridor_m: int
    stops: tuple[StopLoad, ...]


@transaction.atomic
def load_fleet(drafts: Sequence[FleetDraft], *, dataset: str, now: datetime) -> Mapping[str, Loaded]:
    """Add conveyances with a terminal each; return their ids by name."""
    conveyances = Conveyance.objects.bulk_create(
        Conveyance(
            kind=draft.conveyance.kind.value,
            plate=rules.plate(draft.conveyance.plate),
            plate_colour=draft.conveyance.plate_colour,
            name=draft.conveyance.name,
            name_en=draft.conveyance.name_en,
            imo=draft.conveyance.imo,
            mmsi=draft.conveyance.mmsi,
            call_sign=draft.conveyance.call_sign,
            dataset=dataset,
        )
        for draft in drafts
    )
    terminals = Terminal.objects.bulk_create(
        Terminal(
            kind=draft.terminal_kind.value,
            number=draft.terminal_number,
            conveyance=carrier,
            auth_code=secrets.token_urlsafe(CODE_BYTES) if draft.terminal_kind is TerminalKind.JT808 else "",
            maker=draft.maker,
            model=draft.model,
            firmware=draft.firmware,
            version=draft.version,
            driven=True,
            dataset=dataset,
        )
        for draft, carrier in zip(drafts, conveyances, strict=True)
    )
    Fitting.objects.bulk_create(
        Fitting(terminal=terminal, conveyance=carrier, since=now - FITTED_BEFORE, dataset=dataset)
        for terminal, carrier in zip(terminals, conveyances, strict=True)
    )
    return {
        draft.name: Loaded(conveyance_id=carrier.pk, terminal_id=terminal.pk)
        for draft, carrier, terminal in zip(drafts, conveyances, terminals, strict=True)
    }


def load_tracks(points: Iterable[PointIn], *, now: datetime) -> int:
    """Append points of the past, of which no fence, route or alarm is told; return how many."""
    source, count = iter(points), 0
    while chunk := list(islice(source, POINTS_AT_ONCE)):
        partitions.ensure_days(
            {datetime.fromtimestamp(day * DAY_S, UTC).date() for day in {item.point.at // DAY_S for item in chunk}}
        )
        with transaction.atomic():
            rows.copy_points(chunk, recorded_us=int(now.timestamp() * 1_000_000))
        count += len(chunk)
    return count


@transaction.atomic
def load_places(places: Sequence[Place], *, now: datetime) -> None:
    """Say where each terminal was last, and that it was heard of then."""
    rows.put_places(places, recorded_us=int(now.timestamp() * 1_000_000), are_new=True)
    Contact.objects.bulk_create(
        Contact(
            terminal_id=place.terminal_id,
            last_at=datetime.fromtimestamp(place.item.point.at, UTC),
            counts={"stored": 1},
        )
        for place in places
    )


@transaction.atomic
def load_runs(runs: Sequence[RunLoad], *, dataset: str, now: datetime) -> None:
    """Add runs with their stops as they stand."""
    Run.objects.bulk_create(
        Run(
            unit_id=run.unit_id,
            number=run.number,
            conveyance_id=run.conveyance_id,
            state=run.state.value,
            starts_at=run.starts_at,
            ends_at=run.ends_at,
            path=[list(point) for point in run.path],
            corridor_m=run.corridor_m,
            dataset=dataset,
        )
        for run in runs
    )
    RunStop.objects.bulk_create(
        RunStop(
            run_id=run.unit_id,
            seq=seq,
            site_id=stop.site_id,
            planned_arrives_at=stop.planned_arrives_at,
            planned_departs_at=stop.planned_departs_at,
            arrived_at=stop.arrived_at,
            departed_at=stop.departed_at,
            eta_at=stop.eta_at,
            eta_early_at=stop.eta_at - stop.eta_spread if stop.eta_at else None,
            eta_late_at=stop.eta_at + stop.eta_spread * 2 if stop.eta_at else None,
            eta_made_at=now if stop.eta_at else None,
            risk=stop.risk,
            dataset=dataset,
        )
        for run in runs
        for seq, stop in enumerate(run.stops, 1)
    )


@transaction.atomic
def load_alarms(raised: Sequence[Raise]) -> None:
    """Open alarms."""
    alarming.turn(raised, [])


@transaction.atomic
def remove_dataset(dataset: str) -> int:
    """Delete everything of a dataset's fleet, tracks and readings included; return how many rows."""
    assert dataset, "rows of the carrier himself are no dataset"
    terminals = list(Terminal.objects.filter(dataset=dataset).values_list("pk", flat=True))
    ours = Conveyance.objects.filter(dataset=dataset)
    gone = 0
    for model in (Position, FilteredPosition, Reading):
        gone += model.objects.filter(terminal_id__in=terminals).delete()[0]
    gone += Alarm.objects.filter(conveyance__in=ours).delete()[0]
    gone += Run.objects.filter(conveyance__in=ours).delete()[0]
    gone += Terminal.objects.filter(pk__in=terminals).delete()[0]
    return gone + ours.delete()[0]

"""The API of runs, for keys of staff: plan a trip or voyage of the fleet, let it begin and end, and read how it goes."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import AwareDatetime, ConfigDict, Field

from huoji.apps.fleet.queries import plans
from huoji.apps.fleet.queries.plans import RunRow, StopRow
from huoji.apps.shipments.actions import running
from huoji.apps.shipments.actions.running import RunTold, StopTold
from huoji.apps.shipments.queries import dossier
from huoji.core.fleet import ConveyanceKind, RunState
from huoji.core.numbers import normalise
from huoji.core.permission import Permission
from huoji.core.run import CORRIDOR_M_MAX, CORRIDOR_M_MIN, PATH_POINTS_MAX, STOPS_MAX
from huoji.kit import clock
from huoji.kit.http import Request, needs
from huoji.kit.paging import LIMIT_DEFAULT, Cursor, Limit
from huoji.kit.problem import Problem

router = Router(tags=["runs"])

Kind = Literal["trip", "voyage"]
Number = Annotated[str, Field(min_length=1, max_length=running.NUMBER_MAX, description="As loads name it")]
Degrees = Annotated[float, Field(ge=-180, le=180)]


class StopIn(Schema):
    """One planned stop: a site by code or name, and when."""

    model_config = ConfigDict(extra="forbid")

    place: str = Field(min_length=1, max_length=120)
    arrives_at: AwareDatetime | None = None
    departs_at: AwareDatetime | None = None


class RunIn(Schema):
    """A run; `conveyance` is a plate, IMO, MMSI or name that the fleet knows. `path` in WGS-84 degrees, [latitude, longitude]."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    number: Number
    conveyance: str = Field(min_length=1, max_length=80)
    starts_at: AwareDatetime
    stops: list[StopIn] = Field(default_factory=list, max_length=STOPS_MAX)
    path: list[tuple[Degrees, Degrees]] = Field(default_factory=list, max_length=PATH_POINTS_MAX)
    corridor_m: int | None = Field(None, ge=CORRIDOR_M_MIN, le=CORRIDOR_M_MAX)


class RunNamed(Schema):
    """Which run."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    number: Number


class StopOut(Schema):
    """One stop: planned, true, and expected between `eta_early_at` and `eta_late_at`.

    `passed`: it lies behind, also when nobody saw the run there; then its times are unknown.
    """

    place: str
    planned_arrives_at: datetime | None
    planned_departs_at: datetime | None
    arrived_at: datetime | None
    departed_at: datetime | None
    passed: bool
    eta_early_at: datetime | None
    eta_at: datetime | None
    eta_late_at: datetime | None
    eta_made_at: datetime | None
    confidence: float | None
    reason: dict[str, Any]
    risk: str


class RunOut(Schema):
    """A run as planned and as it goes."""

    number: str
    conveyance: str
    conveyance_kind: ConveyanceKind
    state: RunState
    starts_at: datetime
    ends_at: datetime | None
    corridor_m: int
    off_route_since: datetime | None
    stops: list[StopOut]


class RunsOut(Schema):
    """A page of runs; `next` is empty on the last."""

    items: list[RunOut]
    next: str


def told(row: RunRow) -> dict[str, Any]:
    said = {
        "conveyance": row.conveyance.label,
        "conveyance_kind": row.conveyance.kind,
        "stops": [_stop(stop) for stop in row.stops],
    }
    return {name: getattr(row, name) for name in RunOut.model_fields if name not in said} | said


def _stop(row: StopRow) -> dict[str, Any]:
    place = row.site.name_in(clock.language()) if row.site else ""
    return {name: getattr(row, name) for name in StopOut.model_fields if name != "place"} | {"place": place}


def of_unit(unit_id: int) -> dict[str, Any]:
    return told(plans.runs_of([unit_id])[unit_id])


@router.post("/runs", response={200: RunOut, 201: RunOut}, summary="Plan a run, or plan it anew while it is not over")
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_MANAGE)
def put_run(request: Request, body: RunIn) -> Status[dict[str, Any]]:
    """Plan; the same body again changes nothing. A vehicle under a trip that is on its way cannot be changed."""
    stops = tuple(StopTold(**stop.dict()) for stop in body.stops)
    unit_id, is_new = running.plan(
        request.actor,
        RunTold(
            kind=body.kind, number=body.number, conveyance=body.conveyance, starts_at=body.starts_at, stops=stops,
            path=tuple(body.path), corridor_m=body.corridor_m or 0,
        ),
    )  # fmt: skip
    return Status(HTTPStatus.CREATED if is_new else HTTPStatus.OK, of_unit(unit_id))


@router.post("/runs/start", response=RunOut, summary="Let a run begin; refused while its conveyance is on another")
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_MANAGE)
def start_run(request: Request, body: RunNamed) -> dict[str, Any]:
    return of_unit(running.start(request.actor, kind=body.kind, number=body.number, now=datetime.now(UTC)))


@router.post("/runs/end", response=RunOut, summary="End a run")
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_MANAGE)
def end_run(request: Request, body: RunNamed) -> dict[str, Any]:
    return of_unit(running.end(request.actor, kind=body.kind, number=body.number, now=datetime.now(UTC)))


@router.get("/runs", response=RunsOut, summary="Runs, the latest to start first")
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_VIEW)
def list_runs(
    request: Request, state: RunState | None = None, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Return one page of runs."""
    del request
    found = plans.run_page(state=state, cursor=cursor, limit=limit)
    return {"items": [told(row) for row in found.rows], "next": found.next}


@router.get("/runs/one", response=RunOut, summary="One run with its stops and what is expected of them")
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_VIEW)
def read_run(request: Request, kind: Kind, number: Number) -> dict[str, Any]:
    """Return the run of a trip or voyage."""
    unit = dossier.unit_of(request.actor, kind, normalise(number))
    if unit is None or unit.id not in plans.known_of([unit.id]):
        raise Problem("unknown_run", 404)
    return of_unit(unit.id)

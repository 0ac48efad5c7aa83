"""The API of vehicles and vessels: the list, where one is, and where it was, for a purpose."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path, Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field

from huoji.apps.fleet.actions import replaying
from huoji.apps.fleet.actions.replaying import Replay
from huoji.apps.fleet.queries import conveyances
from huoji.apps.fleet.queries.conveyances import ConveyanceLine, LastSeen
from huoji.core.fleet import ConveyanceKind
from huoji.core.freshness import Freshness
from huoji.core.geo import MICRO
from huoji.core.permission import Permission
from huoji.core.position import Point
from huoji.kit.batch import encode
from huoji.kit.http import Request, needs
from huoji.kit.paging import LIMIT_DEFAULT, Cursor, Limit

router = Router(tags=["fleet"])

TEXT_LENGTH_MAX, PURPOSE_LENGTH_MAX = 80, 200
Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="Of the conveyance")]


class PositionSeenOut(Schema):
    """Where something was last: WGS-84 degrees and km/h."""

    at: datetime
    recorded_at: datetime
    lat: float
    lon: float
    speed_kmh: float | None
    course: int | None
    freshness: Freshness


class ConveyanceOut(Schema):
    """A vehicle or a vessel with where it was last."""

    id: int
    kind: ConveyanceKind
    plate: str
    name: str
    name_en: str
    imo: str
    mmsi: str
    call_sign: str
    active: bool
    position: PositionSeenOut | None


class ConveyancesOut(Schema):
    """One page of conveyances."""

    items: list[ConveyanceOut]
    next: str


class PointOut(Schema):
    """One point of a track."""

    at: datetime
    lat: float
    lon: float
    speed_kmh: float
    course: int | None


class GapOut(Schema):
    """Between two pieces nothing was seen; the distance is the straight line."""

    model_config = ConfigDict(populate_by_name=True)

    from_: datetime = Field(alias="from")
    to: datetime
    distance_m: int


class StopOut(Schema):
    """It stood about one place."""

    model_config = ConfigDict(populate_by_name=True)

    from_: datetime = Field(alias="from")
    to: datetime
    lat: float
    lon: float


class TrackOut(Schema):
    """What was seen: pieces of points, and between each two of them a gap that nothing fills."""

    pieces: list[list[PointOut]]
    gaps: list[GapOut]
    stops: list[StopOut]
    distance_m: int
    moving_s: int
    stopped_s: int
    was_cut: bool


def told(line: ConveyanceLine) -> dict[str, Any]:
    """Return a conveyance as the API tells it."""
    names = ("id", "kind", "plate", "name", "name_en", "imo", "mmsi", "call_sign", "active")
    return {name: getattr(line, name) for name in names} | {"position": _seen(line.last)}


def _seen(last: LastSeen | None) -> dict[str, Any] | None:
    names = ("at", "recorded_at", "lat", "lon", "speed_kmh", "course", "freshness")
    return None if last is None else {name: getattr(last, name) for name in names}


@router.get("/conveyances", response=ConveyancesOut, summary="Vehicles and vessels, with where each was last")
@needs(Permission.FLEET_VIEW)
def list_conveyances(
    request: Request,
    text: Annotated[str, Query(max_length=TEXT_LENGTH_MAX, description="plate, name, IMO, MMSI or call sign")] = "",
    kind: ConveyanceKind | None = None,
    cursor: Cursor = "",
    limit: Limit = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Return one page of those in use."""
    page = conveyances.listed(
        request.actor, text=text, kind=kind, retired=False, cursor=cursor, limit=limit, now=datetime.now(UTC)
    )
    return {"items": [told(line) for line in page.rows], "next": page.next}


@router.get("/conveyances/{conveyance_id}", response=ConveyanceOut, summary="One vehicle or vessel")
@needs(Permission.FLEET_VIEW)
def one_conveyance(request: Request, conveyance_id: Id) -> dict[str, Any]:
    """Return it with where it was last."""
    return told(conveyances.line(request.actor, conveyance_id=conveyance_id, now=datetime.now(UTC)))


@router.get(
    "/conveyances/{conveyance_id}/position",
    response=PositionSeenOut | None,
    summary="Where it was last; null when nothing has come in yet",
)
@needs(Permission.FLEET_VIEW)
def last_position(request: Request, conveyance_id: Id) -> dict[str, Any] | None:
    """Return the newest position of whichever terminal it carries."""
    return _seen(conveyances.line(request.actor, conveyance_id=conveyance_id, now=datetime.now(UTC)).last)


@router.get(
    "/conveyances/{conveyance_id}/track",
    response=TrackOut,
    summary="Where it was between two moments, for a purpose that is written down",
)
@needs(Permission.FLEET_VIEW, Permission.TRACK_REPLAY)
def replay_track(
    request: Request,
    conveyance_id: Id,
    since: Annotated[AwareDatetime, Query(alias="from")],
    until: Annotated[AwareDatetime, Query(alias="to")],
    purpose: Annotated[str, Query(max_length=PURPOSE_LENGTH_MAX, description="why you look")] = "",
) -> HttpResponse:
    """Return pieces, gaps and stops, at most seven days; the look is in the audit. A gap is never filled in."""
    replay = replaying.replay(request.actor, conveyance_id=conveyance_id, since=since, until=until, purpose=purpose)
    return HttpResponse(encode(_told_track(replay)), content_type="application/json")


def _told_track(replay: Replay) -> dict[str, Any]:
    track = replay.track
    return {
        "pieces": [[_point(point) for point in piece] for piece in track.pieces],
        "gaps": [{"from": _time(gap.at), "to": _time(gap.until), "distance_m": gap.distance_m} for gap in track.gaps],
        "stops": [
            {"from": _time(stop.at), "to": _time(stop.until), "lat": stop.lat_e6 / MICRO, "lon": stop.lon_e6 / MICRO}
            for stop in track.stops
        ],
        "distance_m": track.distance_m,
        "moving_s": track.moving_s,
        "stopped_s": track.stopped_s,
        "was_cut": replay.was_cut,
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "at": _time(point.at),
        "lat": point.lat_e6 / MICRO,
        "lon": point.lon_e6 / MICRO,
        "speed_kmh": max(0, point.speed_dkmh) / 10,
        "course": point.course_deg if point.course_deg >= 0 else None,
    }


def _time(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)

"""The API of anomalies: report damaged, missing or lost goods with photos, list them, and say what was found out."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.http import FileResponse
from django.urls import reverse
from ninja import File, Form, Path, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import AwareDatetime, ConfigDict, Field

from huoji.apps.places import queries as places
from huoji.apps.warehouse.actions import anomalies as acts
from huoji.apps.warehouse.actions.anomalies import Found
from huoji.apps.warehouse.api.goods import code_of
from huoji.apps.warehouse.queries import oddities
from huoji.apps.warehouse.queries.goods import NUMBER_MAX, AnomalyRow
from huoji.core.exception import CauseCode
from huoji.core.permission import Permission
from huoji.core.storage import AnomalyKind
from huoji.kit import blob, clock
from huoji.kit.http import Request, needs
from huoji.kit.paging import LIMIT_DEFAULT, Cursor, Limit
from huoji.kit.problem import Problem

router = Router(tags=["storage"])
Id = Annotated[int, Path(ge=1, lt=2**63)]


class AnomalyIn(Schema):
    """Goods that are damaged, short or lost; `key` is a UUID of yours, and the same key again is the same anomaly."""

    key: UUID
    number: str = Field(min_length=1, max_length=NUMBER_MAX)
    site: str = Field(min_length=1, max_length=120)
    kind: AnomalyKind
    discovered_at: AwareDatetime
    pieces: int = Field(0, ge=0, le=acts.PIECES_MAX)
    note: str = Field("", max_length=acts.NOTE_MAX)


class FindingIn(Schema):
    """What was found out, and the cause for customer service's exception if it is known."""

    model_config = ConfigDict(extra="forbid")

    finding: str = Field(min_length=1, max_length=acts.FINDING_MAX)
    cause: CauseCode | None = None


class AnomalyTold(Schema):
    """An anomaly with how far it is looked into; `noticed_at` is when customer service took it up, `photos` are addresses."""

    id: int
    number: str
    kind: AnomalyKind
    pieces: int
    note: str
    site: str
    discovered_at: datetime
    recorded_at: datetime
    noticed_at: datetime | None
    investigate_until: datetime
    investigated_at: datetime | None
    finding: str
    closed_at: datetime | None
    exception_id: int | None
    photos: list[str]


class AnomaliesTold(Schema):
    """A page of anomalies, the newest first; `next` is empty on the last."""

    items: list[AnomalyTold]
    next: str


@router.post(
    "", response={200: AnomalyTold, 201: AnomalyTold},
    summary="Report damaged, missing or lost goods, with up to six photos (multipart/form-data, `photo`)",
)  # fmt: skip
@needs(Permission.STORAGE_VIEW, Permission.STORAGE_RECORD)
def report(
    request: Request, told: Form[AnomalyIn], photo: File[list[UploadedFile] | None] = None
) -> Status[dict[str, Any]]:
    """Report; customer service sees it at once, and the warehouse gets the task to look into it."""
    site_id = places.resolve(told.site)
    if site_id is None:
        raise Problem("unknown_site", 404)
    now = datetime.now(UTC)
    found = Found(
        key=told.key, number=told.number, site_id=site_id, kind=told.kind, discovered_at=told.discovered_at,
        pieces=told.pieces, note=told.note,
        pictures=tuple((each.read() or b"", each.content_type or "") for each in (photo or [])[: acts.PICTURES_MAX + 1]),
    )  # fmt: skip
    anomaly_id = acts.report(request.actor, found, now=now)
    row = _row(request, anomaly_id)
    return Status(HTTPStatus.CREATED if row.recorded_at == now else HTTPStatus.OK, _told(row))


@router.get("", response=AnomaliesTold, summary="Anomalies of goods, the newest first")
@needs(Permission.STORAGE_VIEW)
def list_anomalies(
    request: Request, number: str = "", cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT, *, every: bool = False
) -> dict[str, Any]:
    """Return one page at the sites that the caller sees; `number` asks for one, `every` also for those that are closed."""
    found = oddities.anomaly_page(
        request.actor, number=number, is_open=not every, cursor=cursor, limit=limit, lang=clock.language()
    )
    return {"items": [_told(row) for row in found.rows], "next": found.next}


@router.get("/{anomaly_id}", response=AnomalyTold, summary="One anomaly")
@needs(Permission.STORAGE_VIEW)
def read_anomaly(request: Request, anomaly_id: Id) -> dict[str, Any]:
    return _told(_row(request, anomaly_id))


@router.get("/{anomaly_id}/photos/{sha256}", url_name="anomaly-photo", summary="A photo of an anomaly")
@needs(Permission.STORAGE_VIEW)
def read_photo(request: Request, anomaly_id: Id, sha256: str) -> FileResponse:
    """Return the picture."""
    row = _row(request, anomaly_id)
    return blob.serve(request, sha256, allowed=lambda _request: sha256 in row.blobs, filename=f"anomaly-{sha256[:8]}")


@router.post("/{anomaly_id}/take", response=AnomalyTold, summary="Take the investigation on")
@needs(Permission.STORAGE_VIEW, Permission.STORAGE_RECORD)
def take(request: Request, anomaly_id: Id) -> dict[str, Any]:
    _row(request, anomaly_id)
    acts.take(request.actor, anomaly_id=anomaly_id)
    return _told(_row(request, anomaly_id))


@router.post("/{anomaly_id}/conclude", response=AnomalyTold, summary="Say what was found out")
@needs(Permission.STORAGE_VIEW, Permission.STORAGE_RECORD)
def conclude(request: Request, anomaly_id: Id, body: FindingIn) -> dict[str, Any]:
    """Answer the investigation. The anomaly closes with customer service's exception, or here when it has none.

    A `cause` is written onto the exception, for which the key needs `exceptions:handle` too.
    """
    _row(request, anomaly_id)
    acts.conclude(
        request.actor, anomaly_id=anomaly_id, finding=body.finding, cause=body.cause, now=datetime.now(UTC)
    )  # fmt: skip
    return _told(_row(request, anomaly_id))


def _row(request: Request, anomaly_id: int) -> AnomalyRow:
    row = oddities.anomaly(request.actor, anomaly_id, lang=clock.language())
    if row is None:
        raise Problem("not_found", 404, "No such anomaly is visible to you.")
    return row


def _told(row: AnomalyRow) -> dict[str, Any]:
    return {
        "id": row.id, "number": row.number, "kind": row.kind, "pieces": row.pieces, "note": row.note,
        "site": code_of(row.site_id), "discovered_at": row.discovered_at, "recorded_at": row.recorded_at,
        "noticed_at": row.noticed_at, "investigate_until": row.due_at, "investigated_at": row.done_at,
        "finding": row.finding, "closed_at": row.closed_at, "exception_id": row.exception_id,
        "photos": [reverse("api:anomaly-photo", args=[row.id, sha256]) for sha256 in row.blobs],
    }  # fmt: skip

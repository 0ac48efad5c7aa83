"""The API of exceptions, for keys of staff: read the worklist, take one up, say its cause, clear it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Path, Router, Schema
from pydantic import ConfigDict, Field

from huoji.apps.shipments.actions import exceptions as acts
from huoji.apps.shipments.queries import dossier, exceptions
from huoji.apps.shipments.queries.exceptions import Asked, ExceptionRow
from huoji.core.exception import CauseCode, ExceptionKind, ExceptionState, Severity
from huoji.core.milestone import Line
from huoji.core.permission import Permission
from huoji.kit import clock
from huoji.kit.http import Request, needs
from huoji.kit.paging import LIMIT_DEFAULT, Cursor, Limit
from huoji.kit.problem import Problem

router = Router(tags=["exceptions"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


class SubjectOut(Schema):
    """What an exception is about; a vehicle alone has only its `conveyance`."""

    kind: str
    number: str
    conveyance: int | None


class ExceptionOut(Schema):
    """One exception; `facts` are the measured values that came with it, by name, and its `place` in the language of the request."""

    id: int
    kind: ExceptionKind
    severity: Severity
    state: ExceptionState
    subject: SubjectOut
    line: Line | None
    source: str
    facts: dict[str, Any]
    opened_at: datetime
    last_at: datetime
    acknowledged_at: datetime | None
    cleared_at: datetime | None
    cause: CauseCode | None
    note: str


class ExceptionsOut(Schema):
    """A page of exceptions; `next` is empty on the last."""

    items: list[ExceptionOut]
    next: str


class NoteIn(Schema):
    """What to say about the step."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=acts.NOTE_MAX)


class CauseIn(NoteIn):
    """Why the exception came."""

    cause: CauseCode


class ClearIn(NoteIn):
    """What ended it; damage, shortage, loss and emergencies need a cause, here or before."""

    cause: CauseCode | None = None


def told(row: ExceptionRow) -> dict[str, Any]:
    subject = {"kind": row.unit_kind, "number": row.unit_number, "conveyance": row.conveyance_id}
    plain = {name: getattr(row, name) for name in ExceptionOut.model_fields if name != "subject"}
    return {**plain, "subject": subject}


@router.get("/exceptions", response=ExceptionsOut, summary="Exceptions: what is not over, the gravest first")
@needs(Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE)
def list_exceptions(
    request: Request, kind: ExceptionKind | None = None, state: ExceptionState | None = None,
    line: Line | None = None, every: bool = False, cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT,  # noqa: FBT001, FBT002  a query parameter
) -> dict[str, Any]:  # fmt: skip
    """Return one page; `every` lists those that are over too, the newest first."""
    asked = Asked(kind=kind, state=state, line=line, is_over=every)
    found = exceptions.exception_page(request.actor, asked, cursor=cursor, limit=limit, lang=clock.language())
    return {"items": [told(row) for row in found.rows], "next": found.next}


@router.get(
    "/shipments/{number}/exceptions", response=ExceptionsOut,
    summary="The exceptions of a shipment and of what held it, each while it held it",
)  # fmt: skip
@needs(Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE)
def list_of_shipment(request: Request, number: str) -> dict[str, Any]:
    unit = dossier.shipment_of(request.actor, number)
    if unit is None:
        raise Problem("not_found", 404, "No shipment of this number is visible to you.")
    return {
        "items": [told(row) for row in exceptions.of_shipment(request.actor, unit.id, lang=clock.language())],
        "next": "",
    }


@router.post("/exceptions/{exception_id}/acknowledge", response=ExceptionOut, summary="Take an exception up")
@needs(Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE)
def acknowledge(request: Request, exception_id: Id, body: NoteIn) -> dict[str, Any]:
    acts.acknowledge(request.actor, exception_id=exception_id, now=datetime.now(UTC), note=body.note)
    return seen(request, exception_id)


@router.post("/exceptions/{exception_id}/cause", response=ExceptionOut, summary="Say why an exception came")
@needs(Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE)
def cause(request: Request, exception_id: Id, body: CauseIn) -> dict[str, Any]:
    acts.set_cause(request.actor, exception_id=exception_id, cause=body.cause, now=datetime.now(UTC), note=body.note)
    return seen(request, exception_id)


@router.post("/exceptions/{exception_id}/clear", response=ExceptionOut, summary="Clear an exception by hand")
@needs(Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE)
def clear(request: Request, exception_id: Id, body: ClearIn) -> dict[str, Any]:
    acts.clear(request.actor, exception_id=exception_id, cause=body.cause, now=datetime.now(UTC), note=body.note)
    return seen(request, exception_id)


def seen(request: Request, exception_id: int) -> dict[str, Any]:
    row = exceptions.exception_of(request.actor, exception_id, lang=clock.language())
    assert row is not None, "who may act on it may see it"
    return told(row)

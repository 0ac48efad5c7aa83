"""The doors of foreign formats: EPCIS 2.0, DCSA Track & Trace, and 快递100 in both directions."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from ninja import Router, Schema

from huoji.apps.shipments.actions.foreign import capture, kuaidi100, taking
from huoji.apps.shipments.actions.foreign.taking import Taken
from huoji.apps.shipments.actions.foreign.telling import Told
from huoji.apps.shipments.actions.recording import Result
from huoji.apps.shipments.queries import tracing, tracking
from huoji.core import rendering
from huoji.core.answer import Audience
from huoji.core.permission import Permission
from huoji.core.wording import Lang
from huoji.kit import clock
from huoji.kit.batch import encode
from huoji.kit.http import Request, needs
from huoji.kit.limits import Buckets, Limit
from huoji.kit.problem import Problem, declare
from huoji.wire import FormatError
from huoji.wire.kuaidi100 import NOT_FOUND, SIGNATURE_FAILED, CarrierAnswer, Query, decode_query, encode_answer

router = Router(tags=["foreign formats"])

BODY_BYTES_MAX = 16 * 1024 * 1024
EPC_CHARS_MAX = 1_024
BEHAVIOURS = ("rollback", "proceed")
BEHAVIOUR_HEADER = "GS1-Capture-Error-Behaviour"
CARRIER_QUERIES = Buckets(Limit(name="kuaidi100_query", per_minute=600, burst=600))

declare("invalid_header", status=400, title="A header has a value that its standard does not know")


class ToldOut(Schema):
    """What became of one event, by its place in the document."""

    path: str
    result: Result
    code: str = ""
    detail: str = ""


class FaultOut(Schema):
    """What is wrong, and where."""

    path: str
    code: str
    detail: str


class DocumentOut(Schema):
    """How many events had which result, each one's own, and what could not be read."""

    accepted: int
    duplicate: int
    revision: int
    parked: int
    rejected: int
    items: list[ToldOut]
    errors: list[FaultOut]


class CaptureOut(Schema):
    """A capture job in the words of EPCIS 2.0, with our own figures beside them."""

    captureID: str  # noqa: N815  the standard's name
    createdAt: str  # noqa: N815
    finishedAt: str | None = None  # noqa: N815
    running: bool
    success: bool
    captureErrorBehaviour: str  # noqa: N815
    counts: dict[str, int]
    errors: list[FaultOut]


class TracedOut(Schema):
    """An EPC as each party told it; `owner` is empty for what staff brought in."""

    epc: str
    units: list[dict[str, Any]]


def _body_of(kind: str, content_type: str = "application/json") -> dict[str, Any]:
    schema = {"type": "object", "title": kind, "additionalProperties": True}
    either = {"oneOf": [schema, {"type": "array", "items": schema}]}
    return {"requestBody": {"required": True, "content": {content_type: {"schema": either}}}}


def _json(body: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(encode(body), status=status, content_type="application/json")


def _body(request: Request) -> bytes:
    body: bytes = request.body
    if len(body) > BODY_BYTES_MAX:
        raise Problem("body_too_large", 413, f"At most {BODY_BYTES_MAX} bytes a call.")
    return body


@router.post(
    "/epcis/capture", response={202: None}, openapi_extra=_body_of("EPCISDocument"),
    summary="Capture an EPCIS 2.0 document; whole or not at all, unless GS1-Capture-Error-Behaviour is proceed",
)  # fmt: skip
@needs(Permission.EVENT_ADD)
def capture_epcis(request: Request) -> HttpResponse:
    behaviour = request.headers.get(BEHAVIOUR_HEADER, BEHAVIOURS[0])
    if behaviour not in BEHAVIOURS:
        raise Problem("invalid_header", 400, f"{BEHAVIOUR_HEADER} must be rollback or proceed.")
    found = capture.capture(request.actor, _body(request), proceed=behaviour == "proceed", now=datetime.now(UTC))
    response = HttpResponse(status=202)
    response["Location"] = f"/api/v1/capture/{found.job_id}"
    response["GS1-EPCIS-Version"] = "2.0.0"
    response[BEHAVIOUR_HEADER] = behaviour
    return response


@router.get("/capture/{job_id}", response=CaptureOut, summary="What became of a capture, with the path of each error")
@needs(Permission.EVENT_ADD)
def read_capture(request: Request, job_id: int) -> HttpResponse:
    job = tracing.job_seen_by(request.actor, job_id)
    if job is None:
        raise Problem("not_found", 404, "You have no capture of this number.")
    return _json(
        {
            "captureID": str(job.id),
            "createdAt": job.created_at.isoformat(),
            "finishedAt": job.finished_at.isoformat() if job.finished_at else None,
            "running": job.finished_at is None,
            "success": job.finished_at is not None and not job.errors,
            "captureErrorBehaviour": job.behaviour,
            "counts": job.counts,
            "errors": job.errors,
        }
    )


@router.get("/epcis/epcs", response=TracedOut, summary="What was told of an EPC: to staff, and to whoever captured it")
@needs(Permission.SHIPMENT_VIEW)
def read_epc(request: Request, epc: str) -> HttpResponse:
    """Return the timeline of an EPC, given as a URN or a Digital Link, with the events as they came."""
    lang = clock.language()
    if len(epc) > EPC_CHARS_MAX:
        raise Problem("invalid_request", 422, f"An EPC has at most {EPC_CHARS_MAX} characters.")
    found = tracing.traced(request.actor, epc, now=datetime.now(UTC), language=lang)
    if not found:
        raise Problem("not_found", 404, "No EPC of this name is visible to you.")
    told = [
        {"owner": each.owner, **rendering.answer(each.answer, lang=lang), "documents": each.documents} for each in found
    ]
    return _json({"epc": tracing.canonical(epc), "units": told})


@router.post(
    "/dcsa/events", response=DocumentOut, openapi_extra=_body_of("Event"),
    summary="Report DCSA Track & Trace events (2.2 or 3.0): an event, a list, or {events: […]}",
)  # fmt: skip
@needs(Permission.EVENT_ADD)
def take_dcsa(request: Request) -> HttpResponse:
    return _answer(taking.take_dcsa(request.actor, _body(request), now=datetime.now(UTC)))


@router.post(
    "/kuaidi100/trace", response=DocumentOut, openapi_extra=_body_of("Trace"),
    summary="Report a 快递100 answer or push: the whole list of one number as of now",
)  # fmt: skip
@needs(Permission.EVENT_ADD)
def take_kuaidi100(request: Request) -> HttpResponse:
    is_form = request.content_type == "application/x-www-form-urlencoded"
    taken = taking.take_kuaidi100(request.actor, _body(request), is_form=is_form, now=datetime.now(UTC))
    return _answer(taken, more={"result": True, "returnCode": "200", "message": "成功"})


def _answer(taken: Taken, *, more: dict[str, Any] | None = None) -> HttpResponse:
    counts = Counter(each.result for each in taken.told)
    counts[Result.REJECTED] += len(taken.errors)
    body = {result.value: counts[result] for result in Result}
    return _json({**body, "items": [_told(each) for each in taken.told], "errors": list(taken.errors), **(more or {})})


def _told(each: Told) -> dict[str, str]:
    told = {"path": each.path, "result": each.result.value, "code": each.code, "detail": each.detail}
    return {name: value for name, value in told.items() if value}


@router.post(
    "/kuaidi100/query", auth=None,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "properties": {name: {"type": "string"} for name in ("key", "num", "sign")},
                        "required": ["key", "num", "sign"],
                    }
                }
            },
        }
    },
    summary="Answer 快递100 as a carrier: form fields key, num and sign",
)  # fmt: skip
def query_kuaidi100(request: Request) -> HttpResponse:
    """Answer in the shape that 快递100 asks of carriers; a wrong signature learns nothing."""
    CARRIER_QUERIES.take(request)
    try:
        query = decode_query(_body(request))
    except FormatError as error:
        raise Problem("invalid_document", 400, "Send the form fields key, num and sign.", path=error.path) from error
    if not _is_signed(query):
        return _carrier(CarrierAnswer(result=False, message=SIGNATURE_FAILED))
    now = datetime.now(UTC)
    found = tracking.answers([query.number], audience=Audience.BARE, now=now, language=Lang.ZH)
    answer = found[query.number]
    told = kuaidi100.answer_of(answer) if answer else CarrierAnswer(result=True, message=NOT_FOUND)
    return _carrier(told)


def _is_signed(query: Query) -> bool:
    """Check the signature against the one pair that 快递100 was given; without a pair nobody is let in."""
    pair: Sequence[str] = (settings.HUOJI.kuaidi100_key, settings.HUOJI.kuaidi100_secret)
    return all(pair) and query.key == pair[0] and query.is_signed_with(pair[1])


def _carrier(answer: CarrierAnswer) -> HttpResponse:
    response = HttpResponse(encode_answer(answer), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response

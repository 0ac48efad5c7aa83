"""The API of shipments: create them, report events, read stories."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from django.http import HttpResponse
from django.utils.translation import get_language
from ninja import Router, Schema

from huoji.apps.shipments.actions import recording, shipping, sourcing
from huoji.apps.shipments.actions.recording import Outcome, Result, Writing
from huoji.apps.shipments.queries import tracking
from huoji.core import draft, rendering, report
from huoji.core.answer import Answer, Audience
from huoji.core.draft import Draft, DraftError, ShipmentTold
from huoji.core.milestones import meaning
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.recognise import extract, recognise
from huoji.core.report import Report, ReportError, Told
from huoji.core.wording import Lang
from huoji.kit.http import Request, needs
from huoji.kit.limits import Buckets, Limit
from huoji.kit.problem import Problem, declare

router = Router(tags=["shipments"])

ITEMS_MAX = 5_000
BODY_BYTES_MAX = 16 * 1024 * 1024
PUBLIC_QUERIES = Buckets(Limit(name="public_track", per_minute=60, burst=60))

declare("too_many_items", status=413, title="Too many items in one call")
declare("empty_body", status=422, title="Nothing to do in the body")

T = TypeVar("T")
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_told = msgspec.json.Decoder(Told)
_shipment = msgspec.json.Decoder(ShipmentTold)
_encode = msgspec.json.Encoder().encode


class ItemOut(Schema):
    """What became of one item, by its place in the call."""

    index: int
    result: Result
    code: str = ""
    detail: str = ""
    number: str = ""


class BatchOut(Schema):
    """How many items had which result, and each item's own."""

    accepted: int
    duplicate: int
    revision: int
    parked: int
    rejected: int
    items: list[ItemOut]


def _body_schema(name: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    item = {
        "type": "object",
        "title": name,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    content = {"type": "array", "items": item, "maxItems": ITEMS_MAX}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"oneOf": [content, item]}},
                "application/x-ndjson": {"schema": item},
            },
        }
    }


def _schema_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    schema, components = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    del schema
    body: dict[str, Any] = _inline(components[kind.__name__], components)
    return _body_schema(kind.__name__, body["properties"], body.get("required", []))


def _inline(node: Any, components: dict[str, Any]) -> Any:
    """Put referenced schemas in place, since Ninja knows nothing of them."""
    if isinstance(node, list):
        return [_inline(each, components) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(components[node["$ref"].rpartition("/")[2]], components)
    return {key: _inline(value, components) for key, value in node.items()}


def items_of(request: Request) -> list[msgspec.Raw]:
    """Split a JSON array, one JSON object or NDJSON into raw items, so that one bad item spoils no other."""
    body = request.body
    if len(body) > BODY_BYTES_MAX:
        raise Problem("body_too_large", 413, f"At most {BODY_BYTES_MAX} bytes a call.")
    if request.content_type == "application/x-ndjson":
        raws = [msgspec.Raw(line) for line in body.split(b"\n") if line.strip()]
    elif body.lstrip()[:1] == b"{":
        raws = [msgspec.Raw(body)]
    else:
        try:
            raws = _raws.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Problem("malformed_body", 400, f"Send a JSON array, one object, or NDJSON: {error}") from error
    if not raws:
        raise Problem("empty_body", 422, "Send at least one item.")
    if len(raws) > ITEMS_MAX:
        raise Problem("too_many_items", 413, f"At most {ITEMS_MAX} items a call; cut them into several.")
    return raws


def decode_items(
    raws: Sequence[msgspec.Raw], decode: Callable[[msgspec.Raw], T]
) -> tuple[list[tuple[int, T]], dict[int, tuple[str, str]]]:
    """Decode item by item; return the good ones with their index, and (code, detail) of the bad ones."""
    good: list[tuple[int, T]] = []
    bad: dict[int, tuple[str, str]] = {}
    for index, raw in enumerate(raws):
        try:
            good.append((index, decode(raw)))
        except ReportError as error:
            bad[index] = (error.code, error.detail)
        except DraftError as error:
            bad[index] = (error.code, f"{error.field}: {error.detail}")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            bad[index] = ("invalid_item", str(error))
    return good, bad


def _answer_batch(
    count: int, bad: dict[int, tuple[str, str]], done: dict[int, tuple[Result, str, str, str]]
) -> HttpResponse:
    items: list[dict[str, Any]] = []
    counts = dict.fromkeys(Result, 0)
    for index in range(count):
        result, code, detail, number = done[index] if index in done else (Result.REJECTED, *bad[index], "")
        counts[result] += 1
        told = {"code": code, "detail": detail, "number": number}
        items.append({"index": index, "result": result.value, **{name: value for name, value in told.items() if value}})
    body = {result.value: counts[result] for result in Result} | {"items": items}
    return HttpResponse(_encode(body), content_type="application/json")


def writing_of(actor: Actor, *, default_source: str) -> Writing:
    """Say in whose name and from which source this call writes; the source comes from the key, never from the body."""
    return Writing(actor=actor, source=sourcing.source_of(actor, default=default_source), now=datetime.now(UTC))


@router.post(
    "/shipments", response=BatchOut, openapi_extra=_schema_of(ShipmentTold),
    summary="Create shipments, up to 5,000 a call; each item is accepted, duplicate, revision or rejected",
)  # fmt: skip
@needs(Permission.SHIPMENT_CREATE)
def create_shipments(request: Request) -> HttpResponse:
    writing = writing_of(request.actor, default_source="order")
    offset = writing.source.assumed_offset_min

    def decode(raw: msgspec.Raw) -> Draft:
        return draft.check(_shipment.decode(raw), assumed_offset_min=offset)

    raws = items_of(request)
    good, bad = decode_items(raws, decode)
    answers = shipping.ship([each for _, each in good], writing)
    done = {
        index: (given.result, given.code, given.detail, given.number)
        for (index, _), given in zip(good, answers, strict=True)
    }
    return _answer_batch(len(raws), bad, done)


@router.post(
    "/events", response=BatchOut, openapi_extra=_schema_of(Told),
    summary="Report events, up to 5,000 a call; each item is accepted, duplicate, revision, parked or rejected",
)  # fmt: skip
@needs(Permission.EVENT_ADD)
def report_events(request: Request) -> HttpResponse:
    writing = writing_of(request.actor, default_source="desk")
    source, offset = writing.source.name, writing.source.assumed_offset_min

    def decode(raw: msgspec.Raw) -> Report:
        return report.check(_told.decode(raw), source=source, assumed_offset_min=offset, meaning=meaning)

    raws = items_of(request)
    good, bad = decode_items(raws, decode)
    outcomes: list[Outcome] = recording.record([each for _, each in good], writing)
    done = {
        index: (given.result, given.code, given.detail, "") for (index, _), given in zip(good, outcomes, strict=True)
    }
    return _answer_batch(len(raws), bad, done)


def language() -> Lang:
    return Lang.EN if (get_language() or "").startswith("en") else Lang.ZH


def audience_of(actor: Actor) -> Audience:
    """Say as whom the actor reads: staff, a party by its key, or anybody."""
    match actor.scope:
        case Scope.ALL | Scope.SITES:
            return Audience.STAFF if actor.may(Permission.SHIPMENT_VIEW) else Audience.BARE
        case Scope.PARTY:
            return Audience.PARTY if actor.may(Permission.SHIPMENT_VIEW) else Audience.BARE
        case Scope.NONE:
            return Audience.BARE


@router.get("/track", auth=None, summary="Where is it? Up to 50 numbers, open to everyone, masked")
def track(request: Request, numbers: str) -> HttpResponse:
    """Answer numbers pasted in any form; `numbers` may hold spaces, commas, line breaks and text around them."""
    asked = extract(numbers, limit=tracking.NUMBERS_MAX)
    PUBLIC_QUERIES.take(request, cost=max(1, len(asked)))
    lang = language()
    found = tracking.answers(asked, audience=Audience.BARE, now=datetime.now(UTC), language=lang)
    results = [_result(number, answer, lang=lang) for number, answer in found.items()]
    response = HttpResponse(_encode({"results": results}), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _result(number: str, answer: Answer | None, *, lang: Lang) -> dict[str, Any]:
    if answer is not None:
        return rendering.answer(answer, lang=lang)
    guesses = [{"kind": guess.kind, "issuer": guess.issuer, "check_ok": guess.check_ok} for guess in recognise(number)]
    return {"number": number, "found": False, "guesses": guesses}


@router.get("/shipments/{number}", summary="One shipment as the caller may see it")
@needs(Permission.SHIPMENT_VIEW)
def read_shipment(request: Request, number: str) -> HttpResponse:
    """Return the story of a waybill, or of the newest shipment under a reference."""
    return HttpResponse(
        _encode(rendering.answer(_seen(request, number), lang=language())), content_type="application/json"
    )


@router.get("/shipments/{number}/events", summary="The timeline of one shipment, newest first")
@needs(Permission.SHIPMENT_VIEW)
def read_events(request: Request, number: str) -> HttpResponse:
    """Return the events alone."""
    lang = language()
    entries = [rendering.entry(entry, lang=lang) for entry in _seen(request, number).entries]
    return HttpResponse(_encode({"number": number, "events": entries}), content_type="application/json")


def _seen(request: Request, number: str) -> Answer:
    answer = tracking.seen_by(request.actor, number, now=datetime.now(UTC), language=language())
    if answer is None:
        raise Problem("not_found", 404, "No shipment of this number is visible to you.")
    return answer

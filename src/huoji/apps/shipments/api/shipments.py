"""The API of shipments: create them and read their stories."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpResponse
from ninja import Router

from huoji.apps.shipments.actions import shipping
from huoji.apps.shipments.api.batch import BatchOut, answer_batch, writing_of
from huoji.apps.shipments.queries import tracking
from huoji.core import draft, rendering
from huoji.core.answer import Answer, Audience
from huoji.core.draft import Draft, DraftError, ShipmentTold
from huoji.core.items import ItemDecoder, ItemError
from huoji.core.permission import Permission
from huoji.core.recognise import find, recognise
from huoji.core.wording import Lang
from huoji.kit import clock
from huoji.kit.batch import decode_items, encode, items_of, schema_of
from huoji.kit.http import Request, needs
from huoji.kit.idempotency import idempotent
from huoji.kit.limits import Buckets, Limit
from huoji.kit.problem import Problem

router = Router(tags=["shipments"])
PUBLIC_QUERIES = Buckets(Limit(name="public_track", per_minute=60, burst=60))
_shipment = ItemDecoder(ShipmentTold)


@router.post(
    "/shipments", response=BatchOut, openapi_extra=schema_of(ShipmentTold),
    summary="Create shipments, up to 5,000 a call; each item is accepted, duplicate, revision or rejected",
)  # fmt: skip
@idempotent
@needs(Permission.SHIPMENT_CREATE)
def create_shipments(request: Request) -> HttpResponse:
    """Create shipments, or revise one's own.

    An item is taken with the code `number_in_use` when its container, booking or bill answers for a shipment of somebody
    else, who named it before.
    """
    writing = writing_of(request.actor, default_source="order")
    offset = writing.source.assumed_offset_min

    def decode(raw: msgspec.Raw) -> Draft:
        try:
            return draft.check(_shipment.decode(raw), assumed_offset_min=offset)
        except DraftError as error:
            raise ItemError(error.code, f"{error.field}: {error.detail}") from error

    raws = items_of(request)
    good, bad = decode_items(raws, decode)
    answers = shipping.ship([each for _, each in good], writing)
    done = {
        index: (given.result, given.code, given.detail, given.number)
        for (index, _), given in zip(good, answers, strict=True)
    }
    return answer_batch(len(raws), bad, done)


@router.get("/track", auth=None, summary="Where is it? Up to 50 numbers, open to everyone, masked")
def track(request: Request, numbers: str) -> HttpResponse:
    """Answer numbers pasted in any form; `numbers` may hold spaces, commas, line breaks and text around them.

    Numbers over the limit are named in `left_out`.
    """
    asked = find(numbers, limit=tracking.NUMBERS_MAX, prefix=settings.HUOJI.waybill_prefix)
    PUBLIC_QUERIES.take(request, cost=max(1, len(asked.numbers)))
    lang = clock.language()
    found = tracking.answers(asked.numbers, audience=Audience.BARE, now=datetime.now(UTC), language=lang)
    results = [_result(number, answer, lang=lang) for number, answer in found.items()]
    response = HttpResponse(encode({"results": results, "left_out": asked.left_out}), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _result(number: str, answer: Answer | None, *, lang: Lang) -> dict[str, Any]:
    if answer is not None:
        return rendering.answer(answer, lang=lang)
    guessed = recognise(number, prefix=settings.HUOJI.waybill_prefix)
    guesses = [{"kind": guess.kind, "issuer": guess.issuer, "check_ok": guess.check_ok} for guess in guessed]
    return {"number": number, "found": False, "guesses": guesses}


@router.get("/shipments/{number}", summary="One shipment as the caller may see it")
@needs(Permission.SHIPMENT_VIEW)
def read_shipment(request: Request, number: str) -> HttpResponse:
    """Return the story of a waybill, or of the shipment whose a reference is now."""
    return HttpResponse(
        encode(rendering.answer(_seen(request, number), lang=clock.language())), content_type="application/json"
    )


@router.get("/shipments/{number}/events", summary="The timeline of one shipment, newest first")
@needs(Permission.SHIPMENT_VIEW)
def read_events(request: Request, number: str) -> HttpResponse:
    """Return the events alone."""
    lang = clock.language()
    entries = [rendering.entry(entry, lang=lang) for entry in _seen(request, number).entries]
    return HttpResponse(encode({"number": number, "events": entries}), content_type="application/json")


def _seen(request: Request, number: str) -> Answer:
    answer = tracking.seen_by(request.actor, number, now=datetime.now(UTC), language=clock.language())
    if answer is None:
        raise Problem("not_found", 404, "No shipment of this number is visible to you.")
    return answer

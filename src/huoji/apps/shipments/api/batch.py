"""What the batches of shipments share: in whose name they write, and what their answers say of each item."""

from datetime import UTC, datetime

from django.http import HttpResponse
from ninja import Schema

from huoji.apps.shipments.actions import sourcing
from huoji.apps.shipments.actions.recording import Result, Writing
from huoji.core.permission import Actor
from huoji.kit.batch import answer_items


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


def answer_batch(
    count: int, bad: dict[int, tuple[str, str]], done: dict[int, tuple[Result, str, str, str]]
) -> HttpResponse:
    """Answer for good and bad items alike."""
    given = (done.get(index) or (Result.REJECTED, *bad[index], "") for index in range(count))
    return answer_items(
        Result, ((result, {"code": code, "detail": detail, "number": number}) for result, code, detail, number in given)
    )


def writing_of(actor: Actor, *, default_source: str) -> Writing:
    """Say in whose name and from which source this call writes; the source comes from the key, never from the body."""
    return Writing(actor=actor, source=sourcing.source_of(actor, default=default_source), now=datetime.now(UTC))

"""What the batches of shipments share: items decoded one by one, and an answer for each."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from django.http import HttpResponse
from ninja import Schema

from huoji.apps.shipments.actions import sourcing
from huoji.apps.shipments.actions.recording import Result, Writing
from huoji.core.draft import DraftError
from huoji.core.permission import Actor
from huoji.core.report import ReportError
from huoji.kit.batch import encode

T = TypeVar("T")


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


def answer_batch(
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
    return HttpResponse(encode(body), content_type="application/json")


def writing_of(actor: Actor, *, default_source: str) -> Writing:
    """Say in whose name and from which source this call writes; the source comes from the key, never from the body."""
    return Writing(actor=actor, source=sourcing.source_of(actor, default=default_source), now=datetime.now(UTC))

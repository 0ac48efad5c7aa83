"""What every batch of the API shares: items read one by one, and an answer for each."""

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
from huoji.kit.http import Request
from huoji.kit.problem import Problem, declare

ITEMS_MAX = 5_000
BODY_BYTES_MAX = 16 * 1024 * 1024

declare("too_many_items", status=413, title="Too many items in one call")
declare("empty_body", status=422, title="Nothing to do in the body")

T = TypeVar("T")
_raws = msgspec.json.Decoder(list[msgspec.Raw])
encode = msgspec.json.Encoder().encode


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


def schema_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
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

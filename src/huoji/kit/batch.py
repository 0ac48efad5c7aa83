"""A batch of the API: its body split into items, each decoded and answered by itself, so that one bad item spoils no other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from django.http import HttpResponse

from huoji.core import items
from huoji.core.items import ItemError
from huoji.kit.http import Request
from huoji.kit.problem import Problem, declare

T = TypeVar("T")
ITEMS_MAX = 5_000
BODY_BYTES_MAX = 16 * 1024 * 1024

declare("too_many_items", status=413, title="Too many items in one call")
declare("empty_body", status=422, title="Nothing to do in the body")

_raws = msgspec.json.Decoder(list[msgspec.Raw])
encode = msgspec.json.Encoder().encode


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
    """Return what the reference says of a body of such items: an array, one object, or NDJSON."""
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
            cut = items.cut(body)  # a string that cannot be read is the fault of its item alone
            if cut is None:
                raise Problem("malformed_body", 400, f"Send a JSON array, one object, or NDJSON: {error}") from error
            raws = [msgspec.Raw(item) for item in cut]
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
        except ItemError as error:
            bad[index] = (error.code, error.detail)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            bad[index] = ("invalid_item", str(error))
    return good, bad


def answer_items(results: Iterable[str], outcomes: Iterable[tuple[str, Mapping[str, Any]]]) -> HttpResponse:
    """Tell how many items had each result, and each one's own in the order of the call; empty texts are left out."""
    counts = dict.fromkeys(results, 0)
    told: list[dict[str, Any]] = []
    for index, (result, more) in enumerate(outcomes):
        counts[result] += 1
        told.append({"index": index, "result": result, **{name: value for name, value in more.items() if value != ""}})
    return HttpResponse(encode({**counts, "items": told}), content_type="application/json")

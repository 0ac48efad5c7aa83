"""A batch of the API: its body is split into raw items, so that one bad item spoils no other, and told to the reference."""

from typing import Any

import msgspec

from huoji.core import items
from huoji.kit.http import Request
from huoji.kit.problem import Problem, declare

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

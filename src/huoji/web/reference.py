"""The API reference as a page of our own: made from the OpenAPI document, readable without JavaScript, nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from huoji.kit import problem
from huoji.web.api import api

METHODS = ("get", "post", "put", "patch", "delete")
DEPTH_MAX = 3  # of a type that is told in one line; deeper ones have a name of their own
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter or one member of a schema; `link` names the schema that it holds."""

    name: str
    place: str
    kind: str
    link: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One status of an operation and the schema it comes with."""

    status: str
    about: str
    kind: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that the API does."""

    anchor: str
    tag: str
    method: str
    path: str
    summary: str
    about: str
    guarded: bool
    parameters: tuple[Field, ...]
    bodies: tuple[Answer, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One named schema."""

    name: str
    about: str
    fields: tuple[Field, ...]
    choices: tuple[str, ...]


def link_of(node: Node) -> str:
    """Return the name of the schema that a node refers to, also inside a list or a choice."""
    if "$ref" in node:
        return str(node["$ref"]).rpartition("/")[2]
    inner = [*([node["items"]] if "items" in node else []), *node.get("anyOf", []), *node.get("allOf", [])]
    return next((found for each in inner if (found := link_of(each))), "")


def kind_of(node: Node, *, depth: int = 0) -> str:
    """Tell a type in one line, as a reader says it: `string (date-time), 1–64 long`."""
    if depth > DEPTH_MAX:
        return "…"
    if "$ref" in node:
        return link_of(node)
    if options := node.get("anyOf") or node.get("allOf"):
        return " | ".join(dict.fromkeys(kind_of(each, depth=depth + 1) for each in options))
    if "enum" in node or "const" in node:
        return " | ".join(f'"{each}"' for each in node.get("enum", [node.get("const")]))
    if node.get("type") == "array":
        return f"[{kind_of(node.get('items', {}), depth=depth + 1)}]{limits_of(node)}"
    return f"{node.get('type', 'any')}{limits_of(node)}"


def limits_of(node: Node) -> str:
    parts = [f" ({node['format']})"] if "format" in node else []
    for low, high, word in (("minLength", "maxLength", "long"), ("minItems", "maxItems", "items")):
        if low in node or high in node:
            parts.append(f", {node.get(low, 0)}–{node.get(high, '')} {word}")
    if "minimum" in node or "maximum" in node:
        parts.append(f", {node.get('minimum', '')}–{node.get('maximum', '')}")
    if node.get("default") not in (None, ""):
        parts.append(f", default {node['default']}")
    return "".join(parts)


def field_of(name: str, node: Node, *, place: str, required: bool) -> Field:
    return Field(
        name=name,
        place=place,
        kind=kind_of(node),
        link=link_of(node),
        required=required,
        about=node.get("description", ""),
    )


def operations(document: Node) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield operation_of(path, method, methods[method])


def operation_of(path: str, method: str, node: Node) -> Operation:
    parameters = [
        field_of(
            each["name"],
            {**each["schema"], "description": each.get("description", each["schema"].get("description", ""))},
            place=each["in"],
            required=each.get("required", False),
        )
        for each in node.get("parameters", [])
    ]
    body = node.get("requestBody", {})
    return Operation(
        anchor=node["operationId"],
        tag=(node.get("tags") or [""])[0],
        method=method.upper(),
        path=path,
        summary=node.get("summary", ""),
        about=node.get("description", ""),
        guarded=bool(node.get("security")),
        parameters=tuple(parameters),
        bodies=tuple(answers_of("", "", body)),
        answers=tuple(
            answer
            for status, each in node.get("responses", {}).items()
            for answer in answers_of(str(status), each.get("description", ""), each)
        ),
    )


def answers_of(status: str, about: str, node: Node) -> Iterator[Answer]:
    content = node.get("content", {})
    for media, each in content.items():
        schema = each.get("schema", {})
        yield Answer(
            status=status, about=about, kind=f"{media}: {kind_of(schema)}" if schema else media, link=link_of(schema)
        )
    if status and not content:
        yield Answer(status=status, about=about, kind="", link="")


def shapes(document: Node) -> Iterator[Shape]:
    for name, node in sorted(document.get("components", {}).get("schemas", {}).items()):
        required = node.get("required", [])
        yield Shape(
            name=name,
            about=node.get("description", ""),
            fields=tuple(
                field_of(member, each, place="", required=member in required)
                for member, each in node.get("properties", {}).items()
            ),
            choices=tuple(map(str, node.get("enum", []))),
        )


@cache
def contents() -> dict[str, Any]:
    """Return what the page shows; the document of a running process never changes."""
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    found = sorted(operations(document), key=lambda each: each.tag)
    groups = [(tag, list(rows)) for tag, rows in groupby(found, key=lambda each: each.tag)]
    return {"groups": groups, "shapes": list(shapes(document))}


def page(request: HttpRequest) -> HttpResponse:
    """Show every operation, every schema and every error code."""
    kinds = sorted(problem.CATALOGUE.values(), key=lambda kind: (kind.status, kind.code))
    return render(request, "web/reference.html", {**contents(), "kinds": kinds})

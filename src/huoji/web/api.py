"""The API object: every app's router is mounted here, and every mistake of a client is answered by problem+json."""

import json
from typing import Any

import msgspec
import psycopg
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI, Router, Schema
from ninja.errors import HttpError, ValidationError, ValidationErrorContext
from ninja.parser import Parser
from ninja.renderers import JSONRenderer

from huoji.apps.customers import api as customers
from huoji.apps.fleet import api as fleet
from huoji.apps.places import api as places
from huoji.apps.shipments import api as shipments
from huoji.apps.warehouse import api as warehouse
from huoji.kit import problem
from huoji.kit.http import Request
from huoji.kit.problem import Problem

STATUS_OF: dict[type[Exception], int] = {Http404: 404, PermissionDenied: 403}
ERRORS_MAX = 100  # of one request; a batch reports item by item through its own answer


class StrictParser(Parser):
    """Reads JSON as RFC 8259 has it: UTF-8, no NaN, bounded depth and numbers, and no NUL that PostgreSQL cannot keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        if b"\\u0000" in request.body:
            raise Problem("malformed_body", 400, _("JSON 中不能有 NUL 字符"))
        try:
            return msgspec.json.decode(request.body)
        except RecursionError as error:
            raise Problem("malformed_body", 400, _("JSON 嵌套过深")) from error
        except msgspec.MsgspecError as error:
            raise Problem("malformed_body", 400, str(error)) from error


class FastRenderer(JSONRenderer):
    """Writes the answer with msgspec."""

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> Any:
        del request, response_status
        return msgspec.json.encode(data, enc_hook=plain)


def plain(value: Any) -> Any:
    """Hand what msgspec does not know to Django's encoder."""
    return json.loads(json.dumps(value, cls=JSONRenderer.encoder_class))


class ProblemOut(Schema):
    """problem+json (RFC 9457); `code` is stable, texts are not."""

    type: str
    code: str
    title: str
    status: int
    detail: str = ""
    request_id: str = ""


class ProblemKindOut(Schema):
    """One code that this API may answer."""

    code: str
    status: int
    title: str


class StrictApi(NinjaAPI):
    """Ninja, with validation errors that point into the body as the client sent it."""

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        errors: list[dict[str, Any]] = []
        for context in error_contexts:
            source = context.model.__ninja_param_source__
            alone = getattr(context.model, "__read_from_single_attr__", None)
            for error in context.pydantic_validation_error.errors(include_url=False, include_context=False):
                where = context.model.__ninja_flatten_map_reverse__.get(error["loc"], error["loc"])
                if alone is not None and where[:1] == (alone,):  # the name of our parameter is not in the body
                    where = where[1:]
                pointer = "".join(f"/{part}" for part in where)
                errors.append({"in": source, "pointer": pointer, "code": error["type"], "detail": error["msg"]})
        return ValidationError(errors)


def translate(error: Exception) -> Problem:
    """Return the problem that an exception of the framework or the database means."""
    if (known := problem.of_exception(error)) is not None:
        return known
    match error:
        case ValidationError():
            found = Problem("invalid_request", 422, errors=error.errors[:ERRORS_MAX])
        case HttpError() if isinstance(error.__cause__, Problem):
            found = error.__cause__
        case HttpError():
            found = problem.of_status(error.status_code, str(error))
        case DataError() | psycopg.DataError() | OperationalError() | psycopg.OperationalError():
            found = Problem("invalid_value", 422)
        case _:
            found = problem.of_status(STATUS_OF.get(type(error), 400))
    return found


def refused(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    return problem.response(request, translate(error))


api = StrictApi(
    title="Huoji",
    version="1",
    description="Where is the cargo, and who answers for it. Errors are problem+json with a stable `code`.",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,  # /api/docs stands outside the version
    parser=StrictParser(),
    renderer=FastRenderer(),
)
for kind_of_error in (
    Problem, ValidationError, HttpError, Http404, PermissionDenied, SuspiciousOperation,
    DataError, OperationalError, InterfaceError, psycopg.DataError, psycopg.OperationalError, psycopg.InterfaceError,
):  # fmt: skip
    api.add_exception_handler(kind_of_error, refused)

# ---- the routers of the apps: one line each, lowest rung first -------------------------------------------------------
ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/customers", customers.router),
    ("/places", places.router),
    ("", fleet.router),
    ("", shipments.router),
    *warehouse.ROUTERS,
)
for prefix, router in ROUTERS:
    api.add_router(prefix, router)


@api.get("/problems", response=list[ProblemKindOut], tags=["meta"], summary="Every error code of this API")
def problems(request: Request) -> list[dict[str, Any]]:
    """Return the catalogue that the `type` of each problem points into."""
    del request
    kinds = sorted(problem.CATALOGUE.values(), key=lambda kind: kind.code)
    return [{"code": kind.code, "status": kind.status, "title": str(kind.title)} for kind in kinds]


def document() -> bytes:
    """Return the OpenAPI document as it is kept in docs/reference/openapi.json."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True, default=str).encode() + b"\n"

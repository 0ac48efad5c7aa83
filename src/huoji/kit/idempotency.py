"""Idempotency-Key: a repeated request gets the first one's answer instead of a second effect, for 48 hours."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja.decorators import decorate_view
from ninja.operation import Operation
from ninja.utils import contribute_operation_callback

from huoji.core.permission import ANONYMOUS, Permission
from huoji.kit import http, problem
from huoji.kit.http import Request
from huoji.kit.models import IdempotencyRow
from huoji.kit.problem import Problem, declare

P = ParamSpec("P")
R = TypeVar("R")
Run = Callable[..., HttpResponse]

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=48)
KEY_SHAPE = re.compile(r"[\x21-\x7e]{1,255}")
BODY_BYTES_MAX = 2_000_000  # of an answer that we keep
OPERATION_LENGTH_MAX = 200

declare("invalid_idempotency_key", status=400, title=_("Idempotency-Key 须为 1 至 255 个可见的 ASCII 字符"))
declare("idempotency_key_reused", status=422, title=_("此 Idempotency-Key 已用于另一份请求"))
declare("idempotency_key_running", status=409, title=_("使用此 Idempotency-Key 的请求仍在处理"))


def idempotent(view: Callable[Concatenate[Request, P], R]) -> Callable[Concatenate[Request, P], R]:
    """Make an API operation repeatable by key; place it directly under the route, above `needs`.

    With a key the whole operation is one transaction, and only an answer below 400 is kept: it was an effect.
    Callers without an identity have no keys of their own, so theirs are ignored.
    """
    permissions: tuple[Permission, ...] = getattr(view, "needs", ())

    def keyed(run: Run) -> Run:
        def run_once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return answer_once(http.of(request), lambda: run(request, *args, **kwargs), permissions=permissions)
            except Problem as found:
                return problem.response(request, found)

        return run_once

    def tell_the_reference(operation: Operation) -> None:
        schema = {"type": "string", "maxLength": 255}
        parameter = {"in": "header", "name": HEADER, "required": False, "schema": schema}
        operation.openapi_extra = {**(operation.openapi_extra or {}), "parameters": [parameter]}

    decorated = decorate_view(keyed)(view)
    contribute_operation_callback(decorated, tell_the_reference)
    return decorated


def answer_once(
    request: Request, run: Callable[[], HttpResponse], *, permissions: tuple[Permission, ...]
) -> HttpResponse:
    """Run the operation, or give the answer that its key already got."""
    key = request.headers.get(HEADER, "")
    actor = http.actor_of(request)
    if not key or actor.principal == ANONYMOUS.principal:
        return run()
    if not KEY_SHAPE.fullmatch(key):
        raise Problem("invalid_idempotency_key", 400)
    http.refuse_without(request, permissions)  # a kept answer is given only to who may still ask
    operation = f"{request.method} {request.path}"[:OPERATION_LENGTH_MAX]
    scope = {"principal": actor.principal, "operation": operation, "key": key}
    digest = hashlib.sha256(request.get_full_path().encode() + b"\n" + request.body).digest()
    with transaction.atomic():
        lock(scope)
        if (kept := find(scope, digest=digest, now=timezone.now())) is not None:
            return kept
        answer = run()
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            transaction.set_rollback(True)
        elif len(answer.content) <= BODY_BYTES_MAX:
            keep(scope, digest=digest, answer=answer)
        return answer


def lock(scope: dict[str, str]) -> None:
    """Hold the key until the end of the transaction; a killed process lets go of it by itself."""
    digest = hashlib.blake2b("\n".join(scope.values()).encode(), digest_size=8).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest, signed=True)])
        row = cursor.fetchone()
    if not (row and row[0]):
        raise Problem("idempotency_key_running", 409, retry_after_s=1)


def find(scope: dict[str, str], *, digest: bytes, now: datetime) -> HttpResponse | None:
    row = IdempotencyRow.objects.filter(**scope).first()
    if row is None:
        return None
    if row.created_at <= now - KEPT:
        row.delete()
        return None
    if bytes(row.digest) != digest:
        raise Problem("idempotency_key_reused", 422)
    answer = HttpResponse(bytes(row.body), status=row.status, content_type=row.content_type)
    answer["Idempotency-Replayed"] = "true"
    return answer


def keep(scope: dict[str, str], *, digest: bytes, answer: HttpResponse) -> None:
    IdempotencyRow.objects.create(
        **scope,
        digest=digest,
        status=answer.status_code,
        content_type=answer.get("Content-Type", ""),
        body=answer.content,
    )


def forget(*, now: datetime) -> None:
    """Remove keys that are older than 48 hours."""
    IdempotencyRow.objects.filter(created_at__lte=now - KEPT).delete()

"""Up or down for anyone, details and metrics for who may see them, and the health page of the IT admin."""

import hmac
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from huoji.apps.accounts import actions as accounts
from huoji.core.permission import Permission
from huoji.kit import health, http, ingest, mark, metrics, outbox, process, set_aside
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem

DEAD_SHOWN_MAX = 50
PING_KEPT_S = 1.0  # however often it is asked, the database is asked once a second

_last_ping: tuple[float, bool] = (0.0, False)


def is_up() -> bool:
    """Tell whether this process reaches the database."""
    global _last_ping  # noqa: PLW0603 - one fact of this process
    asked_at, up = _last_ping
    if asked_at and time.monotonic() - asked_at < PING_KEPT_S:
        return up
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        up = True
    except Error:
        up = False
    _last_ping = (time.monotonic(), up)
    return up


def may_see_details(request: Request) -> bool:
    """Tell whether the caller holds the token, sits on this machine, or is staff with the permission.

    Loopback counts only while no proxy is configured: behind one, every stranger comes from loopback.
    """
    token = settings.HUOJI.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    proxied = bool(settings.HUOJI.public_url or settings.HUOJI.trusted_proxies)
    if not proxied and http.is_direct_loopback(request):
        return True
    return http.actor_of(request).may(Permission.HEALTH_VIEW)


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 up or 503 down; with the right to see it, what every check says."""
    up = is_up()
    body: dict[str, object] = {"status": "up" if up else "down"}
    if up and may_see_details(http.of(request)):
        now = timezone.now()
        body["checks"] = {row.name: {"state": row.state.value, **row.figures} for row in health.standings(now=now)}
        body["processes"] = {row.instance: row.alive for row in process.processes(now=now)}
    answer = JsonResponse(body, status=200 if up else 503)
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus."""
    if not may_see_details(http.of(request)):
        raise Problem("forbidden", 403)
    return HttpResponse(metrics.render(now=timezone.now()), content_type=metrics.CONTENT_TYPE)


@needs(Permission.HEALTH_VIEW)
def page(request: Request) -> HttpResponse:
    """Show how the system is; the page renews its middle by itself."""
    now = timezone.now()
    missing = process.missing_kinds(now=now)
    context = {
        "now": now,
        "standings": health.standings(now=now),
        "sources": ingest.sources(now=now),
        "service": ingest.service(now=now),
        "lag_target_s": ingest.LAG_TARGET_S,
        "processes": [row for row in process.processes(now=now) if row.alive or row.kind in missing],
        "periodic": mark.all_of("task:"),
        "backup": mark.last("backup"),
        "verified": mark.last("restore_verified"),
        "dead": outbox.dead(limit=DEAD_SHOWN_MAX),
        "set_aside": set_aside.groups(limit=DEAD_SHOWN_MAX),
    }
    template = "web/_health.html" if request.headers.get("HX-Request") else "web/health.html"
    return render(request, template, context)


@require_POST
@needs(Permission.HEALTH_VIEW)
def retry(request: Request, row_id: int) -> HttpResponse:
    """Put a dead message back into the queue."""
    return _done(request, partial(outbox.retry, row_id, now=timezone.now()), verb="outbox.retry", row_id=row_id)


@require_POST
@needs(Permission.HEALTH_VIEW)
def try_again(request: Request, row_id: int) -> HttpResponse:
    """Let what is set aside for one reason be tried again soon."""
    return _done(request, partial(set_aside.again, row_id, now=timezone.now()), verb="set_aside.retry", row_id=row_id)


@require_POST
@needs(Permission.HEALTH_VIEW)
def drop(request: Request, row_id: int) -> HttpResponse:
    """Throw away what is set aside for the reason that was shown; why, is on record."""
    cause, reason = request.POST.get("cause", "").strip(), request.POST.get("reason", "")
    if not (cause and reason):
        raise Problem("malformed_request", 400)
    change = partial(set_aside.drop, row_id, reason=reason)
    return _done(request, change, verb="set_aside.drop", row_id=row_id, cause=cause)


def _done(request: Request, change: Callable[[], int], *, verb: str, row_id: int, cause: str = "") -> HttpResponse:
    """Change something and put it on record, both or neither; what is not there any more is not found."""
    with transaction.atomic():
        if not change():
            raise Problem("not_found", 404)
        accounts.record_audit(request.actor, verb=verb, target=f"{verb.partition('.')[0]}:{row_id}", cause=cause)
    return HttpResponseRedirect(reverse("health"))

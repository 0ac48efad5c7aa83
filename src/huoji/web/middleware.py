"""Who asks: every request gets its Actor here, from the session of staff or from an API key, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from huoji.apps.accounts import actions, queries
from huoji.apps.places.queries import site_ids_of
from huoji.core.permission import ANONYMOUS, Actor
from huoji.kit import http, problem
from huoji.kit.problem import Problem
from huoji.web import navigation

GetResponse = Callable[[HttpRequest], HttpResponse]

WORKSPACE = "/app/"
API = "/api/"
NOWHERE: frozenset[int] = frozenset()
BEARER = "bearer "


def presented_key(request: HttpRequest) -> str:
    """Return the API key that the request carries, or nothing; other kinds of bearer tokens are not ours to judge."""
    if given := request.headers.get("X-API-Key", ""):
        return given
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith(BEARER):
        return ""
    token = header[len(BEARER) :].strip()
    return token if token.startswith(queries.KEY_SCHEME) else ""


class ActorMiddleware:
    """Set `request.actor`; a request with neither key nor session costs no query. Keep people's pages for people."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mine = http.of(request)
        key = presented_key(request)
        actor = actor_of_key(key) if key else actor_of_session(request)
        if actor is None:
            return problem.response(request, Problem("invalid_key", 401))
        site_ids = NOWHERE if actor.staff_id is None else site_ids_of(actor.staff_id)
        mine.actor = replace(actor, request_id=mine.request_id, site_ids=site_ids)
        answer = self.barred(mine) or self.get_response(request)
        if request.method not in http.SAFE_METHODS:
            navigation.forget(mine.actor.principal)
        return answer

    def barred(self, request: http.Request) -> HttpResponse | None:
        """Answer instead of the view to whoever the view need not even see (A01)."""
        in_workspace = request.path.startswith(WORKSPACE)
        if in_workspace and request.actor.principal == ANONYMOUS.principal:
            return http.sign_in(request)
        if in_workspace and (not request.actor.is_staff or request.actor.key_id is not None):
            return problem.response(request, Problem("forbidden", 403))
        if not (in_workspace or request.path.startswith(API)) or not owes_password(request):
            return None
        if in_workspace:
            return HttpResponseRedirect(reverse("account_change_password"))
        return problem.response(request, Problem("password_change_needed", 403))


def owes_password(request: http.Request) -> bool:
    """Tell whether a session's owner still has the first password that somebody else knows."""
    has_session = request.actor.is_staff and request.actor.key_id is None
    return has_session and bool(getattr(request.user, "must_change_password", False))


def actor_of_key(raw_key: str) -> Actor | None:
    """Return the key's actor, keeping "last used" true to the minute."""
    holder = queries.holder_of_key(raw_key)
    if holder is None or holder.actor.key_id is None:
        return None
    now = datetime.now(UTC)
    if queries.needs_touch(holder, now=now):
        actions.touch_key(holder.actor.key_id, now=now)
        queries.note_touched(raw_key, now=now)
    return holder.actor


def actor_of_session(request: HttpRequest) -> Actor:
    """Return the actor of the signed-in member of staff, or ANONYMOUS."""
    user_id = request.user.pk
    return ANONYMOUS if user_id is None else queries.actor_for_user(user_id)

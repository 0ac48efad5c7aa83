"""A short way for the question that everybody asks: public tracking skips what only sessions and the workspace need."""

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import ResolverMatch, URLResolver, get_resolver

from huoji.apps.shipments.api import shipments
from huoji.core.permission import ANONYMOUS
from huoji.kit import http, problem
from huoji.web.language import LanguageMiddleware
from huoji.web.policy import PolicyMiddleware

GetResponse = Callable[[HttpRequest], HttpResponse]
API, PAGE = "/api/v1/track", "/track/"


class TrackLane:
    """Answer a public tracking query at once; whoever brings a key, a session or a mistake goes the usual way.

    It calls the very functions that the usual way leads to, so that both ways give the same answer under the same limits.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.api = LanguageMiddleware(guarded(told))
        self.page = PolicyMiddleware(LanguageMiddleware(CsrfViewMiddleware(guarded(shown))))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        lane = self.api if is_question(request) else self.page if is_page(request) else None
        if lane is None or not plain(request):
            return self.get_response(request)
        answer = lane(request)
        assert isinstance(answer, HttpResponse)
        return answer


def is_question(request: HttpRequest) -> bool:
    return request.path_info == API and "numbers" in request.GET


def is_page(request: HttpRequest) -> bool:
    """Tell whether this is the page of one number, without anything behind it."""
    path = request.path_info
    return path.startswith(PAGE) and path.find("/", len(PAGE)) < 0 < len(path) - len(PAGE) and not request.GET


def told(request: http.Request) -> HttpResponse:
    request.resolver_match = door(get_resolver(), API)
    return shipments.track(request, numbers=request.GET["numbers"])


def shown(request: http.Request) -> HttpResponse:
    match = door(get_resolver(), PAGE + "X")
    request.resolver_match = match
    answer: HttpResponse = match.func(request, number=request.path_info[len(PAGE) :])
    return answer


@lru_cache(maxsize=8)
def door(resolver: URLResolver, path: str) -> ResolverMatch:
    """Return where a path leads; all numbers lead to one view."""
    return resolver.resolve(path)


def guarded(view: Callable[[http.Request], HttpResponse]) -> GetResponse:
    """Turn what the view refuses into an answer."""

    def answer(request: HttpRequest) -> HttpResponse:
        mine = http.of(request)
        mine.actor = ANONYMOUS
        try:
            response = view(mine)
        except Exception as error:
            refused = problem.of_exception(error)
            if refused is None:
                raise
            return problem.response(request, refused)
        response["Content-Length"] = str(len(response.content))
        response["X-Content-Type-Options"] = "nosniff"
        return response

    return answer


def plain(request: HttpRequest) -> bool:
    """Tell whether this is an anonymous GET to a host that is ours."""
    headers = request.META
    if request.method != "GET" or "HTTP_AUTHORIZATION" in headers or "HTTP_X_API_KEY" in headers:
        return False
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return False
    try:
        request.get_host()
    except SuspiciousOperation:
        return False
    return True

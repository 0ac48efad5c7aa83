"""A short way for the question that everybody asks: public tracking over the API skips what only sessions and pages need."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from huoji.apps.shipments.api import shipments
from huoji.core.permission import ANONYMOUS
from huoji.kit import http, problem
from huoji.web.language import LanguageMiddleware

GetResponse = Callable[[HttpRequest], HttpResponse]
PATH = "/api/v1/track"


class TrackLane:
    """Answer a public tracking query at once; whoever brings a key, a session or a mistake goes the usual way.

    It calls the very function that the API declares, so that both ways give the same answer under the same limits.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.answer = LanguageMiddleware(self.told)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH or not plain(request):
            return self.get_response(request)
        answer = self.answer(request)
        assert isinstance(answer, HttpResponse)
        return answer

    def told(self, request: HttpRequest) -> HttpResponse:
        mine = http.of(request)
        mine.actor = ANONYMOUS
        try:
            answer: HttpResponse = shipments.track(mine, numbers=request.GET["numbers"])
        except Exception as error:
            refused = problem.of_exception(error)
            if refused is None:
                raise
            return problem.response(request, refused)
        answer["Content-Length"] = str(len(answer.content))
        answer["X-Content-Type-Options"] = "nosniff"
        return answer


def plain(request: HttpRequest) -> bool:
    """Tell whether this is an anonymous GET with its one parameter, to a host that is ours."""
    headers = request.META
    if request.method != "GET" or "HTTP_AUTHORIZATION" in headers or "HTTP_X_API_KEY" in headers:
        return False
    if settings.SESSION_COOKIE_NAME in request.COOKIES or "numbers" not in request.GET:
        return False
    try:
        request.get_host()
    except SuspiciousOperation:
        return False
    return True

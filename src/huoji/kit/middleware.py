"""The outermost layers of every request: its id and client address, its log line, and problems instead of tracebacks."""

import secrets
import time
from collections.abc import Callable
from http import HTTPStatus

import psycopg
from django.conf import settings
from django.db import DataError, connection
from django.http import HttpRequest, HttpResponse

from huoji.kit import heartbeat, http, log, problem
from huoji.kit.problem import Problem

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Give every request an id (the proxy's, if it is sane) and the client's address, and write one log line about it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mine = http.of(request)
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        mine.request_id = given if http.REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        mine.client = http.client_address(
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            trusted=settings.HUOJI.trusted_proxies,
        )
        started = time.perf_counter()
        with log.bound(request_id=mine.request_id), connection.execute_wrapper(log.slow_query):
            answer = self.get_response(request)
            took_s = time.perf_counter() - started
            log.request(mine, answer, took_ms=took_s * 1000)
        heartbeat.count(f'huoji_http_requests_total{{status="{answer.status_code // 100}xx"}}')
        heartbeat.count("huoji_http_request_seconds_total", took_s)
        answer["X-Request-Id"] = mine.request_id
        return answer


class ProblemMiddleware:
    """Turn refusals into problem+json or a page; nothing a client sends may become a 500."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        plain = answer.status_code >= HTTPStatus.BAD_REQUEST and "json" not in answer.get("Content-Type", "")
        if plain and request.path.startswith("/api/"):  # Django's own 405 and the like speak HTML
            converted = problem.response(request, problem.of_status(answer.status_code))
            if allow := answer.get("Allow"):
                converted["Allow"] = allow
            return converted
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        found = problem.of_exception(exception)
        if found is None and isinstance(exception, DataError | psycopg.DataError):
            found = Problem("invalid_value", 422)  # a NUL or a number beyond its column: the client's, never our 500
        if found is None:
            return None
        if found.status == HTTPStatus.UNAUTHORIZED and not problem.wants_json(request):
            return http.sign_in(request)
        return problem.response(request, found)

"""Structured logs: one JSON object a line with the request id, and never a query, a body or a name in it."""

import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.urls import Resolver404, resolve

if TYPE_CHECKING:
    from huoji.kit.http import Request

CONTEXT: ContextVar[dict[str, str] | None] = ContextVar("huoji_log", default=None)
ACCESS = logging.getLogger("huoji.access")
SLOW = logging.getLogger("huoji.slow_query")
KIT = logging.getLogger("huoji.kit")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
DIGITS = re.compile(r"\d{5,}")  # phones and numbers in foreign messages
SQL_LENGTH_MAX = 2_000
MESSAGE_LENGTH_MAX = 300
TRACE_FRAMES_MAX = 12


@contextmanager
def bound(**fields: str) -> Iterator[None]:
    """Put fields on every log line written inside."""
    token = CONTEXT.set((CONTEXT.get() or {}) | fields)
    try:
        yield
    finally:
        CONTEXT.reset(token)


def current_request_id() -> str:
    return (CONTEXT.get() or {}).get("request_id", "")


class StderrHandler(logging.StreamHandler[TextIO]):
    """Write to what standard error is at that moment: one that was captured is closed before a late thread's next line."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class JsonFormatter(logging.Formatter):
    """Write a record as one JSON line; `extra=` fields become members."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        line |= CONTEXT.get() or {}
        line |= {key: value for key, value in vars(record).items() if key not in STANDARD and key != "request"}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = trace_of(record.exc_info[1])
        return msgspec.json.encode(line, enc_hook=repr).decode()


def message_of(record: logging.LogRecord) -> str:
    """Return the message; of Django's lines about a request only the words before the path."""
    message = record.getMessage()
    return message.partition(":")[0] if record.name.startswith("django.") else message


def summary_of(error: BaseException) -> str:
    """Tell an error in one line: its type and first line without numbers (DETAIL of a database error quotes the row)."""
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {DIGITS.sub('*', first)[:MESSAGE_LENGTH_MAX]}"


def trace_of(error: BaseException) -> list[str]:
    """Tell where and what failed."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)[-TRACE_FRAMES_MAX:]
        lines.append(summary_of(seen))
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        seen = seen.__cause__ or seen.__context__
    return lines


def slow_query(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
    """Log statements over the threshold as text without their parameters; an execute wrapper of Django."""
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took_ms = (time.perf_counter() - started) * 1000
        if took_ms >= settings.HUOJI.slow_query_ms:
            SLOW.warning("slow query", extra={"took_ms": round(took_ms, 1), "sql": str(sql)[:SQL_LENGTH_MAX]})


def request(request: "Request", answer: HttpResponse, *, took_ms: float) -> None:
    """Write the access line: the route's pattern, never the path (a path may carry a number) nor the query."""
    if not ACCESS.isEnabledFor(logging.INFO):
        return
    fields = {
        "method": request.method,
        "route": route_of(request),
        "status": answer.status_code,
        "took_ms": round(took_ms, 1),
        "principal": getattr(getattr(request, "actor", None), "principal", ""),
    }
    ACCESS.info("request", extra=fields)


def route_of(request: "Request") -> str:
    match = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return ""
    return match.route or ""

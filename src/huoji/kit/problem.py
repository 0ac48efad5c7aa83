"""What went wrong, told the same way everywhere: stable codes as problem+json for programs, a page for people (RFC 9457)."""

import errno
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template, select_template
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huoji.kit import trouble

CATALOGUE_PATH = "/api/docs"  # the page has one row a code
CONTENT_TYPE = "application/problem+json"
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
RETRY_S = 5  # what we tell a client to wait when the database is away


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One entry of the catalogue: a code that clients may rely on, its usual status and a short title."""

    code: str
    status: int
    title: Promise | str


CATALOGUE: dict[str, Kind] = {}


def declare(code: str, *, status: int, title: Promise | str) -> None:
    """Put a code into the catalogue; an app declares its own beside the action that raises it."""
    CATALOGUE[code] = Kind(code=code, status=status, title=title)


for _code, _status, _title in (
    ("malformed_body", 400, _("请求正文无法解析")),
    ("malformed_request", 400, _("请求格式不正确")),
    ("invalid_cursor", 400, _("翻页游标无效")),
    ("sign_in_required", 401, _("需要登录或 API 密钥")),
    ("forbidden", 403, _("没有权限")),
    ("csrf_failed", 403, _("页面已过期，请刷新后重试")),
    ("not_found", 404, _("找不到")),
    ("method_not_allowed", 405, _("不支持的请求方法")),
    ("conflict", 409, _("与现有数据冲突")),
    ("body_too_large", 413, _("请求正文过大")),
    ("unsupported_type", 415, _("不支持的内容类型")),
    ("invalid_request", 422, _("请求内容有误")),
    ("invalid_value", 422, _("数值无法保存")),
    ("rate_limited", 429, _("请求过于频繁")),
    ("internal_error", 500, _("服务器内部错误")),
    ("unavailable", 503, _("服务暂时不可用")),
    ("disk_full", 507, _("服务器磁盘已满")),
):
    declare(_code, status=_status, title=_title)

BY_STATUS = {
    400: "malformed_request",
    401: "sign_in_required",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "body_too_large",
    415: "unsupported_type",
    422: "invalid_request",
    429: "rate_limited",
    503: "unavailable",
}


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A refusal with a stable code; `extra` becomes members of the JSON (`retry_after_s` also a header).

    `detail` is read by strangers: never put personal data or foreign input into it.
    """

    def __init__(self, code: str, status: int, detail: Promise | str = "", **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.detail = detail
        self.extra = extra

    @property
    def title(self) -> str:
        kind = CATALOGUE.get(self.code)
        return str(kind.title) if kind else HTTPStatus(self.status).phrase

    def document(self) -> dict[str, Any]:
        """Return the members of the problem+json document."""
        body: dict[str, Any] = {
            "type": f"{CATALOGUE_PATH}#{self.code}",
            "code": self.code,
            "title": self.title,
            "status": self.status,
        }
        if self.detail:
            body["detail"] = str(self.detail)
        return body | self.extra


def of_status(status: int, detail: Promise | str = "", **extra: Any) -> Problem:
    """Return the general problem for an HTTP status."""
    fallback = "malformed_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal_error"
    return Problem(BY_STATUS.get(status, fallback), status, detail, **extra)


def of_exception(error: BaseException | None) -> Problem | None:
    """Return what an exception means to a client, or None when it is a bug of ours."""
    match error:
        case Problem():
            return error
        case RequestDataTooBig():
            return of_status(413)
        case _ if trouble.passes(error):
            return Problem("unavailable", 503, _("数据库暂时无法访问，请稍后再试"), retry_after_s=RETRY_S)
        case OSError() if error.errno in DISK_FULL:
            return Problem("disk_full", 507, _("内容没有保存，请联系管理员腾出空间后再试"))
        case _:
            return None


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a program asks: everything under /api/ but its page for people, and whoever prefers JSON to HTML."""
    if request.path.startswith("/api/") and not request.path.startswith(CATALOGUE_PATH):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def json_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Render the problem as problem+json with the request id."""
    document = problem.document() | {"request_id": getattr(request, "request_id", "")}
    return HttpResponse(msgspec.json.encode(document), status=problem.status, content_type=CONTENT_TYPE)


def page_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Render the problem as a page; `problem.html` of the web layer wins over our plain one.

    Without a database the plain one is shown at once: the other asks it for the brand, and would wait in vain.
    """
    context = {"problem": problem, "request_id": getattr(request, "request_id", "")}
    if problem.code == "unavailable":
        language = {"LANGUAGE_CODE": get_language()}
        page = get_template("kit/problem.html").render(context | language)
    else:
        page = select_template(["problem.html", "kit/problem.html"]).render(context, request)
    return HttpResponse(page, status=problem.status)


def response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Render the problem for whoever asked, with the headers that belong to it."""
    answer = json_response(request, problem) if wants_json(request) else page_response(request, problem)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    if wait_s := problem.extra.get("retry_after_s"):
        answer["Retry-After"] = str(wait_s)
    answer["Cache-Control"] = "no-store"
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer Django's handler400."""
    return response(request, of_exception(exception) or of_status(400))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer Django's handler403."""
    return response(request, of_exception(exception) or of_status(403))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer Django's handler404."""
    return response(request, of_exception(exception) or of_status(404))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer Django's handler500: a database that is away is a 503 even when a middleware met it."""
    problem = of_exception(sys.exc_info()[1]) or Problem("internal_error", 500, _("我们已记录此错误，请稍后再试"))
    try:
        return response(request, problem)
    except Exception:  # noqa: BLE001 - the page itself may need what is broken
        return json_response(request, problem)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer Django's CSRF_FAILURE_VIEW."""
    del reason  # it helps attackers more than users
    return response(request, Problem("csrf_failed", 403))

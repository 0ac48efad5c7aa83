"""The request as our views see it, who may call them, and where the client really sits."""

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.http import urlencode
from ninja.security.base import AuthBase

from huoji.core.permission import ANONYMOUS, Actor, Permission
from huoji.kit.problem import Problem

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails
    from ninja.operation import Operation

P = ParamSpec("P")
R = TypeVar("R")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Request(HttpRequest):
    """What every view gets: the actor is ANONYMOUS when nobody signed in; `client` is the address that asks."""

    actor: Actor
    request_id: str
    client: str
    htmx: "HtmxDetails"


def client_address(remote: str, forwarded: str, *, trusted: tuple[IPv4Network | IPv6Network, ...]) -> str:
    """Return the client's address: X-Forwarded-For counts only as far as trusted proxies wrote it."""

    def is_proxy(text: str) -> bool:
        address = parse_address(text)
        return address is not None and any(address in network for network in trusted)

    address = remote
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and is_proxy(address):
        hop = hops.pop()
        if parse_address(hop) is None:
            break
        address = hop
    return address


@lru_cache(maxsize=4_096)  # it is asked three times of each request
def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def client_key(address: str) -> str:
    """Return the key under which a client is counted: an IPv6 client owns a /64."""
    parsed = parse_address(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 64), strict=False))
    return str(parsed) if parsed else address


def is_direct_loopback(request: HttpRequest) -> bool:
    """Tell whether someone on this machine asks without any proxy between (a proxy on loopback speaks for strangers)."""
    remote = parse_address(request.META.get("REMOTE_ADDR", ""))
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
    return remote is not None and remote.is_loopback and not forwarded


def of(request: HttpRequest) -> Request:
    """Look at Django's request as ours (the middleware has filled it)."""
    return cast("Request", request)


def actor_of(request: HttpRequest) -> Actor:
    return cast("Actor", getattr(request, "actor", ANONYMOUS))


def refuse_without(request: HttpRequest, permissions: tuple[Permission, ...]) -> None:
    """Raise the problem when the actor lacks one of the permissions."""
    actor = actor_of(request)
    missing = [permission.value for permission in permissions if not actor.may(permission)]
    if not missing:
        return
    if actor.principal == ANONYMOUS.principal:
        raise Problem("sign_in_required", 401)
    raise Problem("forbidden", 403, missing=missing)


class ApiKey(AuthBase):
    """The check of `needs` for the API, made before the parameters are read; it also documents the endpoint."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "API key of a customer, partner or member of staff; the workspace uses its session cookie."

    def __init__(self, permissions: tuple[Permission, ...]) -> None:
        super().__init__()
        self.permissions = permissions

    def __call__(self, request: HttpRequest) -> Any:
        refuse_without(request, self.permissions)
        if actor_of(request).key_id is None and request.method not in SAFE_METHODS:
            refuse_cross_site(request)
        return True


def refuse_cross_site(request: HttpRequest) -> None:
    """Raise unless the CSRF token is there: Ninja exempts its views, but a session cookie travels by itself."""
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    cast("Any", request).csrf_processing_done = False
    check.process_request(request)
    if check.process_view(request, HttpResponse, (), {}) is not None:
        raise Problem("csrf_failed", 403)


def needs(
    *permissions: Permission,
) -> Callable[[Callable[Concatenate[Request, P], R]], Callable[Concatenate[Request, P], R]]:
    """Guard a view or an API operation; place it directly above the function.

    The API answers 401 or 403 problem+json, a page leads to the sign-in. `view.needs` tells the permissions.
    """

    def decorate(view: Callable[Concatenate[Request, P], R]) -> Callable[Concatenate[Request, P], R]:
        def guard_operation(operation: "Operation") -> None:
            operation._set_auth([ApiKey(permissions)])  # noqa: SLF001 - Ninja's own hook for decorators gives no other way

        @wraps(view)
        def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> R:
            refuse_without(request, permissions)
            return view(request, *args, **kwargs)

        marked = cast("Any", guarded)
        marked.needs = permissions
        marked._ninja_contribute_to_operation = [  # noqa: SLF001
            *getattr(view, "_ninja_contribute_to_operation", []),
            guard_operation,
        ]
        return cast("Callable[Concatenate[Request, P], R]", guarded)

    return decorate


def sign_in(request: HttpRequest) -> HttpResponse:
    """Lead a person to the sign-in page and back; htmx is told by header so that it replaces the whole page."""
    back = request.get_full_path() if request.method in SAFE_METHODS else "/app/"
    if request.headers.get("HX-Request"):
        back = request.headers.get("HX-Current-URL", back)
        back = re.sub(r"^[a-z]+://[^/]+", "", back)
    target = f"{settings.LOGIN_URL}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)

"""The content policy of every answer: one for all of them but for its nonce, so it is built once and not anew each time."""

from functools import cache
from typing import Any, cast

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

_HOLE = "nonce of the answer"


class PolicyMiddleware(CSPMiddleware):
    """Gives what django-csp gives while no view has a policy of its own, which none of ours has."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if settings.DEBUG:  # the pages of errors in development have none
            return super().process_response(request, response)
        nonce: str | None = getattr(request, "_csp_nonce", None)
        if HEADER not in response:
            response[HEADER] = policy(nonce)
        if nonce is None:  # too late for one
            cast("Any", request).csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)
        return response


def policy(nonce: str | None) -> str:
    """Return the policy, with the nonce where the answer used one."""
    return nonce.join(_pieces()) if nonce else _without_nonce()


@cache
def _pieces() -> list[str]:
    return build_policy(nonce=_HOLE).split(_HOLE)


@cache
def _without_nonce() -> str:
    return build_policy()

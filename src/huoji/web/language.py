"""The language of the reader: `?lang=` (remembered in a cookie), the cookie, Accept-Language, then Chinese."""

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

CODES = {"zh": "zh-hans", "zh-hans": "zh-hans", "zh-cn": "zh-hans", "en": "en"}
COOKIE_AGE_S = 365 * 24 * 3600
TEXT_MAX = 200  # of a cookie or header that says a language


def is_english() -> bool:
    """Say whether the reader of this request reads English."""
    return (translation.get_language() or "").startswith("en")


class LanguageMiddleware(MiddlewareMixin):
    """What Django's own does where no address tells a language, plus the switch in the page's head."""

    def process_request(self, request: HttpRequest) -> None:
        chosen = CODES.get(request.GET.get("lang", "").lower())
        if chosen is None:
            cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
            code = preferred(cookie[:TEXT_MAX], request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:TEXT_MAX])
            translation.activate(code)
            request.LANGUAGE_CODE = code
            return
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
        request.META["huoji.language"] = chosen

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        chosen = request.META.get("huoji.language")
        if chosen:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=COOKIE_AGE_S, samesite="Lax")
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


@lru_cache(maxsize=1_000)
def preferred(cookie: str, accepted: str) -> str:
    """Return the language that Django reads from these; browsers say the same few things again and again."""
    asked = HttpRequest()
    asked.COOKIES = {settings.LANGUAGE_COOKIE_NAME: cookie} if cookie else {}
    asked.META = {"HTTP_ACCEPT_LANGUAGE": accepted}
    return translation.get_language_from_request(asked)

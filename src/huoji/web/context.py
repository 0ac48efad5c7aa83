"""What every template knows: the brand, and the shell around the page. Cheap, for it runs on every public query."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils import timezone

from huoji.core.permission import ANONYMOUS, Actor, Permission
from huoji.kit import health
from huoji.web import brand, language, navigation


class Shell:
    """The frame of a page; computed only where a template asks."""

    __slots__ = ("_request",)

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def actor(self) -> Actor:
        return getattr(self._request, "actor", ANONYMOUS)

    def nav(self) -> Iterator[navigation.Row]:
        return navigation.rows(self.actor, path=self._request.path)

    def alarms(self) -> list[health.Standing]:
        """Return what fails now, for those who look after the system."""
        return health.alarms(now=timezone.now()) if self.actor.may(Permission.HEALTH_VIEW) else []

    @property
    def lang(self) -> str:
        return "en" if language.is_english() else "zh-Hans"

    def english(self) -> bool:
        return language.is_english()

    def in_chinese(self) -> str:
        return self._same_page("zh")

    def in_english(self) -> str:
        return self._same_page("en")

    def _same_page(self, code: str) -> str:
        """Return this page's address in another language; a page that was posted has no other address than its own."""
        query = self._request.GET.copy()
        query["lang"] = code
        return f"{self._request.path}?{query.urlencode()}"


def shell(request: HttpRequest) -> dict[str, object]:
    """Give every template `brand` and `shell`."""
    return {"brand": brand.current(), "shell": Shell(request)}

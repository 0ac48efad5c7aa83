"""What the pages of the warehouse share."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from huoji.apps.places import queries as places
from huoji.apps.warehouse.queries.scope import may_work_at, sites_of
from huoji.core.place import Place
from huoji.kit import clock, live
from huoji.kit.http import Request


def now() -> datetime:
    return datetime.now(UTC)


def site_name(site_id: int) -> str:
    return places.place_name(site_id, lang=clock.language())


def site_choices(request: Request) -> list[tuple[str, str]]:
    """Return (code, name) of the sites where the actor may work."""
    return [(place.code, place.name_in(clock.language())) for place in sites_of(request.actor)]


def site_or_404(request: Request, code: str) -> Place:
    """Return a site where the actor works; for anybody else it does not exist."""
    place = next((each for each in places.places().values() if each.code == code), None)
    if place is None or not may_work_at(request.actor, place.id):
        raise Http404
    return place


def shown(request: Request, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page of this moment: no cache may keep it."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def heard(request: Request) -> dict[str, str]:
    """Let a page hear when something changes at the sites that it shows."""
    topics = [live.topic("storage", place.id) for place in sites_of(request.actor)][: live.TOPICS_MAX]
    return {"live_url": live.url(request), "live_token": live.token(topics, now())}

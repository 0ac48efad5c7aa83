"""The palette: numbers while one types, people when one asks for it."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from huoji.apps.shipments.actions import looking
from huoji.apps.shipments.queries import search, worklists
from huoji.apps.shipments.queries.search import TEXT_MAX, Hit
from huoji.apps.shipments.views.frame import fresh, now
from huoji.core.permission import Permission
from huoji.core.recognise import NUMBERS_MAX, find
from huoji.kit import clock
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem

PASTE_CHARS_MAX = 4_000


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def start(request: Request) -> HttpResponse:
    """Ask for the number, and show what waits."""
    waiting = worklists.waiting(request.actor, now=now())
    return fresh(render(request, "shipments/start.html", {"waiting": waiting}))


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def palette(request: Request) -> HttpResponse:
    """Find numbers by their beginning, or each of many pasted ones; one exact hit of a whole page opens at once."""
    text = request.GET.get("q", "")[:PASTE_CHARS_MAX].strip()
    lang = clock.language()
    pasted = find(text, limit=NUMBERS_MAX, prefix=settings.HUOJI.waybill_prefix).numbers
    hits = (
        search.by_numbers(request.actor, pasted, lang=lang)
        if len(pasted) > 1
        else search.by_number(request.actor, text, lang=lang)
    )
    if not is_palette(request) and len(hits) == 1:
        return HttpResponseRedirect(address(hits[0]))
    key = search.person_key(text) if len(text) <= TEXT_MAX else None
    return answer(request, text, hits, may_look_up=key is not None and request.actor.may(Permission.PARTY_SEARCH))


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.PARTY_SEARCH)
def people(request: Request) -> HttpResponse:
    """Find shipments by a party's telephone or name; counted and audited."""
    text = request.POST.get("q", "")[:TEXT_MAX].strip()
    key = search.person_key(text)
    if key is None:
        return answer(request, text, [], may_look_up=False)
    try:
        hits = looking.look_up(request.actor, text=text, key=key, lang=clock.language())
    except Problem as refusal:
        return answer(request, text, [], may_look_up=False, refusal=str(refusal.detail or refusal.title))
    return answer(request, text, hits, may_look_up=False, looked_up=True)


def is_palette(request: Request) -> bool:
    """Tell whether the palette asks, that is htmx, or a whole page is wanted."""
    return "HX-Request" in request.headers


def answer(
    request: Request, text: str, hits: list[Hit], *, may_look_up: bool, looked_up: bool = False, refusal: str = ""
) -> HttpResponse:
    """Show what was found, in the palette or on a page of its own."""
    context = {
        "text": text,
        "hits": [(hit, address(hit)) for hit in hits],
        "may_look_up": may_look_up,
        "looked_up": looked_up,
        "refusal": refusal,
        "list_url": f"{reverse('shipment-list')}?{urlencode({'text': text})}",
    }
    template = "shipments/hits.html" if is_palette(request) else "shipments/search.html"
    return fresh(render(request, template, context))


def address(hit: Hit) -> str:
    """Return the page of what was found."""
    if hit.kind == "waybill":
        return reverse("shipment", args=[hit.number])
    return reverse("unit", args=[hit.kind, hit.number])

"""The palette: what one types names a shipment, a vehicle, a run, a terminal or a page; people only when one asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from huoji.apps.fleet.queries import finding
from huoji.apps.fleet.queries.conveyances import ConveyanceLine
from huoji.apps.fleet.queries.terminals import TerminalLine
from huoji.apps.shipments.actions import looking
from huoji.apps.shipments.queries import search
from huoji.apps.shipments.queries.search import TEXT_MAX, Hit
from huoji.core.permission import Permission
from huoji.core.recognise import NUMBERS_MAX, find
from huoji.kit import clock
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem
from huoji.web import navigation

PASTE_CHARS_MAX = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, each kind by itself; only what the actor may see."""

    hits: Sequence[Hit] = ()
    conveyances: Sequence[ConveyanceLine] = ()
    terminals: Sequence[TerminalLine] = ()
    runs: Sequence[Hit] = ()
    rooms: Sequence[navigation.Row] = field(default=())

    def addresses(self) -> list[str]:
        """Return the page of each."""
        return [
            *(address(hit) for hit in self.hits),
            *(reverse("conveyance", args=[line.id]) for line in self.conveyances),
            *(reverse("terminal", args=[line.id]) for line in self.terminals),
            *(address(hit) for hit in self.runs),
            *(room.href for room in self.rooms),
        ]


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def palette(request: Request) -> HttpResponse:
    """Find what a text names, or each of many pasted numbers; one hit of a whole page opens at once."""
    text = request.GET.get("q", "")[:PASTE_CHARS_MAX].strip()
    pasted = find(text, limit=NUMBERS_MAX, prefix=settings.HUOJI.waybill_prefix).numbers
    if len(pasted) > 1:
        found = Found(hits=search.by_numbers(request.actor, pasted, lang=clock.language()))
    else:
        found = named(request, text[:TEXT_MAX])
    addresses = found.addresses()
    if not is_palette(request) and len(addresses) == 1:
        return HttpResponseRedirect(addresses[0])
    key = search.person_key(text) if len(text) <= TEXT_MAX else None
    return answer(request, text, found, may_look_up=key is not None and request.actor.may(Permission.PARTY_SEARCH))


def named(request: Request, text: str) -> Found:
    """Return what one text names."""
    actor, now = request.actor, datetime.now(UTC)
    hits = search.by_number(actor, text, lang=clock.language())
    known = {hit.unit_id for hit in hits}
    return Found(
        hits=hits,
        conveyances=finding.conveyances_like(actor, text, now=now),
        terminals=finding.terminals_like(actor, text, now=now),
        runs=[run for run in search.runs(actor, text) if run.unit_id not in known],
        rooms=navigation.named(actor, text),
    )


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.PARTY_SEARCH)
def people(request: Request) -> HttpResponse:
    """Find shipments by a party's telephone or name; counted and audited."""
    text = request.POST.get("q", "")[:TEXT_MAX].strip()
    key = search.person_key(text)
    if key is None:
        return answer(request, text, Found(), may_look_up=False)
    try:
        hits = looking.look_up(request.actor, text=text, key=key, lang=clock.language())
    except Problem as refusal:
        return answer(request, text, Found(), may_look_up=False, refusal=str(refusal.detail or refusal.title))
    return answer(request, text, Found(hits=hits), may_look_up=False, looked_up=True)


def is_palette(request: Request) -> bool:
    """Tell whether the palette asks, that is htmx, or a whole page is wanted."""
    return "HX-Request" in request.headers


def answer(
    request: Request, text: str, found: Found, *, may_look_up: bool, looked_up: bool = False, refusal: str = ""
) -> HttpResponse:
    """Show what was found, in the palette or on a page of its own."""
    context = {
        "text": text,
        "found": found,
        "hits": [(hit, address(hit)) for hit in found.hits],
        "runs": [(hit, address(hit)) for hit in found.runs],
        "count": len(found.addresses()),
        "may_look_up": may_look_up,
        "looked_up": looked_up,
        "refusal": refusal,
        "list_url": f"{reverse('shipment-list')}?{urlencode({'text': text})}",
    }
    response = render(request, "web/hits.html" if is_palette(request) else "web/search.html", context)
    response["Cache-Control"] = "no-store"
    return response


def address(hit: Hit) -> str:
    """Return the page of what was found."""
    if hit.kind == "waybill":
        return reverse("shipment", args=[hit.number])
    return reverse("unit", args=[hit.kind, hit.number])

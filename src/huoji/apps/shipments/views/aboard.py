"""Fragments for the dispatch map, which lies below shipments: the cargo aboard, and which vehicle carries a number."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huoji.apps.shipments.queries import aboard, dossier
from huoji.apps.shipments.views.frame import fresh
from huoji.core.permission import Permission
from huoji.kit.http import Request, needs

TEXT_LENGTH_MAX = 80


@require_GET
@needs(Permission.FLEET_VIEW, Permission.SHIPMENT_VIEW)
def cargo(request: Request, unit_id: int) -> HttpResponse:
    """Show what is aboard a trip or a voyage now."""
    return fresh(render(request, "shipments/aboard.html", {"aboard": aboard.aboard(request.actor, unit_id)}))


@require_GET
@needs(Permission.FLEET_VIEW, Permission.SHIPMENT_VIEW)
def find(request: Request) -> HttpResponse:
    """Tell the conveyance that carries a shipment now, for the search of the map."""
    text = request.GET.get("text", "")[:TEXT_LENGTH_MAX].strip()
    unit = dossier.shipment_of(request.actor, text) if text else None
    return fresh(JsonResponse({"conveyance": aboard.carrier_of(unit.id) if unit else None}))

"""The form of a new shipment: a draft is kept while one types."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huoji.apps.shipments.actions import desk
from huoji.apps.shipments.forms import OrderSheet, place_names
from huoji.apps.shipments.queries import lists
from huoji.apps.shipments.views.frame import GET_OR_POST, fresh, now
from huoji.core.draft import DraftError
from huoji.core.permission import Permission
from huoji.kit.http import Request, needs

NOT_KEPT = frozenset({"csrfmiddlewaretoken"})


@require_http_methods(GET_OR_POST)
@needs(Permission.SHIPMENT_VIEW, Permission.SHIPMENT_CREATE)
def new(request: Request) -> HttpResponse:
    """Order a shipment by hand; faults stand beside their fields, and the number is shown after."""
    kept = lists.kept_draft(request.actor)
    initial = {name: values[-1] for name, values in kept[0].items() if values} if kept else {}
    sheet = OrderSheet(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        desk.keep_draft(request.actor, typed(request.POST), now=now())
        if sheet.is_valid():
            try:
                number = desk.order_shipment(request.actor, sheet.told(), now=now())
            except DraftError as fault:
                sheet.blame(fault.field, fault.detail)
            else:
                messages.success(request, _("运单 {number} 已创建").format(number=number))
                return HttpResponseRedirect(reverse("shipment", args=[number]))
    return sheet_page(request, sheet, kept_at=kept[1] if kept and request.method != "POST" else None)


def sheet_page(request: Request, sheet: OrderSheet, *, kept_at: Any) -> HttpResponse:
    """Show the form."""
    faulty = [form for form in sheet.forms() if form.errors]
    context = {
        "sheet": sheet,
        "places": place_names(),
        "kept_at": kept_at,
        "is_faulty": bool(faulty),
        "has_more": sheet.has_more(),
    }
    return fresh(render(request, "shipments/new.html", context, status=422 if faulty else 200))


def typed(data: QueryDict) -> Mapping[str, list[str]]:
    """Return what was typed, without what belongs to the request."""
    return {name: data.getlist(name) for name in data if name not in NOT_KEPT}


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.SHIPMENT_CREATE)
def keep(request: Request) -> HttpResponse:
    """Keep the draft while one types."""
    desk.keep_draft(request.actor, typed(request.POST), now=now())
    return fresh(HttpResponse(status=204))


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.SHIPMENT_CREATE)
def discard(request: Request) -> HttpResponse:
    """Throw the draft away."""
    desk.drop_draft(request.actor)
    return HttpResponseRedirect(reverse("shipment-new"))

"""What waits for a person: events of unknown numbers, silent shipments, clocks that are wrong."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huoji.apps.shipments.actions import desk
from huoji.apps.shipments.forms import CauseForm, RetargetForm
from huoji.apps.shipments.queries import lists, worklists
from huoji.apps.shipments.queries.lists import Asked, Order
from huoji.apps.shipments.views.frame import GET_OR_POST, PAGE_ROWS, attempt, fresh, now, query_without
from huoji.core.permission import Permission, Scope
from huoji.kit import clock
from huoji.kit.http import Request, needs


@require_safe
@needs(Permission.SHIPMENT_VIEW, Permission.RAW_VIEW)
def parked(request: Request) -> HttpResponse:
    """List events whose number nobody knows yet, the oldest first."""
    text, source = request.GET.get("text", "")[:80].strip(), request.GET.get("source", "")[:60]
    cursor = request.GET.get("cursor", "")
    context = {
        "found": worklists.parked_page(request.actor, text=text, source=source, cursor=cursor, limit=PAGE_ROWS),
        "text": text,
        "source": source,
        "sources": worklists.parked_sources(),
        "query": query_without(request),
        "may_settle": may_settle(request),
    }
    return fresh(render(request, "shipments/parked.html", context))


def may_settle(request: Request) -> bool:
    """Tell whether the actor may settle what belongs to no site."""
    return request.actor.may(Permission.EVENT_CORRECT) and request.actor.scope is Scope.ALL


@require_http_methods(GET_OR_POST)
@needs(Permission.SHIPMENT_VIEW, Permission.RAW_VIEW, Permission.EVENT_CORRECT)
def parked_discard(request: Request, parked_id: int) -> HttpResponse:
    """Remove a parked event, with a reason."""
    form = CauseForm(request.POST or None)
    if form.is_valid() and attempt(
        form, lambda: desk.discard_parked(request.actor, parked_id=parked_id, reason=form.cleaned_data["cause"])
    ):
        messages.success(request, _("已删除"))
        return HttpResponseRedirect(reverse("parked"))
    return settle(request, form, parked_id=parked_id, is_discard=True)


@require_http_methods(GET_OR_POST)
@needs(Permission.SHIPMENT_VIEW, Permission.RAW_VIEW, Permission.EVENT_CORRECT)
def parked_retarget(request: Request, parked_id: int) -> HttpResponse:
    """Give a parked event to the shipment that it was meant for."""
    form = RetargetForm(request.POST or None, initial={"number": request.GET.get("number", "")})
    if form.is_valid() and attempt(
        form,
        lambda: desk.retarget_parked(
            request.actor,
            parked_id=parked_id,
            number=form.cleaned_data["number"],
            reason=form.cleaned_data["cause"],
            now=now(),
        ),
    ):
        messages.success(request, _("已挂到运单 {number}").format(number=form.cleaned_data["number"]))
        return HttpResponseRedirect(reverse("parked"))
    return settle(request, form, parked_id=parked_id, is_discard=False)


def settle(request: Request, form: Form, *, parked_id: int, is_discard: bool) -> HttpResponse:
    """Show what is to be settled with the form for it."""
    row = worklists.parked_row(request.actor, parked_id=parked_id)
    if row is None:
        messages.warning(request, _("这条轨迹已被处理。"))
        return HttpResponseRedirect(reverse("parked"))
    context = {"row": row, "form": form, "is_discard": is_discard}
    return fresh(render(request, "shipments/parked_settle.html", context, status=422 if form.errors else 200))


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def stalled(request: Request) -> HttpResponse:
    """List the shipments that went silent, the longest first."""
    asked = Asked(stalled=True, is_open=True, order=Order.SILENT)
    cursor = request.GET.get("cursor", "")
    found = lists.shipment_page(request.actor, asked, cursor=cursor, limit=PAGE_ROWS, lang=clock.language())
    return fresh(render(request, "shipments/stalled.html", {"found": found, "query": query_without(request)}))


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def clocks(request: Request) -> HttpResponse:
    """List the events whose clock cannot be right."""
    rows = worklists.wrong_clocks(request.actor, now=now())
    return fresh(render(request, "shipments/clocks.html", {"rows": rows, "limit": worklists.CLOCKS_MAX}))

"""The page of a trip, a voyage, a container, a bag, a pallet, an EPC, a booking or a bill: its own timeline and what it holds."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.fleet.queries import plans
from huoji.apps.shipments.actions import correcting
from huoji.apps.shipments.forms import EventForm, place_names
from huoji.apps.shipments.queries import dossier, exceptions
from huoji.apps.shipments.queries.dossier import UnitRow
from huoji.apps.shipments.views.curves import pictures
from huoji.apps.shipments.views.frame import GET_OR_POST, attempt, fresh, now
from huoji.apps.shipments.views.shipment import correction
from huoji.core.custody import PAPERS
from huoji.core.milestone import Classifier
from huoji.core.permission import Permission
from huoji.core.wording import sentence
from huoji.kit import clock, live
from huoji.kit.http import Request, needs


def unit_or_404(request: Request, kind: str, number: str) -> UnitRow:
    """Return a unit that this actor may see."""
    found = dossier.unit_of(request.actor, kind, number)
    if found is None:
        raise Http404
    return found


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def unit(request: Request, kind: str, number: str) -> HttpResponse:
    """Show a unit; a waybill has a page of its own."""
    row = unit_or_404(request, kind, number)
    if row.kind == "waybill":
        return HttpResponseRedirect(reverse("shipment", args=[row.number]))
    return page(request, row)


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def story(request: Request, kind: str, number: str) -> HttpResponse:
    """Show what changes of a page that is open already."""
    return fresh(render(request, "shipments/unit_story.html", moving(request, unit_or_404(request, kind, number))))


def moving(request: Request, row: UnitRow) -> dict[str, Any]:
    """Return what the live part of the page shows."""
    is_paper = row.kind in PAPERS
    entries = dossier.timeline_of(row, now=now(), language=clock.language())
    may_correct = request.actor.may(Permission.EVENT_CORRECT)
    ids = [event.event_id for event in dossier.events_of(row)] if may_correct else []
    own = {event_id: reverse("unit-event-correct", args=[event_id, row.kind, row.number]) for event_id in ids}
    return {
        "unit": row,
        "lines": [(entry, sentence(entry, lang=clock.language()), own.get(entry.event_id, "")) for entry in entries],
        "aboard": dossier.named_by(request.actor, row) if is_paper else dossier.held_by(request.actor, row.id),
        "is_paper": is_paper,
        "holders": dossier.holders_of(request.actor, row.id),
        "raw": dossier.raw_events(request.actor, row),
        "may_see_raw": request.actor.may(Permission.RAW_VIEW),
        "run": plans.runs_of([row.id]).get(row.id),
        "may_run": request.actor.may(Permission.FLEET_MANAGE),
        "may_see_fleet": request.actor.may(Permission.FLEET_VIEW),
        "exceptions": exceptions.of_shipment(request.actor, row.id, lang=clock.language()),
        "live_token": live.token([live.topic("unit", row.id)], now()),
    }


def page(request: Request, row: UnitRow, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show the whole page."""
    may_add = request.actor.may(Permission.EVENT_ADD)
    context = moving(request, row) | {
        "watches": pictures(request, row.id),
        "may_watch": request.actor.may(Permission.SENSOR_MANAGE),
        "may_add": may_add,
        "event_form": EventForm(initial={"classifier": Classifier.ACTUAL.value}),
        "event_key": get_random_string(16),
        "places": place_names() if may_add else [],
        "live_url": live.url(request),
        **more,
    }
    return fresh(render(request, "shipments/unit.html", context, status=status))


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.EVENT_ADD)
def event_add(request: Request, kind: str, number: str) -> HttpResponse:
    """Add an event of a vehicle: all that was aboard then is told of it."""
    row = unit_or_404(request, kind, number)
    form = EventForm(request.POST)
    key = request.POST.get("key", "")[:40]
    if form.is_valid() and attempt(
        form,
        lambda: correcting.add(request.actor, told=form.told(kind=row.kind, number=row.number, key=key), now=now()),
    ):
        messages.success(request, _("轨迹已登记"))
        return HttpResponseRedirect(reverse("unit", args=[row.kind, row.number]))
    return page(request, row, status=422, event_form=form, event_key=key)


@require_http_methods(GET_OR_POST)
@needs(Permission.SHIPMENT_VIEW, Permission.EVENT_CORRECT)
def event_correct(request: Request, event_id: int, kind: str, number: str) -> HttpResponse:
    """Take an event of a unit back, with a reason: whatever it was told of is no longer told of it."""
    row = unit_or_404(request, kind, number)
    event = next((each for each in dossier.events_of(row) if each.event_id == event_id and each.stands), None)
    if event is None:
        raise Http404
    return correction(request, row, event, back=reverse("unit", args=[row.kind, row.number]))

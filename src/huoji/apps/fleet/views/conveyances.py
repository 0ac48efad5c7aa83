"""The pages of vehicles and vessels: list, one, add, change."""

import json
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from huoji.apps.fleet.actions import conveyances as actions
from huoji.apps.fleet.actions.conveyances import ConveyanceDraft
from huoji.apps.fleet.forms.register import ConveyanceFilterForm, ConveyanceForm, VehicleForm, VesselForm
from huoji.apps.fleet.queries import alarms, conveyances, plans, terminals, vessels, words
from huoji.apps.fleet.queries.alarms import Part
from huoji.apps.fleet.queries.conveyances import ConveyanceLine
from huoji.apps.fleet.queries.plans import RunRow
from huoji.core.fleet import ConveyanceKind
from huoji.core.permission import Permission
from huoji.kit import clock
from huoji.kit.formpage import GET_OR_POST, PAGE_ROWS, attempt, form_page, query_without_cursor
from huoji.kit.http import Request, needs

FORMS: dict[ConveyanceKind, type[ConveyanceForm]] = {
    ConveyanceKind.VEHICLE: VehicleForm,
    ConveyanceKind.VESSEL: VesselForm,
}
ALARMS_SHOWN = 10


def page_of(conveyance_id: int) -> str:
    return reverse("conveyance", args=[conveyance_id])


@needs(Permission.FLEET_VIEW)
def conveyance_list(request: Request) -> HttpResponse:
    """List vehicles and vessels with where each was last."""
    form = ConveyanceFilterForm(request.GET)
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    found = conveyances.listed(
        request.actor,
        text=given.get("text", ""),
        kind=given.get("kind"),
        retired=bool(given.get("retired")),
        cursor=request.GET.get("cursor", ""),
        limit=PAGE_ROWS,
        now=datetime.now(UTC),
    )
    context = {
        "form": form,
        "found": found,
        "query": query_without_cursor(request),
        "may_manage": request.actor.may(Permission.FLEET_MANAGE),
    }
    return render(request, "fleet/conveyance_list.html", context)


@needs(Permission.FLEET_VIEW)
def conveyance(request: Request, conveyance_id: int) -> HttpResponse:
    """Show one: what it is, where it was last, its terminals, where it goes, what was warned of."""
    now = datetime.now(UTC)
    line = conveyances.line(request.actor, conveyance_id=conveyance_id, now=now)
    run = plans.under_way_of(conveyance_id)
    warned = [
        alarms.listed(request.actor, part=part, conveyance_id=conveyance_id, limit=ALARMS_SHOWN).rows
        for part in (Part.OPEN, Part.OVER)
    ]
    context: dict[str, Any] = {
        "line": line,
        "kind": words.KINDS[line.kind],
        "doubts": [words.DOUBTS[doubt] for doubt in line.doubts()],
        "terminals": terminals.fitted_to(conveyance_id, now=now),
        "fittings": conveyances.fittings(conveyance_id=conveyance_id),
        "run": run,
        "alarms": [*warned[0], *warned[1]][:ALARMS_SHOWN],
        "may_manage": request.actor.may(Permission.FLEET_MANAGE),
        "may_handle": request.actor.may(Permission.ALARM_HANDLE),
    }
    if line.kind is ConveyanceKind.VESSEL:
        context |= _vessel(request, line, run)
    return render(request, "fleet/conveyance.html", context)


def _vessel(request: Request, line: ConveyanceLine, run: RunRow | None) -> dict[str, Any]:
    """Return what only a vessel's page shows."""
    last = line.last
    points = vessels.map_points(
        run, name=line.number, lat=last.lat if last else None, lon=last.lon if last else None,
        lang=clock.language(),
    )  # fmt: skip
    return {
        "sailing": vessels.sailing(line.id),
        "told": vessels.told(line.id),
        "points": json.dumps(points, ensure_ascii=False) if points else "",
        "may_see_cargo": request.actor.may(Permission.SHIPMENT_VIEW),
    }


@require_http_methods(GET_OR_POST)
@needs(Permission.FLEET_VIEW, Permission.FLEET_MANAGE)
def vehicle_new(request: Request) -> HttpResponse:
    """Add a vehicle."""
    return _new(request, ConveyanceKind.VEHICLE, title=_("新车辆"))


@require_http_methods(GET_OR_POST)
@needs(Permission.FLEET_VIEW, Permission.FLEET_MANAGE)
def vessel_new(request: Request) -> HttpResponse:
    """Add a vessel."""
    return _new(request, ConveyanceKind.VESSEL, title=_("新船舶"))


def _new(request: Request, kind: ConveyanceKind, *, title: Any) -> HttpResponse:
    form = FORMS[kind](request.POST or None)
    form.fields.pop("active")  # who adds one means to use it
    made: list[int] = []
    if form.is_valid() and attempt(form, lambda: made.append(actions.create_conveyance(request.actor, form.draft()))):
        _say_doubts(request, form.draft())
        return HttpResponseRedirect(page_of(made[0]))
    return form_page(request, form, title=title, back=reverse("conveyances"), submit=_("添加"))


@require_http_methods(GET_OR_POST)
@needs(Permission.FLEET_VIEW, Permission.FLEET_MANAGE)
def conveyance_edit(request: Request, conveyance_id: int) -> HttpResponse:
    """Change what is known of a conveyance."""
    line = conveyances.line(request.actor, conveyance_id=conveyance_id, now=datetime.now(UTC))
    form = FORMS[line.kind](
        request.POST or None, initial={name: getattr(line, name) for name in FORMS[line.kind].base_fields}
    )
    back = page_of(conveyance_id)
    if form.is_valid() and attempt(
        form, lambda: actions.edit_conveyance(request.actor, conveyance_id=conveyance_id, draft=form.draft())
    ):
        messages.success(request, gettext("已保存"))
        _say_doubts(request, form.draft())
        return HttpResponseRedirect(back)
    return form_page(request, form, title=line.number, back=back, submit=_("保存"))


def _say_doubts(request: Request, draft: ConveyanceDraft) -> None:
    for doubt in draft.doubts():
        messages.warning(request, str(words.DOUBTS[doubt]))

"""Runs in the workspace: the list, a small form for the dispatcher, and the buttons by which one begins and ends."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.fleet.queries import plans
from huoji.apps.fleet.queries.words import RUN_STATES
from huoji.apps.shipments.actions import running
from huoji.apps.shipments.forms import place_names
from huoji.apps.shipments.forms.runs import RunForm
from huoji.apps.shipments.queries import dossier
from huoji.apps.shipments.views.frame import GET_OR_POST, PAGE_ROWS, attempt, fresh, now, query_without
from huoji.core.fleet import RunState
from huoji.core.numbers import normalise
from huoji.core.permission import Permission
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem


@require_safe
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_VIEW)
def run_list(request: Request) -> HttpResponse:
    """List runs, the latest to start first."""
    text = request.GET.get("state", "")
    state = RunState(text) if text in set(RunState) else None
    found = plans.run_page(state=state, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS)
    context = {
        "found": found,
        "state": text,
        "states": RUN_STATES.items(),
        "query": query_without(request),
        "may_plan": request.actor.may(Permission.FLEET_MANAGE),
    }
    return fresh(render(request, "shipments/runs.html", context))


@require_http_methods(GET_OR_POST)
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_MANAGE)
def run_new(request: Request) -> HttpResponse:
    """Plan a run; what its number is called is what loads name."""
    form = RunForm(request.POST or None)
    if form.is_valid() and attempt(form, lambda: running.plan(request.actor, form.told())):
        messages.success(request, _("运行计划已保存"))
        return HttpResponseRedirect(
            reverse("unit", args=[form.cleaned_data["kind"], normalise(form.cleaned_data["number"])])
        )
    context = {"form": form, "places": place_names()}
    return fresh(render(request, "shipments/run_new.html", context, status=422 if form.errors else 200))


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_MANAGE)
def run_start(request: Request, kind: str, number: str) -> HttpResponse:
    """Let it begin."""
    return turn(request, kind, number, starts=True)


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.FLEET_MANAGE)
def run_end(request: Request, kind: str, number: str) -> HttpResponse:
    """End it."""
    return turn(request, kind, number, starts=False)


def turn(request: Request, kind: str, number: str, *, starts: bool) -> HttpResponse:
    if dossier.unit_of(request.actor, kind, number) is None:
        raise Http404
    act = running.start if starts else running.end
    try:
        act(request.actor, kind=kind, number=number, now=now())
    except Problem as refusal:
        messages.error(request, f"{refusal.title} {refusal.extra.get('run', '')}".strip())
    else:
        messages.success(request, _("已开始") if starts else _("已结束"))
    return HttpResponseRedirect(reverse("unit", args=[kind, number]))

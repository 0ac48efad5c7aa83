"""The journey of a shipment in the workspace, and the button that keeps where it is now."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huoji.apps.shipments.actions import snapshots
from huoji.apps.shipments.forms import CauseForm
from huoji.apps.shipments.queries import journeys
from huoji.apps.shipments.views.frame import attempt, fresh, now, shipment_or_404
from huoji.core.permission import Permission
from huoji.kit import clock
from huoji.kit.http import Request, needs


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def journey(request: Request, number: str) -> HttpResponse:
    """Show every leg from pickup to proof of delivery; where nothing was heard, a gap is shown as one."""
    unit = shipment_or_404(request, number)
    told = journeys.journey_of(request.actor, unit, now=now(), language=clock.language())
    if told is None:
        raise Http404
    context = {
        "unit": unit,
        "journey": told,
        "states": journeys.states_of(unit.id),
        "snapshots": journeys.snapshots_of(request.actor, unit.id),
        "snapshot_form": CauseForm(prefix="snapshot"),
    }
    return fresh(render(request, "shipments/journey.html", context))


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.CASE_CREATE)
def snapshot(request: Request, number: str) -> HttpResponse:
    """Keep where it is now."""
    unit = shipment_or_404(request, number)
    form = CauseForm(request.POST, prefix="snapshot")
    if form.is_valid() and attempt(
        form,
        lambda: snapshots.take(
            request.actor, unit_id=unit.id, cause=form.cleaned_data["cause"], now=now(), language=clock.language()
        ),
    ):
        messages.success(request, _("位置快照已保存"))
    else:
        messages.error(request, _("请填写原因"))
    return HttpResponseRedirect(reverse("shipment-journey", args=[unit.number]))

"""Sensors that watch cargo: set a watch, look at its curve, take its readings away as a table, end it."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.shipments.actions import watching
from huoji.apps.shipments.forms.watches import WatchForm
from huoji.apps.shipments.queries import watches
from huoji.apps.shipments.queries.watches import WatchRow
from huoji.apps.shipments.views.curves import picture
from huoji.apps.shipments.views.frame import GET_OR_POST, attempt, fresh, now
from huoji.apps.shipments.views.units import unit_or_404
from huoji.core.permission import Permission
from huoji.kit.http import Request, needs

ROWS_SHOWN = 200


def watch_or_404(request: Request, watch_id: int) -> WatchRow:
    found = watches.watch_of(request.actor, watch_id, now=now())
    if found is None:
        raise Http404
    return found


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def watch(request: Request, watch_id: int) -> HttpResponse:
    """Show a watch: its curve, its excursions, and the readings as a table beside it."""
    row = watch_or_404(request, watch_id)
    samples = watches.series(row, now=now())
    context = {
        "picture": picture(row),
        "row": row,
        "course": row.course,
        "above_min": round(row.course.above_s / 60),
        "below_min": round(row.course.below_s / 60),
        "gap_min": row.course.gap_s // 60,
        "excursions": [
            (each, _at(each.began_at), _at(each.ended_at) if each.ended_at else None, round(each.outside_s / 60))
            for each in reversed(row.excursions)
        ],
        "readings": [(_at(each.at), each.value) for each in reversed(samples[-ROWS_SHOWN:])],
        "more": max(0, len(samples) - ROWS_SHOWN),
        "may_manage": request.actor.may(Permission.SENSOR_MANAGE),
        "may_export": request.actor.may(Permission.EXPORT_RUN),
    }
    return fresh(render(request, "shipments/watch.html", context))


def _at(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


@require_http_methods(GET_OR_POST)
@needs(Permission.SHIPMENT_VIEW, Permission.SENSOR_MANAGE)
def watch_new(request: Request, kind: str, number: str) -> HttpResponse:
    """Let a sensor watch a unit."""
    unit = unit_or_404(request, kind, number)
    form = WatchForm(request.POST or None, initial={"since": timezone.localtime()})
    if form.is_valid() and attempt(form, lambda: watching.set_watch(request.actor, form.draft(unit.id), now=now())):
        messages.success(request, _("监测已设置"))
        return HttpResponseRedirect(_home(unit.kind, unit.number))
    context = {"form": form, "unit": unit, "back": _home(unit.kind, unit.number)}
    return fresh(render(request, "shipments/watch_new.html", context, status=422 if form.errors else 200))


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.SENSOR_MANAGE)
def watch_end(request: Request, watch_id: int) -> HttpResponse:
    """End a watch."""
    row = watch_or_404(request, watch_id)
    watching.end_watch(request.actor, watch_id=watch_id, now=now())
    messages.success(request, _("监测已结束"))
    return HttpResponseRedirect(_home(row.unit_kind, row.unit_number))


@require_safe
@needs(Permission.SHIPMENT_VIEW, Permission.EXPORT_RUN)
def watch_export(request: Request, watch_id: int) -> HttpResponse:
    """Send the readings as CSV."""
    row = watch_or_404(request, watch_id)
    body = watching.export(request.actor, row, zone=timezone.get_current_timezone(), now=now())
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.metric}-{row.id}.csv"'
    return fresh(response)


def _home(kind: str, number: str) -> str:
    return reverse("shipment", args=[number]) if kind == "waybill" else reverse("unit", args=[kind, number])

"""Damaged, missing and lost goods: the list, and one of them with its investigation."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huoji.apps.warehouse.actions import anomalies as acts
from huoji.apps.warehouse.forms import FindingForm
from huoji.apps.warehouse.queries import oddities
from huoji.apps.warehouse.queries.goods import AnomalyRow
from huoji.apps.warehouse.queries.words import ANOMALIES
from huoji.apps.warehouse.views.frame import heard, now, shown
from huoji.core.exception import CauseCode
from huoji.core.permission import Permission
from huoji.kit import blob, clock
from huoji.kit.formpage import attempt
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem


@require_safe
@needs(Permission.STORAGE_VIEW)
def anomalies(request: Request) -> HttpResponse:
    """List anomalies, what is open first, with the time until customer service took each up."""
    rows = oddities.anomalies(request.actor, lang=clock.language())
    context = {
        "rows": [(row, ANOMALIES[row.kind]) for row in rows],
        "now": now(),
        "notice": oddities.notice_time(request.actor),
        "may_record": request.actor.may(Permission.STORAGE_RECORD),
        **heard(request),
    }
    part = "warehouse/anomaly_rows.html" if "HX-Request" in request.headers else "warehouse/anomalies.html"
    return shown(request, part, context)


def anomaly_or_404(request: Request, anomaly_id: int) -> AnomalyRow:
    found = oddities.anomaly(request.actor, anomaly_id, lang=clock.language())
    if found is None:
        raise Http404
    return found


@require_safe
@needs(Permission.STORAGE_VIEW)
def anomaly(request: Request, anomaly_id: int) -> HttpResponse:
    """Show one anomaly with its photos and its investigation."""
    return one(request, anomaly_or_404(request, anomaly_id), FindingForm())


def one(request: Request, row: AnomalyRow, form: Form, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "row": row,
        "kind": ANOMALIES[row.kind],
        "form": form,
        "now": now(),
        "taken_by": oddities.investigator(row.id),
        "may_record": request.actor.may(Permission.STORAGE_RECORD) and oddities.may_investigate(request.actor, row),
    }
    return shown(request, "warehouse/anomaly.html", context, status=status)


@require_POST
@needs(Permission.STORAGE_RECORD)
def take(request: Request, anomaly_id: int) -> HttpResponse:
    """Take the investigation on."""
    anomaly_or_404(request, anomaly_id)
    try:
        acts.take(request.actor, anomaly_id=anomaly_id)
        messages.success(request, _("调查由您负责"))
    except Problem as refusal:
        messages.warning(request, str(refusal.detail or refusal.title))
    return HttpResponseRedirect(reverse("storage-anomaly", args=[anomaly_id]))


@require_POST
@needs(Permission.STORAGE_RECORD)
def conclude(request: Request, anomaly_id: int) -> HttpResponse:
    """Say what was found out."""
    row = anomaly_or_404(request, anomaly_id)
    form = FindingForm(request.POST)
    if form.is_valid() and attempt(form, lambda: _conclude(request, row, form)):
        messages.success(request, _("调查结果已登记"))
        return HttpResponseRedirect(reverse("storage-anomaly", args=[anomaly_id]))
    return one(request, row, form, status=422)


def _conclude(request: Request, row: AnomalyRow, form: FindingForm) -> None:
    cause = form.cleaned_data["cause"]
    acts.conclude(
        request.actor, anomaly_id=row.id, finding=form.cleaned_data["finding"],
        cause=CauseCode(cause) if cause else None, now=now(),
    )  # fmt: skip


@require_safe
@needs(Permission.STORAGE_VIEW)
def picture(request: Request, anomaly_id: int, sha: str) -> HttpResponseBase:
    """Send a photo of an anomaly."""
    row = anomaly_or_404(request, anomaly_id)
    return blob.serve(request, sha, allowed=lambda _request: sha in row.blobs, filename=f"{row.number}-{sha[:8]}")

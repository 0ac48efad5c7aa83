"""What does not add up in the warehouses, and what a person makes of it."""

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huoji.apps.warehouse.actions import settling
from huoji.apps.warehouse.forms import SettleForm
from huoji.apps.warehouse.queries import oddities
from huoji.apps.warehouse.queries.goods import DiscrepancyRow
from huoji.apps.warehouse.queries.words import ANOMALIES, DISCREPANCIES
from huoji.apps.warehouse.views.frame import now, shown
from huoji.core.permission import Permission
from huoji.core.storage import AnomalyKind
from huoji.kit import clock
from huoji.kit.formpage import GET_OR_POST, attempt
from huoji.kit.http import Request, needs


@require_safe
@needs(Permission.STORAGE_VIEW)
def discrepancies(request: Request) -> HttpResponse:
    """List what does not add up, the newest first."""
    rows = oddities.open_discrepancies(request.actor, lang=clock.language())
    context = {
        "rows": [(row, DISCREPANCIES[row.kind]) for row in rows],
        "may_manage": request.actor.may(Permission.STORAGE_MANAGE),
        "limit": oddities.ROWS_MAX,
    }
    return shown(request, "warehouse/discrepancies.html", context)


@require_http_methods(GET_OR_POST)
@needs(Permission.STORAGE_MANAGE, Permission.STORAGE_RECORD)
def settle(request: Request, discrepancy_id: int) -> HttpResponse:
    """Say what it was, or report the goods as lost or short: customer service hears of that at once."""
    row = oddities.discrepancy(request.actor, discrepancy_id, lang=clock.language())
    if row is None:
        raise Http404
    form = SettleForm(request.POST or None)
    at = now()
    if form.is_valid() and attempt(form, lambda: do(request, row, form.cleaned_data["note"], at=at)):
        messages.success(request, _("已处理"))
        return HttpResponseRedirect(reverse("storage-discrepancies"))
    context = {
        "row": row,
        "kind": DISCREPANCIES[row.kind],
        "form": form,
        "kinds": [(kind.value, ANOMALIES[kind]) for kind in (AnomalyKind.LOSS, AnomalyKind.SHORTAGE)],
    }
    return shown(request, "warehouse/settle.html", context, status=422 if form.errors else 200)


def do(request: Request, row: DiscrepancyRow, note: str, *, at: datetime) -> None:
    """Settle it, as an anomaly where one of the buttons for that was pressed."""
    kind = request.POST.get("anomaly", "")
    settling.settle(
        request.actor, discrepancy_id=row.id, note=note, now=at, key=uuid4(),
        anomaly=AnomalyKind(kind) if kind in set(AnomalyKind) else None,
    )  # fmt: skip

"""What is in the warehouses, and all that is known of one number."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huoji.apps.places import queries as places
from huoji.apps.warehouse.actions import moving
from huoji.apps.warehouse.actions.moving import Result
from huoji.apps.warehouse.forms import StockFilterForm
from huoji.apps.warehouse.queries import goods as reads
from huoji.apps.warehouse.queries import stock as stocks
from huoji.apps.warehouse.queries.stock import StockFilter
from huoji.apps.warehouse.queries.words import ANOMALIES, DISCREPANCIES, VERBS, refusal
from huoji.apps.warehouse.views.frame import heard, now, shown, site_choices, site_name
from huoji.core.permission import Permission
from huoji.kit import clock
from huoji.kit.formpage import PAGE_ROWS, query_without_cursor
from huoji.kit.http import Request, needs


@require_safe
@needs(Permission.STORAGE_VIEW)
def stock(request: Request) -> HttpResponse:
    """List what is in the warehouses, the longest there first; the page reads its rows again when something moves."""
    form = StockFilterForm(request.GET, sites=site_choices(request))
    given = form.cleaned_data if form.is_valid() else {}
    asked = StockFilter(
        site_id=places.resolve(given["site"]) if given.get("site") else None, text=given.get("text", ""),
        overdue=given.get("overdue", False), unshelved=given.get("unshelved", False),
    )  # fmt: skip
    at = now()
    found = stocks.stock_page(
        request.actor, asked, now=at, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS
    )  # fmt: skip
    codes = {place.id: place.code for place in places.places().values()}
    context = {
        "form": form,
        "found": found,
        "rows": [(row, site_name(row.site_id)) for row in found.rows],
        "tallies": [
            (row, codes.get(row.site_id, ""), site_name(row.site_id)) for row in stocks.tallies(request.actor, now=at)
        ],
        "query": query_without_cursor(request),
        "is_filtered": asked != StockFilter(),
        "may_record": request.actor.may(Permission.STORAGE_RECORD),
        "may_manage": request.actor.may(Permission.STORAGE_MANAGE),
        **heard(request),
    }
    part = "warehouse/stock_rows.html" if "HX-Request" in request.headers else "warehouse/stock.html"
    return shown(request, part, context)


@require_safe
@needs(Permission.STORAGE_VIEW)
def goods(request: Request, number: str) -> HttpResponse:
    """Answer for one number: when it came, where it lies, when it left, and what is wrong with it."""
    asked = request.GET.get("q", "").strip()
    if asked:
        return HttpResponseRedirect(reverse("storage-goods", args=[asked[: reads.NUMBER_MAX]]))
    found = reads.answer(request.actor, number, now=now(), lang=clock.language())
    if found is None:
        if not request.actor.may(Permission.SHIPMENT_VIEW) or number != "-":
            raise Http404
        return HttpResponseRedirect(reverse("storage"))
    context = {
        "found": found,
        "movements": [(row, VERBS[row.verb]) for row in found.movements],
        "anomalies": [(row, ANOMALIES[row.kind]) for row in found.anomalies],
        "discrepancies": [(row, DISCREPANCIES[row.kind]) for row in found.discrepancies],
        "may_record": request.actor.may(Permission.STORAGE_RECORD),
        "may_manage": request.actor.may(Permission.STORAGE_MANAGE),
        "own": request.actor.principal,
    }
    return shown(request, "warehouse/goods.html", context)


@require_safe
@needs(Permission.STORAGE_VIEW)
def panel(request: Request, number: str) -> HttpResponse:
    """Tell the page of a shipment where its goods lie; nothing when they never were in a warehouse."""
    found = reads.answer(request.actor, number, now=now(), lang=clock.language())
    if found is None:
        raise Http404
    anomalies = [(row, ANOMALIES[row.kind]) for row in found.open_anomalies]
    return shown(request, "warehouse/panel.html", {"found": found, "anomalies": anomalies})


@require_POST
@needs(Permission.STORAGE_RECORD)
def undo(request: Request, movement_id: str) -> HttpResponse:
    """Take one movement back."""
    try:
        outcome = moving.undo(request.actor, movement_id=UUID(movement_id), now=now())
    except ValueError as error:
        raise Http404 from error
    if outcome.result is Result.REJECTED:
        messages.warning(request, refusal(outcome.code, outcome.detail))
        return HttpResponseRedirect(reverse("storage"))
    messages.success(request, _("已撤销"))
    return HttpResponseRedirect(reverse("storage-goods", args=[outcome.number]))

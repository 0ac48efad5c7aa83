"""Count sheets: begin one, look at what was found, and end it."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.places import queries as places
from huoji.apps.warehouse.actions import counting
from huoji.apps.warehouse.forms import CountForm
from huoji.apps.warehouse.queries import counts as reads
from huoji.apps.warehouse.queries.words import DISCREPANCIES
from huoji.apps.warehouse.views.frame import now, shown, site_choices, site_name
from huoji.core.handling import location_code
from huoji.core.permission import Permission
from huoji.kit.formpage import GET_OR_POST, attempt
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem


@require_http_methods(GET_OR_POST)
@needs(Permission.STORAGE_RECORD)
def counts(request: Request) -> HttpResponse:
    """List the sheets, and begin one."""
    form = CountForm(request.POST or None, sites=site_choices(request))
    if form.is_valid():
        opened: list[int] = []
        site_id = places.resolve(form.cleaned_data["site"]) or 0
        area = location_code(form.cleaned_data["area"])
        if attempt(
            form,
            lambda: opened.append(counting.open_count(request.actor, site_id=site_id, area=area, now=now())),
        ):
            return HttpResponseRedirect(reverse("storage-count", args=opened))
    rows = [(row, site_name(row.site_id)) for row in reads.sheets(request.actor)]
    return shown(
        request, "warehouse/counts.html", {"form": form, "rows": rows}, status=422 if form.errors else 200
    )  # fmt: skip


@require_safe
@needs(Permission.STORAGE_RECORD)
def count(request: Request, count_id: int) -> HttpResponse:
    """Show one sheet: what was expected, what was found."""
    sheet = reads.sheet_of(request.actor, count_id)
    if sheet is None:
        raise Http404
    code = places.places()[sheet.site_id].code if sheet.site_id in places.places() else ""
    context = {
        "sheet": sheet,
        "site": site_name(sheet.site_id),
        "site_code": code,
        "rows": [(row, DISCREPANCIES[row.verdict] if row.verdict else "") for row in sheet.rows],
    }
    return shown(request, "warehouse/count.html", context)


@require_POST
@needs(Permission.STORAGE_RECORD)
def close(request: Request, count_id: int) -> HttpResponse:
    """End a count."""
    try:
        counting.close_count(request.actor, count_id=count_id, now=now())
        messages.success(request, _("盘点已结束"))
    except Problem as refusal:
        if refusal.status == 404:  # noqa: PLR2004
            raise Http404 from refusal
        messages.warning(request, str(refusal.detail or refusal.title))
    return HttpResponseRedirect(reverse("storage-count", args=[count_id]))

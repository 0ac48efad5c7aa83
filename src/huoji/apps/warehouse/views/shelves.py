"""The shelves of a site: a list that is pasted, barcodes to print, and one shelf in or out of use."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoji.apps.warehouse.actions import shelving
from huoji.apps.warehouse.forms import PasteForm
from huoji.apps.warehouse.queries import stock
from huoji.apps.warehouse.views.frame import shown, site_or_404
from huoji.core import code128
from huoji.core.handling import LOCATION_PREFIX
from huoji.core.permission import Permission
from huoji.kit import clock
from huoji.kit.formpage import GET_OR_POST, attempt
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem

WRONG_SHOWN = 10
MODULE_MM, HEIGHT_MM = 0.33, 14.0


@require_http_methods(GET_OR_POST)
@needs(Permission.STORAGE_MANAGE)
def shelves(request: Request, code: str) -> HttpResponse:
    """List the shelves of a site and add those of a pasted list."""
    place = site_or_404(request, code)
    form = PasteForm(request.POST or None)
    if form.is_valid():
        added: list[shelving.Added] = []
        text = form.cleaned_data["text"]
        if attempt(form, lambda: added.append(shelving.add_locations(request.actor, site_id=place.id, text=text))):
            [done] = added
            if not done.wrong:
                count = ngettext("新增 {n} 个库位", "新增 {n} 个库位", done.new).format(n=done.new)
                messages.success(request, count)
                return HttpResponseRedirect(reverse("storage-shelves", args=[code]))
            form.add_error("text", _("这些不是库位：{words}").format(words=", ".join(done.wrong[:WRONG_SHOWN])))
    rows = stock.shelves_of(place.id)
    areas = sorted({row.area for row in rows})
    context = {
        "place": place,
        "name": place.name_in(clock.language()),
        "form": form,
        "areas": [(area, [row for row in rows if row.area == area]) for area in areas],
        "count": len(rows),
    }
    return shown(request, "warehouse/shelves.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Permission.STORAGE_MANAGE)
def toggle(request: Request, code: str, location_id: int) -> HttpResponse:
    """Take a shelf out of use, or back into it."""
    place = site_or_404(request, code)
    try:
        shelving.set_active(
            request.actor, site_id=place.id, location_id=location_id, is_active=request.POST.get("to") == "open"
        )
    except Problem as refusal:
        messages.warning(request, str(refusal.detail or refusal.title))
    return HttpResponseRedirect(reverse("storage-shelves", args=[code]))


@require_safe
@needs(Permission.STORAGE_MANAGE)
def labels(request: Request, code: str) -> HttpResponse:
    """Show the barcodes of an area's shelves, to be printed from the browser."""
    place = site_or_404(request, code)
    area = request.GET.get("area", "")
    rows = [row for row in stock.shelves_of(place.id) if row.is_active and (not area or row.area == area)]
    drawn = [
        (row.code, mark_safe(code128.svg(f"{LOCATION_PREFIX}{row.code}", module_mm=MODULE_MM, height_mm=HEIGHT_MM)[0]))  # noqa: S308  our own drawing
        for row in rows
    ]
    return shown(
        request, "warehouse/labels.html", {"place": place, "name": place.name_in(clock.language()), "labels": drawn}
    )

"""The pages of sites in the workspace: list, one site, and the texts that mean no site yet."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from huoji.apps.places import actions, forms, queries
from huoji.apps.places.queries.words import KINDS
from huoji.core.permission import Permission
from huoji.core.place import Place, SiteKind
from huoji.core.wording import label
from huoji.kit import clock
from huoji.kit.http import Request, needs
from huoji.kit.paging import Page
from huoji.kit.problem import Problem

PAGE_ROWS = 50
GET_OR_POST = ["GET", "HEAD", "POST"]


def attempt(form: Form, act: Callable[[], Any]) -> bool:
    """Do what the valid form asks for; what the action refuses is said on the form."""
    try:
        act()
    except Problem as refusal:
        field = refusal.extra.get("field")
        if field and isinstance(form, forms.SiteForm):
            form.refuse(field)
        else:
            form.add_error(None, ValidationError(str(refusal.detail or refusal.title)))
        return False
    return True


def site_or_404(code: str) -> Place:
    place = queries.place_of_code(code)
    if place is None:
        raise Http404
    return place


@needs(Permission.SHIPMENT_VIEW)
def site_list(request: Request) -> HttpResponse:
    """List sites, found by any of their names."""
    form = forms.SiteFilterForm(request.GET)
    found: Page[Any] = Page(rows=[], next="")
    if form.is_valid():
        asked = queries.SiteFilter(
            text=form.cleaned_data["text"],
            kind=form.cleaned_data["kind"],
            active=False if form.cleaned_data["closed"] else None,
        )
        found = queries.site_page(asked, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS)
    query = request.GET.copy()
    query.pop("cursor", None)
    context = {
        "form": form,
        "found": found,
        "lines": [(row, KINDS[SiteKind(row.kind)]) for row in found.rows],
        "query": query.urlencode(),
        "may_manage": request.actor.may(Permission.PLACE_MANAGE),
    }
    return render(request, "places/site_list.html", context)


@require_http_methods(GET_OR_POST)
@needs(Permission.PLACE_MANAGE)
def site_new(request: Request) -> HttpResponse:
    """Add a site."""
    form = forms.SiteForm(request.POST or None)
    if form.is_valid() and attempt(form, lambda: actions.create_site(request.actor, form.draft())):
        return HttpResponseRedirect(reverse("site", args=[form.draft().code]))
    return edit_page(request, form, heading=gettext("新站点"), back=reverse("site-list"))


@require_http_methods(GET_OR_POST)
@needs(Permission.PLACE_MANAGE)
def site_edit(request: Request, code: str) -> HttpResponse:
    """Change what is known of a site."""
    place = site_or_404(code)
    given = request.POST.copy() if request.method == "POST" else None
    if given is not None:
        given["code"] = place.code
    form = forms.SiteForm(given, initial=asdict(place))
    form.fields["code"].disabled = True
    if form.is_valid() and attempt(form, lambda: actions.edit_site(request.actor, form.draft())):
        messages.success(request, gettext("已保存"))
        return HttpResponseRedirect(reverse("site", args=[place.code]))
    return edit_page(request, form, heading=place.code, back=reverse("site", args=[place.code]))


def edit_page(request: Request, form: Form, *, heading: str, back: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "back": back}
    return render(request, "places/site_form.html", context, status=422 if form.errors else 200)


@needs(Permission.SHIPMENT_VIEW)
def site(request: Request, code: str) -> HttpResponse:
    """Show a site: what it is, the texts that mean it, who works there, and its lanes."""
    return site_page(request, site_or_404(code))


def site_page(request: Request, place: Place, **faulty: Form) -> HttpResponse:
    """Show the site, with the form that was refused in place of its empty twin."""
    lang = clock.language()
    context = {
        "place": place,
        "title": place.name_in(lang),
        "kind": KINDS[place.kind],
        "aliases": queries.aliases_of(place.id),
        "lanes": [
            (
                lane,
                lane.origin.name_in(lang),
                lane.destination.name_in(lang),
                label(lane.mode, lang=lang),
                f"{lane.planned_min // 60}:{lane.planned_min % 60:02d}",
            )
            for lane in queries.lanes_of(place.id)
        ],
        "may_manage": request.actor.may(Permission.PLACE_MANAGE),
        "staff": queries.staff_of(place.id) if request.actor.may(Permission.PLACE_MANAGE) else [],
        "alias_form": forms.AliasForm(),
        "staff_form": forms.StaffForm(),
        "lane_form": forms.LaneForm(),
        **faulty,
    }
    return render(request, "places/site.html", context, status=422 if faulty else 200)


@require_POST
@needs(Permission.PLACE_MANAGE)
def alias_add(request: Request, code: str) -> HttpResponse:
    """Let a text mean this site."""
    place = site_or_404(code)
    form = forms.AliasForm(request.POST)
    if form.is_valid() and attempt(
        form, lambda: actions.add_alias(request.actor, site_id=place.id, text=form.cleaned_data["text"])
    ):
        return HttpResponseRedirect(reverse("site", args=[place.code]))
    return site_page(request, place, alias_form=form)


@require_POST
@needs(Permission.PLACE_MANAGE)
def alias_remove(request: Request, code: str, alias_id: int) -> HttpResponse:
    """Let a text mean nothing again."""
    place = site_or_404(code)
    actions.remove_alias(request.actor, site_id=place.id, alias_id=alias_id)
    return HttpResponseRedirect(reverse("site", args=[place.code]))


@require_POST
@needs(Permission.PLACE_MANAGE)
def staff_add(request: Request, code: str) -> HttpResponse:
    """Let a member of staff work here."""
    place = site_or_404(code)
    form = forms.StaffForm(request.POST)
    if form.is_valid() and attempt(
        form,
        lambda: actions.assign_staff(request.actor, site_id=place.id, staff_number=form.cleaned_data["staff_number"]),
    ):
        return HttpResponseRedirect(reverse("site", args=[place.code]))
    return site_page(request, place, staff_form=form)


@require_POST
@needs(Permission.PLACE_MANAGE)
def staff_remove(request: Request, code: str, assignment_id: int) -> HttpResponse:
    """Take a member of staff away from here."""
    place = site_or_404(code)
    actions.withdraw_staff(request.actor, site_id=place.id, assignment_id=assignment_id)
    return HttpResponseRedirect(reverse("site", args=[place.code]))


@require_POST
@needs(Permission.PLACE_MANAGE)
def lane_add(request: Request, code: str) -> HttpResponse:
    """Say how long the way from here to another site takes."""
    place = site_or_404(code)
    form = forms.LaneForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        if attempt(
            form,
            lambda: actions.put_lane(
                request.actor,
                origin_id=place.id,
                destination_id=given["destination"],
                mode=given["mode"],
                planned_min=given["planned_min"],
                distance_km=given["distance_km"],
            ),
        ):
            return HttpResponseRedirect(reverse("site", args=[place.code]))
    return site_page(request, place, lane_form=form)


@require_POST
@needs(Permission.PLACE_MANAGE)
def lane_remove(request: Request, code: str, lane_id: int) -> HttpResponse:
    """Remove a lane that begins here."""
    place = site_or_404(code)
    actions.remove_lane(request.actor, site_id=place.id, lane_id=lane_id)
    return HttpResponseRedirect(reverse("site", args=[place.code]))


@require_http_methods(GET_OR_POST)
@needs(Permission.PLACE_MANAGE)
def unknown(request: Request) -> HttpResponse:
    """List the texts of places that mean no site, most frequent first; one click gives each its site."""
    form = forms.AdoptForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        given = form.cleaned_data
        if attempt(form, lambda: actions.add_alias(request.actor, site_id=given["site"], text=given["text"])):
            name = queries.place_name(given["site"], lang=clock.language())
            messages.success(request, gettext("“%(text)s”今后指向 %(site)s") % {"text": given["text"], "site": name})
            return HttpResponseRedirect(reverse("site-unknown"))
    lang = clock.language()
    context = {
        "rows": queries.unknown_texts(),
        "faulty": form,
        "sites": sorted((place.code, place.name_in(lang)) for place in queries.places().values() if place.active),
    }
    return render(request, "places/unknown.html", context, status=422 if form and form.errors else 200)

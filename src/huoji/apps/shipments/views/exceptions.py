"""Exceptions in the workspace: the worklist, and one of them with what a person may do about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huoji.apps.shipments.actions import exceptions as acts
from huoji.apps.shipments.forms.exceptions import ClearForm, ExceptionCauseForm, ExceptionFilterForm, NoteForm
from huoji.apps.shipments.queries import aboard, exceptions
from huoji.apps.shipments.queries.exceptions import Asked, ExceptionRow
from huoji.apps.shipments.views.frame import PAGE_ROWS, attempt, fresh, now, query_without
from huoji.core.permission import Permission
from huoji.kit import blob, clock, live
from huoji.kit.http import Request, needs


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def exception_list(request: Request) -> HttpResponse:
    """List what is not over, the gravest first; the page reads its rows again whenever one changes."""
    form = ExceptionFilterForm(request.GET)
    asked = form.asked() if form.is_valid() else Asked()
    found = exceptions.exception_page(
        request.actor, asked, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS, lang=clock.language()
    )  # fmt: skip
    context = {
        "found": found,
        "form": form,
        "query": query_without(request),
        "is_filtered": asked != Asked(),
        "may_handle": request.actor.may(Permission.EXCEPTION_HANDLE),
        "live_url": live.url(request),
        "live_token": live.token([live.topic("exceptions", "all")], now()),
    }
    part = "shipments/exception_rows.html" if request.headers.get("HX-Request") else "shipments/exceptions.html"
    return fresh(render(request, part, context))


def exception_or_404(request: Request, exception_id: int) -> ExceptionRow:
    found = exceptions.exception_of(request.actor, exception_id, lang=clock.language())
    if found is None:
        raise Http404
    return found


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def exception(request: Request, exception_id: int) -> HttpResponse:
    """Show one exception with its facts, its log and its forms."""
    return page(request, exception_or_404(request, exception_id))


def page(request: Request, row: ExceptionRow, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show the page, with a form that was refused in place of its empty twin."""
    context = {
        "row": row,
        "steps": exceptions.steps_of(row.id),
        "on_map": on_map(request, row),
        "may_handle": request.actor.may(Permission.EXCEPTION_HANDLE),
        "note_form": NoteForm(prefix="take"),
        "cause_form": ExceptionCauseForm(
            prefix="cause", initial={"cause": row.cause.value if row.cause else "", "note": row.note}
        ),
        "clear_form": ClearForm(prefix="clear"),
        **more,
    }
    return fresh(render(request, "shipments/exception.html", context, status=status))


def on_map(request: Request, row: ExceptionRow) -> int | None:
    """Return which vehicle or vessel to show on the map: the one concerned, or the one that carries the cargo now."""
    if not request.actor.may(Permission.FLEET_VIEW):
        return None
    return row.conveyance_id or (aboard.carrier_of(row.unit_id) if row.unit_id else None)


def act(request: Request, exception_id: int, name: str, form: Form, do: Callable[[], None], done: str) -> HttpResponse:
    """Do one step with a form; what is refused is said on it."""
    row = exception_or_404(request, exception_id)
    if form.is_valid() and attempt(form, do):
        messages.success(request, done)
        return HttpResponseRedirect(reverse("exception", args=[exception_id]))
    return page(request, row, status=422, **{name: form})


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE)
def acknowledge(request: Request, exception_id: int) -> HttpResponse:
    """Take it up."""
    form = NoteForm(request.POST, prefix="take")
    return act(
        request, exception_id, "note_form", form,
        lambda: acts.acknowledge(request.actor, exception_id=exception_id, now=now(), note=form.cleaned_data["note"]),
        _("已受理"),
    )  # fmt: skip


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE)
def cause(request: Request, exception_id: int) -> HttpResponse:
    """Say why it came."""
    form = ExceptionCauseForm(request.POST, prefix="cause")
    return act(
        request, exception_id, "cause_form", form,
        lambda: acts.set_cause(
            request.actor, exception_id=exception_id, cause=form.cleaned_data["cause"], now=now(),
            note=form.cleaned_data["note"],
        ),
        _("原因已登记"),
    )  # fmt: skip


@require_POST
@needs(Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE)
def clear(request: Request, exception_id: int) -> HttpResponse:
    """Clear it by hand."""
    form = ClearForm(request.POST, prefix="clear")
    return act(
        request, exception_id, "clear_form", form,
        lambda: acts.clear(
            request.actor, exception_id=exception_id, now=now(), cause=form.cleaned_data["cause"],
            note=form.cleaned_data["note"],
        ),
        _("异常已解除"),
    )  # fmt: skip


@require_safe
@needs(Permission.SHIPMENT_VIEW)
def picture(request: Request, exception_id: int, sha: str) -> HttpResponseBase:
    """Send a picture that came with an exception."""
    row = exception_or_404(request, exception_id)
    return blob.serve(
        request, sha, allowed=lambda _request: sha in row.blobs, filename=f"exception-{row.id}-{sha[:8]}"
    )  # fmt: skip

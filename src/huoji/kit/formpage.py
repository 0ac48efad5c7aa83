"""What form pages of all apps share: trying an action on behalf of a form, one form on a page, a secret shown once."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from huoji.kit.http import Request
from huoji.kit.problem import Problem

PAGE_ROWS = 50
GET_OR_POST = ["GET", "HEAD", "POST"]


def attempt(form: Form, act: Callable[[], Any]) -> bool:
    """Do what the valid form asks for; what the action refuses is said on the form."""
    try:
        act()
    except Problem as refusal:
        form.add_error(None, str(refusal.detail or refusal.title))
        return False
    return True


def form_page(
    request: Request, form: Form, *, title: str | Promise, back: str, submit: str | Promise, **more: Any
) -> HttpResponse:
    """Show one form on a page of its own; with faults the status says so."""
    context = {"form": form, "heading": title, "back": back, "submit": submit, **more}
    return render(request, "form_page.html", context, status=422 if form.errors else 200)


def shown_once(request: Request, *, secret: str, whose: str, back: str) -> HttpResponse:
    """Show a secret that nobody will see again; the page is never stored."""
    answer = render(request, "shown_once.html", {"secret": secret, "whose": whose, "back": back})
    answer["Cache-Control"] = "no-store"
    return answer


def query_without_cursor(request: Request) -> str:
    """Return the query string of a list, for links to its further pages."""
    query = request.GET.copy()
    query.pop("cursor", None)
    return query.urlencode()

"""What the pages of accounts share: trying an action on behalf of a form, and the page of one form."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from huoji.kit.http import Request
from huoji.kit.problem import Problem

PAGE_ROWS = 50


def attempt(form: Form, act: Callable[[], Any]) -> bool:
    """Do what the valid form asks for; what the action refuses is said on the form."""
    try:
        act()
    except Problem as refusal:
        form.add_error(None, str(refusal.detail or refusal.title))
        return False
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True


def form_page(
    request: Request, form: Form, *, title: str | Promise, back: str, submit: str | Promise, **more: Any
) -> HttpResponse:
    """Show one form on a page of its own; with faults the status says so."""
    context = {"form": form, "heading": title, "back": back, "submit": submit, **more}
    return render(request, "accounts/form.html", context, status=422 if form.errors else 200)


def query_without_cursor(request: Request) -> str:
    """Return the query string of this list, for links to its further pages."""
    query = request.GET.copy()
    query.pop("cursor", None)
    return query.urlencode()

"""What the pages of shipments share."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse

from huoji.apps.shipments.queries import dossier
from huoji.apps.shipments.queries.dossier import UnitRow
from huoji.kit.http import Request
from huoji.kit.problem import Problem

PAGE_ROWS = 50
GET_OR_POST = ["GET", "HEAD", "POST"]


def now() -> datetime:
    return datetime.now(UTC)


def attempt(form: Form, act: Callable[[], Any]) -> bool:
    """Do what the valid form asks for; what the action refuses is said on the form."""
    try:
        act()
    except Problem as refusal:
        form.add_error(None, ValidationError(str(refusal.detail or refusal.title)))
        return False
    return True


def shipment_or_404(request: Request, number: str) -> UnitRow:
    """Return the waybill that a number or reference names, if this actor may see it."""
    unit = dossier.shipment_of(request.actor, number)
    if unit is None:
        raise Http404
    return unit


def fresh(response: HttpResponse) -> HttpResponse:
    """Mark an answer as of this moment: no cache may keep it."""
    response["Cache-Control"] = "no-store"
    return response


def query_without(request: Request, *names: str) -> str:
    """Return the query string without some of its parameters."""
    query = request.GET.copy()
    for name in ("cursor", "lang", *names):
        query.pop(name, None)
    for name in [name for name in query if not query[name]]:
        query.pop(name)
    return query.urlencode()

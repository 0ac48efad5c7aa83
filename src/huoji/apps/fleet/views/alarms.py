"""The list of alarms of the fleet."""

from django.http import HttpResponse
from django.shortcuts import render

from huoji.apps.fleet.queries import alarms
from huoji.core.permission import Permission
from huoji.kit.formpage import PAGE_ROWS, query_without_cursor
from huoji.kit.http import Request, needs


@needs(Permission.FLEET_VIEW)
def alarm_list(request: Request) -> HttpResponse:
    """List the alarms that are open, or those that were."""
    is_open = request.GET.get("past") != "1"
    kinds = alarms.kinds_of(request.actor, is_open=is_open)
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in kinds else ""
    found = alarms.listed(
        request.actor, is_open=is_open, kind=kind, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS
    )
    context = {"found": found, "is_open": is_open, "kinds": kinds, "kind": kind, "query": query_without_cursor(request)}
    return render(request, "fleet/alarm_list.html", context)

"""The list of alarms of the fleet, and the form by which somebody takes them up."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from huoji.apps.fleet.actions import acknowledging
from huoji.apps.fleet.forms.alarms import AcknowledgeForm
from huoji.apps.fleet.queries import alarms, words
from huoji.apps.fleet.queries.alarms import AlarmLine, Part
from huoji.core.permission import Permission
from huoji.kit.formpage import GET_OR_POST, PAGE_ROWS, attempt, form_page, query_without_cursor
from huoji.kit.http import Request, needs

OTHERS_MAX = 99


@needs(Permission.FLEET_VIEW)
def alarm_list(request: Request) -> HttpResponse:
    """List the alarms that wait, those that are open, or those that were."""
    asked = request.GET.get("part", "")
    part = Part(asked) if asked in set(Part) else Part.OPEN
    kinds = alarms.kinds_of(request.actor, part=part)
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in kinds else ""
    found = alarms.listed(request.actor, part=part, kind=kind, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS)
    context = {
        "found": found,
        "part": part,
        "kinds": kinds,
        "kind": kind,
        "query": query_without_cursor(request),
        "may_handle": request.actor.may(Permission.ALARM_HANDLE),
    }
    return render(request, "fleet/alarm_list.html", context)


@require_http_methods(GET_OR_POST)
@needs(Permission.FLEET_VIEW, Permission.ALARM_HANDLE)
def alarm_acknowledge(request: Request, alarm_id: int) -> HttpResponse:
    """Take an alarm up, and the others of its terminal if asked; go back to where one came from."""
    line = alarms.line(request.actor, alarm_id=alarm_id)
    others = 0
    if line.terminal_id is not None:
        waiting = alarms.count_waiting(request.actor, most=OTHERS_MAX, terminal_id=line.terminal_id)
        others = waiting - line.is_waiting
    form = AcknowledgeForm(request.POST or None, others=others)
    back = back_to(request, line)
    done: list[int] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            form,
            lambda: done.append(
                acknowledging.acknowledge(
                    request.actor,
                    alarm_id=alarm_id,
                    note=form.cleaned_data["note"],
                    with_others=bool(form.cleaned_data.get("with_others")),
                    now=datetime.now(UTC),
                )
            ),
        )
    ):
        said = ngettext("已受理 {n} 条报警", "已受理 {n} 条报警", done[0])
        messages.success(request, said.format(n=done[0]))
        return HttpResponseRedirect(back)
    title = f"{words.alarm_word(line.kind)} · {line.conveyance or line.terminal}"
    return form_page(request, form, title=title, back=back, submit=_("受理"), above="fleet/alarm_told.html", line=line)


def back_to(request: Request, line: AlarmLine) -> str:
    """Return the page that led to the form: the map, the vehicle, the terminal, else the list."""
    match request.GET.get("from", ""), line.conveyance_id, line.terminal_id:
        case "map", int(conveyance_id), _:
            return f"{reverse('dispatch')}?conveyance={conveyance_id}"
        case "conveyance", int(conveyance_id), _:
            return reverse("conveyance", args=[conveyance_id])
        case "terminal", _ignored, int(terminal_id):
            return reverse("terminal", args=[terminal_id])
        case _:
            return f"{reverse('alarms')}?part={Part.WAITING}"

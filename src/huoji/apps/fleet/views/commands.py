"""The pages of commands: ask something of a terminal, agree as a second person, take back, and see how it came out."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from huoji.apps.fleet.actions import commands as actions
from huoji.apps.fleet.forms.commands import FORMS, AgreeForm
from huoji.apps.fleet.queries import commands, terminals, words
from huoji.apps.fleet.queries.commands import CommandPage, Part
from huoji.core.fleet import CommandKind, TerminalKind, TerminalState
from huoji.core.permission import Permission
from huoji.kit import live
from huoji.kit.formpage import GET_OR_POST, PAGE_ROWS, attempt, form_page, query_without_cursor
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem

SHOWN_MAX = 20  # on the page of a terminal


@needs(Permission.FLEET_VIEW)
def command_list(request: Request) -> HttpResponse:
    """List commands: those on their way, those that wait for a second person, those that ended."""
    asked = request.GET.get("part", "")
    part = Part(asked) if asked in set(Part) else Part.OPEN
    found = commands.listed(request.actor, part=part, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS)
    context = shown(request, found) | {
        "part": part,
        "waiting": commands.count_waiting(request.actor),
        "query": query_without_cursor(request),
        "again": reverse("commands") + f"?part={part}",
    }
    template = "fleet/command_rows.html" if request.headers.get("HX-Request") else "fleet/command_list.html"
    return render(request, template, context)


@needs(Permission.FLEET_VIEW)
def terminal_commands(request: Request, terminal_id: int) -> HttpResponse:
    """Show the latest commands of one terminal, as its page draws them again when they change."""
    terminals.get(request.actor, terminal_id=terminal_id)
    found = commands.listed(request.actor, terminal_id=terminal_id, limit=SHOWN_MAX)
    return render(request, "fleet/command_rows.html", shown(request, found) | {"of_terminal": True})


def shown(request: Request, found: CommandPage) -> dict[str, Any]:
    """Return what the rows of commands need, with the token by which they hear of changes."""
    topics = [live.topic("command", row.id) for row in found.rows]
    return {
        "found": found,
        "may_approve": request.actor.may(Permission.COMMAND_APPROVE),
        "may_command": request.actor.may(Permission.TERMINAL_COMMAND),
        "me": request.actor.principal,
        "live_url": live.url(request),
        "live_token": live.token(topics, datetime.now(UTC)) if topics else "",
    }


@require_http_methods(GET_OR_POST)
@needs(Permission.FLEET_VIEW, Permission.TERMINAL_COMMAND)
def command_new(request: Request, terminal_id: int, command_kind: str) -> HttpResponse:
    """Ask something of a terminal, with the reason."""
    if command_kind not in set(CommandKind):
        raise Http404
    kind, now = CommandKind(command_kind), datetime.now(UTC)
    line = terminals.line(request.actor, terminal_id=terminal_id, now=now)
    form = FORMS[kind](request.POST or None)
    back = reverse("terminal", args=[terminal_id])
    if line.kind is not TerminalKind.JT808 or line.state is not TerminalState.ACTIVE:
        raise Problem("command_terminal", 409, _("只有已准入的 JT/T 808 终端可以接收指令"))
    if form.is_valid() and attempt(
        form,
        lambda: actions.request_command(
            request.actor,
            terminal_id=terminal_id,
            kind=kind,
            body=form.body(),
            reason=form.cleaned_data["reason"],
            now=now,
        ),
    ):
        messages.success(request, gettext("指令已登记，进展见本页"))
        return HttpResponseRedirect(back)
    title = f"{words.COMMAND_KINDS[kind]} · {line.conveyance or line.number}"
    return form_page(request, form, title=title, back=back, submit=_("下发"))


@require_http_methods(GET_OR_POST)
@needs(Permission.FLEET_VIEW, Permission.COMMAND_APPROVE)
def command_approve(request: Request, command_id: int) -> HttpResponse:
    """Agree as a second person."""
    line = commands.line(request.actor, command_id=command_id)
    form = AgreeForm(request.POST or None)
    back = reverse("commands") + f"?part={Part.APPROVAL}"
    if form.is_valid() and attempt(
        form,
        lambda: actions.approve_command(
            request.actor, command_id=command_id, reason=form.cleaned_data["reason"], now=datetime.now(UTC)
        ),
    ):
        messages.success(request, gettext("已批准，等待下发"))
        return HttpResponseRedirect(back)
    title = f"{words.COMMAND_KINDS[line.kind]} · {line.conveyance or line.terminal}"
    return form_page(
        request, form, title=title, back=back, submit=_("批准"), above="fleet/command_told.html", line=line
    )


@require_http_methods(GET_OR_POST)
@needs(Permission.FLEET_VIEW, Permission.TERMINAL_COMMAND)
def command_cancel(request: Request, command_id: int) -> HttpResponse:
    """Take back a command that has not been sent."""
    line = commands.line(request.actor, command_id=command_id)
    form = AgreeForm(request.POST or None)
    back = reverse("terminal", args=[line.terminal_id])
    if form.is_valid() and attempt(
        form,
        lambda: actions.cancel_command(
            request.actor, command_id=command_id, reason=form.cleaned_data["reason"], now=datetime.now(UTC)
        ),
    ):
        return HttpResponseRedirect(back)
    title = f"{words.COMMAND_KINDS[line.kind]} · {line.conveyance or line.terminal}"
    return form_page(
        request, form, title=title, back=back, submit=_("取消指令"), above="fleet/command_told.html", line=line
    )

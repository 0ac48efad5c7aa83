"""The pages of terminals: list, one, add, admit, block, how it is read, what it is fitted to."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from huoji.apps.fleet.actions import fitting
from huoji.apps.fleet.actions import terminals as actions
from huoji.apps.fleet.forms.register import FitForm, ReadingForm, TerminalFilterForm, TerminalForm, WhenForm
from huoji.apps.fleet.queries import alarms, commands, conveyances, terminals, told, words
from huoji.apps.fleet.queries.alarms import Part
from huoji.apps.fleet.queries.terminals import TerminalLine
from huoji.apps.fleet.views.commands import SHOWN_MAX, shown
from huoji.core.fleet import TerminalKind, TerminalState
from huoji.core.permission import Permission
from huoji.core.position import FILTERS
from huoji.kit.formpage import GET_OR_POST, PAGE_ROWS, attempt, form_page, query_without_cursor, shown_once
from huoji.kit.http import Request, needs

ALARMS_SHOWN = 10
MANAGE = (Permission.FLEET_VIEW, Permission.FLEET_MANAGE)


def page_of(terminal_id: int) -> str:
    return reverse("terminal", args=[terminal_id])


@needs(Permission.FLEET_VIEW)
def terminal_list(request: Request) -> HttpResponse:
    """List terminals with when each was last heard of and what was set aside."""
    form = TerminalFilterForm(request.GET)
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    found = terminals.listed(
        request.actor,
        text=given.get("text", ""),
        kind=given.get("kind"),
        state=given.get("state"),
        cursor=request.GET.get("cursor", ""),
        limit=PAGE_ROWS,
        now=datetime.now(UTC),
    )
    context = {
        "form": form,
        "found": found,
        "pending": terminals.count_by_state(request.actor).get(TerminalState.PENDING, 0),
        "query": query_without_cursor(request),
        "may_manage": request.actor.may(Permission.FLEET_MANAGE),
    }
    return render(request, "fleet/terminal_list.html", context)


@needs(Permission.FLEET_VIEW)
def terminal(request: Request, terminal_id: int) -> HttpResponse:
    """Show one terminal: how it stands, what it sent, how it is read, what it is fitted to."""
    line = terminals.line(request.actor, terminal_id=terminal_id, now=datetime.now(UTC))
    counted = [(words.FILTERS[name], line.heard.filtered.get(name, 0), name in line.filters_off) for name in FILTERS]
    context: dict[str, Any] = {
        "line": line,
        "filters": counted,
        "refused": [(words.REFUSED.get(code, ""), code, count) for code, count in sorted(line.heard.refused.items())],
        "knocked": line.heard.refused.get("register_terminal_taken", 0),
        "fittings": conveyances.fittings(terminal_id=terminal_id),
        "alarms": alarms.listed(request.actor, part=Part.OPEN, terminal_id=terminal_id, limit=ALARMS_SHOWN).rows,
        "is_road": line.kind is TerminalKind.JT808,
        "asks": [(kind.value, word) for kind, word in words.COMMAND_KINDS.items()],
        "may_manage": request.actor.may(Permission.FLEET_MANAGE),
        "may_handle": request.actor.may(Permission.ALARM_HANDLE),
    }
    if line.kind is TerminalKind.JT808:
        context |= shown(request, commands.listed(request.actor, terminal_id=terminal_id, limit=SHOWN_MAX))
        context["told"] = told.last(terminal_id, dialect=line.dialect)
    return render(request, "fleet/terminal.html", context)


@require_http_methods(GET_OR_POST)
@needs(*MANAGE)
def terminal_new(request: Request) -> HttpResponse:
    """Add a terminal."""
    form = TerminalForm(request.POST or None)
    made: list[int] = []
    if form.is_valid() and attempt(
        form, lambda: made.append(actions.create_terminal(request.actor, **form.cleaned_data))
    ):
        return HttpResponseRedirect(page_of(made[0]))
    return form_page(request, form, title=_("新终端"), back=reverse("terminals"), submit=_("添加"))


@require_POST
@needs(*MANAGE)
def terminal_admit(request: Request, terminal_id: int) -> HttpResponse:
    """Let a terminal speak."""
    actions.set_state(request.actor, terminal_id=terminal_id, state=TerminalState.ACTIVE)
    messages.success(request, gettext("终端已准入"))
    return HttpResponseRedirect(page_of(terminal_id))


@require_POST
@needs(*MANAGE)
def terminal_block(request: Request, terminal_id: int) -> HttpResponse:
    """Refuse a terminal from now on."""
    actions.set_state(request.actor, terminal_id=terminal_id, state=TerminalState.BLOCKED)
    messages.success(request, gettext("终端已停用，之后的数据一律拒绝"))
    return HttpResponseRedirect(page_of(terminal_id))


@require_POST
@needs(*MANAGE)
def terminal_code(request: Request, terminal_id: int) -> HttpResponse:
    """Renew the authentication code and show it once."""
    line = _line(request, terminal_id)
    code = actions.renew_code(request.actor, terminal_id=terminal_id)
    return shown_once(request, secret=code, whose=line.number, back=page_of(terminal_id))


@require_POST
@needs(*MANAGE)
def terminal_register(request: Request, terminal_id: int) -> HttpResponse:
    """Let another device register under this number for a while."""
    actions.allow_registration(request.actor, terminal_id=terminal_id, now=datetime.now(UTC))
    messages.success(request, gettext("已允许重新注册，30 分钟内有效"))
    return HttpResponseRedirect(page_of(terminal_id))


@require_http_methods(GET_OR_POST)
@needs(*MANAGE)
def terminal_edit(request: Request, terminal_id: int) -> HttpResponse:
    """Say how what a terminal sends is read."""
    line = _line(request, terminal_id)
    start = {
        "version": line.forced_version or "",
        "dialect": line.dialect,
        "filters": [name for name in FILTERS if name not in line.filters_off],
    }
    form = ReadingForm(request.POST or None, initial=start)
    if line.kind is not TerminalKind.JT808:
        del form.fields["dialect"], form.fields["version"]
    back = page_of(terminal_id)
    if form.is_valid() and attempt(
        form, lambda: actions.set_reading(request.actor, terminal_id=terminal_id, reading=form.reading())
    ):
        messages.success(request, gettext("已保存"))
        return HttpResponseRedirect(back)
    return form_page(request, form, title=line.number, back=back, submit=_("保存"))


@require_http_methods(GET_OR_POST)
@needs(*MANAGE)
def terminal_fit(request: Request, terminal_id: int) -> HttpResponse:
    """Fit a terminal to a vehicle or a vessel."""
    line, now = _line(request, terminal_id), datetime.now(UTC)
    form = FitForm(request.POST or None)
    back = page_of(terminal_id)
    if form.is_valid():
        conveyance_id = conveyances.find(request.actor, text=form.cleaned_data["conveyance"])
        if conveyance_id is None:
            form.add_error("conveyance", gettext("没有登记这辆车或这艘船，或名称不唯一"))
        elif attempt(
            form,
            lambda: fitting.fit(
                request.actor, terminal_id=terminal_id, conveyance_id=conveyance_id, since=form.when(now=now), now=now
            ),
        ):
            return HttpResponseRedirect(back)
    return form_page(request, form, title=f"{gettext('安装')} {line.number}", back=back, submit=_("安装"))


@require_http_methods(GET_OR_POST)
@needs(*MANAGE)
def terminal_take_off(request: Request, terminal_id: int) -> HttpResponse:
    """Take a terminal off what it is fitted to."""
    line, now = _line(request, terminal_id), datetime.now(UTC)
    form = WhenForm(request.POST or None)
    back = page_of(terminal_id)
    if form.is_valid() and attempt(
        form,
        lambda: fitting.take_off(request.actor, terminal_id=terminal_id, until=form.when(now=now), now=now),
    ):
        return HttpResponseRedirect(back)
    title = gettext("从 %(conveyance)s 拆下 %(terminal)s") % {"conveyance": line.conveyance, "terminal": line.number}
    return form_page(request, form, title=title, back=back, submit=_("拆下"))


def _line(request: Request, terminal_id: int) -> TerminalLine:
    return terminals.line(request.actor, terminal_id=terminal_id, now=datetime.now(UTC))

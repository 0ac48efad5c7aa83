"""Pages of roles, API keys and the audit."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from huoji.apps.accounts import actions, forms, queries
from huoji.core.permission import PENDING, Permission, Scope
from huoji.kit import localtime
from huoji.kit.formpage import GET_OR_POST, PAGE_ROWS, attempt, form_page, query_without_cursor, shown_once
from huoji.kit.http import Request, needs
from huoji.kit.paging import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One permission across all roles."""

    name: str | Promise
    code: str
    marks: list[str]


@needs(Permission.ROLE_MANAGE)
def roles(request: Request) -> HttpResponse:
    """Show who may do what: permissions down, roles across."""
    lines = queries.role_matrix()
    rows = [
        MatrixRow(name=words, code=permission.value, marks=[line.marks[index] for line in lines])
        for index, (permission, words) in enumerate(queries.matrix_permissions())
    ]
    return render(request, "accounts/roles.html", {"lines": lines, "rows": rows})


@require_http_methods(GET_OR_POST)
@needs(Permission.ROLE_MANAGE)
def role_new(request: Request) -> HttpResponse:
    """Add a role of the company's own."""
    form = forms.NewRoleForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        lambda: actions.create_role(
            request.actor, **form.cleaned_data, scope=Scope.NONE, superior=None, permissions=[]
        ),
    ):
        return HttpResponseRedirect(reverse("role-edit", args=[form.cleaned_data["code"]]))
    return form_page(request, form, title=_("新角色"), back=reverse("roles"), submit=_("创建"))


@require_http_methods(GET_OR_POST)
@needs(Permission.ROLE_MANAGE)
def role_edit(request: Request, code: str) -> HttpResponse:
    """Change what a role may do."""
    row = queries.role(code)
    start = {"superior": row.superior_id or "", "scope": row.scope, "permissions": row.permissions}
    form = forms.RoleForm(request.POST or None, initial=start)
    back = reverse("roles")
    # What is not drawn yet is not taken away either.
    hidden = {permission for permission in PENDING if permission.value in row.permissions}

    def edit() -> None:
        given = form.cleaned_data
        actions.edit_role(
            request.actor,
            code=code,
            scope=given["scope"],
            superior=given["superior"],
            permissions={*given["permissions"], *hidden},
            cause=given["cause"],
        )

    if form.is_valid() and attempt(form, edit):
        return HttpResponseRedirect(back)
    reset = "" if row.follows_code else reverse("role-reset", args=[code])
    return form_page(
        request, form, title=queries.role_name(code, own=row.name), back=back, submit=_("保存"), reset=reset
    )


@require_POST
@needs(Permission.ROLE_MANAGE)
def role_reset(request: Request, code: str) -> HttpResponse:
    """Let a default role follow the product again."""
    actions.reset_role(request.actor, code=code)
    return HttpResponseRedirect(reverse("roles"))


@needs(Permission.APIKEY_MANAGE)
def keys(request: Request) -> HttpResponse:
    """List API keys: who holds them, what they may, when they were last used."""
    live = request.GET.get("revoked") != "1"
    found = queries.keys(live=live, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS)
    context = {"found": found, "live": live, "query": query_without_cursor(request)}
    return render(request, "accounts/keys.html", context)


@require_http_methods(GET_OR_POST)
@needs(Permission.APIKEY_MANAGE)
def staff_key_new(request: Request, staff_id: int) -> HttpResponse:
    """Issue a key that acts for a member of staff; it is shown once."""
    row = queries.staff(request.actor, staff_id=staff_id)
    principal = f"staff:{row.staff_number}"
    form = forms.KeyForm(request.POST or None, principal=principal)
    form.fields["scopes"].help_text = _("只列出这名员工的角色用得上的权限；密钥能做的，不会多于这些角色。")
    back = reverse("staff-detail", args=[staff_id])
    issued: list[str] = []
    if form.is_valid() and attempt(
        form,
        lambda: issued.append(actions.issue_key(request.actor, principal=principal, **key_fields(form))),
    ):
        return shown_once(request, secret=issued[0], whose=form.cleaned_data["name"], back=reverse("keys"))
    return form_page(request, form, title=_("新 API 密钥"), back=back, submit=_("签发"))


def key_fields(form: forms.KeyForm) -> dict[str, Any]:
    """Return what the form says of a key; it lives through its last day."""
    given = form.cleaned_data
    last_day = given["expires_on"]
    return {
        "name": given["name"],
        "scopes": given["scopes"],
        "source": given["source"],
        "expires_at": localtime.over(last_day) if last_day else None,
    }


@require_POST
@needs(Permission.APIKEY_MANAGE)
def key_revoke(request: Request, key_id: int) -> HttpResponse:
    """Revoke a key."""
    form = forms.CauseForm(request.POST)
    if not form.is_valid():
        return form_page(request, form, title=_("停用 API 密钥"), back=reverse("keys"), submit=_("停用"))
    actions.revoke_key(request.actor, key_id=key_id, cause=form.cleaned_data["cause"])
    return HttpResponseRedirect(reverse("keys"))


@needs(Permission.AUDIT_VIEW)
def audit(request: Request) -> HttpResponse:
    """Show who did and read what, the newest first."""
    form = forms.AuditFilterForm(request.GET)
    found = (
        queries.audit(queries.AuditFilter(**form.cleaned_data), cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS)
        if form.is_valid()
        else Page(rows=[], next="")
    )
    context = {"form": form, "found": found, "query": query_without_cursor(request)}
    return render(request, "accounts/audit.html", context)

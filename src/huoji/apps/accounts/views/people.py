"""Pages of staff and departments."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from huoji.apps.accounts import actions, forms, queries
from huoji.core.permission import Permission
from huoji.kit.formpage import GET_OR_POST, PAGE_ROWS, attempt, form_page, query_without_cursor, shown_once
from huoji.kit.http import Request, needs
from huoji.kit.paging import Page


@needs(Permission.STAFF_MANAGE)
def staff_list(request: Request) -> HttpResponse:
    """List staff, found by number, name and department."""
    form = forms.StaffFilterForm(request.GET)
    found = (
        queries.staff_list(
            request.actor,
            text=form.cleaned_data["text"].strip(),
            department_id=form.cleaned_data["department_id"],
            active=not form.cleaned_data["left"],
            cursor=request.GET.get("cursor", ""),
            limit=PAGE_ROWS,
        )
        if form.is_valid()
        else Page(rows=[], next="")
    )
    context = {"form": form, "found": found, "query": query_without_cursor(request)}
    return render(request, "accounts/staff_list.html", context)


@require_http_methods(GET_OR_POST)
@needs(Permission.STAFF_MANAGE)
def staff_new(request: Request) -> HttpResponse:
    """Take somebody on; his first password is shown once."""
    form = forms.NewStaffForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        password = actions.first_password()

        def create() -> None:
            actions.create_staff(
                request.actor,
                staff_number=given["staff_number"],
                name=given["name"],
                password=password,
                department_id=given["department_id"],
                roles=[given["role"]],
                phone=given["phone"],
            )

        if attempt(form, create):
            return shown_once(request, secret=password, whose=given["staff_number"].upper(), back=reverse("staff-list"))
    return form_page(request, form, title=_("新员工"), back=reverse("staff-list"), submit=_("创建"))


@needs(Permission.STAFF_MANAGE)
def staff_detail(request: Request, staff_id: int) -> HttpResponse:
    """Show a member of staff: roles, second factors, sessions, keys, and what may be done."""
    card = queries.staff_card(request.actor, staff_id=staff_id)
    context = {
        "card": card,
        "assign_form": forms.AssignForm(),
        "cause_form": forms.CauseForm(),
        "may_issue": request.actor.may(Permission.APIKEY_MANAGE),
        "is_self": card.staff.pk == request.actor.staff_id,
        "history": queries.audit_of(f"staff:{card.staff.staff_number}", limit=20),
    }
    return render(request, "accounts/staff_detail.html", context)


@require_http_methods(GET_OR_POST)
@needs(Permission.STAFF_MANAGE)
def staff_edit(request: Request, staff_id: int) -> HttpResponse:
    """Change what is known of a member of staff."""
    row = queries.staff(request.actor, staff_id=staff_id)
    start = {"name": row.name, "phone": row.phone, "department_id": row.department_id or ""}
    form = forms.StaffForm(request.POST or None, initial=start)
    back = reverse("staff-detail", args=[staff_id])
    if form.is_valid() and attempt(
        form, lambda: actions.edit_staff(request.actor, staff_id=staff_id, **form.cleaned_data)
    ):
        return HttpResponseRedirect(back)
    return form_page(request, form, title=row.staff_number, back=back, submit=_("保存"))


@require_POST
@needs(Permission.STAFF_MANAGE)
def staff_do(request: Request, staff_id: int, verb: str) -> HttpResponse:
    """Do one thing to a member of staff: each needs a reason and leaves a row in the audit."""
    back = reverse("staff-detail", args=[staff_id])
    row = queries.staff(request.actor, staff_id=staff_id)
    form = forms.CauseForm(request.POST)
    if not form.is_valid():
        return form_page(request, form, title=row.staff_number, back=back, submit=_("确认"))
    cause = form.cleaned_data["cause"]
    match verb:
        case "password":
            password = actions.reset_password(request.actor, staff_id=staff_id, cause=cause)
            return shown_once(request, secret=password, whose=row.staff_number, back=back)
        case "factors":
            actions.reset_second_factors(request.actor, staff_id=staff_id, cause=cause)
        case "leave" | "return":
            actions.set_staff_active(request.actor, staff_id=staff_id, active=verb == "return", cause=cause)
        case _:
            raise AssertionError(verb)
    messages.success(request, _("已完成"))
    return HttpResponseRedirect(back)


@require_POST
@needs(Permission.STAFF_MANAGE)
def staff_assign(request: Request, staff_id: int) -> HttpResponse:
    """Give a role."""
    row = queries.staff(request.actor, staff_id=staff_id)
    back = reverse("staff-detail", args=[staff_id])
    form = forms.AssignForm(request.POST)
    if form.is_valid() and attempt(
        form,
        lambda: actions.assign_role(
            request.actor,
            staff_id=staff_id,
            role_code=form.cleaned_data["role"],
            department_id=form.cleaned_data["department_id"],
        ),
    ):
        return HttpResponseRedirect(back)
    return form_page(request, form, title=row.staff_number, back=back, submit=_("添加角色"))


@require_POST
@needs(Permission.STAFF_MANAGE)
def staff_withdraw(request: Request, staff_id: int, assignment_id: int) -> HttpResponse:
    """Take a role back."""
    queries.staff(request.actor, staff_id=staff_id)
    actions.withdraw_role(request.actor, staff_id=staff_id, assignment_id=assignment_id)
    return HttpResponseRedirect(reverse("staff-detail", args=[staff_id]))


@require_POST
@needs(Permission.STAFF_MANAGE)
def session_end(request: Request, staff_id: int, session_id: int) -> HttpResponse:
    """End somebody's session."""
    queries.staff(request.actor, staff_id=staff_id)
    actions.end_session(request.actor, session_id=session_id)
    return HttpResponseRedirect(reverse("staff-detail", args=[staff_id]))


@needs(Permission.STAFF_MANAGE)
def departments(request: Request) -> HttpResponse:
    """Show the tree of departments."""
    return render(request, "accounts/departments.html", {"tree": queries.department_tree()})


@require_http_methods(GET_OR_POST)
@needs(Permission.STAFF_MANAGE)
def department_new(request: Request) -> HttpResponse:
    """Add a department."""
    form = forms.NewDepartmentForm(request.POST or None)
    back = reverse("departments")
    if form.is_valid() and attempt(form, lambda: actions.create_department(request.actor, **form.cleaned_data)):
        return HttpResponseRedirect(back)
    return form_page(request, form, title=_("新部门"), back=back, submit=_("创建"))


@require_http_methods(GET_OR_POST)
@needs(Permission.STAFF_MANAGE)
def department_edit(request: Request, department_id: int) -> HttpResponse:
    """Rename a department or hang it elsewhere."""
    row = queries.department(department_id)
    form = forms.DepartmentForm(request.POST or None, initial={"name": row.name, "parent_id": row.parent_id or ""})
    back = reverse("departments")
    if form.is_valid() and attempt(
        form, lambda: actions.edit_department(request.actor, department_id=department_id, **form.cleaned_data)
    ):
        return HttpResponseRedirect(back)
    return form_page(request, form, title=row.name, back=back, submit=_("保存"))

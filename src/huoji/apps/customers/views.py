"""The pages of customers: masked lists, and one act to see a person in full."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from huoji.apps.accounts import queries as accounts
from huoji.apps.accounts.forms import KeyForm
from huoji.apps.customers import actions, forms, queries
from huoji.core.customer import CustomerKind, principal_of
from huoji.core.milestone import Line
from huoji.core.permission import Permission
from huoji.kit import localtime
from huoji.kit.formpage import GET_OR_POST, PAGE_ROWS, attempt, form_page, query_without_cursor, shown_once
from huoji.kit.http import Request, needs


def page_of(customer_id: int) -> str:
    return reverse("customer", args=[customer_id])


@needs(Permission.CUSTOMER_VIEW)
def customers(request: Request) -> HttpResponse:
    """List customers."""
    form = forms.SearchForm(request.GET)
    text = form.cleaned_data["text"].strip() if form.is_valid() else ""
    found = queries.listed(request.actor, text=text, cursor=request.GET.get("cursor", ""), limit=PAGE_ROWS)
    context = {"form": form, "look_up": forms.LookUpForm(), "found": found, "query": query_without_cursor(request)}
    return render(request, "customers/list.html", may(request) | context)


def may(request: Request) -> dict[str, bool]:
    """Tell the template which controls to draw."""
    return {
        "may_manage": request.actor.may(Permission.CUSTOMER_MANAGE),
        "may_search": request.actor.may(Permission.PARTY_SEARCH),
        "may_unmask": request.actor.may(Permission.PARTY_UNMASK),
        "may_issue": request.actor.may(Permission.APIKEY_MANAGE),
    }


@require_POST
@needs(Permission.CUSTOMER_VIEW, Permission.PARTY_SEARCH)
def look_up(request: Request) -> HttpResponse:
    """Find customers by a person's phone or name; counted and limited."""
    form = forms.LookUpForm(request.POST)
    rows: list[queries.CustomerLine] = []
    searched = form.is_valid() and attempt(
        form, lambda: rows.extend(actions.look_up(request.actor, text=form.cleaned_data["person"]))
    )
    context = {"form": forms.SearchForm(), "look_up": form, "rows": rows, "searched": searched}
    return render(request, "customers/looked_up.html", may(request) | context, status=200 if searched else 422)


@require_http_methods(GET_OR_POST)
@needs(Permission.CUSTOMER_MANAGE)
def customer_new(request: Request) -> HttpResponse:
    """Add a customer."""
    form = forms.NewCustomerForm(request.POST or None)
    made: list[int] = []
    if form.is_valid() and attempt(
        form, lambda: made.append(actions.create_customer(request.actor, **form.cleaned_data))
    ):
        return HttpResponseRedirect(page_of(made[0]))
    return form_page(request, form, title=_("新客户"), back=reverse("customers"), submit=_("创建"))


@needs(Permission.CUSTOMER_VIEW)
def customer(request: Request, customer_id: int) -> HttpResponse:
    """Show a customer: contacts (masked), aliases, keys."""
    card = queries.card(request.actor, customer_id=customer_id)
    kind = "partner" if card.customer.kind is CustomerKind.PARTNER else "customer"
    context = {
        "card": card,
        "kind": dict(forms.KINDS)[card.customer.kind],
        "lines": [dict(forms.LINES)[Line(line)] for line in card.customer.lines],
        "alias_kinds": dict(forms.ALIAS_KINDS),
        "alias_form": forms.AliasForm(),
        "keys": accounts.keys_of(f"{kind}:{customer_id}") if request.actor.may(Permission.APIKEY_MANAGE) else [],
    }
    return render(request, "customers/detail.html", may(request) | context)


@require_http_methods(GET_OR_POST)
@needs(Permission.CUSTOMER_MANAGE)
def customer_edit(request: Request, customer_id: int) -> HttpResponse:
    """Change what is known of a customer."""
    line = queries.card(request.actor, customer_id=customer_id).customer
    is_person = line.kind is CustomerKind.PERSON
    start = {
        "name": "" if is_person else line.name,
        "account_number": line.account_number,
        "lines": line.lines,
        "is_active": line.is_active,
    }
    form = forms.EditForm(request.POST or None, initial=start, is_person=is_person)
    back = page_of(customer_id)
    if form.is_valid() and attempt(
        form, lambda: actions.edit_customer(request.actor, customer_id=customer_id, **form.cleaned_data)
    ):
        return HttpResponseRedirect(back)
    return form_page(request, form, title=line.code, back=back, submit=_("保存"))


@require_http_methods(GET_OR_POST)
@needs(Permission.CUSTOMER_MANAGE)
def contact_new(request: Request, customer_id: int) -> HttpResponse:
    """Add a person at a customer."""
    line = queries.card(request.actor, customer_id=customer_id).customer
    form = forms.ContactForm(request.POST or None)
    back = page_of(customer_id)
    if form.is_valid() and attempt(
        form, lambda: actions.add_contact(request.actor, customer_id=customer_id, **form.cleaned_data)
    ):
        return HttpResponseRedirect(back)
    return form_page(request, form, title=line.code, back=back, submit=_("添加联系人"))


@require_POST
@needs(Permission.CUSTOMER_MANAGE)
def contact_remove(request: Request, customer_id: int, contact_id: int) -> HttpResponse:
    """Remove a person."""
    actions.remove_contact(request.actor, customer_id=customer_id, contact_id=contact_id)
    return HttpResponseRedirect(page_of(customer_id))


@require_http_methods(GET_OR_POST)
@needs(Permission.CUSTOMER_VIEW, Permission.PARTY_UNMASK)
def contact_unmask(request: Request, customer_id: int, contact_id: int) -> HttpResponse:
    """Ask for the reason, then show a person in full on a page that is never stored."""
    card = queries.card(request.actor, customer_id=customer_id)
    form = forms.ReasonForm(request.POST or None)
    back = page_of(customer_id)
    seen: list[actions.WholeContact] = []
    if form.is_valid() and attempt(
        form,
        lambda: seen.append(
            actions.unmask_contact(
                request.actor, customer_id=customer_id, contact_id=contact_id, cause=form.cleaned_data["cause"]
            )
        ),
    ):
        answer = render(request, "customers/unmasked.html", {"contact": seen[0], "back": back, "card": card})
        answer["Cache-Control"] = "no-store"
        return answer
    return form_page(request, form, title=_("查看完整个人信息"), back=back, submit=_("查看"))


@require_POST
@needs(Permission.CUSTOMER_MANAGE)
def alias_add(request: Request, customer_id: int) -> HttpResponse:
    """Add another name or a prefix."""
    form = forms.AliasForm(request.POST)
    back = page_of(customer_id)
    if form.is_valid() and attempt(
        form, lambda: actions.add_alias(request.actor, customer_id=customer_id, **form.cleaned_data)
    ):
        return HttpResponseRedirect(back)
    return form_page(request, form, title=_("添加别名"), back=back, submit=_("添加"))


@require_POST
@needs(Permission.CUSTOMER_MANAGE)
def alias_remove(request: Request, customer_id: int, alias_id: int) -> HttpResponse:
    """Remove another name or a prefix."""
    actions.remove_alias(request.actor, customer_id=customer_id, alias_id=alias_id)
    messages.success(request, _("已移除"))
    return HttpResponseRedirect(page_of(customer_id))


@require_http_methods(GET_OR_POST)
@needs(Permission.CUSTOMER_VIEW, Permission.APIKEY_MANAGE)
def key_new(request: Request, customer_id: int) -> HttpResponse:
    """Issue a key that acts as this customer or partner; it is shown once."""
    line = queries.card(request.actor, customer_id=customer_id).customer
    form = KeyForm(request.POST or None, principal=principal_of(line.kind, line.id))
    back = page_of(customer_id)
    issued: list[str] = []

    def issue() -> None:
        given = form.cleaned_data
        last_day = given["expires_on"]
        raw = actions.issue_key(
            request.actor,
            customer_id=customer_id,
            name=given["name"],
            scopes=given["scopes"],
            source=given["source"],
            expires_at=localtime.over(last_day) if last_day else None,
        )
        issued.append(raw)

    if form.is_valid() and attempt(form, issue):
        return shown_once(request, secret=issued[0], whose=line.code, back=back)
    return form_page(request, form, title=_("新 API 密钥"), back=back, submit=_("签发"))

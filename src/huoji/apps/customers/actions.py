"""What may be done to customers; every look at a person in full has its reason and its row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts import actions as accounts
from huoji.apps.customers import queries
from huoji.apps.customers.models import Contact, Customer, CustomerAlias
from huoji.apps.customers.queries import CustomerLine
from huoji.core.customer import NAME_LETTERS_MIN, AliasKind, CustomerKind, alias_key, phone_key, principal_of
from huoji.core.milestone import Line
from huoji.core.permission import Actor, KeyScope, Permission
from huoji.kit.problem import CATALOGUE, Problem, declare

FOUND_MAX = 20

for _code, _status, _title in (
    ("customer_code_taken", 409, _("该客户编码已存在")),
    ("account_taken", 409, _("该月结账号已属于其他客户")),
    ("alias_taken", 409, _("该别名或前缀已属于其他客户")),
    ("look_up_too_short", 422, _("请输入完整电话，或至少两个字的姓名")),
):
    declare(_code, status=_status, title=_title)


def refuse(code: str) -> Problem:
    """Return the problem of that code, to be raised."""
    kind = CATALOGUE[code]
    return Problem(code, kind.status, kind.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeContact:
    """A contact in full: only `unmask_contact` gives it."""

    id: int
    name: str
    phone: str
    email: str
    address: str


@transaction.atomic
def create_customer(
    actor: Actor,
    *,
    code: str,
    name: str,
    kind: CustomerKind,
    account_number: str = "",
    lines: Iterable[Line] = (),
    dataset: str = "",
) -> int:
    """Add a customer and return his id."""
    accounts.require(actor, Permission.CUSTOMER_MANAGE)
    wanted = code.strip().upper()
    if Customer.objects.filter(code=wanted).exists():
        raise refuse("customer_code_taken")
    row = Customer(code=wanted, kind=kind.value, dataset=dataset)
    _fill(row, name=name, account_number=account_number, lines=lines)
    accounts.record_audit(
        actor,
        verb="customer.create",
        target=f"customer:{row.pk}",
        changed={"code": wanted, "kind": kind.value},
        dataset=dataset,
    )
    return row.pk


@transaction.atomic
def edit_customer(
    actor: Actor, *, customer_id: int, name: str, account_number: str, lines: Iterable[Line], is_active: bool
) -> None:
    """Change what is known of a customer; his code stays, and an empty name leaves the name."""
    accounts.require(actor, Permission.CUSTOMER_MANAGE)
    row = _locked(actor, customer_id)
    row.is_active = is_active
    _fill(row, name=name or row.name, account_number=account_number, lines=lines)
    accounts.record_audit(
        actor,
        verb="customer.edit",
        target=f"customer:{row.pk}",
        changed={"name": name, "account_number": account_number, "lines": row.lines, "is_active": is_active},
        dataset=row.dataset,
    )


def _fill(row: Customer, *, name: str, account_number: str, lines: Iterable[Line]) -> None:
    row.name = name.strip()
    row.name_key = alias_key(name)
    row.account_number = account_number.strip() or None
    row.lines = sorted({line.value for line in lines})
    taken = Customer.objects.filter(account_number=row.account_number).exclude(pk=row.pk)
    if row.account_number and taken.exists():
        raise refuse("account_taken")
    accounts.clean(row, exclude=["lines"])
    row.save()


def _locked(actor: Actor, customer_id: int) -> Customer:
    queries.get(actor, customer_id=customer_id)
    return Customer.objects.select_for_update().get(pk=customer_id)


@transaction.atomic
def add_contact(
    actor: Actor, *, customer_id: int, name: str, phone: str = "", email: str = "", address: str = ""
) -> int:
    """Add a person at a customer and return the contact's id."""
    accounts.require(actor, Permission.CUSTOMER_MANAGE)
    customer = _locked(actor, customer_id)
    row = Contact(
        customer=customer,
        name=name.strip(),
        phone=phone.strip(),
        phone_key=phone_key(phone),
        email=email.strip(),
        address=address.strip(),
        dataset=customer.dataset,
    )
    accounts.clean(row)
    row.save()
    accounts.record_audit(
        actor,
        verb="contact.add",
        target=f"customer:{customer.pk}",
        changed={"contact_id": row.pk},
        dataset=customer.dataset,
    )
    return row.pk


@transaction.atomic
def remove_contact(actor: Actor, *, customer_id: int, contact_id: int) -> None:
    """Remove a person: nothing of him stays but the row in the audit."""
    accounts.require(actor, Permission.CUSTOMER_MANAGE)
    customer = _locked(actor, customer_id)
    count, _ = Contact.objects.filter(pk=contact_id, customer=customer).delete()
    if count:
        accounts.record_audit(
            actor,
            verb="contact.remove",
            target=f"customer:{customer.pk}",
            changed={"contact_id": contact_id},
            dataset=customer.dataset,
        )


def unmask_contact(actor: Actor, *, customer_id: int, contact_id: int, cause: str) -> WholeContact:
    """Return a contact in full to who may and says why; the reason and the look are kept for ever."""
    accounts.require(actor, Permission.PARTY_UNMASK)
    queries.get(actor, customer_id=customer_id)
    row = Contact.objects.filter(pk=contact_id, customer_id=customer_id).first()
    if row is None:
        raise Problem("not_found", 404)
    accounts.note_unmask(actor, target=f"contact:{row.pk}", cause=cause)
    return WholeContact(id=row.pk, name=row.name, phone=row.phone, email=row.email, address=row.address)


def look_up(actor: Actor, *, text: str) -> list[CustomerLine]:
    """Find customers by a contact's phone or name: counted, limited, and answered masked."""
    accounts.require(actor, Permission.PARTY_SEARCH)
    phone, name = phone_key(text), text.strip()
    if not phone and len(name) < NAME_LETTERS_MIN:
        raise refuse("look_up_too_short")
    accounts.note_search(actor, by="phone" if phone else "name")
    persons = Contact.objects.filter(phone_key=phone) if phone else Contact.objects.filter(name=name)
    rows = queries.visible_to(actor).filter(pk__in=persons.values("customer_id"))
    return [queries.line_of(row) for row in rows.order_by("code")[:FOUND_MAX]]


@transaction.atomic
def add_alias(actor: Actor, *, customer_id: int, kind: AliasKind, text: str) -> None:
    """Add another name, or what the customer's own references begin with; it can mean only one customer."""
    accounts.require(actor, Permission.CUSTOMER_MANAGE)
    customer = _locked(actor, customer_id)
    key = alias_key(text)
    owner = CustomerAlias.objects.filter(kind=kind.value, key=key).first()
    if owner is not None:
        if owner.customer_id == customer.pk:
            return
        raise refuse("alias_taken")
    row = CustomerAlias(customer=customer, kind=kind.value, text=text.strip(), key=key, dataset=customer.dataset)
    accounts.clean(row)
    row.save()
    accounts.record_audit(
        actor,
        verb="alias.add",
        target=f"customer:{customer.pk}",
        changed={"kind": kind.value, "text": text.strip()},
        dataset=customer.dataset,
    )


@transaction.atomic
def remove_alias(actor: Actor, *, customer_id: int, alias_id: int) -> None:
    """Remove another name or a prefix."""
    accounts.require(actor, Permission.CUSTOMER_MANAGE)
    customer = _locked(actor, customer_id)
    row = CustomerAlias.objects.filter(pk=alias_id, customer=customer).first()
    if row is None:
        return
    row.delete()
    accounts.record_audit(
        actor,
        verb="alias.remove",
        target=f"customer:{customer.pk}",
        changed={"kind": row.kind, "text": row.text},
        dataset=customer.dataset,
    )


def issue_key(
    actor: Actor,
    *,
    customer_id: int,
    name: str,
    scopes: Iterable[KeyScope],
    source: str = "",
    expires_at: datetime | None = None,
) -> str:
    """Issue an API key that acts as this customer or partner, and return it raw, once."""
    row = queries.get(actor, customer_id=customer_id)
    return accounts.issue_key(
        actor,
        name=name,
        principal=principal_of(CustomerKind(row.kind), row.pk),
        scopes=scopes,
        source=source,
        expires_at=expires_at,
        dataset=row.dataset,
    )


@transaction.atomic
def remove_dataset(dataset: str) -> int:
    """Delete every customer of a dataset with contacts and aliases; return how many rows."""
    assert dataset, "rows of the carrier himself are no dataset"
    return sum(model.objects.filter(dataset=dataset).delete()[0] for model in (Contact, CustomerAlias, Customer))

"""What may be read of customers: always masked; the whole is another act."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Length, StrIndex

from huoji.apps.customers.models import Contact, Customer, CustomerAlias
from huoji.core.answer import Audience
from huoji.core.customer import AliasKind, CustomerKind, alias_key
from huoji.core.masking import mask_address, mask_name, mask_phone
from huoji.core.permission import Actor, Permission, Scope
from huoji.kit.paging import page
from huoji.kit.problem import Problem

CONTACTS_MAX = 100
ALIASES_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine:
    """A customer as lists show him; a person's name is masked."""

    id: int
    code: str
    name: str
    kind: CustomerKind
    account_number: str
    lines: list[str]
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """One page of customers and the cursor of the page after it."""

    rows: list[CustomerLine]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedContact:
    """A contact as everybody sees him."""

    id: int
    name: str
    phone: str
    email: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasLine:
    """Another name or a prefix of references."""

    id: int
    kind: AliasKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCard:
    """All that one page tells of a customer."""

    customer: CustomerLine
    contacts: list[MaskedContact]
    aliases: list[AliasLine]


def visible_to(actor: Actor) -> QuerySet[Customer]:
    """Return the customers an actor may see: staff with the permission all, a customer himself, others nobody."""
    rows = Customer.objects.all()
    if actor.scope is Scope.PARTY and actor.party_id is not None:
        return rows.filter(pk=actor.party_id)
    return rows if actor.may(Permission.CUSTOMER_VIEW) else rows.none()


def line_of(row: Customer) -> CustomerLine:
    """Return a row as lists show it."""
    kind = CustomerKind(row.kind)
    return CustomerLine(
        id=row.pk,
        code=row.code,
        name=mask_name(row.name, level=Audience.STAFF) if kind is CustomerKind.PERSON else row.name,
        kind=kind,
        account_number=row.account_number or "",
        lines=list(row.lines),
        is_active=row.is_active,
    )


def masked(row: Contact) -> MaskedContact:
    """Return a contact with what must be hidden hidden."""
    return MaskedContact(
        id=row.pk,
        name=mask_name(row.name, level=Audience.STAFF),
        phone=mask_phone(row.phone, level=Audience.STAFF),
        email=mask_email(row.email),
        address=mask_address(row.address, level=Audience.STAFF),
    )


def mask_email(text: str) -> str:
    """Return a mail address with all but its first letter and its domain hidden."""
    local, _, domain = text.partition("@")
    return f"{local[:1]}***@{domain}" if domain else ""


def listed(actor: Actor, *, text: str, cursor: str, limit: int) -> CustomerPage:
    """Return one page of customers by code, found by code, company name, alias or account number, never by a person."""
    rows = visible_to(actor)
    if text:
        key = alias_key(text)
        by_alias = CustomerAlias.objects.filter(kind=AliasKind.NAME, key__contains=key).values("customer_id")
        company = Q(name_key__contains=key) & ~Q(kind=CustomerKind.PERSON)
        rows = rows.filter(
            Q(code__startswith=text.strip().upper()) | Q(account_number=text.strip()) | company | Q(pk__in=by_alias)
        )
    found = page(rows, of=f"customers:{text}", order=("code",), cursor=cursor, limit=limit)
    return CustomerPage(rows=[line_of(row) for row in found.rows], next=found.next)


def get(actor: Actor, *, customer_id: int) -> Customer:
    """Return a customer that the actor may see, or raise `not_found`."""
    row = visible_to(actor).filter(pk=customer_id).first()
    if row is None:
        raise Problem("not_found", 404)
    return row


def card(actor: Actor, *, customer_id: int) -> CustomerCard:
    """Return a customer with his contacts, masked, and his aliases."""
    row = get(actor, customer_id=customer_id)
    aliases = CustomerAlias.objects.filter(customer=row).order_by("kind", "text")[:ALIASES_MAX]
    return CustomerCard(
        customer=line_of(row),
        contacts=[masked(contact) for contact in Contact.objects.filter(customer=row).order_by("pk")[:CONTACTS_MAX]],
        aliases=[AliasLine(id=alias.pk, kind=AliasKind(alias.kind), text=alias.text) for alias in aliases],
    )


def id_of(code: str) -> int | None:
    """Return the id of an active customer by his code."""
    return Customer.objects.filter(code=code.strip().upper(), is_active=True).values_list("pk", flat=True).first()


def ids_of(codes: Iterable[str]) -> Mapping[str, int]:
    """Return the ids of active customers by their codes, in one question."""
    wanted = {code.strip().upper() for code in codes}
    rows = Customer.objects.filter(code__in=wanted, is_active=True) if wanted else Customer.objects.none()
    return dict(rows.values_list("code", "pk"))


def names_of(ids: Iterable[int]) -> Mapping[int, str]:
    """Return the names of customers as staff sees them."""
    return {row.pk: line_of(row).name for row in Customer.objects.filter(pk__in=set(ids))}


def id_of_reference(reference: str) -> int | None:
    """Return whose reference this may be: the customer with the longest prefix that it begins with."""
    aliases = CustomerAlias.objects.filter(kind=AliasKind.REFERENCE, customer__is_active=True)
    matching = aliases.annotate(at=StrIndex(Value(alias_key(reference)), "key")).filter(at=1)
    return matching.order_by(Length("key").desc()).values_list("customer_id", flat=True).first()

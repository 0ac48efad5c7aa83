"""The API of customers for staff and their systems; persons are masked."""

from typing import Annotated, Any

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from huoji.apps.customers import actions, queries
from huoji.core.customer import CustomerKind
from huoji.core.milestone import Line
from huoji.core.permission import Permission
from huoji.kit.http import Request, needs
from huoji.kit.idempotency import idempotent
from huoji.kit.paging import LIMIT_DEFAULT, Cursor, Limit

router = Router(tags=["customers"])

TEXT_LENGTH_MAX = 80
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class CustomerIn(Schema):
    """A new customer."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    kind: CustomerKind
    account_number: Annotated[str, Field(max_length=40)] = ""
    lines: Annotated[list[Line], Field(max_length=3)] = []


class CustomerOut(Schema):
    """A customer; a person's name is masked."""

    id: int
    code: str
    name: str
    kind: CustomerKind
    account_number: str
    lines: list[str]
    is_active: bool


class CustomersOut(Schema):
    """One page of customers."""

    rows: list[CustomerOut]
    next: str


class ContactIn(Schema):
    """A new contact."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    address: Annotated[str, Field(max_length=300)] = ""


class ContactOut(Schema):
    """A contact, masked."""

    id: int
    name: str
    phone: str
    email: str
    address: str


class AliasOut(Schema):
    """Another name, or what the customer's own references begin with."""

    id: int
    kind: str
    text: str


class CardOut(Schema):
    """A customer with contacts and aliases."""

    customer: CustomerOut
    contacts: list[ContactOut]
    aliases: list[AliasOut]


class IdOut(Schema):
    """The id of what was made."""

    id: int


@router.get("", response=CustomersOut, summary="List customers by code")
@needs(Permission.CUSTOMER_VIEW)
def list_customers(
    request: Request,
    text: Annotated[str, Field(max_length=TEXT_LENGTH_MAX)] = "",
    cursor: Cursor = "",
    limit: Limit = LIMIT_DEFAULT,
) -> Any:
    """Find by code, company name, alias or account number."""
    return queries.listed(request.actor, text=text, cursor=cursor, limit=limit)


@router.post("", response={201: IdOut}, summary="Add a customer")
@idempotent
@needs(Permission.CUSTOMER_MANAGE)
def create_customer(request: Request, body: CustomerIn) -> Any:
    """Add a customer; its code is for ever."""
    return Status(201, {"id": actions.create_customer(request.actor, **body.dict())})


@router.get("/{customer_id}", response=CardOut, summary="One customer")
@needs(Permission.CUSTOMER_VIEW)
def get_customer(request: Request, customer_id: Id) -> Any:
    """Show a customer with contacts (masked) and aliases."""
    return queries.card(request.actor, customer_id=customer_id)


@router.post("/{customer_id}/contacts", response={201: IdOut}, summary="Add a contact")
@idempotent
@needs(Permission.CUSTOMER_MANAGE)
def add_contact(request: Request, customer_id: Id, body: ContactIn) -> Any:
    """Add a person at a customer."""
    return Status(201, {"id": actions.add_contact(request.actor, customer_id=customer_id, **body.dict())})

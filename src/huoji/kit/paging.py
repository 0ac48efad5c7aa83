"""Pages of a long list by opaque cursor: stable while rows come and go, and telling nothing about ids."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.encoding import force_bytes
from pydantic import Field

from huoji.kit.problem import Problem

M = TypeVar("M", bound=Model)
CURSOR_LENGTH_MAX = 1_000
LIMIT_DEFAULT = 50
LIMIT_MAX = 200

# Declare these as the query parameters of an operation: `cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT`.
Cursor = Annotated[str, Field(max_length=CURSOR_LENGTH_MAX, description="`next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[M]):
    """One page of rows and the cursor of the page after it (empty at the end)."""

    rows: list[M]
    next: str


@lru_cache(maxsize=1)
def cipher() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [
        hashlib.blake2b(force_bytes(secret), person=b"huoji.cursor", digest_size=32).digest() for secret in secrets
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def encode(values: Sequence[Any], *, of: str) -> str:
    return cipher().encrypt(msgspec.msgpack.encode([of, *values])).decode().rstrip("=")


def decode(cursor: str, *, of: str, width: int) -> list[Any]:
    """Return the values of a cursor; raise `invalid_cursor` when it is not ours or belongs to another list."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        name, *values = msgspec.msgpack.decode(cipher().decrypt(padded))
    except (InvalidToken, ValueError, UnicodeError) as error:
        raise Problem("invalid_cursor", 400) from error
    if name != of or len(values) != width:
        raise Problem("invalid_cursor", 400)
    return list(values)


def after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition "behind these values in this order"; "-name" sorts downward, columns must not be null."""
    condition = Q()
    equal: dict[str, Any] = {}
    for name, value in zip(order, values, strict=True):
        column = name.removeprefix("-")
        comparison = "lt" if name.startswith("-") else "gt"
        condition |= Q(**equal, **{f"{column}__{comparison}": value})
        equal[column] = value
    return condition


def count(rows: QuerySet[Any], *, most: int) -> int:
    """Count rows, up to one more than `most`: that there are more is all that anybody is told then."""
    return rows.order_by()[: most + 1].count()


def page(rows: QuerySet[M], *, of: str, order: Sequence[str], cursor: str, limit: int) -> Page[M]:
    """Cut one page; `order` must end in a unique column, `of` names the list and its filter (cursors fit only it)."""
    chosen = rows.order_by(*order)
    if cursor:
        chosen = chosen.filter(after(order, decode(cursor, of=of, width=len(order))))
    found = list(chosen[: min(limit, LIMIT_MAX) + 1])
    if len(found) <= limit:
        return Page(rows=found, next="")
    found.pop()
    last = [getattr(found[-1], name.removeprefix("-").replace("__", ".")) for name in order]
    return Page(rows=found, next=encode(last, of=of))

"""Filters that turn codes of accounts into words."""

from typing import Any

from django import template

from huoji.apps.accounts.queries import words
from huoji.core.permission import KeyScope

register = template.Library()


@register.filter
def role_title(role: Any) -> words.Words:
    """Return what a role is called."""
    return words.role_name(role.code, own=role.name)


@register.filter
def factor_title(kind: str) -> words.Words:
    """Return what a second factor is called."""
    return words.FACTORS.get(kind, kind)


@register.filter
def key_scope_title(scope: str) -> words.Words:
    """Return what a scope of an API key is called."""
    return words.KEY_SCOPES[KeyScope(scope)] if scope in set(KeyScope) else scope


@register.filter
def verb_title(verb: str) -> words.Words:
    """Return what the audit's verb is called, or nothing when it has no name."""
    return words.VERBS.get(verb, "")


@register.filter
def plain_value(value: Any) -> str:
    """Return a value of the audit as people write it."""
    match value:
        case list():
            return ", ".join(map(str, value)) or "—"
        case None | "":
            return "—"
        case _:
            return str(value)

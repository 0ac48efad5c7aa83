"""What customers are, and how the texts that name them are compared."""

import re
from enum import StrEnum

from huoji.core.numbers import half_width

PHONE_DIGITS_MIN = 5
PHONE_DIGITS_MAX = 20
NAME_LETTERS_MIN = 2
COUNTRY = re.compile(r"^(?:0086|86)(?=1\d{10}$|0?\d{9,11}$)")


class CustomerKind(StrEnum):
    """Who deals with us: a company, a person, or a partner who carries for us or for whom we carry."""

    COMPANY = "company"
    PERSON = "person"
    PARTNER = "partner"


def principal_of(kind: CustomerKind, customer_id: int) -> str:
    """Return who a key of this customer acts as."""
    return f"{'partner' if kind is CustomerKind.PARTNER else 'customer'}:{customer_id}"


class AliasKind(StrEnum):
    """What else stands for a customer: another name, or what his own references begin with."""

    NAME = "name"
    REFERENCE = "reference"


def alias_key(text: str) -> str:
    """Return what two writings of one name or prefix have in common: half width, upper case, without spaces and dashes."""
    return re.sub(r"[\s\-_·.]+", "", half_width(text)).upper()


def phone_key(text: str) -> str:
    """Return a phone number's digits without +86, or nothing when the text is not one."""
    digits = re.sub(r"\D", "", half_width(text))
    if not PHONE_DIGITS_MIN <= len(digits) <= PHONE_DIGITS_MAX:
        return ""
    return COUNTRY.sub("", digits)

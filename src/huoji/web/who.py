"""What people call whoever did something: principals are for machines."""

from django.utils.translation import gettext as _

from huoji.apps.accounts import queries as accounts
from huoji.apps.customers import queries as customers


def named(principal: str) -> str:
    """Return the name of a member of staff, a customer or a partner, and a word for the system itself."""
    kind, _colon, rest = principal.partition(":")
    match kind:
        case "staff":
            return accounts.name_of(principal) or rest
        case "system":
            return _("系统")
        case "customer" | "partner" if rest.isdigit():
            return customers.names_of([int(rest)]).get(int(rest), principal)
        case _:
            return principal

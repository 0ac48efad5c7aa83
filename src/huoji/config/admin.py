"""`huoji createadmin`: the first person who can sign in, an IT administrator."""

import getpass
import secrets
import sys

from django.core.exceptions import ValidationError

from huoji.apps.accounts import actions
from huoji.config import migrate
from huoji.core import permission
from huoji.kit.problem import Problem

PASSWORD_BYTES = 12


def create(*, number: str, name: str) -> int:
    """Ask for a password on a terminal, else make one and print it once."""
    migrate.migrate(verbosity=0)
    chosen = getpass.getpass("Password (empty: one is made for you): ") if sys.stdin.isatty() else ""
    password = chosen or secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        actions.create_staff(
            permission.system("createadmin"),
            staff_number=number,
            name=name,
            password=password,
            roles=["it_admin"],
            must_change_password=not chosen,
        )
    except ValidationError as refused:
        return _refused(*refused.messages)
    except Problem as refused:
        return _refused(refused.title, str(refused.detail))
    print(f"Sign in as {number}" + ("." if chosen else f" with the password {password} (shown once, to be changed)."))
    return 0


def _refused(*reasons: str) -> int:
    print("\n".join(filter(None, reasons)), file=sys.stderr)
    print("Nothing was made; choose another --number or password.", file=sys.stderr)
    return 1

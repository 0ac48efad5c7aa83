"""What may be read of staff, roles, keys and the audit."""

from huoji.apps.accounts.queries.actors import (
    KEY_SCHEME,
    KeyHolder,
    actor_for_key,
    actor_for_number,
    actor_for_user,
    holder_of_key,
    needs_touch,
    note_touched,
)

__all__ = [
    "KEY_SCHEME",
    "KeyHolder",
    "actor_for_key",
    "actor_for_number",
    "actor_for_user",
    "holder_of_key",
    "needs_touch",
    "note_touched",
]

"""What may be read of staff, roles, keys and the audit."""

from huoji.apps.accounts.queries.actors import actor_for_key, actor_for_number, actor_for_user

__all__ = ["actor_for_key", "actor_for_number", "actor_for_user"]

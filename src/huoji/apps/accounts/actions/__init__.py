"""What may be done to staff, roles, keys and the audit."""

from huoji.apps.accounts.actions.audit import record_audit
from huoji.apps.accounts.actions.keys import issue_key, revoke_key, touch_key
from huoji.apps.accounts.actions.roles import assign_role, require, seed_roles, withdraw_role
from huoji.apps.accounts.actions.staff import create_department, create_staff

__all__ = [
    "assign_role",
    "create_department",
    "create_staff",
    "issue_key",
    "record_audit",
    "require",
    "revoke_key",
    "seed_roles",
    "touch_key",
    "withdraw_role",
]

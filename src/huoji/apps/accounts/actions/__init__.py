"""What may be done to staff, roles, keys and the audit."""

from huoji.apps.accounts.actions.audit import record_audit
from huoji.apps.accounts.actions.keys import issue_key, revoke_key, touch_key
from huoji.apps.accounts.actions.privacy import note_search, note_unmask
from huoji.apps.accounts.actions.refusals import clean, require
from huoji.apps.accounts.actions.removing import remove_dataset
from huoji.apps.accounts.actions.roles import (
    assign_role,
    create_role,
    edit_role,
    reset_role,
    seed_roles,
    withdraw_role,
)
from huoji.apps.accounts.actions.staff import (
    change_own_password,
    create_department,
    create_staff,
    edit_department,
    edit_staff,
    end_session,
    first_password,
    forget_ended_sessions,
    record_failed_sign_in,
    reset_password,
    reset_second_factors,
    set_staff_active,
)

__all__ = [
    "assign_role",
    "change_own_password",
    "clean",
    "create_department",
    "create_role",
    "create_staff",
    "edit_department",
    "edit_role",
    "edit_staff",
    "end_session",
    "first_password",
    "forget_ended_sessions",
    "issue_key",
    "note_search",
    "note_unmask",
    "record_audit",
    "record_failed_sign_in",
    "remove_dataset",
    "require",
    "reset_password",
    "reset_role",
    "reset_second_factors",
    "revoke_key",
    "seed_roles",
    "set_staff_active",
    "touch_key",
    "withdraw_role",
]

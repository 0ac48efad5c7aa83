"""Seed the default roles, give roles to staff and take them back."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from huoji.apps.accounts.actions.audit import record_audit
from huoji.apps.accounts.models import Department, Role, RoleAssignment, Staff
from huoji.apps.accounts.queries.actors import forget
from huoji.core.permission import Actor, Permission
from huoji.core.role import DEFAULT_ROLES


@transaction.atomic
def seed_roles() -> None:
    """Bring the default roles into the tables; roles that people have edited stay as they are."""
    for facts in DEFAULT_ROLES:
        values = {
            "scope": facts.scope.value,
            "permissions": sorted(facts.permissions),
            "superior_id": facts.superior or None,
        }
        if not Role.objects.filter(code=facts.code).exists():
            Role.objects.create(code=facts.code, follows_code=True, **values)
        else:
            Role.objects.filter(code=facts.code, follows_code=True).update(**values)
    forget()


def require(actor: Actor, permission: Permission) -> None:
    """Refuse the actor who lacks the permission."""
    if not actor.may(permission):
        raise PermissionDenied(permission.value)


@transaction.atomic
def assign_role(actor: Actor, *, staff_id: int, role_code: str, department_id: int | None = None) -> None:
    """Give a role to a member of staff; giving it twice is giving it once."""
    require(actor, Permission.STAFF_MANAGE)
    staff = Staff.objects.select_for_update().get(pk=staff_id)
    department = None if department_id is None else Department.objects.get(pk=department_id)
    _, created = RoleAssignment.objects.get_or_create(
        staff=staff, role=Role.objects.get(pk=role_code), department=department
    )
    if created:
        record_audit(
            actor,
            verb="role.assign",
            target=f"staff:{staff.staff_number}",
            changed={"role": role_code, "department": department_id},
            dataset=staff.dataset,
        )


@transaction.atomic
def withdraw_role(actor: Actor, *, staff_id: int, role_code: str, department_id: int | None = None) -> None:
    """Take a role back from a member of staff."""
    require(actor, Permission.STAFF_MANAGE)
    staff = Staff.objects.select_for_update().get(pk=staff_id)
    held = RoleAssignment.objects.filter(staff=staff, role_id=role_code)
    where = held.filter(department=None) if department_id is None else held.filter(department_id=department_id)
    count, _ = where.delete()
    if count:
        record_audit(
            actor,
            verb="role.withdraw",
            target=f"staff:{staff.staff_number}",
            changed={"role": role_code, "department": department_id},
            dataset=staff.dataset,
        )

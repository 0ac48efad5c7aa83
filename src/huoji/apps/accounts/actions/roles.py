"""Seed the default roles, edit them, give them to staff and take them back."""

from collections.abc import Iterable

from django.db import transaction

from huoji.apps.accounts.actions.audit import record_audit
from huoji.apps.accounts.actions.refusals import clean, refuse, refuse_role, require
from huoji.apps.accounts.models import Department, Role, RoleAssignment, Staff
from huoji.apps.accounts.queries.actors import forget, role_facts
from huoji.core.permission import Actor, Permission, Scope
from huoji.core.role import DEFAULT_ROLES, RoleRefusedError, check


@transaction.atomic
def seed_roles() -> None:
    """Bring the default roles into the tables; roles that people have edited stay as they are."""
    present = set(Role.objects.values_list("code", flat=True))
    for facts in DEFAULT_ROLES:
        values = {
            "scope": facts.scope.value,
            "permissions": sorted(facts.permissions),
            "superior_id": facts.superior or None,
        }
        if facts.code not in present:
            Role.objects.create(code=facts.code, follows_code=True, **values)
        else:
            Role.objects.filter(code=facts.code, follows_code=True).update(**values)
    forget()


def _lock_and_check() -> None:
    """Refuse the roles as they now stand in this transaction when they break a rule; one editor at a time."""
    rows = list(Role.objects.select_for_update().order_by("code"))
    try:
        check(role_facts(role) for role in rows)
    except RoleRefusedError as error:
        raise refuse_role(error) from error
    transaction.on_commit(forget)
    forget()


@transaction.atomic
def create_role(
    actor: Actor, *, code: str, name: str, scope: Scope, superior: str | None, permissions: Iterable[Permission]
) -> None:
    """Add a role of this company's own."""
    require(actor, Permission.ROLE_MANAGE)
    if Role.objects.filter(code=code).exists():
        raise refuse("code_taken")
    role = Role(code=code, name=name, scope=scope.value, superior_id=superior, permissions=sorted(permissions))
    clean(role)
    role.save()
    _lock_and_check()
    record_audit(actor, verb="role.create", target=f"role:{code}", changed={"scope": scope.value, "superior": superior})


@transaction.atomic
def edit_role(
    actor: Actor, *, code: str, scope: Scope, superior: str | None, permissions: Iterable[Permission], cause: str
) -> None:
    """Change what a role may do; from then on it no longer follows the defaults of the code."""
    require(actor, Permission.ROLE_MANAGE)
    role = Role.objects.select_for_update().get(pk=code)
    asked = {permission.value for permission in permissions}
    before = set(role.permissions)
    role.scope = scope.value
    role.superior_id = superior
    role.permissions = sorted(asked)
    role.follows_code = False
    role.save()
    _lock_and_check()
    record_audit(
        actor,
        verb="role.edit",
        target=f"role:{code}",
        cause=cause,
        changed={
            "scope": scope.value,
            "superior": superior,
            "given": sorted(asked - before),
            "taken": sorted(before - asked),
        },
    )


@transaction.atomic
def reset_role(actor: Actor, *, code: str) -> None:
    """Let a default role follow the code again."""
    require(actor, Permission.ROLE_MANAGE)
    if Role.objects.filter(code=code, code__in=[facts.code for facts in DEFAULT_ROLES]).update(follows_code=True):
        seed_roles()
        _lock_and_check()
        record_audit(actor, verb="role.reset", target=f"role:{code}")


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
def withdraw_role(actor: Actor, *, staff_id: int, assignment_id: int) -> None:
    """Take a role back from a member of staff."""
    require(actor, Permission.STAFF_MANAGE)
    staff = Staff.objects.select_for_update().get(pk=staff_id)
    held = RoleAssignment.objects.filter(staff=staff, pk=assignment_id).first()
    if held is None:
        return
    held.delete()
    record_audit(
        actor,
        verb="role.withdraw",
        target=f"staff:{staff.staff_number}",
        changed={"role": held.role_id, "department": held.department_id},
        dataset=staff.dataset,
    )

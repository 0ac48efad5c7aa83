"""Take staff on."""

from collections.abc import Sequence

from django.db import transaction

from huoji.apps.accounts.actions.audit import record_audit
from huoji.apps.accounts.actions.roles import assign_role, require
from huoji.apps.accounts.models import Department, Staff
from huoji.core.permission import Actor, Permission


@transaction.atomic
def create_department(actor: Actor, *, code: str, name: str, parent_id: int | None = None, dataset: str = "") -> int:
    """Add a department below its parent and return its id."""
    require(actor, Permission.STAFF_MANAGE)
    department = Department.objects.create(code=code, name=name, parent_id=parent_id, dataset=dataset)
    record_audit(
        actor,
        verb="department.create",
        target=f"department:{code}",
        changed={"parent": parent_id},
        dataset=dataset,
    )
    return department.pk


@transaction.atomic
def create_staff(
    actor: Actor,
    *,
    staff_number: str,
    name: str,
    password: str,
    department_id: int | None = None,
    roles: Sequence[str] = (),
    phone: str = "",
    email: str = "",
    must_change_password: bool = True,
    dataset: str = "",
) -> int:
    """Add a member of staff with his first password and roles, and return his id."""
    require(actor, Permission.STAFF_MANAGE)
    staff = Staff(
        staff_number=staff_number,
        name=name,
        department_id=department_id,
        phone=phone,
        email=email,
        must_change_password=must_change_password,
        dataset=dataset,
    )
    staff.set_password(password)
    staff.full_clean(exclude=["password"])
    staff.save()
    record_audit(
        actor,
        verb="staff.create",
        target=f"staff:{staff_number}",
        changed={"department": department_id},
        dataset=dataset,
    )
    for code in roles:
        assign_role(actor, staff_id=staff.pk, role_code=code)
    return staff.pk

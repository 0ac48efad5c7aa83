"""Take staff on, change what is known of them, help them back in, and let them go."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from huoji.apps.accounts.actions.audit import record_audit
from huoji.apps.accounts.actions.refusals import clean, refuse, require
from huoji.apps.accounts.actions.roles import assign_role
from huoji.apps.accounts.models import Department, Staff
from huoji.apps.accounts.queries.actors import forget
from huoji.core.permission import ANONYMOUS, Actor, Permission

STAFF_NUMBER_LENGTH_MAX = 20
MINUTE = timedelta(minutes=1)  # a session that is being made is listed before it is stored
FIRST_PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet without look-alikes
FIRST_PASSWORD_GROUPS = 4
FIRST_PASSWORD_GROUP_LENGTH = 4


def first_password() -> str:
    """Return a random password that can be read out over a telephone (79 bits)."""
    return "-".join(
        "".join(secrets.choice(FIRST_PASSWORD_LETTERS) for _ in range(FIRST_PASSWORD_GROUP_LENGTH))
        for _ in range(FIRST_PASSWORD_GROUPS)
    )


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
    must_change_password: bool = True,
    dataset: str = "",
) -> int:
    """Add a member of staff with his first password and roles, and return his id."""
    require(actor, Permission.STAFF_MANAGE)
    number = staff_number.strip().upper()
    if Staff.objects.filter(staff_number=number).exists():
        raise refuse("number_taken")
    staff = Staff(
        staff_number=number,
        name=name,
        department_id=department_id,
        phone=phone,
        must_change_password=must_change_password,
        dataset=dataset,
    )
    staff.set_password(password)
    clean(staff, exclude=["password"])
    staff.save()
    record_audit(
        actor,
        verb="staff.create",
        target=f"staff:{number}",
        changed={"department": department_id},
        dataset=dataset,
    )
    for code in roles:
        assign_role(actor, staff_id=staff.pk, role_code=code)
    return staff.pk


@transaction.atomic
def edit_staff(actor: Actor, *, staff_id: int, name: str, phone: str, department_id: int | None) -> None:
    """Change what is known of a member of staff; his number stays for ever."""
    require(actor, Permission.STAFF_MANAGE)
    staff = _locked(staff_id)
    changed = {
        field: value
        for field, value in {"name": name, "phone": phone, "department_id": department_id}.items()
        if getattr(staff, field) != value
    }
    if not changed:
        return
    staff.name, staff.phone, staff.department_id = name, phone, department_id
    clean(staff, exclude=["password"])
    staff.save()
    record_audit(actor, verb="staff.edit", target=f"staff:{staff.staff_number}", changed=changed, dataset=staff.dataset)


@transaction.atomic
def set_staff_active(actor: Actor, *, staff_id: int, active: bool, cause: str) -> None:
    """Let a member of staff go, or back in; who leaves loses his sessions and keys at once."""
    require(actor, Permission.STAFF_MANAGE)
    if staff_id == actor.staff_id:
        raise refuse("not_yourself")
    staff = _locked(staff_id)
    if staff.is_active == active:
        return
    staff.is_active = active
    staff.save(update_fields=["is_active"])
    if not active:
        _end_sessions(staff)
    transaction.on_commit(forget)
    forget()
    verb = "staff.return" if active else "staff.leave"
    record_audit(actor, verb=verb, target=f"staff:{staff.staff_number}", cause=cause, dataset=staff.dataset)


@transaction.atomic
def reset_password(actor: Actor, *, staff_id: int, cause: str) -> str:
    """Give a member of staff a new first password, end his sessions, and return it: the only moment anybody sees it."""
    require(actor, Permission.STAFF_MANAGE)
    staff = _locked(staff_id)
    password = first_password()
    staff.set_password(password)
    staff.must_change_password = True
    staff.save(update_fields=["password", "must_change_password"])
    _end_sessions(staff)
    record_audit(actor, verb="password.reset", target=f"staff:{staff.staff_number}", cause=cause, dataset=staff.dataset)
    return password


@transaction.atomic
def reset_second_factors(actor: Actor, *, staff_id: int, cause: str) -> None:
    """Remove the second factors of somebody who lost his phone, and end his sessions."""
    require(actor, Permission.STAFF_MANAGE)
    if staff_id == actor.staff_id:
        raise refuse("not_yourself")
    staff = _locked(staff_id)
    removed = sorted(Authenticator.objects.filter(user=staff).values_list("type", flat=True))
    Authenticator.objects.filter(user=staff).delete()
    _end_sessions(staff)
    record_audit(
        actor,
        verb="second_factors.reset",
        target=f"staff:{staff.staff_number}",
        cause=cause,
        changed={"removed": removed},
        dataset=staff.dataset,
    )


@transaction.atomic
def end_session(actor: Actor, *, session_id: int) -> None:
    """End one session: one's own, or anybody's with the permission to manage staff."""
    session = UserSession.objects.select_related("user").filter(pk=session_id).first()
    if session is None:
        return
    if session.user_id != actor.staff_id:
        require(actor, Permission.STAFF_MANAGE)
    session.end()
    record_audit(
        actor, verb="session.revoke", target=f"staff:{session.user.staff_number}", dataset=session.user.dataset
    )


@transaction.atomic
def change_own_password(staff: Staff, *, password: str) -> None:
    """Set the password that its owner has chosen; his other sessions end, for their hash no longer fits."""
    staff.set_password(password)
    staff.must_change_password = False
    staff.save(update_fields=["password", "must_change_password"])


@transaction.atomic
def record_failed_sign_in(*, staff_number: str, client: str, request_id: str) -> None:
    """Note a wrong password for a staff number that exists; what else was typed may be anything, also a password."""
    staff = Staff.objects.filter(staff_number=staff_number[:STAFF_NUMBER_LENGTH_MAX].upper()).first()
    if staff is None:
        return
    record_audit(
        replace(ANONYMOUS, request_id=request_id),
        verb="session.refuse",
        target=f"staff:{staff.staff_number}",
        changed={"client": client},
        dataset=staff.dataset,
    )


def forget_ended_sessions(*, now: datetime) -> int:
    """Remove sessions that ended by themselves, from the list of devices too; return how many left the list."""
    Session.objects.filter(expire_date__lt=now).delete()
    alive = Session.objects.values("session_key")
    count, _ = UserSession.objects.exclude(session_key__in=alive).filter(created_at__lt=now - MINUTE).delete()
    return int(count)


def _locked(staff_id: int) -> Staff:
    return Staff.objects.select_for_update().get(pk=staff_id)


def _end_sessions(staff: Staff) -> None:
    for session in UserSession.objects.filter(user=staff):
        session.end()


@transaction.atomic
def create_department(actor: Actor, *, code: str, name: str, parent_id: int | None = None, dataset: str = "") -> int:
    """Add a department below its parent and return its id."""
    require(actor, Permission.STAFF_MANAGE)
    if Department.objects.filter(code=code).exists():
        raise refuse("code_taken")
    department = Department(code=code, name=name, parent_id=parent_id, dataset=dataset)
    clean(department)
    department.save()
    record_audit(
        actor,
        verb="department.create",
        target=f"department:{code}",
        changed={"title": name, "parent": parent_id},
        dataset=dataset,
    )
    return department.pk


@transaction.atomic
def edit_department(actor: Actor, *, department_id: int, name: str, parent_id: int | None) -> None:
    """Rename a department or hang it elsewhere in the tree, never below itself."""
    require(actor, Permission.STAFF_MANAGE)
    parents = dict(Department.objects.select_for_update().order_by("pk").values_list("pk", "parent_id"))
    above = parent_id
    while above is not None:
        if above == department_id:
            raise refuse("department_cycle")
        above = parents[above]
    department = Department.objects.get(pk=department_id)
    department.name, department.parent_id = name, parent_id
    clean(department)
    department.save()
    record_audit(
        actor,
        verb="department.edit",
        target=f"department:{department.code}",
        changed={"title": name, "parent": parent_id},
        dataset=department.dataset,
    )

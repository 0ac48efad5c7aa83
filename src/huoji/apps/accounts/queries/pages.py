"""The lists and details that the workspace shows of staff, departments, roles, keys and the audit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Count, Q, QuerySet

from huoji.apps.accounts.models import ApiKey, AuditRow, Department, Role, RoleAssignment, Staff
from huoji.apps.accounts.queries.actors import role_facts
from huoji.apps.accounts.queries.words import PERMISSIONS, SCOPES, Words, role_name
from huoji.core.permission import PENDING, Actor, Permission, Scope
from huoji.core.role import RoleFacts, grants
from huoji.kit import localtime
from huoji.kit.paging import Page, page
from huoji.kit.problem import Problem


def visible_to(actor: Actor) -> QuerySet[Staff]:
    """Return the staff that the actor may see: all with the permission to manage them, else only himself."""
    rows = Staff.objects.select_related("department")
    if actor.may(Permission.STAFF_MANAGE):
        return rows
    return rows.none() if actor.staff_id is None else rows.filter(pk=actor.staff_id)


def has_demo_staff() -> bool:
    """Tell whether demonstration staff exist, who must never be reachable from a network."""
    return Staff.objects.filter(dataset="demo").exists()


def names_of(principals: Iterable[str]) -> dict[str, str]:
    """Return the names of those principals that are members of staff."""
    numbers = {text.removeprefix("staff:") for text in principals if text.startswith("staff:")}
    rows = Staff.objects.filter(staff_number__in=numbers).values_list("staff_number", "name") if numbers else ()
    return {f"staff:{number}": name for number, name in rows}


def staff_list(
    actor: Actor, *, text: str, department_id: int | None, active: bool, cursor: str, limit: int
) -> Page[Staff]:
    """Return one page of staff by number, found by number or name."""
    rows = visible_to(actor).filter(is_active=active).prefetch_related("assignments__role")
    if text:
        rows = rows.filter(Q(staff_number__icontains=text) | Q(name__icontains=text))
    if department_id is not None:
        rows = rows.filter(department_id=department_id)
    return page(rows, of=f"staff:{text}:{department_id}:{active}", order=("staff_number",), cursor=cursor, limit=limit)


def staff(actor: Actor, *, staff_id: int) -> Staff:
    """Return a member of staff, or raise `not_found`."""
    row = visible_to(actor).filter(pk=staff_id).first()
    if row is None:
        raise Problem("not_found", 404)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role that somebody holds."""

    assignment_id: int
    name: Words
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCard:
    """All that one page tells of a member of staff."""

    staff: Staff
    roles: list[HeldRole]
    factors: list[str]
    sessions: list[UserSession]
    keys: list[ApiKey]


def staff_card(actor: Actor, *, staff_id: int) -> StaffCard:
    """Return a member of staff with his roles, second factors, sessions and keys."""
    row = staff(actor, staff_id=staff_id)
    held = RoleAssignment.objects.filter(staff=row).select_related("role", "department").order_by("role_id", "pk")
    return StaffCard(
        staff=row,
        roles=[
            HeldRole(
                assignment_id=one.pk,
                name=role_name(one.role_id, own=one.role.name),
                department=one.department.name if one.department else "",
            )
            for one in held
        ],
        factors=sorted(Authenticator.objects.filter(user=row).values_list("type", flat=True)),
        sessions=list(UserSession.objects.filter(user=row).order_by("-created_at")[:50]),
        keys=list(ApiKey.objects.filter(principal=f"staff:{row.staff_number}").order_by("-pk")[:50]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One department in the drawn tree."""

    department: Department
    depth: int
    staff_count: int


def department_tree() -> list[Branch]:
    """Return all departments, each below its parent."""
    rows = list(Department.objects.annotate(members=Count("staff", filter=Q(staff__is_active=True))).order_by("code"))
    below: dict[int | None, list[Department]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)

    def walk(parent_id: int | None, depth: int) -> Iterator[Branch]:
        for row in below.get(parent_id, []):
            yield Branch(department=row, depth=depth, staff_count=vars(row)["members"])
            yield from walk(row.pk, depth + 1)

    return list(walk(None, 0))


def department_choices() -> list[tuple[str, str]]:
    """Return departments for a select box, indented by depth."""
    return [
        (str(branch.department.pk), "\u3000" * branch.depth + branch.department.name) for branch in department_tree()
    ]


def department(department_id: int) -> Department:
    """Return a department, or raise `not_found`."""
    row = Department.objects.filter(pk=department_id).first()
    if row is None:
        raise Problem("not_found", 404)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLine:
    """One role as the matrix draws it; marks stand in the order of `matrix_permissions()`."""

    code: str
    name: Words
    superior: Words
    scope: Words
    staff_count: int
    follows_code: bool
    marks: list[str]  # "own", "inherited" or ""


def matrix_permissions() -> list[tuple[Permission, Words]]:
    """Return the permissions that pages draw: those whose doors exist."""
    return [(permission, words) for permission, words in PERMISSIONS.items() if permission not in PENDING]


def role_matrix() -> list[RoleLine]:
    """Return every role with what it may do itself and what it inherits."""
    rows = list(Role.objects.annotate(members=Count("assignments__staff", distinct=True)))
    facts = {row.code: role_facts(row) for row in rows}
    given = grants(facts.values())
    names = {row.code: role_name(row.code, own=row.name) for row in rows}
    columns = [permission for permission, _ in matrix_permissions()]

    def mark(code: str, permission: Permission) -> str:
        if permission in facts[code].permissions:
            return "own"
        return "inherited" if permission in given[code].permissions else ""

    return [
        RoleLine(
            code=row.code,
            name=names[row.code],
            superior=names.get(row.superior_id or "", ""),
            scope=SCOPES[given[row.code].scope],
            staff_count=vars(row)["members"],
            follows_code=row.follows_code,
            marks=[mark(row.code, permission) for permission in columns],
        )
        for row in sorted(rows, key=lambda row: order_of(row, rows=facts))
    ]


def order_of(row: Role, *, rows: dict[str, RoleFacts]) -> tuple[str, ...]:
    """Sort subordinates behind their superiors."""
    chain = [row.code]
    while (above := rows[chain[-1]].superior) in rows:
        chain.append(above)
    return tuple(reversed(chain))


def role(code: str) -> Role:
    """Return a role, or raise `not_found`."""
    row = Role.objects.filter(pk=code).first()
    if row is None:
        raise Problem("not_found", 404)
    return row


def role_choices() -> list[tuple[str, Words]]:
    """Return roles for a select box."""
    return [(line.code, line.name) for line in role_matrix()]


def scope_choices() -> list[tuple[str, Words]]:
    """Return the scopes that a role of staff may have."""
    return [(scope.value, SCOPES[scope]) for scope in (Scope.ALL, Scope.SITES, Scope.NONE)]


def keys(*, live: bool, cursor: str, limit: int) -> Page[ApiKey]:
    """Return one page of API keys, the newest first."""
    rows = ApiKey.objects.select_related("created_by").filter(revoked_at__isnull=live)
    return page(rows, of=f"keys:{live}", order=("-pk",), cursor=cursor, limit=limit)


def keys_of(principal: str) -> list[ApiKey]:
    """Return the keys of one principal, the newest first."""
    return list(ApiKey.objects.filter(principal=principal).order_by("-pk")[:100])


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What the reader of the audit looks for; empty fields do not narrow."""

    actor: str = ""
    verb: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None


def audit(what: AuditFilter, *, cursor: str, limit: int) -> Page[AuditRow]:
    """Return one page of the audit, the newest first; `verb` ending in a dot finds all that begin with it."""
    rows = AuditRow.objects.all()
    if what.actor:
        rows = rows.filter(actor=what.actor)
    if what.verb:
        rows = rows.filter(verb__startswith=what.verb) if what.verb.endswith(".") else rows.filter(verb=what.verb)
    if what.target:
        rows = rows.filter(target=what.target)
    if what.since:
        rows = rows.filter(at__gte=localtime.midnight(what.since))
    if what.until:
        rows = rows.filter(at__lt=localtime.over(what.until))
    return page(rows, of=f"audit:{what}", order=("-id",), cursor=cursor, limit=limit)


def audit_of(target: str, *, limit: int) -> Sequence[AuditRow]:
    """Return the newest rows about one target, for the page of that thing."""
    return list(AuditRow.objects.filter(target=target).order_by("-id")[:limit])

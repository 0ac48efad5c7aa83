"""The default roles of a carrier (A02 to A16) and how permissions climb a hierarchy of roles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from huoji.core.permission import Permission as Atom
from huoji.core.permission import Scope, wider


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """A role as the rules see it; `superior` is the code of the role above, which inherits all this one may do."""

    code: str
    superior: str = ""
    scope: Scope
    permissions: frozenset[Atom]


class RoleRefusedError(ValueError):
    """The roles would break a rule; `code` says which: role_cycle, role_reply, role_it."""

    def __init__(self, code: str, *, role: str) -> None:
        super().__init__(f"{code}: {role}")
        self.code = code
        self.role = role


EVERY_ROLE = frozenset({Atom.CASE_CREATE, Atom.SHIPMENT_VIEW})
"""No member of staff may turn a customer away (A18), nor be blind to what he is asked about (A01)."""

CS_PREFIX = "cs_"
IT_ADMIN = "it_admin"
IT_FORBIDDEN = frozenset({Atom.PARTY_UNMASK, Atom.PARTY_SEARCH, Atom.EXPORT_RUN})
"""Who runs the machines does not read the customers."""


def _role(code: str, *atoms: Atom, superior: str = "", scope: Scope = Scope.ALL) -> RoleFacts:
    return RoleFacts(code=code, superior=superior, scope=scope, permissions=EVERY_ROLE | frozenset(atoms))


DEFAULT_ROLES: tuple[RoleFacts, ...] = (
    # Customer service: three levels (A14, A15); only it speaks to the customer (A02).
    _role("cs_manager", Atom.POLICY_MANAGE, Atom.REPORT_VIEW, Atom.AUDIT_VIEW, Atom.IMPORT_UNDO, Atom.CUSTOMER_MANAGE),
    _role(
        "cs_supervisor",
        Atom.CASE_ASSIGN,
        Atom.CASE_ALL,
        Atom.EVENT_CORRECT,
        Atom.EXPORT_RUN,
        Atom.IMPORT_RUN,
        Atom.RAW_VIEW,
        superior="cs_manager",
    ),
    _role(
        "cs_agent",
        Atom.CASE_REPLY,
        Atom.EXCEPTION_HANDLE,
        Atom.EXCEPTION_NOTICE,
        Atom.SHIPMENT_CREATE,
        Atom.SHIPMENT_EDIT,
        Atom.EVENT_ADD,
        Atom.LABEL_PRINT,
        Atom.PARTY_UNMASK,
        Atom.PARTY_SEARCH,
        Atom.CUSTOMER_VIEW,
        Atom.STORAGE_VIEW,
        superior="cs_supervisor",
    ),
    _role(
        "cs_chief_clerk",
        Atom.CASE_REPLY,
        Atom.EXCEPTION_HANDLE,
        Atom.EXCEPTION_NOTICE,
        Atom.CASE_ALL,
        Atom.REPORT_VIEW,
        Atom.SHIPMENT_CREATE,
        Atom.SHIPMENT_EDIT,
        Atom.EVENT_ADD,
        Atom.LABEL_PRINT,
        Atom.PARTY_UNMASK,
        Atom.PARTY_SEARCH,
        Atom.CUSTOMER_VIEW,
        Atom.EXPORT_RUN,
        Atom.RAW_VIEW,
        Atom.STORAGE_VIEW,
    ),
    # Management: four levels (A10 to A13).
    _role("general_manager", Atom.PREVENTION_APPROVE, Atom.CASE_ALL),
    _role("vp_in_charge", Atom.COMPENSATION_APPROVE, Atom.AUDIT_VIEW, Atom.EXPORT_RUN, superior="general_manager"),
    _role(
        "dept_manager",
        Atom.SOLUTION_AUTHOR,
        Atom.EXCEPTION_HANDLE,
        Atom.FLEET_VIEW,
        Atom.COMMAND_APPROVE,
        Atom.REPORT_VIEW,
        Atom.EVENT_CORRECT,
        Atom.RAW_VIEW,
        superior="vp_in_charge",
    ),
    _role("dept_clerk", Atom.CASE_FINDING, Atom.CUSTOMER_VIEW, Atom.STORAGE_VIEW, superior="dept_manager"),
    # Operation (A03, A04, A07).
    _role(
        "dispatch",
        Atom.CASE_FINDING,
        Atom.EXCEPTION_HANDLE,
        Atom.FLEET_VIEW,
        Atom.FLEET_MANAGE,
        Atom.TERMINAL_COMMAND,
        Atom.ALARM_HANDLE,
        Atom.TRACK_REPLAY,
        Atom.POSITION_REPORT,
        Atom.SENSOR_MANAGE,
        Atom.SENSOR_REPORT,
        Atom.EVENT_ADD,
        Atom.SCAN_ADD,
        Atom.LABEL_PRINT,
        Atom.RAW_VIEW,
    ),
    _role(
        "warehouse",
        Atom.CASE_FINDING,
        Atom.EXCEPTION_HANDLE,
        Atom.STORAGE_VIEW,
        Atom.STORAGE_RECORD,
        Atom.STORAGE_MANAGE,
        Atom.EVENT_ADD,
        Atom.SCAN_ADD,
        Atom.LABEL_PRINT,
        scope=Scope.SITES,
    ),
    _role(
        "outlet",
        Atom.CASE_FINDING,
        Atom.EXCEPTION_HANDLE,
        Atom.SHIPMENT_CREATE,
        Atom.EVENT_ADD,
        Atom.LABEL_PRINT,
        Atom.PARTY_UNMASK,
        scope=Scope.SITES,
    ),
    _role("courier", Atom.SCAN_ADD, Atom.PARTY_UNMASK, superior="outlet", scope=Scope.SITES),
    _role("driver", Atom.SCAN_ADD, scope=Scope.SITES),
    _role("finance", Atom.CASE_FINDING, Atom.REPORT_VIEW, Atom.CUSTOMER_VIEW),
    # The machine room (A05): sees everything masked, unmasks nothing.
    _role(
        IT_ADMIN,
        Atom.HEALTH_VIEW,
        Atom.FLEET_VIEW,
        Atom.SENSOR_REPORT,
        Atom.FLEET_MANAGE,
        Atom.POSITION_REPORT,
        Atom.COMMAND_APPROVE,
        Atom.SETTINGS_MANAGE,
        Atom.STAFF_MANAGE,
        Atom.ROLE_MANAGE,
        Atom.APIKEY_MANAGE,
        Atom.PLACE_MANAGE,
        Atom.CUSTOMER_VIEW,
        Atom.AUDIT_VIEW,
        Atom.IMPORT_RUN,
        Atom.IMPORT_UNDO,
        Atom.RAW_VIEW,
        Atom.STORAGE_VIEW,
        Atom.STORAGE_MANAGE,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one role gives in the end, its own and its subordinates' together."""

    scope: Scope
    permissions: frozenset[Atom]


def grants(roles: Iterable[RoleFacts]) -> Mapping[str, Grant]:
    """Return what each role gives: permissions and scope climb from subordinate to superior.

    Raise RoleRefusedError when a role is, by whatever way, its own superior.
    """
    by_code = {role.code: role for role in roles}
    scopes = {code: role.scope for code, role in by_code.items()}
    atoms = {code: role.permissions for code, role in by_code.items()}
    for role in by_code.values():
        for superior in superiors(role.code, roles=by_code):
            scopes[superior] = wider(scopes[superior], role.scope)
            atoms[superior] |= role.permissions
    return MappingProxyType({code: Grant(scope=scopes[code], permissions=atoms[code]) for code in by_code})


def check(roles: Iterable[RoleFacts]) -> None:
    """Refuse roles that climb in a circle, that let others than customer service reply (A02) or IT read customers."""
    for code, grant in grants(roles).items():
        if Atom.CASE_REPLY in grant.permissions and not code.startswith(CS_PREFIX):
            raise RoleRefusedError("role_reply", role=code)
        if code == IT_ADMIN and grant.permissions & IT_FORBIDDEN:
            raise RoleRefusedError("role_it", role=code)


def superiors(code: str, *, roles: Mapping[str, RoleFacts]) -> list[str]:
    """Return the codes above a role, nearest first; an unknown superior ends the climb."""
    chain: list[str] = []
    seen = {code}
    above = roles[code].superior
    while above in roles:
        if above in seen:
            raise RoleRefusedError("role_cycle", role=code)
        seen.add(above)
        chain.append(above)
        above = roles[above].superior
    return chain


def combine(held: Iterable[str], *, of: Mapping[str, Grant]) -> Grant:
    """Return what a person holds who has several roles; an unknown role gives nothing.

    Who holds the role of the IT admin loses what IT must not do, whatever else he holds.
    """
    codes = [code for code in held if code in of]
    scope = Scope.NONE
    for code in codes:
        scope = wider(scope, of[code].scope)
    atoms = frozenset[Atom]().union(*(of[code].permissions for code in codes))
    if IT_ADMIN in codes:
        atoms -= IT_FORBIDDEN
    return Grant(scope=scope, permissions=atoms)

"""The default roles give what A02 to A18 ask for and nothing that they forbid; permissions climb, whatever the hierarchy."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.permission import PERMISSIONS_OF_SCOPE, KeyScope, Permission, Scope, usable_scopes
from huoji.core.role import DEFAULT_ROLES, IT_FORBIDDEN, RoleFacts, RoleRefusedError, check, combine, grants, superiors

GRANTS = grants(DEFAULT_ROLES)
CS = {"cs_agent", "cs_supervisor", "cs_manager", "cs_chief_clerk"}
EVERY = set(GRANTS)
P = Permission

# permission -> exactly the roles that have it, as the requirement reads
MATRIX = {
    "A02 only customer service speaks to the customer": (P.CASE_REPLY, CS),
    "A03 dispatch has the live fleet, management sees it, and IT looks after its terminals": (
        P.FLEET_VIEW,
        {"dispatch", "it_admin", "dept_manager", "vp_in_charge", "general_manager"},
    ),
    "A03 dispatch takes up what vehicles warn of": (P.ALARM_HANDLE, {"dispatch"}),
    "A03 dispatch alone replays where somebody drove": (P.TRACK_REPLAY, {"dispatch"}),
    "A04 the warehouse records movements of the shelves": (P.STORAGE_RECORD, {"warehouse"}),
    "A05 the IT admin has the health page": (P.HEALTH_VIEW, {"it_admin"}),
    "A06 orders are changed by customer service": (P.SHIPMENT_EDIT, CS),
    "A08 A15 the supervisor assigns": (P.CASE_ASSIGN, {"cs_supervisor", "cs_manager"}),
    "A09 who sees the cases of all departments": (P.CASE_ALL, {"cs_supervisor", "cs_manager", "cs_chief_clerk", "general_manager"}),
    "A11 the department's manager authors the solution": (P.SOLUTION_AUTHOR, {"dept_manager", "vp_in_charge", "general_manager"}),
    "A12 the manager in charge signs compensation": (P.COMPENSATION_APPROVE, {"vp_in_charge", "general_manager"}),
    "A13 the general manager approves prevention": (P.PREVENTION_APPROVE, {"general_manager"}),
    "A15 the manager sets the policies": (P.POLICY_MANAGE, {"cs_manager"}),
    "A18 nobody turns a customer away": (P.CASE_CREATE, EVERY),
    "A01 everybody sees what he is asked about": (P.SHIPMENT_VIEW, EVERY),
    "T03 who reads a customer in full": (P.PARTY_UNMASK, CS | {"outlet", "courier"}),
    "T03 who looks customers up": (P.PARTY_SEARCH, CS),
    "T03 who exports": (P.EXPORT_RUN, {"cs_supervisor", "cs_manager", "cs_chief_clerk", "vp_in_charge", "general_manager"}),
    "keys, roles and staff belong to IT": (P.APIKEY_MANAGE, {"it_admin"}),
}  # fmt: skip


@pytest.mark.parametrize("case", MATRIX)
def test_the_matrix_of_roles_is_what_the_requirements_ask(case):
    permission, holders = MATRIX[case]
    assert {code for code, grant in GRANTS.items() if permission in grant.permissions} == holders


def test_customer_service_has_three_levels_and_each_adds_to_the_one_below():
    agent, supervisor, manager = (GRANTS[code].permissions for code in ("cs_agent", "cs_supervisor", "cs_manager"))
    assert agent < supervisor < manager
    assert superiors("cs_agent", roles={role.code: role for role in DEFAULT_ROLES}) == ["cs_supervisor", "cs_manager"]


def test_the_it_admin_never_reads_customers_even_when_he_holds_another_role():
    assert not GRANTS["it_admin"].permissions & IT_FORBIDDEN
    both = combine(["it_admin", "cs_manager"], of=GRANTS)
    assert not both.permissions & IT_FORBIDDEN
    assert combine(["cs_manager"], of=GRANTS).permissions >= IT_FORBIDDEN


def test_outlet_warehouse_courier_and_driver_see_their_sites_alone():
    assert {code for code, grant in GRANTS.items() if grant.scope is Scope.SITES} == {
        "outlet",
        "warehouse",
        "courier",
        "driver",
    }


def test_a_person_without_roles_may_nothing_and_an_unknown_role_adds_nothing():
    assert combine([], of=GRANTS).permissions == frozenset()
    assert combine(["gone"], of=GRANTS) == combine([], of=GRANTS)


@st.composite
def hierarchies(draw):
    """A forest of roles: each may stand below one that comes before it."""
    size = draw(st.integers(1, 8))
    roles = []
    for index in range(size):
        above = draw(st.sampled_from(["", *(role.code for role in roles)]))
        atoms = draw(st.frozensets(st.sampled_from(list(Permission)), max_size=4))
        scope = draw(st.sampled_from([Scope.NONE, Scope.SITES, Scope.ALL]))
        roles.append(RoleFacts(code=f"r{index}", superior=above, scope=scope, permissions=atoms))
    return draw(st.permutations(roles))


@given(hierarchies())
def test_a_superior_may_all_that_its_subordinates_may_and_nothing_appears_from_nowhere(roles):
    given_by = grants(roles)
    for role in roles:
        if role.superior:
            assert given_by[role.code].permissions <= given_by[role.superior].permissions
        below = [other for other in roles if role.code in superiors(other.code, roles={r.code: r for r in roles})]
        expected = role.permissions.union(*(other.permissions for other in below))
        assert given_by[role.code].permissions == expected


def test_a_hierarchy_that_bites_its_tail_is_refused():
    circle = [
        RoleFacts(code="a", superior="b", scope=Scope.ALL, permissions=frozenset()),
        RoleFacts(code="b", superior="a", scope=Scope.ALL, permissions=frozenset()),
    ]
    with pytest.raises(RoleRefusedError, match="role_cycle"):
        grants(circle)


def with_role(code: str, **changes):
    return [replace(role, **changes) if role.code == code else role for role in DEFAULT_ROLES]


def test_the_default_roles_keep_the_rules():
    check(DEFAULT_ROLES)


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (with_role("dispatch", permissions=frozenset({P.CASE_REPLY})), "role_reply"),
        (with_role("cs_manager", superior="vp_in_charge"), "role_reply"),
        (with_role("it_admin", permissions=frozenset({P.PARTY_UNMASK})), "role_it"),
        (with_role("outlet", superior="it_admin"), "role_it"),
        (with_role("cs_manager", superior="cs_agent"), "role_cycle"),
    ],
)
def test_an_edit_that_breaks_a_rule_is_refused_also_by_inheritance(roles, code):
    with pytest.raises(RoleRefusedError) as refused:
        check(roles)
    assert refused.value.code == code


@given(st.frozensets(st.sampled_from(Permission)), st.frozensets(st.sampled_from(Permission)))
def test_a_key_has_a_use_for_a_scope_only_with_what_it_does_and_more_permissions_never_take_one_away(held, more):
    usable = usable_scopes(held)
    assert usable <= usable_scopes(held | more)
    for scope in KeyScope:
        atoms = PERMISSIONS_OF_SCOPE[scope]
        assert scope in usable_scopes(atoms)
        if atoms <= held:
            assert scope in usable
        if scope in usable:
            assert any(atom in held for atom in atoms if not atom.value.endswith(":view")) or atoms <= held

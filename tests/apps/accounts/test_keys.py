"""API keys are shown once, kept as a digest, limited to their scopes, dated, and gone when revoked or expired."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from huoji.apps.accounts import actions, queries
from huoji.apps.accounts.models import ApiKey, AuditRow, RoleAssignment
from huoji.apps.accounts.queries.actors import forget
from huoji.core.permission import ANONYMOUS, KeyScope, Permission, Scope
from huoji.kit.problem import Problem
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db


def test_a_customers_key_acts_for_its_party_with_its_scopes_alone(make_key):
    raw = make_key("customer:123", KeyScope.SHIPMENTS_READ, source="acme")
    actor = queries.actor_for_key(raw)
    assert actor is not None
    assert (actor.principal, actor.scope, actor.party_id, actor.source) == ("customer:123", Scope.PARTY, 123, "acme")
    assert actor.permissions == {Permission.SHIPMENT_VIEW}
    assert not actor.is_staff


def test_only_a_digest_is_kept(make_key):
    raw = make_key("partner:7", KeyScope.EVENTS_WRITE)
    key = ApiKey.objects.get()
    assert raw.startswith(key.prefix)
    assert raw.encode() not in bytes(key.digest)
    assert raw not in str(AuditRow.objects.values_list("changed", "target", "verb"))


def test_a_key_is_found_with_one_read_and_then_with_none(make_key, django_assert_num_queries):
    raw = make_key("customer:1", KeyScope.SHIPMENTS_READ)
    with django_assert_num_queries(1):
        queries.actor_for_key(raw)
    with django_assert_num_queries(0):
        queries.actor_for_key(raw)


@pytest.mark.parametrize("text", ["", "hj_", "hj_00000000_x", "x" * 10_000, "hj_\x00", "秘密"])
def test_what_is_no_key_is_nobody(text):
    assert queries.actor_for_key(text) is None


def test_a_revoked_key_is_nobody(make_key):
    raw = make_key("customer:1", KeyScope.SHIPMENTS_READ)
    assert queries.actor_for_key(raw)
    actions.revoke_key(SYSTEM, key_id=ApiKey.objects.get().pk, cause="lost")
    assert queries.actor_for_key(raw) is None
    assert AuditRow.objects.get(verb="key.revoke").cause == "lost"


def test_an_expired_key_is_nobody_even_when_remembered(make_key):
    raw = make_key("customer:1", KeyScope.SHIPMENTS_READ, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert queries.actor_for_key(raw) is None
    assert queries.actor_for_key(raw) is None


def test_a_key_of_staff_never_exceeds_its_holder_and_dies_when_he_leaves(make_staff, make_key):
    agent = make_staff("cs_agent", number="8012")
    actions.assign_role(SYSTEM, staff_id=agent.staff_id, role_code="it_admin")
    raw = make_key("staff:8012", KeyScope.SHIPMENTS_WRITE, KeyScope.METRICS_READ)
    held = RoleAssignment.objects.get(role_id="it_admin")
    actions.withdraw_role(SYSTEM, staff_id=agent.staff_id, assignment_id=held.pk)
    forget()
    actor = queries.actor_for_key(raw)
    assert actor is not None
    assert actor.permissions == {Permission.SHIPMENT_CREATE, Permission.SHIPMENT_EDIT}
    assert actor.scope is Scope.ALL
    actions.set_staff_active(SYSTEM, staff_id=agent.staff_id, active=False, cause="left")
    assert queries.actor_for_key(raw) is None


def test_a_key_of_staff_is_not_given_what_its_holder_has_no_use_for(make_staff, make_key):
    make_staff("outlet", number="O1")
    make_key("staff:O1", KeyScope.SHIPMENTS_WRITE)  # he creates, though he does not edit
    for scope in (KeyScope.STORAGE_READ, KeyScope.STORAGE_WRITE, KeyScope.TRACKS_READ, KeyScope.METRICS_READ):
        with pytest.raises(Problem, match="role_scope") as refused:
            make_key("staff:O1", KeyScope.SHIPMENTS_READ, scope)
        assert refused.value.extra == {"scopes": [scope]}
    with pytest.raises(Problem, match="role_scope"):
        make_key("staff:NOBODY", KeyScope.SHIPMENTS_READ)


@pytest.mark.parametrize("principal", ["customer:abc", "customer:", "admin:1", "customer:1 or 1=1", ""])
def test_a_principal_that_names_nobody_is_refused(make_key, principal):
    with pytest.raises(Problem, match="invalid_request"):
        make_key(principal, KeyScope.SHIPMENTS_READ)


def test_a_customer_cannot_be_given_a_scope_of_staff(make_key):
    with pytest.raises(Problem, match="staff_scope"):
        make_key("customer:1", KeyScope.METRICS_READ)


def test_nobody_issues_keys_without_the_permission(make_staff):
    for actor in (ANONYMOUS, make_staff("cs_manager")):
        with pytest.raises(PermissionDenied):
            actions.issue_key(actor, name="x", principal="customer:1", scopes=[KeyScope.SHIPMENTS_READ])
    assert actions.issue_key(make_staff("it_admin"), name="x", principal="customer:1", scopes=[KeyScope.SHIPMENTS_READ])

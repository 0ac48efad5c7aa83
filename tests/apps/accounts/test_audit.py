"""The audit can be written and read, and by no way changed: proven as the role that every process uses."""

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from huoji.apps.accounts import actions
from huoji.apps.accounts.models import AuditRow
from huoji.core.permission import system
from huoji.kit import postgres
from huoji.kit.problem import Problem

SYSTEM = system("tests")
CHANGES = {
    "update": "UPDATE accounts_audit SET verb = 'nothing happened'",
    "delete": "DELETE FROM accounts_audit",
    "truncate": "TRUNCATE accounts_audit",
    "disabling the trigger": "ALTER TABLE accounts_audit DISABLE TRIGGER ALL",
    "replication mode": "SET session_replication_role = replica",
    "saying one is retention": "SET LOCAL huoji.retention = 'on'; DELETE FROM accounts_audit",
}


@pytest.mark.django_db
def test_a_row_tells_who_did_what_and_hides_personal_values():
    actions.record_audit(
        SYSTEM,
        verb="customer.change",
        target="customer:7",
        cause="搬家",
        changed={"phone": "13800138000", "line": "road"},
    )
    row = AuditRow.objects.get()
    assert (row.actor, row.verb, row.target, row.cause) == ("system:tests", "customer.change", "customer:7", "搬家")
    assert row.changed == {"phone": "***", "line": "road"}
    assert row.at is not None


@pytest.mark.django_db
@pytest.mark.parametrize("way", CHANGES)
def test_the_application_cannot_change_the_audit(way):
    actions.record_audit(SYSTEM, verb="probe", target="x")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (postgres.APP_ROLE,)
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(CHANGES[way])
    assert AuditRow.objects.filter(verb="probe").count() == 1


@pytest.mark.django_db(transaction=True)
def test_even_the_owner_is_refused_unless_he_says_retention(cluster):
    actions.record_audit(SYSTEM, verb="probe", target="x")
    address = cluster.conninfo(database=settings.DATABASES["default"]["NAME"], role=postgres.OWNER_ROLE)
    with psycopg.connect(address, autocommit=True) as owner:
        for statement in (
            "UPDATE accounts_audit SET verb = ''",
            "DELETE FROM accounts_audit",
            "TRUNCATE accounts_audit",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
                owner.execute(statement)
        owner.execute("SET huoji.retention = 'on'")
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute("UPDATE accounts_audit SET verb = ''")
        assert owner.execute("DELETE FROM accounts_audit").rowcount == 1


@pytest.mark.django_db
def test_an_audit_row_and_what_it_tells_of_stand_or_fall_together():
    def found_two_alike():
        with transaction.atomic():
            actions.create_department(SYSTEM, code="cs", name="客服部")
            actions.create_department(SYSTEM, code="cs", name="客服部")

    with pytest.raises(Problem, match="code_taken"):
        found_two_alike()
    assert not AuditRow.objects.exists()


@pytest.mark.django_db
def test_what_demonstration_staff_do_is_marked_to_leave_with_them(make_staff):
    agent = make_staff("cs_agent", dataset="demo")
    actions.note_unmask(agent, target="contact:1", cause="demo")
    assert AuditRow.objects.get(verb="party.unmask").dataset == "demo"
    actions.note_unmask(make_staff("cs_agent"), target="contact:1", cause="real")
    assert AuditRow.objects.get(cause="real").dataset == ""

"""The embedded server starts, survives kills and keeps the two roles apart."""

import psycopg
import pytest
from django.db import connection

from huoji.kit import postgres


@pytest.mark.django_db
def test_tests_speak_to_the_database_as_the_application_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)")
        assert cursor.fetchone() == (postgres.APP_ROLE, False)


@pytest.mark.django_db
def test_the_application_role_cannot_change_the_schema():
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("CREATE TABLE sneaky (id int)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_rows_of_a_transactional_test_do_not_reach_the_next(run, django_user_model):
    assert not django_user_model.objects.exists()
    django_user_model.objects.create(username=f"first-{run}")


def test_trigrams_see_chinese_letters(cluster):
    with psycopg.connect(cluster.conninfo(database="postgres", role=postgres.SUPERUSER)) as link:
        link.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        assert link.execute("SELECT cardinality(show_trgm('上海分拨中心'))").fetchone() == (7,)

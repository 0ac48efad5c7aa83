"""The schema is what the models say, and bringing it up to date again changes nothing."""

import pytest
from django.core.management import call_command
from django.db import connections

from huoji.config import migrate


@pytest.mark.django_db(databases=["default", "owner"])
def test_every_change_of_a_model_has_its_migration(capsys):
    call_command("makemigrations", check=True, dry_run=True)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_migrating_again_changes_nothing():
    def schema() -> list[tuple[str, ...]]:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT relname, relkind::text, coalesce(relacl::text, '') FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
            )
            return cursor.fetchall()

    before = schema()
    migrate.migrate(verbosity=0)
    assert schema() == before


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_migration_waits_for_a_lock_only_so_long():
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("10s",)

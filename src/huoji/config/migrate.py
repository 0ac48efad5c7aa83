"""Bring the database to the present schema, as its owner, then put the seeded rows in place."""

from django.core.management import call_command

from huoji.kit import roles, seed


def migrate(*, verbosity: int = 1) -> None:
    """Run all migrations as huoji_owner and the seeds as huoji_app; harmless when there is nothing to do."""
    with roles.acting_as_owner():
        call_command("migrate", database=roles.OWNER, interactive=False, verbosity=verbosity)
    seed.run()

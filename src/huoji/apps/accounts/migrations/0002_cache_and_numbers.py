"""The cache shared by all processes (sign-in limits), and staff numbers in capital letters."""

from django.db import migrations, models

# As `createcachetable` makes it; in a migration because only the owner may create tables.
CACHE = """
CREATE UNLOGGED TABLE accounts_cache (
  cache_key varchar(255) NOT NULL PRIMARY KEY,
  value text NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX accounts_cache_expires ON accounts_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(CACHE, "DROP TABLE accounts_cache"),
        migrations.RemoveConstraint(model_name="staff", name="staff_number_is_plain"),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(("staff_number__regex", "^[A-Z0-9_-]{1,20}$")), name="staff_number_is_plain"
            ),
        ),
    ]

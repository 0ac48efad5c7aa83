"""Trigrams of what people type of vehicles, vessels, terminals and runs, also out of the middle (queries/finding.py asks the same expressions)."""

from django.db import migrations


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("fleet", "0007_registered")]

    operations = [
        migrations.RunSQL(
            """
            CREATE EXTENSION IF NOT EXISTS pg_trgm;
            CREATE INDEX conveyance_found ON conveyance USING gin (
              upper(plate || ' ' || name || ' ' || name_en || ' ' || imo || ' ' || mmsi || ' ' || call_sign) gin_trgm_ops);
            CREATE INDEX terminal_found ON terminal USING gin (upper(number || ' ' || device_id || ' ' || imei) gin_trgm_ops);
            CREATE INDEX run_found ON run USING gin (upper(number) gin_trgm_ops);
            """,
            "DROP INDEX conveyance_found, terminal_found, run_found;",
        )
    ]

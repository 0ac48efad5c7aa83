"""When each waybill is to be estimated afresh, also those that no run carries."""

from django.db import migrations, models

# What is under way now is estimated for the first time. Each look moves a row, so the table wants room and frequent care.
BEGIN = """
ALTER TABLE outlook_due SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
INSERT INTO outlook_due (unit_id, due_at)
SELECT unit_id, now() FROM waybill_state WHERE status NOT IN ('delivered', 'returned', 'cancelled');
"""


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("shipments", "0011_papers")]

    operations = [
        migrations.CreateModel(
            name="OutlookDue",
            fields=[
                ("unit_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("due_at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "outlook_due"},
        ),
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
    ]

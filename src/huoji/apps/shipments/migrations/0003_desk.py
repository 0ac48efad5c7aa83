"""What the workspace needs: drafts of shipments, and the ways by which it finds numbers, people and odd clocks."""

import django.db.models.deletion
from django.db import migrations, models

INDEXES = """
CREATE INDEX reference_value_like ON reference (value text_pattern_ops);
CREATE INDEX unit_vehicle_like ON unit (number text_pattern_ops) WHERE kind IN ('trip', 'voyage', 'container');
CREATE INDEX party_last4 ON party (phone_last4) WHERE phone_last4 <> '';
-- Few events have an odd clock, so this index is nearly empty and nearly free; the limits are those of core/timeline.py.
CREATE INDEX event_clock ON event (unit_id) WHERE classifier = 'ACT' AND (
    occurred_at - recorded_at > interval '600 seconds' OR occurred_at < timestamptz '2000-01-01 00:00:00+00'
);
"""


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("shipments", "0002_partitioned")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("state", "unit_id", "unit"),
                migrations.AlterField(
                    "state",
                    "unit",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="state",
                        serialize=False,
                        to="shipments.unit",
                    ),
                ),
            ]
        ),
        migrations.CreateModel(
            name="KeptDraft",
            fields=[
                ("principal", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={"db_table": "kept_draft"},
        ),
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
    ]

"""Snapshots of where cargo was, for the cases that ask; append-only."""

from django.db import migrations, models

WALLS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON position_snapshot
    FOR EACH ROW EXECUTE FUNCTION huoji_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON position_snapshot
    FOR EACH STATEMENT EXECUTE FUNCTION huoji_append_only();
REVOKE UPDATE, DELETE, TRUNCATE ON position_snapshot FROM huoji_app;
"""


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("shipments", "0008_outlook")]

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_id", models.BigIntegerField()),
                ("taken_at", models.DateTimeField()),
                ("principal", models.CharField(max_length=60)),
                ("cause", models.CharField(blank=True, max_length=200)),
                (
                    "body",
                    models.JSONField(help_text="status, vehicle, position and outlook, as the API renders them."),
                ),
                ("dataset", models.CharField(blank=True, max_length=12)),
            ],
            options={
                "db_table": "position_snapshot",
                "indexes": [models.Index(fields=["unit_id", "-id"], name="snapshot_unit")],
            },
        ),
        migrations.RunSQL(WALLS, migrations.RunSQL.noop),
    ]

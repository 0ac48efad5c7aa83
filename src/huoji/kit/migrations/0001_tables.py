"""The tables of kit, and the locks on those that nobody may rewrite."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models


# The twin of huoji_append_only() in accounts, which stands above us: retention runs as the owner and says so.
APPEND_ONLY = """
CREATE FUNCTION kit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    IF current_setting('huoji.allow_truncate', true) = 'on' THEN
      RETURN NULL;
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF current_setting('huoji.retention', true) = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kit_blob
  FOR EACH ROW EXECUTE FUNCTION kit_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON kit_blob
  FOR EACH STATEMENT EXECUTE FUNCTION kit_append_only();
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'huoji_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON kit_blob FROM huoji_app;
  END IF;
END
$$;
"""
APPEND_ONLY_BACK = """
DROP TRIGGER append_only ON kit_blob;
DROP TRIGGER append_only_truncate ON kit_blob;
DROP FUNCTION kit_append_only();
"""

# Rows live for milliseconds: vacuum by count, not by share of the table.
QUEUE_STORAGE = """
ALTER TABLE kit_outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE kit_heartbeat SET (fillfactor = 50);
ALTER TABLE kit_ingest_slot SET (fillfactor = 50);
"""
QUEUE_STORAGE_BACK = """
ALTER TABLE kit_outbox RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE kit_heartbeat RESET (fillfactor);
ALTER TABLE kit_ingest_slot RESET (fillfactor);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="HealthRow",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("state", models.CharField(max_length=8)),
                ("detail", models.JSONField(db_default={})),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("checked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "kit_health",
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("instance", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=32)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("beat_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("stopped_at", models.DateTimeField(null=True)),
                ("counters", models.JSONField(db_default={})),
                ("gauges", models.JSONField(db_default={})),
            ],
            options={
                "db_table": "kit_heartbeat",
            },
        ),
        migrations.CreateModel(
            name="IngestSlot",
            fields=[
                ("source", models.CharField(max_length=64)),
                ("slot_at", models.DateTimeField()),
                ("accepted", models.BigIntegerField(db_default=0)),
                ("duplicates", models.BigIntegerField(db_default=0)),
                ("rejected", models.BigIntegerField(db_default=0)),
                ("skewed", models.BigIntegerField(db_default=0)),
                (
                    "lag_counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), db_default=[], size=None
                    ),
                ),
                ("last_event_at", models.DateTimeField(null=True)),
                ("last_seen_at", models.DateTimeField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source", "slot_at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "db_table": "kit_ingest_slot",
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("ok", models.BooleanField()),
                ("data", models.JSONField(db_default={})),
            ],
            options={
                "db_table": "kit_mark",
            },
        ),
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("content_type", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("principal", models.CharField(max_length=64)),
                ("dataset", models.CharField(db_default="", max_length=16)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "kit_blob",
                "indexes": [models.Index(fields=["created_at"], name="kit_blob_age")],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("principal", models.CharField(max_length=64)),
                ("operation", models.CharField(max_length=200)),
                ("key", models.CharField(max_length=255)),
                ("digest", models.BinaryField(max_length=32)),
                ("status", models.SmallIntegerField()),
                ("content_type", models.CharField(max_length=100)),
                ("body", models.BinaryField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "kit_idempotency",
                "indexes": [models.Index(fields=["created_at"], name="kit_idempotency_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("principal", "operation", "key"), name="kit_idempotency_scope")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=64)),
                ("ids", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("data", models.JSONField(db_default={})),
                ("request_id", models.CharField(db_default="", max_length=64)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempts", models.SmallIntegerField(db_default=0)),
                (
                    "done",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=128), db_default=[], size=None
                    ),
                ),
                ("last_error", models.CharField(db_default="", max_length=500)),
                ("dead_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "kit_outbox",
                "indexes": [
                    models.Index(condition=models.Q(("dead_at", None)), fields=["due_at", "id"], name="kit_outbox_due"),
                    models.Index(
                        condition=models.Q(("dead_at__isnull", False)), fields=["dead_at"], name="kit_outbox_dead"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("ids__len__lte", 500)), name="kit_outbox_ids_max")
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_BACK),
        migrations.RunSQL(QUEUE_STORAGE, QUEUE_STORAGE_BACK),
    ]

"""Make the tables of the warehouse; the log of movements is append-only."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


LOG = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON storage_movement
    FOR EACH ROW EXECUTE FUNCTION huoji_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON storage_movement
    FOR EACH STATEMENT EXECUTE FUNCTION huoji_append_only();
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'huoji_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON storage_movement FROM huoji_app;
  END IF;
END
$$;
"""
UNDO_LOG = "DROP TRIGGER append_only ON storage_movement; DROP TRIGGER append_only_truncate ON storage_movement"


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Count",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_id", models.BigIntegerField()),
                ("area", models.CharField(blank=True, max_length=8)),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(max_length=60)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, max_length=60)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "storage_count",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)), fields=("site_id", "area"), name="storage_count_open"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Goods",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=80, unique=True)),
                (
                    "waybill_id",
                    models.BigIntegerField(help_text="Unit id of the waybill, once it is known.", null=True),
                ),
                ("piece", models.CharField(blank=True, max_length=40)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "storage_goods",
                "indexes": [
                    models.Index(
                        condition=models.Q(("waybill_id__isnull", True)), fields=["id"], name="storage_goods_unknown"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("waybill_id__isnull", False)),
                        fields=("waybill_id", "piece"),
                        name="storage_goods_unit",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Anomaly",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_id", models.BigIntegerField()),
                ("key", models.UUIDField(help_text="The sender's id: sent again it is the same anomaly.", unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("damage", "damage"), ("shortage", "shortage"), ("loss", "loss")], max_length=8
                    ),
                ),
                ("pieces", models.PositiveIntegerField(default=0, help_text="How many packages; 0: not said.")),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "blobs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                ("discovered_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("principal", models.CharField(max_length=60)),
                ("exception_id", models.BigIntegerField(db_index=True, null=True)),
                ("noticed_at", models.DateTimeField(help_text="When customer service took it up.", null=True)),
                ("noticed_by", models.CharField(blank=True, max_length=60)),
                ("closed_at", models.DateTimeField(null=True)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "goods",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="anomalies", to="warehouse.goods"
                    ),
                ),
            ],
            options={
                "db_table": "storage_anomaly",
            },
        ),
        migrations.CreateModel(
            name="Investigation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("staff_id", models.BigIntegerField(help_text="Who took it on.", null=True)),
                ("due_at", models.DateTimeField()),
                ("finding", models.CharField(blank=True, max_length=1000)),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by", models.CharField(blank=True, max_length=60)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "anomaly",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="investigation",
                        to="warehouse.anomaly",
                    ),
                ),
            ],
            options={
                "db_table": "storage_investigation",
            },
        ),
        migrations.CreateModel(
            name="Location",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_id", models.BigIntegerField()),
                ("code", models.CharField(max_length=26)),
                ("area", models.CharField(max_length=8)),
                ("row", models.CharField(blank=True, max_length=8)),
                ("slot", models.CharField(blank=True, max_length=8)),
                ("active", models.BooleanField(default=True)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "storage_location",
                "constraints": [
                    models.UniqueConstraint(fields=("site_id", "code"), name="storage_location_once"),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Z0-9]{1,8}(-[A-Z0-9]{1,8}){0,2}$")),
                        name="storage_location_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "counting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="warehouse.count"
                    ),
                ),
                ("goods", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="warehouse.goods")),
                (
                    "location",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="warehouse.location"),
                ),
            ],
            options={
                "db_table": "storage_count_line",
            },
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("site_id", models.BigIntegerField()),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("in", "in"),
                            ("locate", "locate"),
                            ("move", "move"),
                            ("out", "out"),
                            ("count", "count"),
                            ("undo", "undo"),
                        ],
                        max_length=8,
                    ),
                ),
                ("next_site_id", models.BigIntegerField(null=True)),
                ("voids", models.UUIDField(null=True)),
                ("overrides", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("digest", models.BigIntegerField()),
                ("source", models.CharField(max_length=60)),
                ("principal", models.CharField(max_length=60)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "count",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scans",
                        to="warehouse.count",
                    ),
                ),
                (
                    "goods",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="warehouse.goods"
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="warehouse.location"),
                ),
            ],
            options={
                "db_table": "storage_movement",
            },
        ),
        migrations.CreateModel(
            name="Stay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_id", models.BigIntegerField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("located_at", models.DateTimeField(null=True)),
                ("opened_by", models.UUIDField()),
                ("closed_by", models.UUIDField(null=True)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "goods",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stays", to="warehouse.goods"
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="warehouse.location"),
                ),
            ],
            options={
                "db_table": "storage_stay",
            },
        ),
        migrations.CreateModel(
            name="Discrepancy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("out_without_in", "out_without_in"),
                            ("shelved_without_in", "shelved_without_in"),
                            ("left_without_out", "left_without_out"),
                            ("missing", "missing"),
                            ("unexpected", "unexpected"),
                            ("misplaced", "misplaced"),
                        ],
                        max_length=20,
                    ),
                ),
                ("movement", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("settled", "Settled"), ("explained", "Explained")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.CharField(blank=True, max_length=60)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "anomaly",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="warehouse.anomaly"),
                ),
                (
                    "counting",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="warehouse.count"),
                ),
                (
                    "goods",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="discrepancies", to="warehouse.goods"
                    ),
                ),
            ],
            options={
                "db_table": "storage_discrepancy",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["site_id", "-at"],
                        name="storage_discrepancy_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("movement__isnull", False)),
                        fields=("goods", "kind", "movement"),
                        name="storage_discrepancy_move",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("counting__isnull", False)),
                        fields=("counting", "goods", "kind"),
                        name="storage_discrepancy_count",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("movement__isnull", False), ("counting__isnull", False), _connector="OR"),
                        name="storage_discrepancy_origin",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="anomaly",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["site_id", "id"], name="storage_anomaly_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="anomaly",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["damage", "shortage", "loss"])), name="storage_anomaly_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="investigation",
            index=models.Index(
                condition=models.Q(("done_at", None)), fields=["due_at"], name="storage_investigation_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="countline",
            constraint=models.UniqueConstraint(fields=("counting", "goods"), name="storage_count_line_once"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["site_id", "-at"], name="storage_movement_site"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("verb__in", ["in", "locate", "move", "out", "count", "undo"])),
                name="storage_movement_verb",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verb", "undo"), ("voids__isnull", False)),
                    models.Q(models.Q(("verb", "undo"), _negated=True), ("voids", None)),
                    _connector="OR",
                ),
                name="storage_movement_undoes",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verb__in", ["locate", "move"]), _negated=True),
                    ("location__isnull", False),
                    _connector="OR",
                ),
                name="storage_movement_shelf",
            ),
        ),
        migrations.AddIndex(
            model_name="stay",
            index=models.Index(condition=models.Q(("until", None)), fields=["site_id", "since"], name="storage_stock"),
        ),
        migrations.AddIndex(
            model_name="stay",
            index=models.Index(condition=models.Q(("until", None)), fields=["location"], name="storage_stock_shelf"),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.UniqueConstraint(fields=("goods", "opened_by"), name="storage_stay_once"),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("goods",), name="storage_stay_one_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_by", None), ("until", None)), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="storage_stay_span",
            ),
        ),
        migrations.RunSQL(LOG, UNDO_LOG),
    ]

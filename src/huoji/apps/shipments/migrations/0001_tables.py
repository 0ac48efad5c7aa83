import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(
            """
            -- 63-bit, time-ordered: milliseconds since 2020 above 21 bits of a cycling sequence.
            CREATE SEQUENCE unit_seq MINVALUE 0 MAXVALUE 2097151 CYCLE;
            CREATE SEQUENCE waybill_seq MINVALUE 1 MAXVALUE 999999999999;
            -- One secret key for all processes; a number made with another key could repeat an old one.
            CREATE TABLE waybill_number_key (single boolean PRIMARY KEY DEFAULT true CHECK (single), key bytea NOT NULL);
            CREATE FUNCTION huoji_unit_id_at(moment timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                SELECT (floor(extract(epoch FROM moment) * 1000)::bigint - 1577836800000) << 21
            $$;
            CREATE FUNCTION huoji_unit_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
                SELECT huoji_unit_id_at(clock_timestamp()) | nextval('unit_seq')
            $$;
            """,
            "DROP FUNCTION huoji_unit_id, huoji_unit_id_at; DROP SEQUENCE unit_seq, waybill_seq; DROP TABLE waybill_number_key",
        ),
        migrations.CreateModel(
            name="Custody",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "unit_id", "holder_id", "since", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit_id", models.BigIntegerField()),
                ("holder_id", models.BigIntegerField()),
                ("since", models.BigIntegerField(help_text="Epoch seconds.")),
                ("until", models.BigIntegerField(help_text="Epoch seconds; 2^62 while aboard.")),
            ],
            options={
                "db_table": "custody",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "unit_id", "key", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("unit_id", models.BigIntegerField()),
                ("key", models.BigIntegerField()),
                ("digest", models.BigIntegerField()),
                ("id", models.BigIntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("precision", models.SmallIntegerField()),
                ("offset_min", models.SmallIntegerField()),
                ("offset_assumed", models.BooleanField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "classifier",
                    models.CharField(choices=[("PLN", "PLN"), ("EST", "EST"), ("ACT", "ACT")], max_length=3),
                ),
                (
                    "milestone",
                    models.CharField(
                        choices=[
                            ("created", "created"),
                            ("booked", "booked"),
                            ("awaiting_pickup", "awaiting_pickup"),
                            ("pickup_failed", "pickup_failed"),
                            ("picked_up", "picked_up"),
                            ("sorted", "sorted"),
                            ("arrived", "arrived"),
                            ("departed", "departed"),
                            ("loaded", "loaded"),
                            ("unloaded", "unloaded"),
                            ("in_transit", "in_transit"),
                            ("forwarded", "forwarded"),
                            ("empty_picked_up", "empty_picked_up"),
                            ("stuffed", "stuffed"),
                            ("gate_in", "gate_in"),
                            ("gate_out", "gate_out"),
                            ("stripped", "stripped"),
                            ("empty_returned", "empty_returned"),
                            ("customs_waiting", "customs_waiting"),
                            ("customs_started", "customs_started"),
                            ("customs_held", "customs_held"),
                            ("customs_cleared", "customs_cleared"),
                            ("arrived_dest", "arrived_dest"),
                            ("out_for_delivery", "out_for_delivery"),
                            ("at_pickup_point", "at_pickup_point"),
                            ("attempt_failed", "attempt_failed"),
                            ("delivered", "delivered"),
                            ("refused", "refused"),
                            ("returning", "returning"),
                            ("returned", "returned"),
                            ("exception", "exception"),
                            ("resolved", "resolved"),
                            ("cancelled", "cancelled"),
                            ("info", "info"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", ""),
                            ("self", "self"),
                            ("agent", "agent"),
                            ("point", "point"),
                            ("after_exception", "after_exception"),
                            ("damaged", "damaged"),
                            ("lost", "lost"),
                            ("delayed", "delayed"),
                            ("held", "held"),
                            ("stalled", "stalled"),
                            ("overdue", "overdue"),
                            ("out_of_area", "out_of_area"),
                            ("uncontactable", "uncontactable"),
                            ("address", "address"),
                            ("phone", "phone"),
                            ("missorted", "missorted"),
                            ("intercepted", "intercepted"),
                            ("absent", "absent"),
                            ("closed", "closed"),
                            ("moved", "moved"),
                            ("payment", "payment"),
                            ("customs", "customs"),
                            ("weather", "weather"),
                            ("redelivery", "redelivery"),
                            ("shortage", "shortage"),
                            ("documents", "documents"),
                            ("other", "other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("source_id", models.SmallIntegerField()),
                ("source_event_id", models.CharField(blank=True, max_length=160)),
                ("provider", models.CharField(blank=True, max_length=20)),
                ("code", models.CharField(blank=True, max_length=80)),
                ("text", models.CharField(blank=True, max_length=300)),
                ("place_id", models.BigIntegerField(null=True)),
                ("place", models.CharField(blank=True, max_length=120)),
                ("next_place_id", models.BigIntegerField(null=True)),
                ("next_place", models.CharField(blank=True, max_length=120)),
                ("mode", models.CharField(max_length=14)),
                ("holder_id", models.BigIntegerField(null=True)),
                ("piece_id", models.BigIntegerField(null=True)),
                ("voids", models.BigIntegerField(null=True)),
                ("rev", models.SmallIntegerField()),
                ("evidence_id", models.BigIntegerField(null=True)),
                ("batch_id", models.BigIntegerField(null=True)),
                ("principal", models.CharField(max_length=60)),
                ("dataset", models.CharField(max_length=12)),
            ],
            options={
                "db_table": "event",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Story",
            fields=[
                ("unit_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("fold_version", models.SmallIntegerField()),
                ("body", models.BinaryField()),
            ],
            options={
                "db_table": "story",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signed_by", models.CharField(blank=True, max_length=120)),
                (
                    "blobs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                ("raw", models.JSONField(null=True)),
                ("dataset", models.CharField(blank=True, max_length=12)),
            ],
            options={
                "db_table": "evidence",
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_index=True, max_length=40)),
                (
                    "line",
                    models.CharField(
                        choices=[("road", "road"), ("express", "express"), ("ocean", "ocean")], max_length=8
                    ),
                ),
                ("customer_id", models.BigIntegerField(db_index=True, null=True)),
                ("placed_at", models.DateTimeField(null=True)),
                ("dataset", models.CharField(blank=True, max_length=12)),
            ],
            options={
                "db_table": "order_",
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60, unique=True)),
                ("label", models.CharField(blank=True, max_length=120)),
                (
                    "revising",
                    models.BooleanField(
                        default=False, help_text="Same event id with other content replaces the earlier one."
                    ),
                ),
                (
                    "full_list",
                    models.BooleanField(
                        default=False, help_text="Each answer lists all; what is no longer listed is void."
                    ),
                ),
                ("assumed_offset_min", models.SmallIntegerField(default=480)),
            ],
            options={
                "db_table": "source",
            },
        ),
        migrations.CreateModel(
            name="StaleStory",
            fields=[
                ("unit_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "story_stale",
            },
        ),
        migrations.CreateModel(
            name="Touch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "site_id", "unit_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("site_id", models.BigIntegerField()),
                ("unit_id", models.BigIntegerField()),
            ],
            options={
                "db_table": "waybill_site",
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        db_default=models.Func(function="huoji_unit_id"), primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("waybill", "Waybill"),
                            ("piece", "Piece"),
                            ("bag", "Bag"),
                            ("pallet", "Pallet"),
                            ("trip", "Trip"),
                            ("voyage", "Voyage"),
                            ("container", "Container"),
                            ("epc", "Epc"),
                        ],
                        max_length=10,
                    ),
                ),
                ("number", models.CharField(max_length=160)),
                ("label", models.CharField(blank=True, max_length=120)),
                (
                    "owner",
                    models.CharField(
                        blank=True, help_text="Principal that brought it in; sees it besides staff.", max_length=60
                    ),
                ),
                ("voided_at", models.DateTimeField(help_text="The import that brought it was undone.", null=True)),
                ("dataset", models.CharField(blank=True, max_length=12)),
                (
                    "parent",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="shipments.unit"
                    ),
                ),
            ],
            options={
                "db_table": "unit",
            },
        ),
        migrations.CreateModel(
            name="FailedTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=80)),
                ("day", models.DateField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "db_table": "failed_try",
                "constraints": [models.UniqueConstraint(fields=("subject", "day"), name="failed_try_once")],
            },
        ),
        migrations.CreateModel(
            name="Mapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("header_digest", models.CharField(max_length=32)),
                ("kind", models.CharField(max_length=20)),
                ("mapping", models.JSONField()),
                ("principal", models.CharField(max_length=60)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "import_mapping",
                "constraints": [models.UniqueConstraint(fields=("header_digest", "kind"), name="import_mapping_once")],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("principal", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(max_length=500)),
            ],
            options={
                "db_table": "saved_view",
                "constraints": [models.UniqueConstraint(fields=("principal", "name"), name="saved_view_name")],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("blob", models.CharField(blank=True, max_length=64)),
                ("error_blob", models.CharField(blank=True, max_length=64)),
                ("principal", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("failed", "Failed"), ("undone", "Undone")],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("mapping", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("dataset", models.CharField(blank=True, max_length=12)),
                ("source", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="shipments.source")),
            ],
            options={
                "db_table": "batch",
            },
        ),
        migrations.CreateModel(
            name="State",
            fields=[
                ("unit_id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "created"),
                            ("awaiting_pickup", "awaiting_pickup"),
                            ("picked_up", "picked_up"),
                            ("sorting", "sorting"),
                            ("in_transit", "in_transit"),
                            ("customs", "customs"),
                            ("arrived_dest", "arrived_dest"),
                            ("out_for_delivery", "out_for_delivery"),
                            ("at_pickup_point", "at_pickup_point"),
                            ("attempt_failed", "attempt_failed"),
                            ("delivered", "delivered"),
                            ("refused", "refused"),
                            ("returning", "returning"),
                            ("returned", "returned"),
                            ("exception", "exception"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "line",
                    models.CharField(
                        choices=[("road", "road"), ("express", "express"), ("ocean", "ocean")], max_length=8
                    ),
                ),
                ("last_at", models.DateTimeField(null=True)),
                ("place_id", models.BigIntegerField(null=True)),
                ("expected_at", models.DateTimeField(null=True)),
                ("late_min", models.IntegerField(default=0)),
                ("next_check_at", models.DateTimeField(null=True)),
                ("stalled_since", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "waybill_state",
                "indexes": [
                    models.Index(fields=["status", "-last_at"], name="state_status"),
                    models.Index(
                        condition=models.Q(("next_check_at__isnull", False)),
                        fields=["next_check_at"],
                        name="state_check",
                    ),
                    models.Index(
                        condition=models.Q(("stalled_since__isnull", False)),
                        fields=["stalled_since"],
                        name="state_stalled",
                    ),
                    models.Index(condition=models.Q(("late_min__gt", 0)), fields=["-late_min"], name="state_late"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("order", "Order"),
                            ("booking", "Booking"),
                            ("bill", "Bill"),
                            ("container", "Container"),
                            ("customer", "Customer"),
                            ("carrier", "Carrier"),
                            ("source", "Source"),
                        ],
                        max_length=10,
                    ),
                ),
                ("value", models.CharField(max_length=80)),
                ("dataset", models.CharField(blank=True, max_length=12)),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="shipments.unit")),
            ],
            options={
                "db_table": "reference",
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("relation", models.CharField(max_length=12)),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="shipments.unit"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="shipments.unit"
                    ),
                ),
            ],
            options={
                "db_table": "link",
            },
        ),
        migrations.CreateModel(
            name="Parked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("value", models.CharField(max_length=160)),
                ("key", models.BigIntegerField()),
                ("digest", models.BigIntegerField()),
                ("body", models.BinaryField(help_text="The report, packed.")),
                ("principal", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "batch",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="shipments.batch"),
                ),
                ("source", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="shipments.source")),
            ],
            options={
                "db_table": "parked_event",
                "indexes": [
                    models.Index(fields=["value", "kind"], name="parked_value"),
                    models.Index(fields=["created_at"], name="parked_age"),
                ],
                "constraints": [models.UniqueConstraint(fields=("value", "kind", "key", "digest"), name="parked_once")],
            },
        ),
        migrations.CreateModel(
            name="Waybill",
            fields=[
                (
                    "unit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="shipments.unit",
                    ),
                ),
                (
                    "line",
                    models.CharField(
                        choices=[("road", "road"), ("express", "express"), ("ocean", "ocean")], max_length=8
                    ),
                ),
                ("customer_id", models.BigIntegerField(db_index=True, null=True)),
                ("origin", models.CharField(blank=True, max_length=120)),
                ("origin_id", models.BigIntegerField(null=True)),
                ("destination", models.CharField(blank=True, max_length=120)),
                ("destination_id", models.BigIntegerField(null=True)),
                ("goods", models.CharField(blank=True, max_length=200)),
                ("pieces", models.PositiveIntegerField(default=1)),
                ("weight_kg", models.DecimalField(decimal_places=3, max_digits=12, null=True)),
                ("volume_m3", models.DecimalField(decimal_places=3, max_digits=10, null=True)),
                ("remark", models.CharField(blank=True, max_length=500)),
                ("digest", models.BigIntegerField()),
                ("created_at", models.DateTimeField(db_index=True)),
                ("dataset", models.CharField(blank=True, max_length=12)),
                (
                    "batch",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="shipments.batch"),
                ),
                (
                    "order",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="shipments.order"),
                ),
                ("source", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="shipments.source")),
            ],
            options={
                "db_table": "waybill",
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=16)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("phone_last4", models.CharField(blank=True, max_length=4)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("erased_at", models.DateTimeField(null=True)),
                ("dataset", models.CharField(blank=True, max_length=12)),
                ("waybill", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="shipments.waybill")),
            ],
            options={
                "db_table": "party",
            },
        ),
        migrations.CreateModel(
            name="Leg",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveSmallIntegerField()),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("road", "road"),
                            ("sea", "sea"),
                            ("air", "air"),
                            ("rail", "rail"),
                            ("inland_water", "inland_water"),
                            ("unknown", "unknown"),
                        ],
                        max_length=14,
                    ),
                ),
                ("from_place", models.CharField(blank=True, max_length=120)),
                ("from_id", models.BigIntegerField(null=True)),
                ("to_place", models.CharField(blank=True, max_length=120)),
                ("to_id", models.BigIntegerField(null=True)),
                ("departs_at", models.DateTimeField(null=True)),
                ("arrives_at", models.DateTimeField(null=True)),
                ("dataset", models.CharField(blank=True, max_length=12)),
                (
                    "carrier_unit",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="shipments.unit"),
                ),
                ("waybill", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="shipments.waybill")),
            ],
            options={
                "db_table": "leg",
            },
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(fields=("kind", "number"), name="unit_number"),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(fields=("value", "kind", "unit"), name="reference_value"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(fields=("unit", "other", "relation"), name="link_once"),
        ),
        migrations.AddConstraint(
            model_name="party",
            constraint=models.UniqueConstraint(fields=("waybill", "role"), name="party_role"),
        ),
        migrations.AddConstraint(
            model_name="leg",
            constraint=models.UniqueConstraint(fields=("waybill", "seq"), name="leg_seq"),
        ),
    ]

"""Make the tables of the fleet."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("places", "0003_fence"),
    ]

    operations = [
        migrations.CreateModel(
            name="FilteredPosition",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "terminal_id",
                        "recorded_at",
                        "digest",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("terminal_id", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("digest", models.BigIntegerField()),
                ("filter", models.CharField(max_length=20)),
                ("at", models.DateTimeField(null=True)),
                ("raw", models.BinaryField()),
            ],
            options={
                "db_table": "position_filtered",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "terminal_id", "at", "digest", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("terminal_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("digest", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("lat", models.IntegerField()),
                ("lon", models.IntegerField()),
                ("speed", models.IntegerField()),
                ("course", models.SmallIntegerField(null=True)),
                ("altitude", models.IntegerField(null=True)),
                ("alarm", models.BigIntegerField()),
                ("status", models.BigIntegerField()),
                ("mileage", models.BigIntegerField(null=True)),
                ("nav", models.SmallIntegerField(null=True)),
                ("history", models.BooleanField()),
                (
                    "extra",
                    models.BinaryField(help_text="Items of the message that have no column, as sent.", null=True),
                ),
            ],
            options={
                "db_table": "position",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "terminal_id",
                        "metric",
                        "at",
                        "channel",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("terminal_id", models.BigIntegerField()),
                ("metric", models.SmallIntegerField(help_text="Place in core.fleet.METRICS.")),
                ("at", models.DateTimeField()),
                ("channel", models.SmallIntegerField()),
                ("value", models.FloatField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "reading",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Terminal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("number", models.CharField(max_length=40)),
                ("state", models.CharField(default="active", max_length=8)),
                ("auth_code", models.CharField(blank=True, default="", max_length=60)),
                (
                    "forced_version",
                    models.SmallIntegerField(help_text="2011, 2013 or 2019 for a device that lies.", null=True),
                ),
                ("dialect", models.CharField(blank=True, default="", max_length=30)),
                (
                    "filters_off",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("maker", models.CharField(blank=True, default="", max_length=30)),
                ("model", models.CharField(blank=True, default="", max_length=40)),
                ("device_id", models.CharField(blank=True, default="", max_length=40)),
                ("imei", models.CharField(blank=True, default="", max_length=20)),
                ("firmware", models.CharField(blank=True, default="", max_length=30)),
                ("version", models.SmallIntegerField(help_text="Protocol as last spoken.", null=True)),
                (
                    "owner",
                    models.CharField(
                        blank=True, default="", help_text="Principal of a partner's own device.", max_length=60
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "terminal",
            },
        ),
        migrations.CreateModel(
            name="Conveyance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                (
                    "plate",
                    models.CharField(blank=True, default="", help_text="Of a vehicle; normalised.", max_length=16),
                ),
                ("plate_colour", models.SmallIntegerField(null=True)),
                (
                    "name",
                    models.CharField(
                        blank=True, default="", help_text="Of a vessel, or what a vehicle is called.", max_length=80
                    ),
                ),
                ("name_en", models.CharField(blank=True, default="", max_length=80)),
                ("imo", models.CharField(blank=True, default="", max_length=7)),
                ("mmsi", models.CharField(blank=True, default="", max_length=9)),
                ("call_sign", models.CharField(blank=True, default="", max_length=10)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "conveyance",
            },
        ),
        migrations.CreateModel(
            name="Fitting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "fitting",
            },
        ),
        migrations.CreateModel(
            name="Media",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("media_id", models.BigIntegerField()),
                ("kind", models.SmallIntegerField(help_text="JT/T 808: 0 picture, 1 sound, 2 film.")),
                ("format", models.SmallIntegerField()),
                ("event", models.SmallIntegerField()),
                ("channel", models.SmallIntegerField()),
                ("lat", models.IntegerField(null=True)),
                ("lon", models.IntegerField(null=True)),
                ("blob", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "terminal_media",
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("unit_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=160)),
                ("state", models.CharField(default="planned", max_length=10)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(help_text="Set when it has ended.", null=True)),
                ("path", models.JSONField(default=list, help_text="[[latitude, longitude], …] in micro-degrees.")),
                ("corridor_m", models.PositiveIntegerField(default=3000)),
                ("off_route_since", models.DateTimeField(null=True)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "run",
            },
        ),
        migrations.CreateModel(
            name="RunStop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveSmallIntegerField()),
                ("planned_arrives_at", models.DateTimeField(null=True)),
                ("planned_departs_at", models.DateTimeField(null=True)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("departed_at", models.DateTimeField(null=True)),
                ("eta_early_at", models.DateTimeField(null=True)),
                ("eta_at", models.DateTimeField(null=True)),
                ("eta_late_at", models.DateTimeField(null=True)),
                ("eta_made_at", models.DateTimeField(null=True)),
                ("confidence", models.FloatField(null=True)),
                ("eta_reason", models.JSONField(default=dict)),
                (
                    "risk",
                    models.CharField(
                        blank=True, default="", help_text="none, low or high; empty: not known.", max_length=6
                    ),
                ),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "run_stop",
            },
        ),
        migrations.CreateModel(
            name="TerminalReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("digest", models.BigIntegerField()),
                ("body", models.JSONField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "terminal_report",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "terminal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="contact",
                        serialize=False,
                        to="fleet.terminal",
                    ),
                ),
                ("last_at", models.DateTimeField(null=True)),
                ("connected_at", models.DateTimeField(null=True)),
                ("disconnected_at", models.DateTimeField(null=True)),
                (
                    "gateway",
                    models.CharField(
                        blank=True, default="", help_text="Instance that holds the connection.", max_length=60
                    ),
                ),
                ("peer", models.CharField(blank=True, default="", max_length=64)),
                ("counts", models.JSONField(default=dict, help_text="Received, filtered by name, refused by code.")),
            ],
            options={
                "db_table": "contact",
            },
        ),
        migrations.CreateModel(
            name="LastPosition",
            fields=[
                (
                    "terminal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="last",
                        serialize=False,
                        to="fleet.terminal",
                    ),
                ),
                ("conveyance_id", models.BigIntegerField(db_index=True, null=True)),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("lat", models.IntegerField(help_text="Micro-degrees, WGS-84.")),
                ("lon", models.IntegerField()),
                ("speed", models.IntegerField(help_text="0.1 km/h.")),
                (
                    "course",
                    models.SmallIntegerField(help_text="Degrees from north, clockwise; null: not known.", null=True),
                ),
                ("altitude", models.IntegerField(help_text="Metres.", null=True)),
                ("alarm", models.BigIntegerField(default=0)),
                ("status", models.BigIntegerField(default=0)),
                ("mileage", models.BigIntegerField(help_text="0.1 km.", null=True)),
                ("nav", models.SmallIntegerField(help_text="AIS navigational status.", null=True)),
                ("moving_since", models.DateTimeField(null=True)),
                ("stopped_since", models.DateTimeField(null=True)),
                ("site_id", models.BigIntegerField(help_text="Whose fence it is inside.", null=True)),
                ("memory", models.BinaryField(default=b"", help_text="State of filters, fences and corridor, packed.")),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "db_table": "last_position",
            },
        ),
        migrations.CreateModel(
            name="Command",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("body", models.JSONField(default=dict)),
                ("state", models.CharField(max_length=20)),
                ("reason", models.CharField(max_length=300)),
                ("requested_by", models.CharField(max_length=60)),
                ("approved_by", models.CharField(blank=True, default="", max_length=60)),
                ("created_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(help_text="Not sent after this.")),
                ("result", models.JSONField(default=dict)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "terminal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="commands", to="fleet.terminal"
                    ),
                ),
            ],
            options={
                "db_table": "command",
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("source", models.CharField(help_text="`terminal` or `rule`.", max_length=12)),
                ("opened_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(null=True)),
                ("times", models.PositiveIntegerField(default=1)),
                ("lat", models.IntegerField(null=True)),
                ("lon", models.IntegerField(null=True)),
                ("facts", models.JSONField(default=dict)),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
                (
                    "terminal",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="fleet.terminal"),
                ),
            ],
            options={
                "db_table": "alarm",
            },
        ),
        migrations.AddField(
            model_name="terminal",
            name="conveyance",
            field=models.ForeignKey(
                help_text="What it is fitted to now.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="terminals",
                to="fleet.conveyance",
            ),
        ),
        migrations.AddConstraint(
            model_name="conveyance",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["vehicle", "vessel"])), name="conveyance_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="conveyance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("plate", ""), _negated=True), fields=("plate",), name="conveyance_plate"
            ),
        ),
        migrations.AddConstraint(
            model_name="conveyance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("imo", ""), _negated=True), fields=("imo",), name="conveyance_imo"
            ),
        ),
        migrations.AddConstraint(
            model_name="conveyance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("mmsi", ""), _negated=True), fields=("mmsi",), name="conveyance_mmsi"
            ),
        ),
        migrations.AddConstraint(
            model_name="conveyance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("plate", ""), _negated=True),
                    models.Q(("imo", ""), _negated=True),
                    models.Q(("mmsi", ""), _negated=True),
                    _connector="OR",
                ),
                name="conveyance_named",
            ),
        ),
        migrations.AddField(
            model_name="alarm",
            name="conveyance",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="fleet.conveyance"),
        ),
        migrations.AddField(
            model_name="fitting",
            name="conveyance",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="fittings", to="fleet.conveyance"
            ),
        ),
        migrations.AddField(
            model_name="fitting",
            name="terminal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="fittings", to="fleet.terminal"
            ),
        ),
        migrations.AddField(
            model_name="media",
            name="terminal",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="fleet.terminal"),
        ),
        migrations.AddField(
            model_name="run",
            name="conveyance",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="fleet.conveyance"
            ),
        ),
        migrations.AddField(
            model_name="runstop",
            name="run",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="stops", to="fleet.run"),
        ),
        migrations.AddField(
            model_name="runstop",
            name="site",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.site"),
        ),
        migrations.AddField(
            model_name="terminalreport",
            name="terminal",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="fleet.terminal"),
        ),
        migrations.AddIndex(
            model_name="command",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sent"])), fields=["terminal", "id"], name="command_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="command",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["awaiting_approval", "queued", "sent", "done", "failed", "timed_out", "cancelled"])
                ),
                name="command_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="command",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "locate",
                            "track",
                            "text",
                            "set_parameters",
                            "read_parameters",
                            "confirm_alarm",
                            "set_area",
                            "delete_area",
                            "link_test",
                        ],
                    )
                ),
                name="command_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="command",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="command_reasoned"
            ),
        ),
        migrations.AddConstraint(
            model_name="command",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", ""),
                    models.Q(("approved_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="command_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["jt808", "ais", "sensor", "http"])), name="terminal_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "active", "blocked"])), name="terminal_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.UniqueConstraint(fields=("kind", "number"), name="terminal_number"),
        ),
        migrations.AddConstraint(
            model_name="terminal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("forced_version__isnull", True), ("forced_version__in", [2011, 2013, 2019]), _connector="OR"
                ),
                name="terminal_version_known",
            ),
        ),
        migrations.AddIndex(
            model_name="alarm",
            index=models.Index(fields=["conveyance", "-opened_at"], name="alarm_conveyance"),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at__isnull", True)), fields=("terminal", "kind"), name="alarm_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cleared_at__isnull", True), ("cleared_at__gte", models.F("opened_at")), _connector="OR"
                ),
                name="alarm_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="fitting",
            index=models.Index(fields=["conveyance", "since"], name="fitting_conveyance"),
        ),
        migrations.AddConstraint(
            model_name="fitting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)), fields=("terminal",), name="fitting_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="fitting",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"),
                name="fitting_spans",
            ),
        ),
        migrations.AddConstraint(
            model_name="media",
            constraint=models.UniqueConstraint(
                fields=("terminal", "media_id", "at", "blob"), name="terminal_media_once"
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["conveyance", "starts_at"], name="run_conveyance"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["planned", "under_way", "ended"])), name="run_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "under_way")), fields=("conveyance",), name="run_one_under_way"
            ),
        ),
        migrations.AddConstraint(
            model_name="runstop",
            constraint=models.UniqueConstraint(fields=("run", "seq"), name="run_stop_seq"),
        ),
        migrations.AddConstraint(
            model_name="terminalreport",
            constraint=models.UniqueConstraint(
                fields=("terminal", "kind", "at", "digest"), name="terminal_report_once"
            ),
        ),
    ]

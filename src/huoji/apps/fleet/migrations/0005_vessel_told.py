"""Keep what a vessel says of itself by AIS beside what people typed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0004_runs")]
    operations = [
        migrations.CreateModel(
            name="VesselTold",
            fields=[
                (
                    "conveyance",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="told",
                        serialize=False,
                        to="fleet.conveyance",
                    ),
                ),
                ("name", models.CharField(blank=True, default="", max_length=20)),
                ("call_sign", models.CharField(blank=True, default="", max_length=7)),
                ("imo", models.CharField(blank=True, default="", max_length=7)),
                ("ship_type", models.SmallIntegerField(null=True)),
                ("length_m", models.SmallIntegerField(null=True)),
                ("beam_m", models.SmallIntegerField(null=True)),
                ("draught_dm", models.SmallIntegerField(null=True)),
                ("destination", models.CharField(blank=True, default="", max_length=20)),
                ("eta_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField()),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={"db_table": "vessel_told"},
        ),
    ]

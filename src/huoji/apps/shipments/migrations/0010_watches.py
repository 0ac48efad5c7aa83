"""Let sensors watch cargo."""

from enum import StrEnum

import django.db.models.deletion
from django.db import migrations, models

from huoji.core.fleet import Metric
from huoji.core.sensing import Side


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("shipments", "0009_snapshot")]

    operations = [
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("terminal_id", models.BigIntegerField(db_index=True, help_text="The fleet's terminal that measures.")),
                ("metric", models.CharField(choices=choices(Metric), max_length=12)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("allowed_s", models.PositiveIntegerField(help_text="Outside for longer is an excursion.")),
                ("margin", models.FloatField(default=0)),
                ("gap_s", models.PositiveIntegerField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("created_by", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                ("course", models.BinaryField(default=b"", help_text="The fold of the readings so far, packed.")),
                ("is_out", models.BooleanField(default=False)),
                ("dataset", models.CharField(blank=True, max_length=12)),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watches",
                        to="shipments.unit",
                    ),
                ),
            ],
            options={"db_table": "watch"},
        ),
        migrations.CreateModel(
            name="Excursion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_id", models.BigIntegerField(help_text="Of the watch, so that it goes with its unit.")),
                ("side", models.CharField(choices=choices(Side), max_length=6)),
                ("began_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(help_text="The reading that showed that it lasts too long.")),
                ("ended_at", models.DateTimeField(null=True)),
                ("outside_s", models.FloatField()),
                ("extreme", models.FloatField()),
                ("extreme_at", models.DateTimeField()),
                ("dataset", models.CharField(blank=True, max_length=12)),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="excursions",
                        to="shipments.watch",
                    ),
                ),
            ],
            options={"db_table": "excursion"},
        ),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.CheckConstraint(
                condition=models.Q(("low__isnull", False), ("high__isnull", False), _connector="OR"),
                name="watch_limited",
            ),
        ),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"),
                name="watch_spans",
            ),
        ),
        migrations.AddConstraint(
            model_name="excursion",
            constraint=models.UniqueConstraint(fields=("watch", "began_at", "side"), name="excursion_once"),
        ),
    ]

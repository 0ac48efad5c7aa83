"""Keep what shipments say of goods that nobody scanned out."""

import django.db.models.deletion
from django.db import migrations, models

from huoji.core.storage import Left


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("warehouse", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("how", models.CharField(choices=[(left.value, left.value) for left in Left], max_length=16)),
                ("at", models.DateTimeField()),
                (
                    "holder",
                    models.CharField(blank=True, help_text="The trip or voyage it was loaded into.", max_length=160),
                ),
                (
                    "goods",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="departures", to="warehouse.goods"
                    ),
                ),
            ],
            options={"db_table": "storage_departure"},
        ),
        migrations.AlterField(
            model_name="stay",
            name="closed_by",
            field=models.UUIDField(help_text="The movement, or the departure, that ended it.", null=True),
        ),
    ]

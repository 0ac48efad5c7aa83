"""Give sites their ground."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0002_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fence",
            fields=[
                (
                    "site",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="places.site",
                    ),
                ),
                ("radius_m", models.PositiveIntegerField(default=500)),
                (
                    "polygon",
                    models.JSONField(
                        default=list, help_text="[[latitude, longitude], …] in micro-degrees; empty: a circle."
                    ),
                ),
                ("dataset", models.CharField(blank=True, default="", max_length=16)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("radius_m__range", (20, 50000))), name="fence_radius")
                ],
            },
        ),
    ]

"""The table of what was received and no table took."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kit", "0003_longer_types")]

    operations = [
        migrations.CreateModel(
            name="SetAsideRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=32)),
                ("digest", models.CharField(max_length=32)),
                ("source", models.CharField(max_length=64)),
                ("body", models.BinaryField()),
                ("reason", models.CharField(max_length=300)),
                ("tries", models.IntegerField(db_default=1)),
                ("first_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "kit_set_aside",
                "indexes": [models.Index(fields=["due_at"], name="kit_set_aside_due")],
                "constraints": [models.UniqueConstraint(fields=("kind", "digest"), name="kit_set_aside_once")],
            },
        ),
    ]

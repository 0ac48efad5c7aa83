"""What foreign documents need: which names an event spoke of, longer kinds of parked names, EPCs by label, revisions by time."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a table and an index; two columns grow wider."""

    dependencies = [("shipments", "0004_lazy_checks")]

    operations = [
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BigIntegerField()),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("value", models.CharField(blank=True, max_length=160)),
                (
                    "source",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="shipments.source"),
                ),
            ],
            options={"db_table": "mention"},
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("source", "key", "kind", "value"), name="mention_once"),
        ),
        migrations.AlterField("parked", "kind", models.CharField(max_length=20)),
        migrations.AddIndex(
            model_name="unit",
            index=models.Index(condition=models.Q(("kind", "epc")), fields=["label"], name="unit_epc_label"),
        ),
        migrations.RunSQL("ALTER TABLE event ALTER COLUMN rev TYPE bigint", migrations.RunSQL.noop),
    ]

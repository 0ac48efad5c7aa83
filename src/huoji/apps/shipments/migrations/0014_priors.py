"""Keep what a shipment said before an import revised it."""

import django.db.models.deletion
from django.db import migrations, models

KEY = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def to(table: str) -> models.ForeignKey:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=f"shipments.{table}")


class Migration(migrations.Migration):
    """Only adds; of shipments that an import revised before this nobody knows what they said then."""

    dependencies = [("shipments", "0013_naming")]

    operations = [
        migrations.AddField(
            "waybill", "said_batch", models.BigIntegerField(null=True, help_text="The batch whose word its data are.")
        ),
        migrations.RunSQL(
            "UPDATE waybill SET said_batch = batch_id WHERE batch_id IS NOT NULL", migrations.RunSQL.noop
        ),
        migrations.CreateModel(
            name="Prior",
            fields=[
                KEY,
                ("said_batch", models.BigIntegerField(null=True)),
                ("said", models.JSONField()),
                ("batch", to("batch")),
                ("unit", to("unit")),
            ],
            options={"db_table": "prior_shipment"},
        ),
        migrations.CreateModel(
            name="PriorParty",
            fields=[
                KEY,
                ("role", models.CharField(max_length=16)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("phone_last4", models.CharField(blank=True, max_length=4)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("batch", to("batch")),
                ("unit", to("unit")),
            ],
            options={"db_table": "prior_party"},
        ),
        migrations.AddConstraint("prior", models.UniqueConstraint(fields=("unit", "batch"), name="prior_once")),
        migrations.AddConstraint(
            "priorparty", models.UniqueConstraint(fields=("unit", "batch", "role"), name="prior_party_once")
        ),
    ]

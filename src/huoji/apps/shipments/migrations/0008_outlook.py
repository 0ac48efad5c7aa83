"""What we expect ourselves of waybills, and how their transport state changed."""

from enum import StrEnum

from django.db import migrations, models

from huoji.core.sight import Risk, TransportState

# Rewritten with every estimate, so it wants room to be updated in place; the log is never rewritten.
WALLS = """
ALTER TABLE waybill_outlook SET (fillfactor = 70);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON outlook_step
    FOR EACH ROW EXECUTE FUNCTION huoji_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON outlook_step
    FOR EACH STATEMENT EXECUTE FUNCTION huoji_append_only();
REVOKE UPDATE, DELETE, TRUNCATE ON outlook_step FROM huoji_app;
"""


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("shipments", "0007_exceptions")]

    operations = [
        migrations.CreateModel(
            name="Outlook",
            fields=[
                ("unit_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("early_at", models.DateTimeField(null=True)),
                ("likely_at", models.DateTimeField(null=True)),
                ("late_at", models.DateTimeField(null=True)),
                ("planned_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("confidence", models.CharField(max_length=6)),
                ("risk", models.CharField(choices=choices(Risk), max_length=4)),
                ("state", models.CharField(choices=choices(TransportState), max_length=8)),
                ("state_since", models.DateTimeField()),
                ("percent", models.SmallIntegerField(null=True)),
                ("reasons", models.JSONField(default=list, help_text="[code, value] pairs.")),
                ("memory", models.BinaryField(default=b"", help_text="What the rule of risk remembers, packed.")),
                ("run_id", models.BigIntegerField(db_index=True, help_text="The run that carries it.", null=True)),
            ],
            options={"db_table": "waybill_outlook"},
        ),
        migrations.CreateModel(
            name="OutlookStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("unit_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("state", models.CharField(choices=choices(TransportState), max_length=8)),
                ("risk", models.CharField(choices=choices(Risk), max_length=4)),
                ("late_min", models.IntegerField()),
                ("reasons", models.JSONField(default=list)),
                ("rule", models.CharField(help_text="Name and version of the rule that decided.", max_length=40)),
                ("run_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "outlook_step",
                "indexes": [models.Index(fields=["unit_id", "id"], name="outlook_step_unit")],
            },
        ),
        migrations.RunSQL(WALLS, migrations.RunSQL.noop),
    ]

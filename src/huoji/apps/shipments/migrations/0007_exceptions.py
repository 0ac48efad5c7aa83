"""Exceptions with a life, and the log of their steps that nobody rewrites."""

from enum import StrEnum

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from huoji.core.exception import CauseCode, ExceptionKind, Severity, Step
from huoji.core.milestone import Line

# The steps go with their exception when retention, as the owner, lets it go.
LOG = """
ALTER TABLE exception_step ADD CONSTRAINT exception_step_of FOREIGN KEY (exception_id)
    REFERENCES cargo_exception (id) ON DELETE CASCADE;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON exception_step
    FOR EACH ROW EXECUTE FUNCTION huoji_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON exception_step
    FOR EACH STATEMENT EXECUTE FUNCTION huoji_append_only();
REVOKE UPDATE, DELETE, TRUNCATE ON exception_step FROM huoji_app;
REVOKE DELETE, TRUNCATE ON cargo_exception FROM huoji_app;
ALTER TABLE cargo_exception SET (fillfactor = 80);
"""
UNDO_LOG = "DROP TRIGGER append_only ON exception_step; DROP TRIGGER append_only_truncate ON exception_step"


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("accounts", "0001_initial"), ("shipments", "0006_imports")]

    operations = [
        migrations.CreateModel(
            name="CargoException",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=choices(ExceptionKind), max_length=12)),
                ("conveyance_id", models.BigIntegerField(help_text="The fleet's vehicle or vessel.", null=True)),
                ("line", models.CharField(blank=True, choices=choices(Line), max_length=8)),
                ("severity", models.CharField(choices=choices(Severity), max_length=8)),
                ("source", models.CharField(max_length=60)),
                ("facts", models.JSONField(default=dict, help_text="Measured values and ids; no personal data.")),
                (
                    "blobs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                ("opened_at", models.DateTimeField(help_text="When it began, as its source has it.")),
                ("last_at", models.DateTimeField(help_text="When its source last said that it goes on.")),
                ("recorded_at", models.DateTimeField(help_text="When we were told.")),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_by", models.CharField(blank=True, max_length=60)),
                ("cleared_at", models.DateTimeField(null=True)),
                ("cleared_by", models.CharField(blank=True, max_length=60)),
                ("cause", models.CharField(blank=True, choices=choices(CauseCode), max_length=16)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("dataset", models.CharField(blank=True, max_length=12)),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="shipments.unit",
                    ),
                ),
            ],
            options={
                "db_table": "cargo_exception",
                "indexes": [
                    models.Index(fields=["-opened_at", "-id"], name="exception_newest"),
                    models.Index(
                        condition=models.Q(("cleared_at", None)), fields=["kind", "id"], name="exception_open"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("unit__isnull", False), ("conveyance_id__isnull", False), _connector="OR"),
                        name="exception_subject",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at", None)), fields=("unit", "kind"), name="exception_open_unit"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at", None), ("unit", None)),
                        fields=("conveyance_id", "kind"),
                        name="exception_open_conveyance",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExceptionStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("step", models.CharField(choices=choices(Step), max_length=12)),
                ("principal", models.CharField(max_length=60)),
                ("severity", models.CharField(blank=True, choices=choices(Severity), max_length=8)),
                ("cause", models.CharField(blank=True, choices=choices(CauseCode), max_length=16)),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "exception",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="shipments.cargoexception",
                    ),
                ),
            ],
            options={"db_table": "exception_step"},
        ),
        migrations.RunSQL(LOG, UNDO_LOG),
    ]

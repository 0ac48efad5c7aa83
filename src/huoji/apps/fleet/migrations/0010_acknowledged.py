"""Who took an alarm up, when, and what he said."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("fleet", "0009_passed")]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="acknowledged_at",
            field=models.DateTimeField(help_text="When somebody took it up; it stays open until it ends.", null=True),
        ),
        migrations.AddField(
            model_name="alarm",
            name="acknowledged_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="alarm",
            name="note",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddIndex(
            model_name="alarm",
            index=models.Index(
                condition=models.Q(("acknowledged_at__isnull", True), ("cleared_at__isnull", True)),
                fields=["-opened_at", "-id"],
                name="alarm_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledged_at__isnull", True), ("acknowledged_by", "")),
                    models.Q(("acknowledged_at__isnull", False), models.Q(("acknowledged_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="alarm_taken_by_somebody",
            ),
        ),
    ]

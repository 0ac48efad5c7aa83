"""Tell that a stop lies behind a run that was never seen at it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("fleet", "0008_found")]

    operations = [
        migrations.AddField(
            model_name="runstop",
            name="passed",
            field=models.BooleanField(db_default=False, default=False, help_text="It lies behind; when, nobody saw."),
        ),
        migrations.AddField(
            model_name="runstop",
            name="nearest_m",
            field=models.IntegerField(
                help_text="How little behind a first stop it was seen that it never was at.", null=True
            ),
        ),
    ]

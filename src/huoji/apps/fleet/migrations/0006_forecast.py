"""When the arrivals of a run are to be estimated next, so that a tick finds the due ones without looking at all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("fleet", "0005_vessel_told")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="forecast_due_at",
            field=models.DateTimeField(help_text="When its arrivals are estimated next.", null=True),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("state", "under_way")), fields=["forecast_due_at"], name="run_forecast_due"
            ),
        ),
    ]

"""Let an app above ask to be told of a terminal's readings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fleet", "0002_partitioned")]
    operations = [
        migrations.AddField(
            model_name="terminal",
            name="watched",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Somebody above wants to be told of its readings."
            ),
        ),
    ]

"""Tell which terminals a demonstration moves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("fleet", "0010_acknowledged")]

    operations = [
        migrations.AddField(
            model_name="terminal",
            name="driven",
            field=models.BooleanField(
                db_default=False, default=False, help_text="A demonstration moves it; it has never spoken for itself."
            ),
        ),
        migrations.RunSQL(
            "UPDATE terminal SET driven = true WHERE dataset <> '' AND device_id = '' AND kind IN ('jt808', 'ais')",
            migrations.RunSQL.noop,
        ),
    ]

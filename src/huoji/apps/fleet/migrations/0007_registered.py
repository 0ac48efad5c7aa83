"""Keep what terminals said when they got their code, so that only they get it again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("fleet", "0006_forecast")]

    operations = [
        migrations.AddField(
            model_name="terminal",
            name="registered_as",
            field=models.JSONField(help_text="What it said of itself when it was given its code.", null=True),
        ),
        migrations.AddField(
            model_name="terminal",
            name="register_until",
            field=models.DateTimeField(help_text="Until then any device with its number may register.", null=True),
        ),
    ]

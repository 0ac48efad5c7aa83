"""The table of what people chose on settings pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="Choice",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={"db_table": "kit_choice"},
        ),
    ]

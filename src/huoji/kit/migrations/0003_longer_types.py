"""Room for the type of a workbook, which has 65 characters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_choice")]

    operations = [migrations.AlterField("blob", "content_type", models.CharField(max_length=100))]

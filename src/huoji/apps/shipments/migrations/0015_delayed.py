"""Find what is expected to be late without reading every estimate."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("shipments", "0014_priors")]

    operations = [
        migrations.AddIndex(
            "outlook",
            models.Index(condition=models.Q(("state", "delayed")), fields=["unit_id"], name="waybill_outlook_delayed"),
        )
    ]

"""Let most events leave the indexes of waybill_state alone: room for updates in place, and no index on the newest time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shipments", "0003_desk"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="state",
            name="state_status",
        ),
        migrations.AddIndex(
            model_name="state",
            index=models.Index(fields=["status", "-unit_id"], name="state_of_status"),
        ),
        migrations.RunSQL("ALTER TABLE waybill_state SET (fillfactor = 70)", migrations.RunSQL.noop),
    ]

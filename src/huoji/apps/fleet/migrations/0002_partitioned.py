"""Make the tables that are partitioned by day."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("fleet", "0001_tables")]
    operations = [
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"),
            "DROP TABLE position, position_filtered, reading; DROP FUNCTION huoji_make_days;",
        ),
    ]

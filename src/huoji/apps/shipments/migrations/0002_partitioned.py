"""Make the partitioned tables, the append-only wall of events, and the search indexes."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shipments", "0001_tables")]
    operations = [
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"),
            """
            DROP TABLE event, custody, story;
            DROP FUNCTION huoji_make_partitions, huoji_event_stands;
            DROP INDEX party_words, party_name, party_phone, unit_number_like, unit_parent, waybill_batch;
            DROP FUNCTION cjk_bigrams;
            """,
        ),
    ]

"""Find events whose clock cannot be right, which the first page counts, without reading the events of four months."""

from django.db import migrations

# The condition is that of queries/worklists.py, word for word.
ODD = """
CREATE INDEX event_odd_clock ON event (recorded_at DESC) WHERE classifier = 'ACT' AND voids IS NULL AND (
    occurred_at - recorded_at > interval '600 seconds' OR occurred_at < timestamptz '2000-01-01 00:00:00+00'
)
"""


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("shipments", "0016_left_names")]

    operations = [migrations.RunSQL(ODD, "DROP INDEX event_odd_clock")]

"""Where each run under way is now, as one view that apps above may join; and what finished legs have taught."""

from django.db import migrations, models

# The newest position of any terminal of the conveyance. Whoever joins it says of which unit, and since when it counts.
RUN_POSITION = """
CREATE VIEW run_position AS
SELECT r.unit_id, r.conveyance_id, c.kind, t.kind AS terminal_kind, l.at, l.recorded_at, l.lat, l.lon, l.speed, l.course, l.nav,
    l.stopped_since
FROM run r
JOIN conveyance c ON c.id = r.conveyance_id
JOIN LATERAL (SELECT * FROM last_position p WHERE p.conveyance_id = r.conveyance_id ORDER BY p.at DESC LIMIT 1) l ON true
JOIN terminal t ON t.id = l.terminal_id
WHERE r.state = 'under_way';
"""


class Migration(migrations.Migration):
    """Only adds."""

    dependencies = [("fleet", "0003_watched")]

    operations = [
        migrations.CreateModel(
            name="Learnt",
            fields=[
                ("key", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("body", models.BinaryField(help_text="core.eta_history, packed.")),
                ("updated_at", models.DateTimeField()),
            ],
            options={"db_table": "learnt"},
        ),
        migrations.RunSQL(RUN_POSITION, "DROP VIEW run_position"),
    ]

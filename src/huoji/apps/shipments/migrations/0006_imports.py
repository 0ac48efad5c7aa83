"""What imports need: states of a file that waits or is being taken back, and how far a batch has come."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a column; the states are checked by the code alone."""

    dependencies = [("shipments", "0005_foreign")]

    operations = [
        migrations.AddField(
            "batch", "progress", models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
        ),
        migrations.AlterField(
            "batch",
            "state",
            models.CharField(
                choices=[
                    ("uploaded", "Uploaded"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("undoing", "Undoing"),
                    ("undone", "Undone"),
                ],
                default="running",
                max_length=10,
            ),
        ),
    ]

"""Where everything was last and has been, and what sensors measured.

`position`, `position_filtered` and `reading` are RANGE-partitioned by day, so they are made in SQL by the second migration; the row key
of a position is its content (terminal, time, digest), so that a replay changes nothing.
"""

from django.db import models

from huoji.apps.fleet.models.terminal import Terminal
from huoji.apps.fleet.models.words import DATASET_LENGTH_MAX


class LastPosition(models.Model):
    """Where a terminal was last, and what the filters and fences remember of it; a row a terminal, rewritten in place."""

    terminal = models.OneToOneField(Terminal, models.CASCADE, primary_key=True, related_name="last")
    conveyance_id = models.BigIntegerField(null=True, db_index=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    lat = models.IntegerField(help_text="Micro-degrees, WGS-84.")
    lon = models.IntegerField()
    speed = models.IntegerField(help_text="0.1 km/h.")
    course = models.SmallIntegerField(null=True, help_text="Degrees from north, clockwise; null: not known.")
    altitude = models.IntegerField(null=True, help_text="Metres.")
    alarm = models.BigIntegerField(default=0)
    status = models.BigIntegerField(default=0)
    mileage = models.BigIntegerField(null=True, help_text="0.1 km.")
    nav = models.SmallIntegerField(null=True, help_text="AIS navigational status.")
    moving_since = models.DateTimeField(null=True)
    stopped_since = models.DateTimeField(null=True)
    site_id = models.BigIntegerField(null=True, help_text="Whose fence it is inside.")
    memory = models.BinaryField(default=b"", help_text="State of filters, fences and corridor, packed.")
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "last_position"


class Position(models.Model):
    """One point of a track, as the terminal told it."""

    pk = models.CompositePrimaryKey("terminal_id", "at", "digest")
    terminal_id = models.BigIntegerField()
    at = models.DateTimeField()
    digest = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    lat = models.IntegerField()
    lon = models.IntegerField()
    speed = models.IntegerField()
    course = models.SmallIntegerField(null=True)
    altitude = models.IntegerField(null=True)
    alarm = models.BigIntegerField()
    status = models.BigIntegerField()
    mileage = models.BigIntegerField(null=True)
    nav = models.SmallIntegerField(null=True)
    history = models.BooleanField()
    extra = models.BinaryField(null=True, help_text="Items of the message that have no column, as sent.")

    class Meta:
        managed = False
        db_table = "position"


class FilteredPosition(models.Model):
    """A point that a filter kept out of the track, raw, for some days."""

    pk = models.CompositePrimaryKey("terminal_id", "recorded_at", "digest")
    terminal_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    digest = models.BigIntegerField()
    filter = models.CharField(max_length=20)
    at = models.DateTimeField(null=True)
    raw = models.BinaryField()

    class Meta:
        managed = False
        db_table = "position_filtered"


class Reading(models.Model):
    """One value that a sensor measured."""

    pk = models.CompositePrimaryKey("terminal_id", "metric", "at", "channel")
    terminal_id = models.BigIntegerField()
    metric = models.SmallIntegerField(help_text="Place in core.fleet.METRICS.")
    at = models.DateTimeField()
    channel = models.SmallIntegerField()
    value = models.FloatField()
    recorded_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "reading"

"""Where cargo was when somebody had to know: kept for the case that asks, never changed."""

from django.db import models


class Snapshot(models.Model):
    """The position, speed, time and source of a waybill's vehicle as its taker saw it, with status and forecast."""

    unit_id = models.BigIntegerField()
    taken_at = models.DateTimeField()
    principal = models.CharField(max_length=60)
    cause = models.CharField(max_length=200, blank=True)
    body = models.JSONField(help_text="status, vehicle, position and outlook, as the API renders them.")
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "position_snapshot"
        indexes = [models.Index(fields=["unit_id", "-id"], name="snapshot_unit")]

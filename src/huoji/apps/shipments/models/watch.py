"""Sensors that watch cargo: the limits agreed for a unit, what is known of their course, and the excursions found."""

from django.db import models

from huoji.apps.shipments.models.cargo import Unit
from huoji.apps.shipments.models.words import choices
from huoji.core.fleet import Metric
from huoji.core.sensing import Side


class Watch(models.Model):
    """One metric of one sensor that watches a unit over a span, with its limits."""

    unit = models.ForeignKey(Unit, models.PROTECT, db_constraint=False, related_name="watches")
    terminal_id = models.BigIntegerField(db_index=True, help_text="The fleet's terminal that measures.")
    metric = models.CharField(max_length=12, choices=choices(Metric))
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    allowed_s = models.PositiveIntegerField(help_text="Outside for longer is an excursion.")
    margin = models.FloatField(default=0)
    gap_s = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    course = models.BinaryField(default=b"", help_text="The fold of the readings so far, packed.")
    is_out = models.BooleanField(default=False)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "watch"
        constraints = [
            models.CheckConstraint(
                name="watch_limited", condition=models.Q(low__isnull=False) | models.Q(high__isnull=False)
            ),
            models.CheckConstraint(
                name="watch_spans", condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since"))
            ),
        ]


class Excursion(models.Model):
    """A stretch for which a watched value lay outside its limits too long."""

    watch = models.ForeignKey(Watch, models.CASCADE, related_name="excursions")
    unit_id = models.BigIntegerField(help_text="Of the watch, so that it goes with its unit.")
    side = models.CharField(max_length=6, choices=choices(Side))
    began_at = models.DateTimeField()
    opened_at = models.DateTimeField(help_text="The reading that showed that it lasts too long.")
    ended_at = models.DateTimeField(null=True)
    outside_s = models.FloatField()
    extreme = models.FloatField()
    extreme_at = models.DateTimeField()
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "excursion"
        constraints = [models.UniqueConstraint(fields=["watch", "began_at", "side"], name="excursion_once")]

"""What happened, as it was told: events, what proves them, and those that wait for their unit.

`event` is RANGE-partitioned by unit id (a month each), so it is made in SQL by a migration; every unique key of it
leads with the unit id.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huoji.apps.shipments.models.intake import Batch, Source
from huoji.apps.shipments.models.words import choices
from huoji.core.milestone import Classifier, Milestone, Reason


class Event(models.Model):
    """Something that happened, is planned or is estimated: stored once, on the unit it is about, never changed."""

    pk = models.CompositePrimaryKey("unit_id", "key", "digest")
    unit_id = models.BigIntegerField()
    key = models.BigIntegerField()
    digest = models.BigIntegerField()
    id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    precision = models.SmallIntegerField()
    offset_min = models.SmallIntegerField()
    offset_assumed = models.BooleanField()
    recorded_at = models.DateTimeField()
    classifier = models.CharField(max_length=3, choices=choices(Classifier))
    milestone = models.CharField(max_length=20, choices=choices(Milestone))
    reason = models.CharField(max_length=20, choices=choices(Reason), blank=True)
    source_id = models.SmallIntegerField()
    source_event_id = models.CharField(max_length=160, blank=True)
    provider = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=300, blank=True)
    place_id = models.BigIntegerField(null=True)
    place = models.CharField(max_length=120, blank=True)
    next_place_id = models.BigIntegerField(null=True)
    next_place = models.CharField(max_length=120, blank=True)
    mode = models.CharField(max_length=14)
    holder_id = models.BigIntegerField(null=True)
    piece_id = models.BigIntegerField(null=True)
    voids = models.BigIntegerField(null=True)
    rev = models.BigIntegerField(help_text="Which content of the event stands: the highest.")
    evidence_id = models.BigIntegerField(null=True)
    batch_id = models.BigIntegerField(null=True)
    principal = models.CharField(max_length=60)
    dataset = models.CharField(max_length=12)

    class Meta:
        managed = False
        db_table = "event"


class Evidence(models.Model):
    """What proves an event: who signed, pictures by hash, the reason a person gave, and the raw foreign document."""

    signed_by = models.CharField(max_length=120, blank=True)
    blobs = ArrayField(models.CharField(max_length=64), default=list)
    note = models.CharField(max_length=500, blank=True)
    raw = models.JSONField(null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "evidence"


class Parked(models.Model):
    """An event for a number nobody knows yet; joined when the shipment appears."""

    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=160)
    source = models.ForeignKey(Source, models.PROTECT)
    key = models.BigIntegerField()
    digest = models.BigIntegerField()
    body = models.BinaryField(help_text="The report, packed.")
    principal = models.CharField(max_length=60)
    batch = models.ForeignKey(Batch, models.CASCADE, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "parked_event"
        indexes = [
            models.Index(fields=["value", "kind"], name="parked_value"),
            models.Index(fields=["created_at"], name="parked_age"),
        ]
        constraints = [models.UniqueConstraint(fields=["value", "kind", "key", "digest"], name="parked_once")]


class Mention(models.Model):
    """A name that an event of a foreign document spoke of, so that a retraction that gives only its id finds it.

    A row without a name says that the event was taken back, perhaps before it was told.
    """

    source = models.ForeignKey(Source, models.PROTECT)
    key = models.BigIntegerField()
    kind = models.CharField(max_length=20, blank=True)
    value = models.CharField(max_length=160, blank=True)

    class Meta:
        db_table = "mention"
        constraints = [models.UniqueConstraint(fields=["source", "key", "kind", "value"], name="mention_once")]

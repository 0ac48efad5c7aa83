"""What is derived from events: custody, stories, and what is searched of them.

`custody` and `story` are RANGE-partitioned by unit id (a month each), so they are made in SQL by a migration; every
unique key of theirs leads with the unit id.
"""

from django.db import models

from huoji.apps.shipments.models.cargo import Unit
from huoji.apps.shipments.models.words import choices
from huoji.core.milestone import Line, Status


class Custody(models.Model):
    """A unit held by another over a half-open span; derived from loads and unloads."""

    pk = models.CompositePrimaryKey("unit_id", "holder_id", "since")
    unit_id = models.BigIntegerField()
    holder_id = models.BigIntegerField()
    since = models.BigIntegerField(help_text="Epoch seconds.")
    until = models.BigIntegerField(help_text="Epoch seconds; 2^62 while aboard.")

    class Meta:
        managed = False
        db_table = "custody"


class Story(models.Model):
    """The folded facts of one waybill, packed; rewritten with every event."""

    unit_id = models.BigIntegerField(primary_key=True)
    fold_version = models.SmallIntegerField()
    body = models.BinaryField()

    class Meta:
        managed = False
        db_table = "story"


class StaleStory(models.Model):
    """A story that must be folded afresh; a reader that meets this mark folds at once."""

    unit_id = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "story_stale"


class State(models.Model):
    """What is searched of a story, in narrow columns."""

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True, db_constraint=False, related_name="state")
    status = models.CharField(max_length=16, choices=choices(Status))
    line = models.CharField(max_length=8, choices=choices(Line))
    last_at = models.DateTimeField(null=True)
    place_id = models.BigIntegerField(null=True)
    expected_at = models.DateTimeField(null=True)
    late_min = models.IntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)
    stalled_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "waybill_state"
        indexes = [
            models.Index(fields=["status", "-unit_id"], name="state_of_status"),
            models.Index(fields=["next_check_at"], name="state_check", condition=models.Q(next_check_at__isnull=False)),
            models.Index(
                fields=["stalled_since"], name="state_stalled", condition=models.Q(stalled_since__isnull=False)
            ),
            models.Index(fields=["-late_min"], name="state_late", condition=models.Q(late_min__gt=0)),
        ]


class Touch(models.Model):
    """A waybill's story touched a site: what outlet, warehouse and courier may see."""

    pk = models.CompositePrimaryKey("site_id", "unit_id")
    site_id = models.BigIntegerField()
    unit_id = models.BigIntegerField()

    class Meta:
        db_table = "waybill_site"

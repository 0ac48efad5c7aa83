"""What we expect ourselves of a waybill: one narrow row that each estimate rewrites, and a log of how its transport state changed."""

from django.db import models

from huoji.apps.shipments.models.words import choices
from huoji.core.sight import Risk, TransportState


class Outlook(models.Model):
    """When a waybill will come, with the reason; no event, so that a better estimate never fills a timeline."""

    unit_id = models.BigIntegerField(primary_key=True)
    early_at = models.DateTimeField(null=True)
    likely_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    confidence = models.CharField(max_length=6)
    risk = models.CharField(max_length=4, choices=choices(Risk))
    state = models.CharField(max_length=8, choices=choices(TransportState))
    state_since = models.DateTimeField()
    percent = models.SmallIntegerField(null=True)
    reasons = models.JSONField(default=list, help_text="[code, value] pairs.")
    memory = models.BinaryField(default=b"", help_text="What the rule of risk remembers, packed.")
    run_id = models.BigIntegerField(null=True, db_index=True, help_text="The run that carries it.")

    class Meta:
        db_table = "waybill_outlook"
        indexes = [
            models.Index(fields=["unit_id"], condition=models.Q(state="delayed"), name="waybill_outlook_delayed")
        ]


class OutlookDue(models.Model):
    """When a waybill is to be estimated afresh: at news of it, or when time alone changes what is expected."""

    unit_id = models.BigIntegerField(primary_key=True)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "outlook_due"


class OutlookStep(models.Model):
    """A change of transport state: what was decided, by which version of the rule, and from which reasons; never changed."""

    unit_id = models.BigIntegerField()
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=choices(TransportState))
    risk = models.CharField(max_length=4, choices=choices(Risk))
    late_min = models.IntegerField()
    reasons = models.JSONField(default=list)
    rule = models.CharField(max_length=40, help_text="Name and version of the rule that decided.")
    run_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "outlook_step"
        indexes = [models.Index(fields=["unit_id", "id"], name="outlook_step_unit")]

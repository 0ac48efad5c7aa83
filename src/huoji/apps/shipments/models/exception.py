"""Exceptions: what has gone wrong with a unit or its vehicle, from the moment it was seen until it is over, and the log of that."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huoji.apps.shipments.models.cargo import Unit
from huoji.apps.shipments.models.words import choices
from huoji.core.exception import CauseCode, ExceptionKind, Severity, Step
from huoji.core.milestone import Line


class CargoException(models.Model):
    """One exception; of a kind at most one is open per unit, or per conveyance where no unit is known."""

    kind = models.CharField(max_length=12, choices=choices(ExceptionKind))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, db_constraint=False)
    conveyance_id = models.BigIntegerField(null=True, help_text="The fleet's vehicle or vessel.")
    line = models.CharField(max_length=8, choices=choices(Line), blank=True)
    severity = models.CharField(max_length=8, choices=choices(Severity))
    source = models.CharField(max_length=60)
    facts = models.JSONField(default=dict, help_text="Measured values and ids; no personal data.")
    blobs = ArrayField(models.CharField(max_length=64), default=list)
    opened_at = models.DateTimeField(help_text="When it began, as its source has it.")
    last_at = models.DateTimeField(help_text="When its source last said that it goes on.")
    recorded_at = models.DateTimeField(help_text="When we were told.")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=60, blank=True)
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.CharField(max_length=60, blank=True)
    cause = models.CharField(max_length=16, choices=choices(CauseCode), blank=True)
    note = models.CharField(max_length=500, blank=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "cargo_exception"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unit__isnull=False) | models.Q(conveyance_id__isnull=False),
                name="exception_subject",
            ),
            models.UniqueConstraint(
                fields=["unit", "kind"], name="exception_open_unit", condition=models.Q(cleared_at=None)
            ),
            models.UniqueConstraint(
                fields=["conveyance_id", "kind"],
                name="exception_open_conveyance",
                condition=models.Q(cleared_at=None, unit=None),
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="exception_newest"),
            models.Index(fields=["kind", "id"], name="exception_open", condition=models.Q(cleared_at=None)),
        ]


class ExceptionStep(models.Model):
    """One step in the life of an exception; never changed."""

    exception = models.ForeignKey(CargoException, models.CASCADE, db_constraint=False, related_name="steps")
    at = models.DateTimeField()
    step = models.CharField(max_length=12, choices=choices(Step))
    principal = models.CharField(max_length=60)
    severity = models.CharField(max_length=8, choices=choices(Severity), blank=True)
    cause = models.CharField(max_length=16, choices=choices(CauseCode), blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "exception_step"

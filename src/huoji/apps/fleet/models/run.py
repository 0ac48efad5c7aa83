"""Trips and voyages as planned and as they go, and what finished ones have taught."""

from django.db import models

from huoji.apps.fleet.models.conveyance import Conveyance
from huoji.apps.fleet.models.words import DATASET_LENGTH_MAX, known
from huoji.core.fleet import RunState


class Run(models.Model):
    """A trip or a voyage of a conveyance as planned and as it goes; `unit_id` is the unit by which shipments know it."""

    unit_id = models.BigIntegerField(primary_key=True)
    number = models.CharField(max_length=160)
    conveyance = models.ForeignKey(Conveyance, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, default=RunState.PLANNED.value)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text="Set when it has ended.")
    path = models.JSONField(default=list, help_text="[[latitude, longitude], …] in micro-degrees.")
    corridor_m = models.PositiveIntegerField(default=3_000)
    off_route_since = models.DateTimeField(null=True)
    forecast_due_at = models.DateTimeField(null=True, help_text="When its arrivals are estimated next.")
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "run"
        constraints = [
            known(RunState, "state", "run_state_known"),
            models.UniqueConstraint(
                name="run_one_under_way", fields=["conveyance"], condition=models.Q(state=RunState.UNDER_WAY.value)
            ),
        ]
        indexes = [
            models.Index(fields=["conveyance", "starts_at"], name="run_conveyance"),
            models.Index(
                fields=["forecast_due_at"], name="run_forecast_due",
                condition=models.Q(state=RunState.UNDER_WAY.value),
            ),
        ]  # fmt: skip


class RunStop(models.Model):
    """One stop of a run: when it was planned, when it truly was, and what is expected meanwhile (an interval with its reason)."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="stops")
    seq = models.PositiveSmallIntegerField()
    site = models.ForeignKey("places.Site", models.PROTECT, related_name="+")
    planned_arrives_at = models.DateTimeField(null=True)
    planned_departs_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    departed_at = models.DateTimeField(null=True)
    passed = models.BooleanField(db_default=False, default=False, help_text="It lies behind; when, nobody saw.")
    nearest_m = models.IntegerField(
        null=True, help_text="How little behind a first stop it was seen that it never was at."
    )
    eta_early_at = models.DateTimeField(null=True)
    eta_at = models.DateTimeField(null=True)
    eta_late_at = models.DateTimeField(null=True)
    eta_made_at = models.DateTimeField(null=True)
    confidence = models.FloatField(null=True)
    eta_reason = models.JSONField(default=dict)
    risk = models.CharField(max_length=6, blank=True, default="", help_text="none, low or high; empty: not known.")
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "run_stop"
        constraints = [models.UniqueConstraint(name="run_stop_seq", fields=["run", "seq"])]


class Learnt(models.Model):
    """What finished legs have taught about a lane, a carrier or a mode."""

    key = models.CharField(max_length=120, primary_key=True)
    body = models.BinaryField(help_text="core.eta_history, packed.")
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "learnt"

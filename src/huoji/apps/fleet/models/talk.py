"""What terminals tell besides positions, and what is asked of them: alarms, commands, pictures, reports."""

from django.db import models
from django.db.models.functions import Now

from huoji.apps.fleet.models.conveyance import Conveyance
from huoji.apps.fleet.models.terminal import Terminal
from huoji.apps.fleet.models.words import DATASET_LENGTH_MAX, known
from huoji.core.fleet import CommandKind, CommandState


class Alarm(models.Model):
    """Something a terminal or a rule warns of, from when to when."""

    terminal = models.ForeignKey(Terminal, models.CASCADE, null=True)
    conveyance = models.ForeignKey(Conveyance, models.CASCADE, null=True)
    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=12, help_text="`terminal` or `rule`.")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    times = models.PositiveIntegerField(default=1)
    acknowledged_at = models.DateTimeField(
        null=True, help_text="When somebody took it up; it stays open until it ends."
    )
    acknowledged_by = models.CharField(max_length=60, db_default="", blank=True, default="")
    note = models.CharField(max_length=300, db_default="", blank=True, default="")
    lat = models.IntegerField(null=True)
    lon = models.IntegerField(null=True)
    facts = models.JSONField(default=dict)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "alarm"
        constraints = [
            models.UniqueConstraint(
                name="alarm_open_once", fields=["terminal", "kind"], condition=models.Q(cleared_at__isnull=True)
            ),
            models.CheckConstraint(
                name="alarm_ends",
                condition=models.Q(cleared_at__isnull=True) | models.Q(cleared_at__gte=models.F("opened_at")),
            ),
            models.CheckConstraint(
                name="alarm_taken_by_somebody",
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by="")
                | (models.Q(acknowledged_at__isnull=False) & ~models.Q(acknowledged_by="")),
            ),
        ]
        indexes = [
            models.Index(fields=["conveyance", "-opened_at"], name="alarm_conveyance"),
            models.Index(
                fields=["-opened_at", "-id"], name="alarm_waiting",
                condition=models.Q(cleared_at__isnull=True, acknowledged_at__isnull=True),
            ),
        ]  # fmt: skip


class Command(models.Model):
    """What somebody asked of a terminal, why, and what became of it."""

    terminal = models.ForeignKey(Terminal, models.CASCADE, related_name="commands")
    kind = models.CharField(max_length=20)
    body = models.JSONField(default=dict)
    state = models.CharField(max_length=20)
    reason = models.CharField(max_length=300)
    requested_by = models.CharField(max_length=60)
    approved_by = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(help_text="Not sent after this.")
    result = models.JSONField(default=dict)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "command"
        constraints = [
            known(CommandState, "state", "command_state_known"),
            known(CommandKind, "kind", "command_kind_known"),
            models.CheckConstraint(name="command_reasoned", condition=~models.Q(reason="")),
            models.CheckConstraint(
                name="command_two_people",
                condition=models.Q(approved_by="") | ~models.Q(approved_by=models.F("requested_by")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["terminal", "id"], name="command_open",
                condition=models.Q(state__in=[CommandState.QUEUED.value, CommandState.SENT.value]),
            )
        ]  # fmt: skip


class Media(models.Model):
    """A picture, sound or film that a terminal sent, by the hash of its blob."""

    terminal = models.ForeignKey(Terminal, models.CASCADE)
    at = models.DateTimeField()
    media_id = models.BigIntegerField()
    kind = models.SmallIntegerField(help_text="JT/T 808: 0 picture, 1 sound, 2 film.")
    format = models.SmallIntegerField()
    event = models.SmallIntegerField()
    channel = models.SmallIntegerField()
    lat = models.IntegerField(null=True)
    lon = models.IntegerField(null=True)
    blob = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "terminal_media"
        constraints = [
            models.UniqueConstraint(name="terminal_media_once", fields=["terminal", "media_id", "at", "blob"])
        ]


class TerminalReport(models.Model):
    """Another thing a terminal told: an e-waybill (0x0701), who drives (0x0702), its parameters (0x0104) or attributes (0x0107)."""

    terminal = models.ForeignKey(Terminal, models.CASCADE)
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    digest = models.BigIntegerField()
    body = models.JSONField()
    recorded_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "terminal_report"
        constraints = [
            models.UniqueConstraint(name="terminal_report_once", fields=["terminal", "kind", "at", "digest"])
        ]

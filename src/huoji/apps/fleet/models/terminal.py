"""The devices that report: who they are, what each is fitted to, and when each was heard."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from huoji.apps.fleet.models.conveyance import Conveyance
from huoji.apps.fleet.models.words import DATASET_LENGTH_MAX, NUMBER_LENGTH_MAX, known
from huoji.core.fleet import TerminalKind, TerminalState


class Terminal(models.Model):
    """A device that reports positions or readings."""

    kind = models.CharField(max_length=8)
    number = models.CharField(max_length=NUMBER_LENGTH_MAX)
    state = models.CharField(max_length=8, default=TerminalState.ACTIVE.value)
    conveyance = models.ForeignKey(
        Conveyance, models.SET_NULL, null=True, related_name="terminals", help_text="What it is fitted to now."
    )
    auth_code = models.CharField(max_length=60, blank=True, default="")
    registered_as = models.JSONField(null=True, help_text="What it said of itself when it was given its code.")
    register_until = models.DateTimeField(null=True, help_text="Until then any device with its number may register.")
    forced_version = models.SmallIntegerField(null=True, help_text="2011, 2013 or 2019 for a device that lies.")
    dialect = models.CharField(max_length=30, blank=True, default="")
    filters_off = ArrayField(models.CharField(max_length=20), default=list)
    maker = models.CharField(max_length=30, blank=True, default="")
    model = models.CharField(max_length=40, blank=True, default="")
    device_id = models.CharField(max_length=40, blank=True, default="")
    imei = models.CharField(max_length=20, blank=True, default="")
    firmware = models.CharField(max_length=30, blank=True, default="")
    version = models.SmallIntegerField(null=True, help_text="Protocol as last spoken.")
    owner = models.CharField(max_length=60, blank=True, default="", help_text="Principal of a partner's own device.")
    watched = models.BooleanField(
        db_default=False, default=False, help_text="Somebody above wants to be told of its readings."
    )
    driven = models.BooleanField(
        db_default=False, default=False, help_text="A demonstration moves it; it has never spoken for itself."
    )
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "terminal"
        constraints = [
            known(TerminalKind, "kind", "terminal_kind_known"),
            known(TerminalState, "state", "terminal_state_known"),
            models.UniqueConstraint(name="terminal_number", fields=["kind", "number"]),
            models.CheckConstraint(
                name="terminal_version_known",
                condition=models.Q(forced_version__isnull=True) | models.Q(forced_version__in=[2011, 2013, 2019]),
            ),
        ]


class Fitting(models.Model):
    """A terminal fitted to a conveyance over a span; positions of that span are the conveyance's."""

    terminal = models.ForeignKey(Terminal, models.CASCADE, related_name="fittings")
    conveyance = models.ForeignKey(Conveyance, models.CASCADE, related_name="fittings")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "fitting"
        constraints = [
            models.UniqueConstraint(name="fitting_one", fields=["terminal"], condition=models.Q(until__isnull=True)),
            models.CheckConstraint(
                name="fitting_spans", condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since"))
            ),
        ]
        indexes = [models.Index(fields=["conveyance", "since"], name="fitting_conveyance")]


class Contact(models.Model):
    """When a terminal was last heard of, and what was wrong with what it sent; kept apart, for it changes all the time."""

    terminal = models.OneToOneField(Terminal, models.CASCADE, primary_key=True, related_name="contact")
    last_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(null=True)
    disconnected_at = models.DateTimeField(null=True)
    gateway = models.CharField(max_length=60, blank=True, default="", help_text="Instance that holds the connection.")
    peer = models.CharField(max_length=64, blank=True, default="")
    counts = models.JSONField(default=dict, help_text="Received, filtered by name, refused by code.")

    class Meta:
        db_table = "contact"

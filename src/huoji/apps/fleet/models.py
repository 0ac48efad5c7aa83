"""Tables of the fleet: what moves, the terminals that report it, where everything was last and has been, and what is asked of terminals.

`position`, `position_filtered` and `reading` are RANGE-partitioned by day, so they are made in SQL by the second migration; the row key
of a position is its content (terminal, time, digest), so that a replay changes nothing.
"""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from huoji.core.fleet import CommandKind, CommandState, ConveyanceKind, RunState, TerminalKind, TerminalState

NUMBER_LENGTH_MAX = 40
DATASET_LENGTH_MAX = 16


def _known(words: type[StrEnum], field: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{field}__in": [word.value for word in words]}))


class Conveyance(models.Model):
    """A vehicle or a vessel: what positions are told of."""

    kind = models.CharField(max_length=8)
    plate = models.CharField(max_length=16, blank=True, default="", help_text="Of a vehicle; normalised.")
    plate_colour = models.SmallIntegerField(null=True)
    name = models.CharField(
        max_length=80, blank=True, default="", help_text="Of a vessel, or what a vehicle is called."
    )
    name_en = models.CharField(max_length=80, blank=True, default="")
    imo = models.CharField(max_length=7, blank=True, default="")
    mmsi = models.CharField(max_length=9, blank=True, default="")
    call_sign = models.CharField(max_length=10, blank=True, default="")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "conveyance"
        constraints = [
            _known(ConveyanceKind, "kind", "conveyance_kind_known"),
            models.UniqueConstraint(name="conveyance_plate", fields=["plate"], condition=~models.Q(plate="")),
            models.UniqueConstraint(name="conveyance_imo", fields=["imo"], condition=~models.Q(imo="")),
            models.UniqueConstraint(name="conveyance_mmsi", fields=["mmsi"], condition=~models.Q(mmsi="")),
            models.CheckConstraint(
                name="conveyance_named", condition=~models.Q(plate="") | ~models.Q(imo="") | ~models.Q(mmsi="")
            ),
        ]


class VesselTold(models.Model):
    """What a vessel says of itself by AIS; kept beside what people typed, never over it."""

    conveyance = models.OneToOneField(Conveyance, models.CASCADE, primary_key=True, related_name="told")
    name = models.CharField(max_length=20, blank=True, default="")
    call_sign = models.CharField(max_length=7, blank=True, default="")
    imo = models.CharField(max_length=7, blank=True, default="")
    ship_type = models.SmallIntegerField(null=True)
    length_m = models.SmallIntegerField(null=True)
    beam_m = models.SmallIntegerField(null=True)
    draught_dm = models.SmallIntegerField(null=True)
    destination = models.CharField(max_length=20, blank=True, default="")
    eta_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField()
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "vessel_told"


class Terminal(models.Model):
    """A device that reports positions or readings."""

    kind = models.CharField(max_length=8)
    number = models.CharField(max_length=NUMBER_LENGTH_MAX)
    state = models.CharField(max_length=8, default=TerminalState.ACTIVE.value)
    conveyance = models.ForeignKey(
        Conveyance, models.SET_NULL, null=True, related_name="terminals", help_text="What it is fitted to now."
    )
    auth_code = models.CharField(max_length=60, blank=True, default="")
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
    created_at = models.DateTimeField(db_default=Now())
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "terminal"
        constraints = [
            _known(TerminalKind, "kind", "terminal_kind_known"),
            _known(TerminalState, "state", "terminal_state_known"),
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
        ]
        indexes = [models.Index(fields=["conveyance", "-opened_at"], name="alarm_conveyance")]


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
            _known(CommandState, "state", "command_state_known"),
            _known(CommandKind, "kind", "command_kind_known"),
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
            _known(RunState, "state", "run_state_known"),
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

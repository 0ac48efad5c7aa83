"""The tables of kit: outbox, idempotency keys, heartbeats, ingest, health, marks, blobs, choices, and what is set aside."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

OUTBOX_IDS_MAX = 500


class OutboxRow(models.Model):
    """One published action: ids only, removed when every handler has done its work; `dead_at` when we gave up."""

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=64)
    ids = ArrayField(models.BigIntegerField())
    data = models.JSONField(db_default={})
    request_id = models.CharField(max_length=64, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.SmallIntegerField(db_default=0)
    done = ArrayField(models.CharField(max_length=128), db_default=[])
    last_error = models.CharField(max_length=500, db_default="")
    dead_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kit_outbox"
        indexes = [
            models.Index(fields=["due_at", "id"], name="kit_outbox_due", condition=Q(dead_at=None)),
            models.Index(fields=["dead_at"], name="kit_outbox_dead", condition=Q(dead_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="kit_outbox_ids_max", condition=Q(ids__len__lte=OUTBOX_IDS_MAX)),
        ]


class IdempotencyRow(models.Model):
    """The answer to one Idempotency-Key of one principal on one operation; written with the effect, so it is always whole."""

    id = models.BigAutoField(primary_key=True)
    principal = models.CharField(max_length=64)
    operation = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    digest = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    content_type = models.CharField(max_length=100)
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kit_idempotency"
        indexes = [models.Index(fields=["created_at"], name="kit_idempotency_age")]
        constraints = [
            models.UniqueConstraint(fields=["principal", "operation", "key"], name="kit_idempotency_scope"),
        ]


class Heartbeat(models.Model):
    """One running process: when it last said that it lives, and its counters since it started."""

    instance = models.CharField(max_length=80, primary_key=True)
    kind = models.CharField(max_length=32)
    started_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True)
    counters = models.JSONField(db_default={})
    gauges = models.JSONField(db_default={})

    class Meta:
        db_table = "kit_heartbeat"


class IngestSlot(models.Model):
    """What one source sent in one five-minute slot, with a histogram of its lag."""

    source = models.CharField(max_length=64)
    slot_at = models.DateTimeField()
    accepted = models.BigIntegerField(db_default=0)
    duplicates = models.BigIntegerField(db_default=0)
    rejected = models.BigIntegerField(db_default=0)
    skewed = models.BigIntegerField(db_default=0)
    lag_counts = ArrayField(models.BigIntegerField(), db_default=[])
    last_event_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()

    pk = models.CompositePrimaryKey("source", "slot_at")

    class Meta:
        db_table = "kit_ingest_slot"


class HealthRow(models.Model):
    """The last result of one health check, and since when it is so."""

    name = models.CharField(max_length=64, primary_key=True)
    state = models.CharField(max_length=8)
    detail = models.JSONField(db_default={})
    since = models.DateTimeField(db_default=Now())
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kit_health"


class Mark(models.Model):
    """The last time that something worth knowing was done (a backup, a verified restore), with its figures."""

    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()
    ok = models.BooleanField()
    data = models.JSONField(db_default={})

    class Meta:
        db_table = "kit_mark"


class Blob(models.Model):
    """One stored content, named by its sha256; who put it there and of what type it is."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    principal = models.CharField(max_length=64)
    dataset = models.CharField(max_length=16, db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kit_blob"
        indexes = [models.Index(fields=["created_at"], name="kit_blob_age")]


class Choice(models.Model):
    """One thing chosen on a settings page, such as the brand; what an operator sets by environment is not here."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "kit_choice"


class SetAsideRow(models.Model):
    """One thing received that no table took, as it came; `due_at` when it is tried again, null when it waits for a person."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=32)
    digest = models.CharField(max_length=32)
    source = models.CharField(max_length=64)
    body = models.BinaryField()
    reason = models.CharField(max_length=300)
    tries = models.IntegerField(db_default=1)
    first_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kit_set_aside"
        indexes = [models.Index(fields=["due_at"], name="kit_set_aside_due")]
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="kit_set_aside_once")]

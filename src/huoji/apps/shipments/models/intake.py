"""Where facts come from and in what bundles: sources, batches, and how files were read."""

from django.db import models

from huoji.core.moment import CHINA_MIN


class Source(models.Model):
    """Where facts come from: an API key's owner, a connector, the scan page, the desk."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=60, unique=True)
    label = models.CharField(max_length=120, blank=True)
    revising = models.BooleanField(
        default=False, help_text="Same event id with other content replaces the earlier one."
    )
    full_list = models.BooleanField(default=False, help_text="Each answer lists all; what is no longer listed is void.")
    assumed_offset_min = models.SmallIntegerField(default=CHINA_MIN)

    class Meta:
        db_table = "source"


class Batch(models.Model):
    """One import, call or document; can be undone whole."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"  # waits until somebody has said how it is read
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"

    kind = models.CharField(max_length=20)
    source = models.ForeignKey(Source, models.PROTECT)
    name = models.CharField(max_length=200, blank=True)
    blob = models.CharField(max_length=64, blank=True)
    error_blob = models.CharField(max_length=64, blank=True)
    principal = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    # How far an import has come, kept in the transaction of each chunk.
    progress = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "batch"


class Mapping(models.Model):
    """How the columns of one kind of file were read last time, found again by its header."""

    header_digest = models.CharField(max_length=32)
    kind = models.CharField(max_length=20)
    mapping = models.JSONField()
    principal = models.CharField(max_length=60)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "import_mapping"
        constraints = [models.UniqueConstraint(fields=["header_digest", "kind"], name="import_mapping_once")]

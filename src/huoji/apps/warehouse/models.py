"""The tables of the warehouse: shelves, goods, the log of movements and what follows from it, counts, anomalies and their investigation."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huoji.core.storage import AnomalyKind, DiscrepancyKind, Left, Verb

DATASET_LENGTH_MAX = 16


class Location(models.Model):
    """A shelf of a site: an area, a row of it or a slot in a row; `code` is what its barcode says."""

    site_id = models.BigIntegerField()
    code = models.CharField(max_length=26)
    area = models.CharField(max_length=8)
    row = models.CharField(max_length=8, blank=True)
    slot = models.CharField(max_length=8, blank=True)
    active = models.BooleanField(default=True)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "storage_location"
        constraints = [
            models.UniqueConstraint(fields=["site_id", "code"], name="storage_location_once"),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Z0-9]{1,8}(-[A-Z0-9]{1,8}){0,2}$"), name="storage_location_code"
            ),
        ]


class Goods(models.Model):
    """What is handled under one number: a waybill or a piece of one, or a number that no shipment has told of yet.

    Its row is what the writers of its movements lock.
    """

    number = models.CharField(max_length=80, unique=True)
    waybill_id = models.BigIntegerField(null=True, help_text="Unit id of the waybill, once it is known.")
    piece = models.CharField(max_length=40, blank=True)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "storage_goods"
        constraints = [
            models.UniqueConstraint(
                fields=["waybill_id", "piece"], name="storage_goods_unit", condition=models.Q(waybill_id__isnull=False)
            )
        ]
        indexes = [
            models.Index(fields=["id"], name="storage_goods_unknown", condition=models.Q(waybill_id__isnull=True))
        ]


class Count(models.Model):
    """A count of one area of a site; empty `area`: what stands in no area yet."""

    site_id = models.BigIntegerField()
    area = models.CharField(max_length=8, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=60)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60, blank=True)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "storage_count"
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "area"], name="storage_count_open", condition=models.Q(closed_at=None)
            )
        ]


class Movement(models.Model):
    """One movement as it was told; never changed. `told_at` is the sender's clock, `at` what we made of it."""

    id = models.UUIDField(primary_key=True)
    goods = models.ForeignKey(Goods, models.PROTECT, related_name="movements")
    site_id = models.BigIntegerField()
    verb = models.CharField(max_length=8, choices=[(verb.value, verb.value) for verb in Verb])
    location = models.ForeignKey(Location, models.PROTECT, null=True)
    next_site_id = models.BigIntegerField(null=True)
    count = models.ForeignKey(Count, models.PROTECT, null=True, related_name="scans")
    voids = models.UUIDField(null=True)
    overrides = models.BooleanField(default=False)
    at = models.DateTimeField()
    told_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    digest = models.BigIntegerField()
    source = models.CharField(max_length=60)
    principal = models.CharField(max_length=60)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "storage_movement"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verb__in=[verb.value for verb in Verb]), name="storage_movement_verb"
            ),
            models.CheckConstraint(
                condition=models.Q(verb="undo", voids__isnull=False) | (~models.Q(verb="undo") & models.Q(voids=None)),
                name="storage_movement_undoes",
            ),
            models.CheckConstraint(
                condition=~models.Q(verb__in=["locate", "move"]) | models.Q(location__isnull=False),
                name="storage_movement_shelf",
            ),
        ]
        indexes = [models.Index(fields=["site_id", "-at"], name="storage_movement_site")]


class Departure(models.Model):
    """What the shipment says that ends a stay nobody scanned out; replaced whenever its story says otherwise."""

    id = models.UUIDField(primary_key=True)
    goods = models.ForeignKey(Goods, models.CASCADE, related_name="departures")
    how = models.CharField(max_length=16, choices=[(left.value, left.value) for left in Left])
    at = models.DateTimeField()
    holder = models.CharField(max_length=160, blank=True, help_text="The trip or voyage it was loaded into.")

    class Meta:
        db_table = "storage_departure"


class Stay(models.Model):
    """Goods at a site, derived from movements and departures; open ones are the present stock."""

    goods = models.ForeignKey(Goods, models.PROTECT, related_name="stays")
    site_id = models.BigIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    location = models.ForeignKey(Location, models.PROTECT, null=True)
    located_at = models.DateTimeField(null=True)
    opened_by = models.UUIDField()
    closed_by = models.UUIDField(null=True, help_text="The movement, or the departure, that ended it.")
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "storage_stay"
        constraints = [
            models.UniqueConstraint(fields=["goods", "opened_by"], name="storage_stay_once"),
            # Goods are at one place at a time.
            models.UniqueConstraint(fields=["goods"], name="storage_stay_one_place", condition=models.Q(until=None)),
            models.CheckConstraint(
                condition=models.Q(until=None, closed_by=None) | models.Q(until__gte=models.F("since")),
                name="storage_stay_span",
            ),
        ]
        indexes = [
            models.Index(fields=["site_id", "since"], name="storage_stock", condition=models.Q(until=None)),
            models.Index(fields=["location"], name="storage_stock_shelf", condition=models.Q(until=None)),
        ]


class Anomaly(models.Model):
    """Damaged, missing or lost goods, as the warehouse found them; the exception of shipments is what CS sees."""

    goods = models.ForeignKey(Goods, models.PROTECT, related_name="anomalies")
    site_id = models.BigIntegerField()
    key = models.UUIDField(unique=True, help_text="The sender's id: sent again it is the same anomaly.")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in AnomalyKind])
    pieces = models.PositiveIntegerField(default=0, help_text="How many packages; 0: not said.")
    note = models.CharField(max_length=500, blank=True)
    blobs = ArrayField(models.CharField(max_length=64), default=list)
    discovered_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    principal = models.CharField(max_length=60)
    exception_id = models.BigIntegerField(null=True, db_index=True)
    noticed_at = models.DateTimeField(null=True, help_text="When customer service took it up.")
    noticed_by = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "storage_anomaly"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in AnomalyKind]), name="storage_anomaly_kind"
            )
        ]
        indexes = [
            models.Index(fields=["site_id", "id"], name="storage_anomaly_open", condition=models.Q(closed_at=None))
        ]


class Investigation(models.Model):
    """What the warehouse must find out about an anomaly, until when, and what it found."""

    anomaly = models.OneToOneField(Anomaly, models.PROTECT, related_name="investigation")
    staff_id = models.BigIntegerField(null=True, help_text="Who took it on.")
    due_at = models.DateTimeField()
    finding = models.CharField(max_length=1000, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=60, blank=True)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "storage_investigation"
        indexes = [models.Index(fields=["due_at"], name="storage_investigation_open", condition=models.Q(done_at=None))]


class CountLine(models.Model):
    """What a count expected: a number that was booked in the area when it began, and on which shelf."""

    counting = models.ForeignKey(Count, models.CASCADE, related_name="lines")
    goods = models.ForeignKey(Goods, models.PROTECT)
    location = models.ForeignKey(Location, models.PROTECT, null=True)

    class Meta:
        db_table = "storage_count_line"
        constraints = [models.UniqueConstraint(fields=["counting", "goods"], name="storage_count_line_once")]


class Discrepancy(models.Model):
    """What does not add up: derived from movements or a count, until somebody settles it or a late scan explains it."""

    class State(models.TextChoices):
        OPEN = "open"
        SETTLED = "settled"  # a person said what it was
        EXPLAINED = "explained"  # a late scan or an undo made it go away

    goods = models.ForeignKey(Goods, models.PROTECT, related_name="discrepancies")
    site_id = models.BigIntegerField()
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in DiscrepancyKind])
    movement = models.UUIDField(null=True)
    counting = models.ForeignKey(Count, models.PROTECT, null=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=500, blank=True)
    anomaly = models.ForeignKey(Anomaly, models.PROTECT, null=True)
    dataset = models.CharField(max_length=DATASET_LENGTH_MAX, blank=True, default="")

    class Meta:
        db_table = "storage_discrepancy"
        constraints = [
            models.UniqueConstraint(
                fields=["goods", "kind", "movement"],
                name="storage_discrepancy_move",
                condition=models.Q(movement__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["counting", "goods", "kind"],
                name="storage_discrepancy_count",
                condition=models.Q(counting__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(movement__isnull=False) | models.Q(counting__isnull=False),
                name="storage_discrepancy_origin",
            ),
        ]
        indexes = [
            models.Index(fields=["site_id", "-at"], name="storage_discrepancy_open", condition=models.Q(state="open"))
        ]

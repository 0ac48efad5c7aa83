"""What is carried: orders, units, waybills with their parties, references, legs and links."""

from django.db import models

from huoji.apps.shipments.models.intake import Batch, Source
from huoji.apps.shipments.models.words import choices
from huoji.core.milestone import Line, Mode


class Order(models.Model):
    """What a customer asked us to carry; one order has one or more waybills."""

    number = models.CharField(max_length=40, db_index=True)
    line = models.CharField(max_length=8, choices=choices(Line))
    customer_id = models.BigIntegerField(null=True, db_index=True)
    placed_at = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "order_"


class Unit(models.Model):
    """Anything an event can be about: waybill, piece, bag, pallet, trip, voyage, container, traceable EPC, booking, bill of lading."""

    class Kind(models.TextChoices):
        WAYBILL = "waybill"
        PIECE = "piece"
        BAG = "bag"
        PALLET = "pallet"
        TRIP = "trip"
        VOYAGE = "voyage"
        CONTAINER = "container"
        EPC = "epc"
        BOOKING = "booking"
        BILL = "bill"

    id = models.BigIntegerField(primary_key=True, db_default=models.Func(function="huoji_unit_id"))
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.CharField(max_length=160)
    label = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False)
    owner = models.CharField(
        max_length=60, blank=True, help_text="Principal that brought it in; sees it besides staff."
    )
    voided_at = models.DateTimeField(null=True, help_text="The import that brought it was undone.")
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "unit"
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="unit_number")]
        indexes = [models.Index(fields=["label"], name="unit_epc_label", condition=models.Q(kind="epc"))]


class Waybill(models.Model):
    """A unit that a customer asks about, with what was promised for it."""

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, null=True)
    line = models.CharField(max_length=8, choices=choices(Line))
    customer_id = models.BigIntegerField(null=True, db_index=True)
    origin = models.CharField(max_length=120, blank=True)
    origin_id = models.BigIntegerField(null=True)
    destination = models.CharField(max_length=120, blank=True)
    destination_id = models.BigIntegerField(null=True)
    goods = models.CharField(max_length=200, blank=True)
    pieces = models.PositiveIntegerField(default=1)
    weight_kg = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    volume_m3 = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    remark = models.CharField(max_length=500, blank=True)
    source = models.ForeignKey(Source, models.PROTECT)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True)
    said_batch = models.BigIntegerField(null=True, help_text="The batch whose word its data are.")
    digest = models.BigIntegerField()
    created_at = models.DateTimeField(db_index=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "waybill"


class Party(models.Model):
    """A person or firm on a waybill: the only rows here that hold personal data."""

    waybill = models.ForeignKey(Waybill, models.CASCADE)
    role = models.CharField(max_length=16)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone_last4 = models.CharField(max_length=4, blank=True)
    customer_id = models.BigIntegerField(null=True)
    erased_at = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "party"
        constraints = [models.UniqueConstraint(fields=["waybill", "role"], name="party_role")]


class Reference(models.Model):
    """Another number under which a waybill is known, and was until `left_at`; `public` ones answer a bare search."""

    class Kind(models.TextChoices):
        ORDER = "order"
        BOOKING = "booking"
        BILL = "bill"
        CONTAINER = "container"
        CUSTOMER = "customer"
        CARRIER = "carrier"
        SOURCE = "source"

    unit = models.ForeignKey(Unit, models.CASCADE)
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=80)
    named_at = models.DateTimeField(null=True, help_text="Since when it is named.")
    left_at = models.DateTimeField(null=True, help_text="When it was named no longer.")
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "reference"
        constraints = [
            models.UniqueConstraint(
                fields=["value", "kind", "unit", "left_at"], name="reference_value", nulls_distinct=False
            )
        ]


class Leg(models.Model):
    """One planned part of the way, by one mode."""

    waybill = models.ForeignKey(Waybill, models.CASCADE)
    seq = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=14, choices=choices(Mode))
    from_place = models.CharField(max_length=120, blank=True)
    from_id = models.BigIntegerField(null=True)
    to_place = models.CharField(max_length=120, blank=True)
    to_id = models.BigIntegerField(null=True)
    departs_at = models.DateTimeField(null=True)
    arrives_at = models.DateTimeField(null=True)
    carrier_unit = models.ForeignKey(Unit, models.PROTECT, null=True)
    dataset = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "leg"
        constraints = [models.UniqueConstraint(fields=["waybill", "seq"], name="leg_seq")]


class Link(models.Model):
    """Two waybills of one story: `unit` was returned or forwarded as `other`."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    other = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    relation = models.CharField(max_length=12)

    class Meta:
        db_table = "link"
        constraints = [models.UniqueConstraint(fields=["unit", "other", "relation"], name="link_once")]

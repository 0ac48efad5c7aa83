"""What moves: vehicles and vessels, and what vessels say of themselves."""

from django.db import models
from django.db.models.functions import Now

from huoji.apps.fleet.models.words import DATASET_LENGTH_MAX, known
from huoji.core.fleet import ConveyanceKind


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
            known(ConveyanceKind, "kind", "conveyance_kind_known"),
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

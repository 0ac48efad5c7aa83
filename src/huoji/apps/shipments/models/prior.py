"""What a shipment said before an import revised it, kept so that the import can be undone whole."""

from django.db import models

from huoji.apps.shipments.models.cargo import Unit
from huoji.apps.shipments.models.intake import Batch


class Prior(models.Model):
    """A shipment's own data as they were before a batch revised them; `said` holds no personal data.

    `said_batch` is the batch that had said them, if one had. An empty `said` stands for data that nobody says any more.
    """

    unit = models.ForeignKey(Unit, models.PROTECT)
    batch = models.ForeignKey(Batch, models.PROTECT)
    said_batch = models.BigIntegerField(null=True)
    said = models.JSONField()

    class Meta:
        db_table = "prior_shipment"
        constraints = [models.UniqueConstraint(fields=["unit", "batch"], name="prior_once")]


class PriorParty(models.Model):
    """A party as it was said then; erased with the parties of its waybill."""

    unit = models.ForeignKey(Unit, models.PROTECT)
    batch = models.ForeignKey(Batch, models.PROTECT)
    role = models.CharField(max_length=16)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone_last4 = models.CharField(max_length=4, blank=True)
    customer_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "prior_party"
        constraints = [models.UniqueConstraint(fields=["unit", "batch", "role"], name="prior_party_once")]

"""What the desk and the public page remember of their readers: failed tries, saved views, kept drafts."""

from django.db import models


class FailedTry(models.Model):
    """Wrong last-4 tries, counted per waybill and per client; five a day lock only the extra detail."""

    subject = models.CharField(max_length=80)
    day = models.DateField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "failed_try"
        constraints = [models.UniqueConstraint(fields=["subject", "day"], name="failed_try_once")]


class SavedView(models.Model):
    """A named filter of the shipment list, kept for one member of staff."""

    principal = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        db_table = "saved_view"
        constraints = [models.UniqueConstraint(fields=["principal", "name"], name="saved_view_name")]


class KeptDraft(models.Model):
    """A shipment that somebody is still typing; sealed, since it holds personal data, and forgotten after some days."""

    principal = models.CharField(max_length=60, primary_key=True)
    sealed = models.BinaryField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "kept_draft"

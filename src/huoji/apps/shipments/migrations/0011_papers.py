"""Let a booking and a bill of lading be units of their own; the waybills that name them are found by their references."""

from django.db import migrations, models

KINDS = (
    ("waybill", "Waybill"),
    ("piece", "Piece"),
    ("bag", "Bag"),
    ("pallet", "Pallet"),
    ("trip", "Trip"),
    ("voyage", "Voyage"),
    ("container", "Container"),
    ("epc", "Epc"),
    ("booking", "Booking"),
    ("bill", "Bill"),
)


class Migration(migrations.Migration):
    """Changes no table: what was told of a booking before stays with the waybills that it was told to."""

    dependencies = [("shipments", "0010_watches")]

    operations = [migrations.AlterField("unit", "kind", models.CharField(max_length=10, choices=KINDS))]

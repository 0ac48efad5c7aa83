"""The shipments app and what it registers with kit at start."""

from django.apps import AppConfig


class ShipmentsConfig(AppConfig):
    name = "huoji.apps.shipments"
    label = "shipments"

    def ready(self) -> None:
        from huoji.apps.shipments.actions import numbering, sourcing  # noqa: PLC0415  models exist only now
        from huoji.kit import seed  # noqa: PLC0415

        seed.register(sourcing.seed)
        seed.register(numbering.seed)

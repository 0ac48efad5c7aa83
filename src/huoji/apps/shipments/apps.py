"""The shipments app and what it registers with kit at start."""

from django.apps import AppConfig


class ShipmentsConfig(AppConfig):
    name = "huoji.apps.shipments"
    label = "shipments"

    def ready(self) -> None:
        from huoji.apps.places.queries import count_unknown_texts_with  # noqa: PLC0415
        from huoji.apps.shipments import jobs  # noqa: PLC0415  models exist only now
        from huoji.apps.shipments.actions import numbering, renewing, sourcing  # noqa: PLC0415
        from huoji.apps.shipments.queries.unknown import unknown_texts  # noqa: PLC0415
        from huoji.kit import seed  # noqa: PLC0415

        seed.register(sourcing.seed)
        seed.register(numbering.seed)
        seed.register(renewing.make_partitions)
        count_unknown_texts_with(unknown_texts)
        jobs.register()

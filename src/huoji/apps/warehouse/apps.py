"""The warehouse app."""

from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "huoji.apps.warehouse"
    label = "warehouse"

    def ready(self) -> None:
        from huoji.apps.warehouse import jobs  # noqa: PLC0415  models exist only now

        jobs.register()

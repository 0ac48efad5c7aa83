"""The kit app: shared tables and registries."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "huoji.kit"
    label = "kit"

    def ready(self) -> None:
        from huoji.kit import checks  # noqa: PLC0415 - models are there only now

        checks.register()

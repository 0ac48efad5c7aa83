"""The accounts app and what it registers at start."""

from django.apps import AppConfig

from huoji.kit import seed


class AccountsConfig(AppConfig):
    name = "huoji.apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from huoji.apps.accounts.actions import seed_roles  # noqa: PLC0415 - models load after apps
        from huoji.apps.accounts.queries import alarms  # noqa: PLC0415 - models load after apps

        seed.register(seed_roles)
        alarms.register()

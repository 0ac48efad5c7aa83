"""The accounts app and what it registers with kit at start."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "huoji.apps.accounts"
    label = "accounts"

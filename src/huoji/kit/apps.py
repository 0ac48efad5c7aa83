"""The kit app: shared tables and registries."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "huoji.kit"
    label = "kit"

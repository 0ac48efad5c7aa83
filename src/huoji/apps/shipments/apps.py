"""The shipments app and what it registers with kit at start."""

from django.apps import AppConfig


class ShipmentsConfig(AppConfig):
    name = "huoji.apps.shipments"
    label = "shipments"

"""The customers app and what it registers with kit at start."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "huoji.apps.customers"
    label = "customers"

"""The places app and what it registers with kit at start."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "huoji.apps.places"
    label = "places"

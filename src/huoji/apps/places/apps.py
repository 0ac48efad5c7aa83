"""The places app."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "huoji.apps.places"
    label = "places"

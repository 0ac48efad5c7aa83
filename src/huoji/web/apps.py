"""The web app: templates, static files and catalogues of the pages that span apps."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "huoji.web"
    label = "web"

"""Doors to people: root urls, the API object, base templates, pages that span apps, and live updates."""

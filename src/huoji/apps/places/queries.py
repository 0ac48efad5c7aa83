"""What may be read of places."""

from collections.abc import Collection

from huoji.core.wording import Lang


def resolve_many(texts: Collection[str]) -> dict[str, int]:
    """Return site ids by code, name or alias; unknown texts are left out."""
    del texts
    return {}


def place_name(place_id: int, language: Lang) -> str:
    """Return a site's name in a language ."""
    del language
    return str(place_id)

"""What may be read of places."""

from huoji.apps.places.queries.atlas import (
    forget,
    place_name,
    places,
    resolve,
    resolve_many,
    site_ids_of,
)
from huoji.apps.places.queries.fences import fences
from huoji.apps.places.queries.lists import (
    SiteFilter,
    aliases_of,
    lane,
    lanes,
    lanes_of,
    place_of_code,
    site_page,
    staff_of,
)
from huoji.apps.places.queries.unknown import Unknown, count_unknown_texts_with, unknown_texts

__all__ = [
    "SiteFilter",
    "Unknown",
    "aliases_of",
    "count_unknown_texts_with",
    "fences",
    "forget",
    "lane",
    "lanes",
    "lanes_of",
    "place_name",
    "place_of_code",
    "places",
    "resolve",
    "resolve_many",
    "site_ids_of",
    "site_page",
    "staff_of",
    "unknown_texts",
]

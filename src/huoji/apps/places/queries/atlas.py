"""All places in the memory of the process: names, texts that mean them, and who works where.

A carrier has some thousand sites and asks for them with every event, so the hot path must not ask the database. One row
holds a token that every change renews; the copy is trusted for FRESH_S, then the token is compared, and only a changed
token loads again. What this process changed itself it sees at once (`forget`).
"""

import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from huoji.apps.places.models import Alias, PlacesVersion, Site, SiteStaff
from huoji.core.place import Place, SiteKind, place_key
from huoji.core.wording import Lang

FRESH_S = 1.0
NOWHERE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """One consistent copy of the tables."""

    token: UUID | None
    places: Mapping[int, Place]
    by_key: Mapping[str, int]
    sites_of_staff: Mapping[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Known:
    """The copy and when its token was last seen to be true (monotonic seconds)."""

    atlas: Atlas
    checked_s: float


_known: Known | None = None


def forget() -> None:
    """Trust the copy no longer; called after every change and between tests."""
    global _known  # noqa: PLW0603 - a cache of the process
    _known = None


def atlas() -> Atlas:
    """Return the copy, at most FRESH_S old."""
    global _known  # noqa: PLW0603 - a cache of the process
    known, now_s = _known, time.monotonic()
    if known is not None and now_s - known.checked_s < FRESH_S:
        return known.atlas
    token = PlacesVersion.objects.values_list("token", flat=True).first()
    fresh = known.atlas if known is not None and known.atlas.token == token else load(token)
    _known = Known(fresh, now_s)
    return fresh


def load(token: UUID | None) -> Atlas:
    """Read the tables; a change in between renews the token, so what was read half is read again."""
    found = {
        row["id"]: Place(**{**row, "kind": SiteKind(row["kind"])})
        for row in Site.objects.order_by("id").values(*Place.__slots__)
    }
    workplaces: defaultdict[int, set[int]] = defaultdict(set)
    for staff_id, site_id in SiteStaff.objects.values_list("staff_id", "site_id"):
        workplaces[staff_id].add(site_id)
    return Atlas(
        token=token,
        places=MappingProxyType(found),
        by_key=index(found, aliases=dict(Alias.objects.values_list("key", "site_id"))),
        sites_of_staff={staff_id: frozenset(site_ids) for staff_id, site_ids in workplaces.items()},
    )


def index(found: Mapping[int, Place], *, aliases: Mapping[str, int]) -> dict[str, int]:
    """Return what each text means: a code first, then an alias, then a name or UN/LOCODE that means one place only."""
    by_name: defaultdict[str, set[int]] = defaultdict(set)
    for place in found.values():
        for text in (place.name, place.name_en):
            by_name[place_key(text)].add(place.id)
    ports: defaultdict[str, set[int]] = defaultdict(set)
    for place in found.values():
        if place.locode and place.kind is SiteKind.PORT:
            ports[place_key(place.locode)].add(place.id)
    meaning = {key: min(ids) for names in (ports, by_name) for key, ids in names.items() if len(ids) == 1}
    meaning |= aliases
    meaning |= {place_key(place.code): place.id for place in found.values()}
    meaning.pop("", None)
    return meaning


def places() -> Mapping[int, Place]:
    """Return every site by id."""
    return atlas().places


def place_name(place_id: int, *, lang: Lang) -> str:
    """Return a site's name for a reader; empty for a site that is gone."""
    place = atlas().places.get(place_id)
    return place.name_in(lang) if place else ""


def resolve(text: str) -> int | None:
    """Return the site that a code, name, UN/LOCODE or alias means, or None."""
    return atlas().by_key.get(place_key(text))


def resolve_many(texts: Collection[str]) -> dict[str, int]:
    """Return the sites that texts mean; a text that means none is not in it."""
    by_key = atlas().by_key
    found = ((text, by_key.get(place_key(text))) for text in texts)
    return {text: site_id for text, site_id in found if site_id is not None}


def site_ids_of(staff_id: int) -> frozenset[int]:
    """Return the sites at which a member of staff works."""
    return atlas().sites_of_staff.get(staff_id, NOWHERE)

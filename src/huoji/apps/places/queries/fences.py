"""The ground of every site as an index that tells which sites a position is in: its own fence, or the circle usual for its kind."""

import logging
from collections.abc import Iterator, Mapping

from huoji.apps.places.models import Fence as FenceRow
from huoji.apps.places.queries.atlas import Atlas, atlas
from huoji.core.fence import Circle, Fence, FenceError, FenceIndex, Polygon
from huoji.core.geo import from_e6
from huoji.core.place import Place, SiteKind

LOG = logging.getLogger("huoji.places")
RADIUS_M: Mapping[SiteKind, int] = {
    SiteKind.OUTLET: 300,
    SiteKind.HUB: 500,
    SiteKind.PORT: 3_000,
    SiteKind.WAREHOUSE: 500,
    SiteKind.AIRPORT: 2_000,
    SiteKind.PICKUP_POINT: 150,
}

_known: tuple[Atlas, FenceIndex] | None = None


def fences() -> FenceIndex:
    """Return the index, as fresh as the atlas; whoever writes a fence renews the token of places."""
    global _known  # noqa: PLW0603 - a cache of the process, like the atlas
    current = atlas()
    if _known is None or _known[0] is not current:
        _known = current, FenceIndex(_sound(current))
    return _known[1]


def _sound(current: Atlas) -> Iterator[Fence]:
    """Yield the fences that are areas; one bad row must not blind all others."""
    drawn = {row.site_id: row for row in FenceRow.objects.all()}
    for place in current.places.values():
        found = _fence(place, drawn.get(place.id)) if place.active else None
        if found is None:
            continue
        try:
            FenceIndex([found])
        except FenceError:
            LOG.warning("a fence is no area", extra={"site": place.code})
        else:
            yield found


def _fence(place: Place, drawn: FenceRow | None) -> Fence | None:
    if drawn is not None and drawn.polygon:
        return Polygon(id=place.id, corners=tuple((from_e6(lat), from_e6(lon)) for lat, lon in drawn.polygon))
    if place.lat is None or place.lon is None:
        return None
    return Circle(id=place.id, lat=place.lat, lon=place.lon, radius_m=drawn.radius_m if drawn else RADIUS_M[place.kind])

"""Lists of sites, lanes, aliases and staff for pages and the API."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from huoji.apps.places.models import Alias, Lane, Site, SiteStaff
from huoji.apps.places.queries.atlas import places
from huoji.core.milestone import Mode
from huoji.core.place import Place, SiteKind, place_key
from huoji.kit.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFilter:
    """Which sites are asked for; empty fields ask for all."""

    text: str = ""
    kind: SiteKind | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRow:
    """A text that means a site."""

    id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """A member of staff who works at a site."""

    assignment_id: int
    staff_number: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRow:
    """A way between two sites."""

    id: int
    origin: Place
    destination: Place
    mode: Mode
    planned_min: int
    distance_km: int | None


def site_page(asked: SiteFilter, *, cursor: str, limit: int) -> Page[Site]:
    """Return one page of sites in the order of their codes."""
    rows = Site.objects.all()
    if asked.kind is not None:
        rows = rows.filter(kind=asked.kind.value)
    if asked.active is not None:
        rows = rows.filter(active=asked.active)
    if text := asked.text.strip():
        key = place_key(text)
        rows = rows.filter(
            Q(code__icontains=text)
            | Q(name__icontains=text)
            | Q(name_en__icontains=text)
            | Q(locode=text.upper())
            | Q(area=text)
            | (Q(pk__in=Alias.objects.filter(key__contains=key).values("site_id")) if key else Q())
        )
    name = f"sites:{asked.kind}:{asked.active}:{text}"
    return page(rows, of=name, order=["code"], cursor=cursor, limit=limit)


def place_of_code(code: str) -> Place | None:
    """Return the site of that code, whatever its case."""
    wanted = code.upper()
    return next((place for place in places().values() if place.code == wanted), None)


def aliases_of(site_id: int) -> list[AliasRow]:
    return [AliasRow(id=row.pk, text=row.text) for row in Alias.objects.filter(site_id=site_id).order_by("text")]


def staff_of(site_id: int) -> list[StaffRow]:
    """Return who works at a site and is still with us."""
    rows = SiteStaff.objects.filter(site_id=site_id, staff__is_active=True).order_by("staff__staff_number")
    return [
        StaffRow(assignment_id=row["pk"], staff_number=row["staff__staff_number"], name=row["staff__name"])
        for row in rows.values("pk", "staff__staff_number", "staff__name")
    ]


def lanes() -> Iterator[LaneRow]:
    """Yield every lane."""
    return _lane_rows(Q())


def lanes_of(site_id: int) -> list[LaneRow]:
    """Return the lanes that begin or end at a site."""
    return list(_lane_rows(Q(origin_id=site_id) | Q(destination_id=site_id)))


def lane(origin_id: int, destination_id: int) -> LaneRow | None:
    """Return the quickest lane between two sites."""
    rows = _lane_rows(Q(origin_id=origin_id, destination_id=destination_id))
    return min(rows, key=lambda row: row.planned_min, default=None)


def _lane_rows(chosen: Q) -> Iterator[LaneRow]:
    known = places()
    for row in Lane.objects.filter(chosen).order_by("origin__code", "destination__code", "mode"):
        if row.origin_id in known and row.destination_id in known:
            yield LaneRow(
                id=row.pk,
                origin=known[row.origin_id],
                destination=known[row.destination_id],
                mode=Mode(row.mode),
                planned_min=row.planned_min,
                distance_km=row.distance_km,
            )

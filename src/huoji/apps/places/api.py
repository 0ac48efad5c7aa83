"""The API of places: read them, and put one site."""

from http import HTTPStatus
from typing import Annotated, Any

from ninja import Path, Router, Schema, Status
from pydantic import ConfigDict, Field

from huoji.apps.places import actions, queries
from huoji.core.permission import Permission
from huoji.core.place import (
    ALIAS_LENGTH_MAX,
    CODE_LENGTH_MAX,
    NAME_LENGTH_MAX,
    PHONE_LENGTH_MAX,
    Place,
    SiteDraft,
    SiteKind,
)
from huoji.kit.http import Request, needs
from huoji.kit.paging import LIMIT_DEFAULT, Cursor, Limit
from huoji.kit.problem import of_status

router = Router(tags=["places"])

Code = Annotated[str, Path(pattern=r"^[A-Z0-9][A-Z0-9_-]*$", max_length=CODE_LENGTH_MAX, description="The site's code")]
Text = Annotated[str, Field(max_length=ALIAS_LENGTH_MAX, description="Part of a code, name or alias, or a UN/LOCODE")]


class SiteIn(Schema):
    """What is to be known of a site; what is left out is emptied. `lat` and `lon` are WGS-84 degrees."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=NAME_LENGTH_MAX)
    name_en: str = Field("", max_length=NAME_LENGTH_MAX)
    kind: SiteKind
    locode: str = Field("", pattern=r"^([A-Z]{2}[A-Z2-9]{3})?$", description="UN/LOCODE")
    area: str = Field("", pattern=r"^([1-9]\d{5})?$", description="GB/T 2260 code")
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    time_zone: str = Field("Asia/Shanghai", max_length=40, description="IANA name")
    phone: str = Field("", max_length=PHONE_LENGTH_MAX)
    active: bool = True


class SiteOut(Schema):
    """A site."""

    code: str
    name: str
    name_en: str
    kind: SiteKind
    locode: str
    area: str
    lat: float | None
    lon: float | None
    time_zone: str
    phone: str
    active: bool


class SitesOut(Schema):
    """A page of sites; `next` is empty on the last."""

    items: list[SiteOut]
    next: str


def told(place: Place) -> dict[str, Any]:
    return {field: getattr(place, field) for field in SiteOut.model_fields}


@router.get("", response=SitesOut, summary="Sites in the order of their codes")
@needs(Permission.SHIPMENT_VIEW)
def sites(
    request: Request,
    text: Text = "",
    kind: SiteKind | None = None,
    cursor: Cursor = "",
    limit: Limit = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Return one page of sites, found by any of their names."""
    del request
    page = queries.site_page(queries.SiteFilter(text=text, kind=kind), cursor=cursor, limit=limit)
    return {"items": page.rows, "next": page.next}


@router.get("/{code}", response=SiteOut, summary="One site")
@needs(Permission.SHIPMENT_VIEW)
def site(request: Request, code: Code) -> dict[str, Any]:
    """Return the site of that code."""
    del request
    place = queries.place_of_code(code)
    if place is None:
        raise of_status(HTTPStatus.NOT_FOUND)
    return told(place)


@router.put("/{code}", response={200: SiteOut, 201: SiteOut}, summary="Create or replace a site")
@needs(Permission.PLACE_MANAGE)
def put_site(request: Request, code: Code, body: SiteIn) -> Status[dict[str, Any]]:
    """Bring the site of that code in line with the body; 201 when it is new. Doing it twice is doing it once."""
    site_id, created = actions.put_site(request.actor, SiteDraft(code=code, **body.dict()))
    return Status(HTTPStatus.CREATED if created else HTTPStatus.OK, told(queries.places()[site_id]))

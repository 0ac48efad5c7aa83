"""A vessel as AIS tells of it: status, speed and course, what it says of itself, and where its voyage lies on a map."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huoji.apps.fleet.models import Conveyance, LastPosition, VesselTold
from huoji.apps.fleet.queries.plans import RunRow
from huoji.core.vessel import KM_PER_NM, Nav, emergency_of
from huoji.core.wording import Lang

NAVS: Mapping[int, str | Promise] = {
    Nav.UNDER_WAY: _("在航（机动）"),
    Nav.AT_ANCHOR: _("锚泊"),
    Nav.NOT_UNDER_COMMAND: _("失控"),
    Nav.RESTRICTED: _("操纵能力受限"),
    Nav.CONSTRAINED: _("吃水受限"),
    Nav.MOORED: _("系泊"),
    Nav.AGROUND: _("搁浅"),
    Nav.FISHING: _("捕鱼"),
    Nav.SAILING: _("在航（驶帆）"),
    Nav.TOWING_ASTERN: _("拖带"),
    Nav.PUSHING_AHEAD: _("顶推"),
    Nav.SART: _("AIS 搜救应答器已启动"),
    Nav.UNDEFINED: _("未说明"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sailing:
    """How a vessel goes, in the words and units of the sea; what it did not tell is None."""

    nav: str | Promise
    is_emergency: bool
    knots: float | None
    course: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTold:
    """What a vessel says of itself; `differences` are (what, typed, told) where people typed something else."""

    destination: str
    eta_at: datetime | None
    draught_m: float | None
    length_m: int | None
    beam_m: int | None
    told_at: datetime
    differences: list[tuple[str | Promise, str, str]]


def sailing(conveyance_id: int) -> Sailing | None:
    """Return how a vessel goes by its newest position."""
    row = LastPosition.objects.filter(conveyance_id=conveyance_id).order_by("-at").defer("memory").first()
    if row is None:
        return None
    nav = row.nav if row.nav is not None else int(Nav.UNDEFINED)
    return Sailing(
        nav=NAVS.get(nav, _("保留")),
        is_emergency=bool(emergency_of(row.nav)),
        knots=row.speed / 10 / KM_PER_NM if row.speed >= 0 else None,
        course=row.course,
    )


def told(conveyance_id: int) -> SelfTold | None:
    """Return what a vessel says of itself, with what differs from what people typed."""
    row = VesselTold.objects.select_related("conveyance").filter(pk=conveyance_id).first()
    if row is None:
        return None
    return SelfTold(
        destination=row.destination,
        eta_at=row.eta_at,
        draught_m=row.draught_dm / 10 if row.draught_dm else None,
        length_m=row.length_m,
        beam_m=row.beam_m,
        told_at=row.told_at,
        differences=_differences(row, row.conveyance),
    )


def _differences(said: VesselTold, typed: Conveyance) -> list[tuple[str | Promise, str, str]]:
    latin = typed.name_en or (typed.name if typed.name.isascii() else "")
    pairs = (
        (_("英文船名"), latin, said.name),
        (_("呼号"), typed.call_sign, said.call_sign),
        (_("IMO 编号"), typed.imo, said.imo),
    )
    return [(what, mine, theirs) for what, mine, theirs in pairs if mine and theirs and _plain(mine) != _plain(theirs)]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


def map_points(
    run: RunRow | None, *, name: str, lat: float | None, lon: float | None, lang: Lang
) -> list[dict[str, Any]]:
    """Return the calls of a voyage with the vessel between those it left and those ahead; WGS-84 degrees."""
    found: list[dict[str, Any]] = []
    vessel = {"name": name, "lat": lat, "lon": lon, "state": "current"} if lat is not None and lon is not None else None
    for stop in run.stops if run else []:
        if stop.site is None or stop.site.lat is None or stop.site.lon is None:
            continue
        is_ahead = stop.arrived_at is None and not stop.passed
        if is_ahead and vessel is not None and vessel not in found:
            found.append(vessel)
        point = {"name": stop.site.name_in(lang), "lat": stop.site.lat, "lon": stop.site.lon}
        found.append(point | {"state": "ahead" if is_ahead else "done"})
    if vessel is not None and vessel not in found:
        found.append(vessel)
    return found

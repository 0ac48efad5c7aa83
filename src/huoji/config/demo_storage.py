"""The warehouses of the demonstration: shelves, stock, what does not add up, and two anomalies."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from PIL import Image, ImageDraw

from huoji.apps.places import queries as places
from huoji.apps.warehouse.actions import anomalies, moving, shelving
from huoji.apps.warehouse.actions.anomalies import Found
from huoji.core.demo.model import Handled
from huoji.core.demo.store import SHELVES
from huoji.core.handling import BACK_MAX, Asked, move_id
from huoji.core.permission import Actor
from huoji.core.storage import AnomalyKind, Verb

FORGOTTEN = 3  # of so many that left, the scan in is missing


def load_shelves(actor: Actor, sites: Sequence[str], *, dataset: str) -> None:
    """Set up the shelves of the warehouses."""
    for code in sites:
        site_id = places.resolve(code)
        assert site_id is not None
        shelving.add_locations(actor, site_id=site_id, text=SHELVES, dataset=dataset)


def record(actor: Actor, handled: Sequence[Handled], *, now: datetime, dataset: str) -> None:
    """Record what the clerks scanned, as their handhelds would have sent it."""
    if not handled:
        return
    writing = moving.recording(actor, now=now, dataset=dataset)
    asked = [_asked(each) for each in handled if now.timestamp() - each.at < BACK_MAX.total_seconds()]
    moving.record(asked, writing)


def _asked(each: Handled) -> Asked:
    at = datetime.fromtimestamp(each.at, UTC)
    return Asked(
        id=move_id("demo", f"{each.number} {each.verb}"), verb=Verb(each.verb), number=each.number, site=each.site, at=at,
        told_at=at, location=each.location, next_site="", count=0, voids=None,
    )  # fmt: skip


def without_some(handled: Sequence[Handled]) -> list[Handled]:
    """Leave out a few scans in of goods that have left: nobody scans everything."""
    left = [each.number for each in handled if each.verb == "out"]
    forgotten = set(left[-FORGOTTEN:])
    return [each for each in handled if each.verb == "out" or each.number not in forgotten]


def report_anomalies(actor: Actor, handled: Sequence[Handled], *, now: datetime, dataset: str) -> None:
    """Report a crushed box with a photo and a short delivery, each of goods that are in a warehouse."""
    gone = {each.number for each in handled if each.verb == "out"}
    there = {each.site: each for each in handled if each.verb == "in" and each.number not in gone}
    told = ((AnomalyKind.DAMAGE, 1, "外箱压破，内件待查"), (AnomalyKind.SHORTAGE, 2, "到货比运单少 2 件"))
    for each, (kind, pieces, note) in zip(list(there.values())[:2], told, strict=False):
        site_id = places.resolve(each.site)
        assert site_id is not None
        pictures = ((_picture(), "image/png"),) if kind is AnomalyKind.DAMAGE else ()
        found = Found(
            key=uuid4(), number=each.number, site_id=site_id, kind=kind, pieces=pieces, note=note, pictures=pictures,
            discovered_at=max(datetime.fromtimestamp(each.at, UTC), now - timedelta(minutes=25)),
        )  # fmt: skip
        anomalies.report(actor, found, now=now, dataset=dataset)


def _picture() -> bytes:
    """Draw a crushed box."""
    picture = Image.new("RGB", (640, 480), "#d9dde3")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 360, 640, 480), fill="#9aa3ad")
    pen.polygon(
        [(150, 140), (470, 120), (500, 250), (430, 300), (480, 390), (160, 400)], fill="#b98a55", outline="#6d4c2a"
    )
    pen.polygon([(430, 300), (500, 250), (480, 390)], fill="#8a6238", outline="#6d4c2a")
    pen.line([(150, 200), (480, 185)], fill="#e8d9b5", width=18)
    pen.line([(390, 190), (430, 300), (360, 330), (410, 395)], fill="#3d2a17", width=6)
    output = io.BytesIO()
    picture.save(output, "PNG")
    return output.getvalue()

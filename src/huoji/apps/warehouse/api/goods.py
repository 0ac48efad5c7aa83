"""The API of the warehouse: movements item by item, and what is known of one number."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from django.http import HttpResponse
from ninja import Router, Schema

from huoji.apps.places import queries as places
from huoji.apps.warehouse.actions import moving
from huoji.apps.warehouse.actions.moving import Outcome, Result
from huoji.apps.warehouse.queries import goods, stock
from huoji.apps.warehouse.queries.goods import AnomalyRow, GoodsAnswer, StayRow
from huoji.core.handling import Asked, MoveTold, check
from huoji.core.items import ItemDecoder
from huoji.core.permission import Permission
from huoji.core.storage import AnomalyKind, DiscrepancyKind, Left, Verb
from huoji.kit import clock
from huoji.kit.batch import answer_items, decode_items, items_of, schema_of
from huoji.kit.http import Request, needs
from huoji.kit.paging import LIMIT_DEFAULT, Cursor, Limit
from huoji.kit.problem import Problem

router = Router(tags=["storage"])
_told = ItemDecoder(MoveTold)


class MovedOut(Schema):
    """What became of one movement; `flags` say what does not add up with it, `is_known` whether a shipment has this number."""

    index: int
    result: Result
    code: str = ""
    detail: str = ""
    number: str = ""
    is_known: bool = True
    flags: list[DiscrepancyKind] = []


class MovementsOut(Schema):
    """How many movements had which result, and each one's own."""

    accepted: int
    duplicate: int
    rejected: int
    items: list[MovedOut]


class StayOut(Schema):
    """Goods at a site: `out_at` is null while they are there; `dwell_h` in whole hours.

    `left` is empty when a scan ended the stay; else nobody scanned them out and it says what the shipment told instead,
    `left_with` the trip or voyage. The site has a discrepancy to settle then.
    """

    number: str
    site: str
    site_name: str
    location: str
    in_at: datetime
    out_at: datetime | None
    dwell_h: int
    is_overdue: bool
    left: Left | Literal[""] = ""
    left_with: str = ""


class AnomalyOut(Schema):
    """Damaged, missing or lost goods that are not settled; `pieces` 0: not said how many."""

    id: int
    number: str
    kind: AnomalyKind
    pieces: int
    note: str
    site: str
    discovered_at: datetime
    noticed_at: datetime | None
    investigate_until: datetime
    finding: str


class DiscrepancyOut(Schema):
    """What does not add up and waits for a person; `left` is what the shipment says, when that is what contradicts."""

    number: str
    kind: DiscrepancyKind
    site: str
    at: datetime
    left: Left | Literal[""] = ""
    left_with: str = ""


class MovementOut(Schema):
    """One movement as it was told."""

    number: str
    verb: Verb
    site: str
    location: str
    at: datetime
    recorded_at: datetime
    is_undone: bool


class GoodsOut(Schema):
    """What the warehouse knows of one number."""

    number: str
    waybill: str
    present: list[StayOut]
    stays: list[StayOut]
    movements: list[MovementOut]
    anomalies: list[AnomalyOut]
    discrepancies: list[DiscrepancyOut]


class StockItemOut(Schema):
    """Goods that are in a warehouse now."""

    number: str
    site: str
    location: str
    in_at: datetime
    dwell_h: int
    is_overdue: bool


class StockOut(Schema):
    """A page of stock, the longest there first; `next` is empty on the last."""

    items: list[StockItemOut]
    next: str


def code_of(site_id: int) -> str:
    place = places.places().get(site_id)
    return place.code if place else ""


@router.post(
    "/movements", response=MovementsOut, openapi_extra=schema_of(MoveTold),
    summary="Record movements of goods, up to 5,000 a call; each is accepted, duplicate or rejected",
)  # fmt: skip
@needs(Permission.STORAGE_RECORD)
def record_movements(request: Request) -> HttpResponse:
    """Take movements in any order: their own times say which came first. The same `id` again changes nothing."""
    writing = moving.recording(request.actor, now=datetime.now(UTC))
    raws = items_of(request)
    good, bad = decode_items(raws, lambda raw: _checked(raw, writing))
    done = {index: Outcome(result=Result.REJECTED, code=code, detail=detail) for index, (code, detail) in bad.items()}
    outcomes = moving.record([each for _, each in good], writing)
    done |= {index: outcome for (index, _), outcome in zip(good, outcomes, strict=True)}
    return answer_items(Result, (_moved(done[index]) for index in range(len(raws))))


def _checked(raw: msgspec.Raw, writing: moving.Recording) -> Asked:
    source = writing.source
    return check(
        _told.decode(raw), source=source.name, now=writing.now, assumed_offset_min=source.assumed_offset_min,
        behind=timedelta(0),
    )  # fmt: skip


def _moved(outcome: Outcome) -> tuple[str, dict[str, Any]]:
    told: dict[str, Any] = {"code": outcome.code, "detail": outcome.detail, "number": outcome.number}
    if outcome.number:
        told |= {"is_known": outcome.is_known, "flags": [kind.value for kind in outcome.flags]}
    return outcome.result, told


@router.get("", response=StockOut, summary="What is in the warehouses now, the longest there first")
@needs(Permission.STORAGE_VIEW)
def read_stock(
    request: Request, site: str = "", cursor: Cursor = "", limit: Limit = LIMIT_DEFAULT, *, overdue: bool = False
) -> dict[str, Any]:
    """Return one page of the stock at the sites that the caller may see; `overdue` keeps what is there for too long."""
    site_id = places.resolve(site) if site else None
    if site and site_id is None:
        raise Problem("not_found", 404, "There is no such site.")
    asked = stock.StockFilter(site_id=site_id, overdue=overdue)
    found = stock.stock_page(request.actor, asked, now=datetime.now(UTC), cursor=cursor, limit=limit)
    items = [
        {
            "number": row.number, "site": code_of(row.site_id), "location": row.location, "in_at": row.since,
            "dwell_h": row.dwell_min // 60, "is_overdue": row.is_overdue,
        }
        for row in found.rows
    ]  # fmt: skip
    return {"items": items, "next": found.next}


@router.get(
    "/{path:number}", response=GoodsOut, summary="When it came, where it lies, when it left, and what is wrong with it"
)
@needs(Permission.STORAGE_VIEW)
def read_goods(request: Request, number: str) -> dict[str, Any]:
    """Answer for a waybill with its pieces, for one piece (`number/piece`), or for a number that no shipment has yet."""
    lang = clock.language()
    found = goods.answer(request.actor, number, now=datetime.now(UTC), lang=lang)
    if found is None:
        raise Problem("not_found", 404, "No goods of this number are visible to you.")
    return told_of(found)


def told_of(found: GoodsAnswer) -> dict[str, Any]:
    """Return the answer for one number as the API tells it."""
    return {
        "number": found.number,
        "waybill": found.waybill,
        "present": [_stay(row) for row in found.present],
        "stays": [_stay(row) for row in found.stays],
        "movements": [
            {
                "number": row.number, "verb": row.verb, "site": row.site, "location": row.location, "at": row.at,
                "recorded_at": row.recorded_at, "is_undone": row.is_undone,
            }
            for row in found.movements
        ],
        "anomalies": [_anomaly(row) for row in found.open_anomalies],
        "discrepancies": [
            {
                "number": row.number, "kind": row.kind, "site": code_of(row.site_id), "at": row.at,
                "left": row.unscanned.how if row.unscanned else "",
                "left_with": row.unscanned.holder if row.unscanned else "",
            }
            for row in found.discrepancies
        ],
    }  # fmt: skip


def _stay(row: StayRow) -> dict[str, Any]:
    return {
        "number": row.number, "site": code_of(row.site_id), "site_name": row.site, "location": row.location,
        "in_at": row.since, "out_at": row.until, "dwell_h": row.dwell_min // 60, "is_overdue": row.is_overdue,
        "left": row.unscanned.how if row.unscanned else "", "left_with": row.unscanned.holder if row.unscanned else "",
    }  # fmt: skip


def _anomaly(row: AnomalyRow) -> dict[str, Any]:
    return {
        "id": row.id, "number": row.number, "kind": row.kind, "pieces": row.pieces, "note": row.note,
        "site": code_of(row.site_id), "discovered_at": row.discovered_at, "noticed_at": row.noticed_at,
        "investigate_until": row.due_at, "finding": row.finding,
    }  # fmt: skip

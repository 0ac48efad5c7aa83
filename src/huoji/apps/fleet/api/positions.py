"""The API of positions: what moves reports where it is."""

from datetime import UTC, datetime

import msgspec
from django.http import HttpResponse
from ninja import Router, Schema

from huoji.apps.fleet.actions import reporting
from huoji.apps.fleet.actions.reporting import Outcome, Reported, Result
from huoji.core import position_told
from huoji.core.items import ItemDecoder
from huoji.core.permission import Permission
from huoji.core.position_told import Told
from huoji.kit.batch import answer_items, decode_items, items_of, schema_of
from huoji.kit.http import Request, needs

router = Router(tags=["fleet"])
_told = ItemDecoder(Told)


class PositionOut(Schema):
    """What became of one position, by its place in the call."""

    index: int
    result: Result
    code: str = ""
    detail: str = ""


class PositionsOut(Schema):
    """How many positions had which result, and each one's own."""

    accepted: int
    duplicate: int
    filtered: int
    rejected: int
    items: list[PositionOut]


@router.post(
    "/positions", response=PositionsOut, openapi_extra=schema_of(Told),
    summary="Report positions, up to 5,000 a call; each item is accepted, duplicate, filtered or rejected",
)  # fmt: skip
@needs(Permission.POSITION_REPORT)
def report_positions(request: Request) -> HttpResponse:
    """Each position names its `device`, or the plate, IMO number or MMSI of a vehicle or vessel. `filtered` is kept aside."""
    raws = items_of(request)
    good, bad = decode_items(raws, _decode)
    outcomes = {
        index: Outcome(result=Result.REJECTED, code=code, detail=detail) for index, (code, detail) in bad.items()
    }
    done = reporting.report(request.actor, [each for _, each in good], now=datetime.now(UTC))
    outcomes |= {index: outcome for (index, _), outcome in zip(good, done, strict=True)}
    told = (outcomes[index] for index in range(len(raws)))
    return answer_items(Result, ((each.result, {"code": each.code, "detail": each.detail}) for each in told))


def _decode(raw: msgspec.Raw) -> Reported:
    return Reported(placed=position_told.check(_told.decode(raw)), raw=bytes(raw))

"""The API of positions: what moves reports where it is."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import HttpResponse
from ninja import Router, Schema

from huoji.apps.fleet.actions import reporting
from huoji.apps.fleet.actions.reporting import Outcome, Reported, Result
from huoji.core import position_told
from huoji.core.permission import Permission
from huoji.core.position_told import PositionError, Told
from huoji.kit.batch import encode, items_of, schema_of
from huoji.kit.http import Request, needs

router = Router(tags=["fleet"])
_told = msgspec.json.Decoder(Told)


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
    good: list[tuple[int, Reported]] = []
    outcomes: dict[int, Outcome] = {}
    for index, raw in enumerate(raws):
        try:
            good.append((index, Reported(placed=position_told.check(_told.decode(raw)), raw=bytes(raw))))
        except PositionError as error:
            outcomes[index] = Outcome(result=Result.REJECTED, code=error.code, detail=error.detail)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            outcomes[index] = Outcome(result=Result.REJECTED, code="invalid_item", detail=str(error))
    done = reporting.report(request.actor, [each for _, each in good], now=datetime.now(UTC))
    outcomes |= {index: outcome for (index, _), outcome in zip(good, done, strict=True)}
    return _answer([outcomes[index] for index in range(len(raws))])


def _answer(outcomes: list[Outcome]) -> HttpResponse:
    counts = dict.fromkeys(Result, 0)
    items: list[dict[str, Any]] = []
    for index, outcome in enumerate(outcomes):
        counts[outcome.result] += 1
        told = {"code": outcome.code, "detail": outcome.detail}
        items.append(
            {"index": index, "result": outcome.result.value, **{name: text for name, text in told.items() if text}}
        )
    body = {result.value: count for result, count in counts.items()} | {"items": items}
    return HttpResponse(encode(body), content_type="application/json")

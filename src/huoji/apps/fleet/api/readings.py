"""The API of sensors: report readings, judged item by item."""

from datetime import UTC, datetime

import msgspec
from django.conf import settings
from django.http import HttpResponse
from ninja import Router, Schema

from huoji.apps.fleet.actions import readings
from huoji.core import reading
from huoji.core.items import ItemDecoder
from huoji.core.permission import Permission
from huoji.core.reading import Reading, Told
from huoji.kit import ingest
from huoji.kit.batch import answer_items, decode_items, items_of, schema_of
from huoji.kit.http import Request, needs

router = Router(tags=["fleet"])
SOURCE = "sensor"
_told = ItemDecoder(Told)
ACCEPTED, DUPLICATE, REJECTED = "accepted", "duplicate", "rejected"


class ReadingOut(Schema):
    """What became of one reading, by its place in the call."""

    index: int
    result: str
    code: str = ""
    detail: str = ""


class ReadingsOut(Schema):
    """How many readings had which result, and each one's own."""

    accepted: int
    duplicate: int
    rejected: int
    items: list[ReadingOut]


@router.post(
    "/readings", response=ReadingsOut, openapi_extra=schema_of(Told),
    summary="Report sensor readings, up to 5,000 a call; each item is accepted, duplicate or rejected",
)  # fmt: skip
@needs(Permission.SENSOR_REPORT)
def report_readings(request: Request) -> HttpResponse:
    """Answer when the readings are safely stored; a device that is not known yet is entered by its first reading."""
    now = datetime.now(UTC)
    raws = items_of(request)
    good, bad = decode_items(raws, lambda raw: _decode(raw, now=now))
    terminals = readings.enrol(request.actor, {device for _, (device, _) in good})
    for index, (device, _) in good:
        if device not in terminals:
            bad[index] = ("device_refused", f"{device} is blocked, belongs to another owner, or is one device too many")
    taken_in = [(index, terminals[device], each) for index, (device, each) in good if device in terminals]
    source = request.actor.source or SOURCE
    news = readings.store(request.actor, [(terminal, each) for _, terminal, each in taken_in], source=source, now=now)
    if bad:
        ingest.observe(source, now=now, rejected=len(bad))
    done = {index: is_new for (index, _, _), is_new in zip(taken_in, news, strict=True)}
    return answer_items((ACCEPTED, DUPLICATE, REJECTED), (_told_of(index, bad, done) for index in range(len(raws))))


def _decode(raw: msgspec.Raw, *, now: datetime) -> tuple[str, Reading]:
    return reading.check(_told.decode(raw), now=now, kept_days=settings.HUOJI.keep_positions_days)


def _told_of(index: int, bad: dict[int, tuple[str, str]], done: dict[int, bool]) -> tuple[str, dict[str, str]]:
    if index in bad:
        code, detail = bad[index]
        return REJECTED, {"code": code, "detail": detail}
    return ACCEPTED if done[index] else DUPLICATE, {}

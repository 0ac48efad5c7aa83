"""The API of events: report what happened, is planned or is estimated."""

from datetime import UTC, datetime

import msgspec
from django.http import HttpResponse
from ninja import Router

from huoji.apps.shipments.actions import recording, sourcing
from huoji.apps.shipments.actions.recording import Outcome, Writing
from huoji.apps.shipments.api.batch import BatchOut, answer_batch
from huoji.core import report
from huoji.core.items import ItemDecoder
from huoji.core.milestones import meaning
from huoji.core.permission import Permission
from huoji.core.report import Report, Told
from huoji.kit import ingest
from huoji.kit.batch import decode_items, items_of, schema_of
from huoji.kit.http import Request, needs

router = Router(tags=["shipments"])
_told = ItemDecoder(Told)


@router.post(
    "/events", response=BatchOut, openapi_extra=schema_of(Told),
    summary="Report events, up to 5,000 a call; each item is accepted, duplicate, revision, parked or rejected",
)  # fmt: skip
@needs(Permission.EVENT_ADD)
def report_events(request: Request) -> HttpResponse:
    writing = Writing(
        actor=request.actor, source=sourcing.source_of_events(request.actor), now=datetime.now(UTC)
    )  # fmt: skip
    source, offset = writing.source.name, writing.source.assumed_offset_min

    def decode(raw: msgspec.Raw) -> Report:
        return report.check(_told.decode(raw), source=source, assumed_offset_min=offset, meaning=meaning)

    raws = items_of(request)
    good, bad = decode_items(raws, decode)
    if bad:
        ingest.observe(source, now=writing.now, rejected=len(bad))
    outcomes: list[Outcome] = recording.record([each for _, each in good], writing)
    done = {
        index: (given.result, given.code, given.detail, "") for (index, _), given in zip(good, outcomes, strict=True)
    }
    return answer_batch(len(raws), bad, done)

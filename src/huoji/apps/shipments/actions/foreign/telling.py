"""What the events of every foreign format become: reports, tied to the place in the document where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from huoji.apps.shipments.actions.recording import Outcome, Result
from huoji.core.milestone import UNKNOWN_MEANING, Meaning
from huoji.core.moment import Precision
from huoji.core.report import CODE_MAX, ID_MAX, PLACE_MAX, TEXT_MAX, Report, identity
from huoji.core.scrub import scrub
from huoji.kit import ingest
from huoji.kit.problem import Problem, declare
from huoji.wire import Fault

OFFSET_MAX = timedelta(hours=18)

declare("invalid_document", status=400, title="The document breaks the rules of its format")
declare("too_many_reports", status=413, title="The document speaks of too many units")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One event of a foreign document: where it stands, and what it says of each of our units."""

    path: str
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one event: the outcome that says most of it."""

    path: str
    result: Result
    code: str = ""
    detail: str = ""


def report(
    name: tuple[str, str],
    *,
    identity_of: Sequence[str],
    content: Sequence[str],
    at: datetime,
    offset_min: int,
    meant: Meaning,
    provider: str,
    code: str,
    **more: Any,
) -> Report:
    """Build the report of one event about one unit; texts are cut to what an event keeps, the raw document has them whole."""
    for field, limit in (("source_event_id", ID_MAX), ("place", PLACE_MAX), ("next_place", PLACE_MAX)):
        more[field] = more.get(field, "")[:limit]
    if text := more.get("text"):
        more["text"] = scrub(text)[:TEXT_MAX]
    return Report(
        target=name[0], number=name[1], key=identity(*identity_of), digest=identity(*content),
        at=int(at.timestamp()), precision=int(more.pop("precision", Precision.SECOND)), offset_min=offset_min,
        offset_assumed=more.pop("offset_assumed", False), classifier=more.pop("classifier", "ACT"),
        milestone=meant.milestone.value, reason=more.pop("reason", "") or meant.reason.value, provider=provider,
        code=code[:CODE_MAX], unmapped=meant is UNKNOWN_MEANING, **more,
    )  # fmt: skip


def offset_of(moment: datetime) -> int:
    """Return the offset of an aware time in minutes east; one that no place on earth has counts as UTC."""
    offset = moment.utcoffset() or timedelta()
    return int(offset.total_seconds() // 60) if abs(offset) <= OFFSET_MAX else 0


def raw(told: Any) -> bytes:
    return msgspec.json.encode(told)


# The outcome that says most of an event that was told of several units.
_LOUDNESS = (Result.REJECTED, Result.REVISION, Result.ACCEPTED, Result.PARKED, Result.DUPLICATE)


def gather(tellings: Sequence[Telling], outcomes: Sequence[Outcome]) -> list[Told]:
    """Return one answer an event, from the outcomes of its reports, which stand in the same order."""
    found: list[Told] = []
    start = 0
    for telling in tellings:
        mine = outcomes[start : start + len(telling.reports)]
        start += len(telling.reports)
        if mine:
            loudest = min(mine, key=lambda outcome: _LOUDNESS.index(outcome.result))
            found.append(Told(path=telling.path, result=loudest.result, code=loudest.code, detail=loudest.detail))
        else:
            found.append(Told(path=telling.path, result=Result.DUPLICATE, code="says_nothing"))
    return found


def errors_of(faults: Sequence[Fault]) -> list[dict[str, str]]:
    """Return faults as members of a problem document: where, a stable code, and what is wrong."""
    return [{"path": fault.path, "code": fault.code, "detail": fault.message} for fault in faults]


def refusal(errors: Sequence[dict[str, str]], *, source: str, now: datetime, **more: Any) -> Problem:
    """Return the refusal of a whole document, and count it for the health page."""
    ingest.observe(source, now=now, rejected=len(errors))
    return Problem(
        "invalid_document", 400, "The document was refused; `errors` says where.", errors=list(errors), **more
    )


def check_size(tellings: Sequence[Telling], *, limit: int) -> None:
    count = sum(len(telling.reports) for telling in tellings)
    if count > limit:
        raise Problem("too_many_reports", 413, f"It speaks {count} times of a unit; at most {limit} a call.")

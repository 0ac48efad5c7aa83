"""What an estimate means for waybills: one narrow row each, a log of their states, and `delay` when it must be."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from huoji.apps.shipments.actions import exceptions
from huoji.apps.shipments.actions.exceptions import Opening
from huoji.apps.shipments.models import Outlook, OutlookStep
from huoji.apps.shipments.queries.onward import Cargo
from huoji.core import eta, outlook
from huoji.core.eta import Estimate
from huoji.core.exception import ExceptionKind
from huoji.core.outlook import Judged
from huoji.core.permission import system
from huoji.core.sight import Risk
from huoji.kit import outbox

CHUNK = 500  # waybills of one transaction
CARGO_MAX = 20_000  # waybills of one vessel
SOURCE = "outlook"
CHANGED = "outlook.changed"
UNKNOWN = (eta.Because(code=eta.ReasonCode.UNKNOWN),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was estimated of one waybill, and by which run, if one carries it."""

    cargo: Cargo
    told: Estimate | None
    percent: int | None
    run_id: int | None = None


@transaction.atomic
def keep(made: Sequence[Made], *, now: datetime) -> dict[int, Judged]:
    """Rewrite the outlooks of at most CHUNK waybills; log and tell what has turned, and open or clear `delay` with it."""
    by_id = {each.cargo.unit_id: each for each in made}
    if not by_id:
        return {}
    known = {row.pk: row for row in Outlook.objects.select_for_update().filter(pk__in=by_id).order_by("pk")}
    rows, steps, told, late, timely = [], [], [], [], []
    found: dict[int, Judged] = {}
    for unit_id in sorted(by_id):
        before = known.get(unit_id)
        judged = _judged(by_id[unit_id], before, now=now)
        row, step = _row(by_id[unit_id], judged, before, now=now)
        found[unit_id] = judged
        rows.append(row)
        has_turned = before is None or before.state != row.state
        if step.risk == Risk.HIGH.value and has_turned:
            late.append(_delay(step))
        if before is not None and before.risk == Risk.HIGH.value and row.risk != Risk.HIGH.value:
            timely.append(unit_id)
        if has_turned:
            steps.append(step)
        moved_from = _epoch(before.likely_at if before else None)
        if has_turned or outlook.is_news(moved_from, _epoch(row.likely_at), now=_epoch(now)):
            told.append(unit_id)
    _write(rows)
    OutlookStep.objects.bulk_create(steps)
    exceptions.open_all(system(SOURCE), late, now=now)
    _clear(timely, now=now)
    if told:
        outbox.publish(CHANGED, told)
    return found


@transaction.atomic
def forget(unit_ids: Collection[int], *, now: datetime) -> None:
    """Expect nothing more of these waybills: their way is over."""
    _clear(sorted(unit_ids), now=now)
    Outlook.objects.filter(pk__in=unit_ids).delete()


def _clear(unit_ids: Sequence[int], *, now: datetime) -> None:
    if unit_ids:
        exceptions.clear_of(
            system(SOURCE), ExceptionKind.DELAY, at=now, now=now, unit_ids=unit_ids, source=SOURCE
        )  # fmt: skip


def _judged(each: Made, before: Outlook | None, *, now: datetime) -> Judged:
    told = each.told.final.interval if each.told else None
    return outlook.judge(
        outlook.unpack(bytes(before.memory) if before else b""), told, each.told.because if each.told else UNKNOWN,
        promise=each.cargo.promise, line=each.cargo.line, now=_epoch(now),
    )  # fmt: skip


def _row(each: Made, judged: Judged, before: Outlook | None, *, now: datetime) -> tuple[Outlook, OutlookStep]:
    interval = each.told.final.interval if each.told else None
    cargo = each.cargo
    reasons = [[reason.code, reason.value] for reason in judged.reasons]
    turned = before is None or before.state != judged.state.value
    row = Outlook(
        unit_id=cargo.unit_id, early_at=_at(interval.early if interval else 0), likely_at=_at(interval.likely if interval else 0),
        late_at=_at(interval.late if interval else 0), planned_at=_at(cargo.promise), made_at=now,
        confidence=each.told.confidence.value if each.told and interval else eta.Confidence.NONE.value,
        risk=judged.risk.value, state=judged.state.value, state_since=now if turned or before is None else before.state_since,
        percent=each.percent, reasons=reasons, memory=outlook.pack(judged.memory), run_id=each.run_id,
    )  # fmt: skip
    step = OutlookStep(
        unit_id=cargo.unit_id, at=now, state=row.state, risk=row.risk, late_min=judged.late_s // 60, reasons=reasons,
        rule=outlook.RULE, run_id=each.run_id,
    )  # fmt: skip
    return row, step


_COLUMNS = (
    "unit_id", "early_at", "likely_at", "late_at", "planned_at", "made_at", "state_since", "confidence", "risk", "state",
    "percent", "memory", "run_id",
)  # fmt: skip
_UPSERT = """
INSERT INTO waybill_outlook (unit_id, early_at, likely_at, late_at, planned_at, made_at, state_since, confidence, risk, state,
    percent, memory, run_id, reasons)
SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::bytea[], %s::bigint[],
    %s::jsonb[])
ON CONFLICT (unit_id) DO UPDATE SET early_at = excluded.early_at, likely_at = excluded.likely_at,
    late_at = excluded.late_at, planned_at = excluded.planned_at, made_at = excluded.made_at,
    state_since = excluded.state_since, confidence = excluded.confidence, risk = excluded.risk, state = excluded.state,
    percent = excluded.percent, memory = excluded.memory, run_id = excluded.run_id, reasons = excluded.reasons
"""


def _write(rows: Sequence[Outlook]) -> None:
    """Write all rows in one statement, in the order of their ids."""
    columns: list[list[Any]] = [[getattr(row, name) for row in rows] for name in _COLUMNS]
    columns.append([json.dumps(row.reasons) for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, columns)


def _delay(step: OutlookStep) -> Opening:
    return Opening(
        kind=ExceptionKind.DELAY, at=step.at, source=SOURCE, unit_id=step.unit_id, facts={"late_min": step.late_min}
    )  # fmt: skip


def _epoch(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


def _at(at: int) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at else None

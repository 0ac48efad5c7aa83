"""The life of exceptions: opened by whoever sees one, acknowledged, explained and cleared; every step is kept and published."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from huoji.apps.accounts.actions import record_audit, require
from huoji.apps.shipments.models import CargoException, ExceptionStep, Unit
from huoji.apps.shipments.queries import exceptions
from huoji.core.exception import (
    LINE_OF_UNIT,
    SEVERITY,
    CauseCode,
    ExceptionKind,
    ExceptionRefusedError,
    Severity,
    Step,
    graver,
    may_acknowledge,
    may_clear,
)
from huoji.core.permission import Actor, Permission
from huoji.kit import outbox
from huoji.kit.problem import Problem, declare, of_status

BATCH_MAX = 500  # exceptions of one transaction
FACTS_MAX = 40  # values that come with one
BLOBS_MAX = 12
NOTE_MAX = 500
SITE = exceptions.SITE  # the fact that names a site by its id: readers get its name in their language
TRIES_MAX = 20  # to open what others clear at the same moment

OPENED, CHANGED, ACKNOWLEDGED, CLEARED = (
    "exception.opened", "exception.changed", "exception.acknowledged", "exception.cleared",
)  # fmt: skip
TOPICS = (OPENED, CHANGED, ACKNOWLEDGED, CLEARED)

declare("exception_cleared", status=409, title=_("异常已解除"))
declare("cause_missing", status=422, title=_("请先登记原因"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An exception that was seen: of a unit, or of a conveyance where no unit is known; `facts` hold no personal data."""

    kind: ExceptionKind
    at: datetime
    source: str
    unit_id: int | None = None
    conveyance_id: int | None = None
    severity: Severity | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    blobs: tuple[str, ...] = ()
    note: str = ""
    dataset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The exception that an opening led to; `is_new` is False where it was open (or known and over) already."""

    id: int
    is_new: bool


def open_exception(actor: Actor, opening: Opening, *, now: datetime) -> Opened:
    """Open an exception; while one of its kind is open for its subject, only bring that one up to date.

    The same opening again (a message that is delivered twice) does not open anew what was cleared meanwhile.
    """
    [opened] = open_all(actor, [opening], now=now)
    return opened


@transaction.atomic
def open_all(actor: Actor, openings: Sequence[Opening], *, now: datetime) -> list[Opened]:
    """Open many exceptions, at most BATCH_MAX, in one transaction with one message."""
    assert len(openings) <= BATCH_MAX, "cut them into chunks"
    subjects = _subjects([each.unit_id for each in openings if each.unit_id is not None])
    opened = [_open(actor, each, subjects.get(each.unit_id or 0), now=now) for each in openings]
    if new := [each.id for each in opened if each.is_new]:
        _publish(OPENED, new)
    return opened


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What an exception takes over from its unit."""

    name: str
    line: str
    dataset: str


def _subjects(unit_ids: Collection[int]) -> dict[int, _Subject]:
    rows = Unit.objects.filter(id__in=unit_ids).values_list("id", "kind", "number", "dataset", "waybill__line")
    return {
        row[0]: _Subject(name=f"{row[1]}:{row[2]}", line=row[4] or LINE_OF_UNIT.get(row[1], ""), dataset=row[3])
        for row in rows
    }


_INSERT = """
INSERT INTO cargo_exception (kind, unit_id, conveyance_id, line, severity, source, facts, blobs, opened_at, last_at,
    recorded_at, acknowledged_by, cleared_by, cause, note, dataset)
SELECT %(kind)s, %(unit)s, %(conveyance)s, %(line)s, %(severity)s, %(source)s, %(facts)s, %(blobs)s, %(at)s, %(at)s,
    %(now)s, '', '', '', %(note)s, %(dataset)s
WHERE NOT EXISTS (
    SELECT FROM cargo_exception e WHERE e.kind = %(kind)s AND e.opened_at = %(at)s AND e.cleared_at IS NOT NULL
    AND (e.unit_id = %(unit)s OR (e.unit_id IS NULL AND %(unit)s IS NULL AND e.conveyance_id = %(conveyance)s))
)
ON CONFLICT DO NOTHING RETURNING id
"""


def _open(actor: Actor, opening: Opening, subject: _Subject | None, *, now: datetime) -> Opened:
    if opening.unit_id is not None and subject is None:
        raise Problem("not_found", 404, "There is no such unit.")
    if len(opening.facts) > FACTS_MAX or len(opening.blobs) > BLOBS_MAX:
        raise Problem("invalid_request", 422, f"At most {FACTS_MAX} facts and {BLOBS_MAX} files an exception.")
    severity = opening.severity or SEVERITY[opening.kind]
    for _attempt in range(TRIES_MAX):
        new_id = _insert(actor, opening, subject, severity=severity, now=now)
        if new_id is not None:
            break
        if known := _refresh(actor, opening, severity=severity, now=now):
            return known
    else:
        raise of_status(409)
    _log(new_id, Step.OPENED, actor, now=now, severity=severity, note=opening.note)
    if actor.is_staff:
        name = subject.name if subject else f"conveyance:{opening.conveyance_id}"
        record_audit(
            actor, verb="exception.open", target=name, cause=opening.note,
            changed={"kind": opening.kind.value, "exception": str(new_id)}, dataset=subject.dataset if subject else "",
        )  # fmt: skip
    return Opened(id=new_id, is_new=True)


def _insert(
    actor: Actor, opening: Opening, subject: _Subject | None, *, severity: Severity, now: datetime
) -> int | None:
    values: dict[str, Any] = {
        "kind": opening.kind.value, "unit": opening.unit_id, "conveyance": opening.conveyance_id,
        "line": subject.line if subject else "", "severity": severity.value, "source": opening.source[:60],
        "facts": Jsonb(dict(opening.facts)),
        "blobs": list(opening.blobs), "at": opening.at, "now": now, "note": opening.note[:NOTE_MAX],
        "dataset": (subject.dataset if subject else "") or opening.dataset or actor.dataset,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _of_subject(kind: ExceptionKind, unit_id: int | None, conveyance_id: int | None) -> dict[str, Any]:
    subject = {"unit_id": unit_id} if unit_id is not None else {"unit": None, "conveyance_id": conveyance_id}
    return {"kind": kind.value, **subject}


def _refresh(actor: Actor, opening: Opening, *, severity: Severity, now: datetime) -> Opened | None:
    """Bring the open exception of this kind up to date; it never becomes less grave. None when it was cleared this moment."""
    same = CargoException.objects.filter(**_of_subject(opening.kind, opening.unit_id, opening.conveyance_id))
    row = same.select_for_update().filter(cleared_at=None).first()
    if row is None:
        over = same.filter(opened_at=opening.at).values_list("id", flat=True).first()
        return Opened(id=over, is_new=False) if over else None
    before = Severity(row.severity)
    row.last_at = max(row.last_at, opening.at)
    row.facts = {**row.facts, **opening.facts}
    row.blobs = list(dict.fromkeys([*row.blobs, *opening.blobs]))[:BLOBS_MAX]
    row.severity = graver(before, severity).value
    row.conveyance_id = row.conveyance_id or opening.conveyance_id
    row.save(update_fields=["last_at", "facts", "blobs", "severity", "conveyance_id"])
    if row.severity != before.value:
        _log(row.pk, Step.RAISED, actor, now=now, severity=severity, note=opening.note)
        _publish(CHANGED, [row.pk])
    return Opened(id=row.pk, is_new=False)


def clear_of(
    actor: Actor, kind: ExceptionKind, *, at: datetime, now: datetime, unit_ids: Collection[int] = (),
    conveyance_id: int | None = None, source: str = "",
) -> list[int]:  # fmt: skip
    """Clear what is open of a kind for these units or this conveyance, because its source says it is over; return the ids.

    With `source` only what that source opened; an exception that began after `at` stays open.
    """
    subject = {"unit_id__in": list(unit_ids)} if unit_ids else {"unit": None, "conveyance_id": conveyance_id}
    rows = CargoException.objects.filter(kind=kind.value, cleared_at=None, opened_at__lte=at, **subject)
    if source:
        rows = rows.filter(source=source)
    return clear_rows(actor, rows.values_list("id", flat=True), at=at, now=now)


def clear_by_conveyance(
    actor: Actor, kind: ExceptionKind, *, conveyance_id: int, at: datetime, now: datetime
) -> list[int]:  # fmt: skip
    """Clear what is open of a kind for a conveyance, on whichever run of it that was seen."""
    rows = CargoException.objects.filter(
        kind=kind.value, cleared_at=None, opened_at__lte=at, conveyance_id=conveyance_id
    )  # fmt: skip
    return clear_rows(actor, rows.values_list("id", flat=True), at=at, now=now)


@transaction.atomic
def clear_rows(actor: Actor, exception_ids: Collection[int], *, at: datetime, now: datetime) -> list[int]:
    """Clear these exceptions, because what opened them says that they are over; return which were open."""
    rows = CargoException.objects.select_for_update().filter(id__in=list(exception_ids), cleared_at=None)
    done = []
    for row in rows.order_by("id")[:BATCH_MAX]:
        row.cleared_at, row.cleared_by = max(at, row.opened_at), actor.principal
        row.last_at = max(row.last_at, row.cleared_at)
        row.save(update_fields=["cleared_at", "cleared_by", "last_at"])
        _log(row.pk, Step.CLEARED, actor, now=now)
        done.append(row.pk)
    if done:
        _publish(CLEARED, done)
    return done


@transaction.atomic
def acknowledge(actor: Actor, *, exception_id: int, now: datetime, note: str = "") -> None:
    """Take an exception up; doing it again changes nothing, and who was first stays."""
    row = _locked(actor, exception_id)
    if not _ruled(lambda: may_acknowledge(exceptions.life(row))):
        return
    row.acknowledged_at, row.acknowledged_by = now, actor.principal
    row.save(update_fields=["acknowledged_at", "acknowledged_by"])
    _done(actor, row, Step.ACKNOWLEDGED, topic=ACKNOWLEDGED, note=note, now=now)


@transaction.atomic
def set_cause(actor: Actor, *, exception_id: int, cause: CauseCode, now: datetime, note: str = "") -> None:
    """Say why it came; also of one that is over, and again when more is known."""
    row = _locked(actor, exception_id)
    if row.cause == cause.value and row.note == note:
        return
    row.cause, row.note = cause.value, note[:NOTE_MAX]
    row.save(update_fields=["cause", "note"])
    _done(actor, row, Step.CAUSE, topic=CHANGED, note=note, cause=cause, now=now)


@transaction.atomic
def clear(
    actor: Actor, *, exception_id: int, now: datetime, cause: CauseCode | None = None, note: str = ""
) -> None:  # fmt: skip
    """Clear an exception by hand; damage, shortage, loss and emergencies only once their cause is known."""
    row = _locked(actor, exception_id)
    if cause:
        row.cause = cause.value
    if not _ruled(lambda: may_clear(exceptions.life(row), by_person=True)):
        return
    row.cleared_at, row.cleared_by = max(now, row.opened_at), actor.principal
    row.note = note[:NOTE_MAX] or row.note
    row.save(update_fields=["cleared_at", "cleared_by", "cause", "note"])
    _done(actor, row, Step.CLEARED, topic=CLEARED, note=note, cause=cause, now=now)


def _locked(actor: Actor, exception_id: int) -> CargoException:
    require(actor, Permission.EXCEPTION_HANDLE)
    row = exceptions.visible_to(actor).select_for_update(of=("self",)).filter(pk=exception_id).first()
    if row is None:
        raise Problem("not_found", 404, "You see no exception of this number.")
    return row


def _ruled(rule: Any) -> bool:
    """Ask a rule; what it refuses becomes the problem of that code."""
    try:
        return bool(rule())
    except ExceptionRefusedError as error:
        match error.code:
            case "cause_missing":
                raise Problem(error.code, 422, _("货损、短少、丢失和紧急情况须先登记原因，才能解除")) from error
            case _:
                raise Problem(error.code, 409, _("这条异常已经解除")) from error


def _done(
    actor: Actor, row: CargoException, step: Step, *, topic: str, note: str, now: datetime, cause: CauseCode | None = None
) -> None:  # fmt: skip
    """Keep a person's step: in the log, in the audit, and told to who listens."""
    _log(row.pk, step, actor, now=now, note=note, cause=cause)
    name = f"{row.unit.kind}:{row.unit.number}" if row.unit else f"conveyance:{row.conveyance_id}"
    record_audit(
        actor, verb=f"exception.{step.value}", target=name, cause=note,
        changed={"kind": row.kind, "exception": str(row.pk), **({"cause": cause.value} if cause else {})},
        dataset=row.dataset,
    )  # fmt: skip
    _publish(topic, [row.pk])


def _log(
    exception_id: int, step: Step, actor: Actor, *, now: datetime, note: str = "",
    severity: Severity | None = None, cause: CauseCode | None = None,
) -> None:  # fmt: skip
    ExceptionStep.objects.create(
        exception_id=exception_id, at=now, step=step.value, principal=actor.principal, note=note[:NOTE_MAX],
        severity=severity.value if severity else "", cause=cause.value if cause else "",
    )  # fmt: skip


def _publish(topic: str, exception_ids: Sequence[int]) -> None:
    units = CargoException.objects.filter(id__in=exception_ids, unit__isnull=False).values_list("unit_id", flat=True)
    outbox.publish(topic, exception_ids, unit_ids=sorted(set(units)))

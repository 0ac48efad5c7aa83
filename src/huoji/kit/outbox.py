"""What an action tells the rest of the house: one row in the action's own transaction, handled at least once by the relay."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, Min, QuerySet

from huoji.kit import log
from huoji.kit.models import OUTBOX_IDS_MAX, OutboxRow

ATTEMPTS_MAX = 12  # after 35 to 43 minutes of back-off the row waits on the dead list for a person
BACKOFF_FIRST_S = 1.0
BACKOFF_MAX_S = 3_600.0
ERROR_LENGTH_MAX = 500
BATCH_ROWS_MAX = 50
BATCH_S_MAX = 0.2  # then commit, so that a slow handler does not hold up what was done before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a handler gets: the topic, the ids, and the few plain values that the action added (never personal data)."""

    topic: str
    ids: tuple[int, ...]
    data: Mapping[str, Any]


Handler = Callable[[Message], None]
_handlers: dict[str, dict[str, Handler]] = {}
_merged: set[str] = set()  # names of those who take the ids of many rows at once


def handler(topic: str, *, merged: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler of a topic; call it in `AppConfig.ready()`.

    It runs in the relay's transaction, together with the removal of the row: what it writes to the database happens
    once. What it does outside may happen twice, so it must be idempotent. Keep it short; defer what is long.
    A `merged` one locks rows of its ids: of many rows of the outbox it is called once, with all ids in order and no data,
    so that two relays do not wait for each other.
    """

    def register(function: Handler) -> Handler:
        name = f"{function.__module__}.{function.__qualname__}"
        _handlers.setdefault(topic, {})[name] = function
        if merged:
            _merged.add(name)
        return function

    return register


def handlers_of(topic: str) -> dict[str, Handler]:
    return _handlers.get(topic, {})


def publish(topic: str, ids: Sequence[int], **data: Any) -> None:
    """Tell that an action happened, in its transaction; one row an action, at most 500 ids."""
    assert connection.in_atomic_block, "publish belongs into the transaction of the action"
    if len(ids) > OUTBOX_IDS_MAX:
        raise ValueError(f"at most {OUTBOX_IDS_MAX} ids a message, not {len(ids)}: cut the action into chunks")
    OutboxRow.objects.create(topic=topic, ids=list(ids), data=data, request_id=log.current_request_id())


def is_due() -> bool:
    """Tell cheaply whether there is anything to do, by the database's own clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM kit_outbox WHERE dead_at IS NULL AND due_at <= now() LIMIT 1")
        return cursor.fetchone() is not None


def deliver(*, now: datetime) -> int:
    """Handle the oldest due rows that no other relay holds; return how many.

    Many rows share one commit. If any handler fails, all of it is undone and done again row by row.
    """
    try:
        with transaction.atomic():
            return _deliver_together(now=now)
    except (OperationalError, InterfaceError):
        raise  # the database, not a handler
    except Exception:  # noqa: BLE001 - whoever failed, one by one it is seen
        return sum(deliver_next(now=now) for _ in range(BATCH_ROWS_MAX))


class HiddenError(RuntimeError):
    """A handler caught an error of the database without a savepoint, so what it wrote is gone although it says it is done."""


def _call(function: Handler, message: Message) -> None:
    try:
        function(message)
    except (OperationalError, InterfaceError) as error:
        raise RuntimeError("a handler met the database's refusal") from error  # its own; the relay's are not wrapped
    if connection.needs_rollback:
        raise HiddenError


def _deliver_together(*, now: datetime) -> int:
    started = time.monotonic()
    handled: list[int] = []
    waiting: dict[tuple[str, str], set[int]] = {}
    for row in _due(now=now)[:BATCH_ROWS_MAX]:
        with log.bound(request_id=row.request_id):
            message = Message(topic=row.topic, ids=tuple(row.ids), data=row.data)
            for name, function in handlers_of(row.topic).items():
                if name in row.done:
                    continue
                if name in _merged:
                    waiting.setdefault((row.topic, name), set()).update(row.ids)
                else:
                    _call(function, message)
        handled.append(row.id)
        if time.monotonic() - started > BATCH_S_MAX:
            break
    for (topic, name), ids in sorted(waiting.items()):
        _call(handlers_of(topic)[name], Message(topic=topic, ids=tuple(sorted(ids)), data={}))
    OutboxRow.objects.filter(id__in=handled).delete()
    return len(handled)


def _due(*, now: datetime) -> QuerySet[OutboxRow]:
    due = OutboxRow.objects.filter(dead_at=None, due_at__lte=now).order_by("due_at", "id")
    return due.select_for_update(skip_locked=True)


def deliver_next(*, now: datetime) -> bool:
    """Handle one row; tell whether there was one.

    Each handler runs in its own savepoint, so that one that fails neither undoes nor repeats the others.
    """
    with transaction.atomic():
        row = _due(now=now).first()
        if row is None:
            return False
        with log.bound(request_id=row.request_id):
            failure = _run_handlers(row)
        if failure is None:
            row.delete()
        else:
            _postpone(row, failure, now=now)
        return True


def _run_handlers(row: OutboxRow) -> Exception | None:
    """Run the handlers that have not succeeded yet; return the last failure."""
    message = Message(topic=row.topic, ids=tuple(row.ids), data=row.data)
    failure: Exception | None = None
    for name, function in handlers_of(row.topic).items():
        if name in row.done:
            continue
        try:
            with transaction.atomic():
                _call(function, message)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is its failure, not ours
            log.KIT.exception("outbox handler failed", extra={"topic": row.topic, "handler": name})
            failure = error
        else:
            row.done.append(name)
    return failure


def _postpone(row: OutboxRow, failure: Exception, *, now: datetime) -> None:
    row.attempts += 1
    row.last_error = log.summary_of(failure.__cause__ or failure)[:ERROR_LENGTH_MAX]
    row.due_at = now + backoff(row.attempts, jitter=random.random())  # noqa: S311 - spreads retries, guards nothing
    if row.attempts >= ATTEMPTS_MAX:
        row.dead_at = now
    row.save(update_fields=["attempts", "last_error", "due_at", "done", "dead_at"])


def backoff(attempts: int, *, jitter: float) -> timedelta:
    """Return the pause after so many failures: doubled each time, within limits, plus up to a quarter."""
    pause_s = min(BACKOFF_FIRST_S * 2 ** (attempts - 1), BACKOFF_MAX_S)
    return timedelta(seconds=pause_s * (1 + jitter / 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A row that we gave up, as the IT admin sees it."""

    id: int
    topic: str
    ids_count: int
    attempts: int
    last_error: str
    created_at: datetime
    dead_at: datetime


def dead(*, limit: int) -> list[Dead]:
    """Return the dead rows, the latest first."""
    rows = OutboxRow.objects.filter(dead_at__isnull=False).order_by("-dead_at")[:limit]
    return [
        Dead(
            id=row.id,
            topic=row.topic,
            ids_count=len(row.ids),
            attempts=row.attempts,
            last_error=row.last_error,
            created_at=row.created_at,
            dead_at=row.dead_at,
        )
        for row in rows
        if row.dead_at is not None
    ]


def retry(row_id: int, *, now: datetime) -> bool:
    """Put a dead row back into the queue; tell whether it was there."""
    found = OutboxRow.objects.filter(id=row_id, dead_at__isnull=False)
    return bool(found.update(dead_at=None, attempts=0, due_at=now, last_error=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much waits in the outbox, since when, and how much was given up."""

    waiting: int
    oldest_at: datetime | None
    dead: int


def backlog() -> Backlog:
    waiting = OutboxRow.objects.filter(dead_at=None).aggregate(count=Count("id"), oldest=Min("created_at"))
    given_up = OutboxRow.objects.filter(dead_at__isnull=False).count()
    return Backlog(waiting=waiting["count"], oldest_at=waiting["oldest"], dead=given_up)

"""What was received and no table takes: kept as it came, with the reason, until it is taken, dropped by a person, or too old.

It is tried again by itself a few times (a bug may be mended, a table made), then it waits for a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from django.conf import settings
from django.db.models import Count, F, Max, Min, Q, QuerySet

from huoji.kit import log
from huoji.kit.models import SetAsideRow

PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))  # before it is tried again by itself
ROWS_MAX = 10_000  # beyond, something is wrong that nobody should hide here
REASON_LENGTH_MAX = 300


class FullError(RuntimeError):
    """So much is set aside that no more is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What could not be stored: its kind, the door it came through, its bytes, and why."""

    kind: str
    source: str
    body: bytes
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Things of one kind, door and reason, as the IT admin sees them; `id` is that of one of them."""

    id: int
    kind: str
    source: str
    reason: str
    count: int
    tries: int
    first_at: datetime
    waits: bool  # for a person


def reason_of(wrong: BaseException) -> str:
    """Tell why, without what was in the thing."""
    return log.summary_of(wrong)[:REASON_LENGTH_MAX]


def put(things: Sequence[Thing], *, now: datetime) -> None:
    """Keep things; one that is here already has been tried once more."""
    if SetAsideRow.objects.count() + len(things) > ROWS_MAX:
        raise FullError(f"more than {ROWS_MAX} things are set aside")
    for each in things:
        digest = blake2b(each.body, digest_size=16).hexdigest()
        row, is_new = SetAsideRow.objects.get_or_create(
            kind=each.kind, digest=digest,
            defaults={"source": each.source, "body": each.body, "reason": each.reason, "first_at": now, "due_at": now + PAUSES[0]},
        )  # fmt: skip
        if not is_new:
            failed(row.pk, reason=each.reason, now=now)


def due(*, now: datetime, limit: int) -> list[tuple[int, bytes]]:
    """Return what is to be tried again: id and bytes, the longest due first."""
    rows = SetAsideRow.objects.filter(due_at__lte=now).order_by("due_at", "id").values_list("id", "body")[:limit]
    return [(row_id, bytes(body)) for row_id, body in rows]


def taken(row_id: int) -> None:
    """Forget what a table took at last."""
    SetAsideRow.objects.filter(pk=row_id).delete()


def failed(row_id: int, *, reason: str, now: datetime) -> None:
    """Note one more try in vain; after the last by itself it waits for a person."""
    row = SetAsideRow.objects.filter(pk=row_id).first()
    if row is None:
        return
    pause = PAUSES[row.tries] if row.tries < len(PAUSES) else None
    SetAsideRow.objects.filter(pk=row_id).update(
        tries=F("tries") + 1, reason=reason, due_at=now + pause if pause else None
    )


def groups(*, limit: int) -> list[Group]:
    """Return what is set aside, what waits for a person first."""
    rows = SetAsideRow.objects.values("kind", "source", "reason").annotate(
        one=Min("id"),
        count=Count("id"),
        most=Max("tries"),
        first=Min("first_at"),
        wait=Count("id", filter=Q(due_at=None)),
    )
    return [
        Group(
            id=row["one"], kind=row["kind"], source=row["source"], reason=row["reason"], count=row["count"],
            tries=row["most"], first_at=row["first"], waits=row["wait"] > 0,
        ) for row in rows.order_by("-wait", "first")[:limit]
    ]  # fmt: skip


def counts() -> tuple[int, int]:
    """Return how many things are set aside, and how many of them wait for a person."""
    found = SetAsideRow.objects.aggregate(all=Count("id"), wait=Count("id", filter=Q(due_at=None)))
    return found["all"], found["wait"]


def again(row_id: int, *, now: datetime) -> int:
    """Let everything of this one's group be tried soon; return how many that is."""
    return _alike(row_id).update(due_at=now)


def drop(row_id: int, *, reason: str) -> int:
    """Throw everything of this one's group away; return how many that was.

    Nothing where it failed for another reason since: then it is in a group that nobody has judged.
    """
    return _alike(row_id).filter(reason=reason).delete()[0]


def _alike(row_id: int) -> QuerySet[SetAsideRow]:
    one = SetAsideRow.objects.filter(pk=row_id)
    return SetAsideRow.objects.filter(
        kind__in=one.values("kind"), source__in=one.values("source"), reason__in=one.values("reason")
    )


def forget(*, now: datetime) -> None:
    """Let go what has been here for as long as positions are kept: it tells of people, too."""
    old = SetAsideRow.objects.filter(first_at__lt=now - timedelta(days=settings.HUOJI.keep_positions_days))
    if gone := old.delete()[0]:
        log.KIT.warning("what was set aside is too old and gone", extra={"things": gone})

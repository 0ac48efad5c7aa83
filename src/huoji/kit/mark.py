"""Remembers when something worth knowing last happened: a backup, a verified restore, a periodic task."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huoji.kit.models import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The last time of something, whether it went well, and its figures."""

    name: str
    at: datetime
    ok: bool
    data: Mapping[str, Any]


def put(name: str, *, now: datetime, ok: bool, **data: Any) -> None:
    """Remember that it happened now; `data` holds a few plain figures."""
    Mark.objects.update_or_create(name=name, defaults={"at": now, "ok": ok, "data": data})


def drop(name: str) -> None:
    """Forget that it ever happened."""
    Mark.objects.filter(name=name).delete()


def last(name: str) -> Marked | None:
    row = Mark.objects.filter(name=name).first()
    return None if row is None else Marked(name=row.name, at=row.at, ok=row.ok, data=row.data)


def all_of(prefix: str) -> list[Marked]:
    rows = Mark.objects.filter(name__startswith=prefix).order_by("name")
    return [Marked(name=row.name, at=row.at, ok=row.ok, data=row.data) for row in rows]

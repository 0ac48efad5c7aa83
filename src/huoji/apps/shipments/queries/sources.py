"""The sources of facts, kept in process memory: there are few and they hardly change."""

from dataclasses import dataclass

from huoji.apps.shipments.models import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source as writers and readers need it."""

    id: int
    name: str
    label: str
    revising: bool
    full_list: bool
    assumed_offset_min: int


_by_id: dict[int, SourceRow] = {}


def _load() -> None:
    rows = Source.objects.values_list("id", "name", "label", "revising", "full_list", "assumed_offset_min")
    _by_id.clear()
    for row in rows:
        _by_id[row[0]] = SourceRow(
            id=row[0], name=row[1], label=row[2], revising=row[3], full_list=row[4], assumed_offset_min=row[5]
        )


def source_by_id(source_id: int) -> SourceRow | None:
    """Return a source; reads the table only for an id not met before."""
    if source_id not in _by_id:
        _load()
    return _by_id.get(source_id)


def source_name(source_id: int) -> str:
    source = source_by_id(source_id)
    return source.name if source else ""


def source_named(name: str) -> SourceRow | None:
    """Return the source of a name as the table holds it now."""
    _load()
    return next((source for source in _by_id.values() if source.name == name), None)

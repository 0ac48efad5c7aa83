"""Sources of facts: who speaks, made when first heard."""

from huoji.apps.shipments.models import Source
from huoji.apps.shipments.queries.sources import SourceRow, source_named
from huoji.core.permission import Actor

BUILT_IN = (
    ("order", "订单", False, False),
    ("desk", "客服", False, False),
    ("scan", "扫描", False, False),
    ("import", "导入", False, False),
)


def seed() -> None:
    """Put the built-in sources in place."""
    Source.objects.bulk_create(
        [Source(name=name, label=label, revising=revising, full_list=full) for name, label, revising, full in BUILT_IN],
        ignore_conflicts=True,
    )


def ensure(name: str, *, label: str = "", revising: bool = False, full_list: bool = False) -> SourceRow:
    """Return the source of a name, made with these manners if it is new."""
    if found := source_named(name):
        return found
    Source.objects.get_or_create(name=name, defaults={"label": label, "revising": revising, "full_list": full_list})
    made = source_named(name)
    assert made is not None
    return made


def source_of(actor: Actor, *, default: str) -> SourceRow:
    """Return the source for which an actor speaks: the one of the API key, else the door's own."""
    return ensure(actor.source or default)

"""Sources of facts: who speaks, made when first heard."""

from huoji.apps.shipments.actions.units import is_outside
from huoji.apps.shipments.models import Source
from huoji.apps.shipments.queries.sources import SourceRow, source_named
from huoji.core.permission import Actor

BUILT_IN = (
    ("order", "订单", False, False),
    ("desk", "客服", False, False),
    ("api", "承运商系统", False, False),
    ("scan", "扫描", False, False),
    ("storage", "仓库", False, False),
    ("import", "导入", False, False),
    ("gps", "车载定位", False, False),
    ("ais", "船舶 AIS", False, False),
    ("epcis", "EPCIS", False, False),
    ("dcsa", "DCSA", True, False),
    ("kuaidi100", "快递100", False, True),
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


NAME_MAX = 60


def source_at(actor: Actor, *, door: str) -> SourceRow:
    """Return the source for which an actor speaks at the door of a foreign format, with the manners of that format.

    It is another one than at `/events`: an event id means something only within its own format, and a list of 快递100
    that lists all must not take back what the same key told elsewhere.
    """
    who = actor.source or (actor.principal if is_outside(actor.principal) else "")
    _, label, revising, full_list = next(row for row in BUILT_IN if row[0] == door)
    name = door if who in ("", door) else f"{who[: NAME_MAX - len(door) - 1]}/{door}"
    return ensure(name, label=label, revising=revising, full_list=full_list)


def source_of_events(actor: Actor) -> SourceRow:
    """Return the source of events that a key tells in our own format: no person entered them, and ids of one are not another's."""
    return ensure(actor.source or (actor.principal if is_outside(actor.principal) else "api"))


def source_of(actor: Actor, *, default: str) -> SourceRow:
    """Return the source for which an actor speaks: the one of the API key, else the door's own."""
    return ensure(actor.source or default)

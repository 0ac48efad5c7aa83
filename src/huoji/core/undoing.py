"""What becomes of a shipment when an import that spoke of it is undone, and the words for what an undo did."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from huoji.core.wording import Lang, Words


class Fate(StrEnum):
    """What an undone import leaves of one shipment."""

    KEPT = "kept"  # its data are what others say
    RESTORED = "restored"  # its data are what they were before the import
    EMPTIED = "emptied"  # only the import gave its data, but others have told events of it
    HIDDEN = "hidden"  # nobody else speaks of it


def fate(*, says: bool, has_prior: bool, is_empty: bool, is_told: bool) -> Fate:
    """Decide; `says` tells whether the import's are the shipment's present data, `is_told` whether others' events stand."""
    if is_empty and not is_told:
        return Fate.HIDDEN
    if not says:
        return Fate.KEPT
    if has_prior:
        return Fate.RESTORED
    return Fate.EMPTIED if is_told else Fate.HIDDEN


EVENTS_UNDONE, PARKED_REMOVED = "events_undone", "parked_removed"


def counted_as(what: Fate) -> str:
    """Return the name under which a batch counts the shipments of this fate."""
    return f"shipments_{what}"


# What was done, and why: removed, restored, kept.
OUTCOMES: Mapping[str, tuple[Words, Words]] = {
    counted_as(Fate.HIDDEN): (
        ("隐藏的运单", "Shipments hidden"),
        ("只有这批导入提到", "only this import spoke of them"),
    ),
    EVENTS_UNDONE: (
        ("撤回的轨迹", "Events taken back"),
        ("含随运单而来的下单与计划时间", "with the orders and planned times that came with the shipments"),
    ),
    PARKED_REMOVED: (("删除的待认领轨迹", "Waiting events removed"), ("运单一直没有来", "their shipments never came")),
    counted_as(Fate.RESTORED): (
        ("改回原样的运单", "Shipments restored"),
        ("这批导入改过资料，现为改之前的", "the import had revised them; they say again what they said before"),
    ),
    counted_as(Fate.EMPTIED): (
        ("只留轨迹的运单", "Shipments kept, with events alone"),
        ("资料只来自这批导入，但他人报过轨迹", "only the import said what they are, but others told events of them"),
    ),
    counted_as(Fate.KEPT): (
        ("不变的运单", "Shipments kept as they are"),
        ("现有资料出自别处", "what they say now did not come from this import"),
    ),
}


NOTHING: Words = ("这批导入没有带来仍然有效的内容。", "Nothing stood of it that could be taken back.")


def outcomes(counts: Mapping[str, int], *, lang: Lang) -> Iterator[tuple[str, int, str]]:
    """Yield what an undo did as (what, how many, why), without what is none."""
    return ((what[lang], counts[key], why[lang]) for key, (what, why) in OUTCOMES.items() if counts.get(key))

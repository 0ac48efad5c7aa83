"""What becomes of a shipment when an import that spoke of it is undone."""

from enum import StrEnum


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

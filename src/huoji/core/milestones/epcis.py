"""EPCIS 2.0 Core Business Vocabulary: business steps (`shipping`), dispositions (`/damaged`) and both (`receiving/returned`).

A disposition that tells of harm or of the way back says more than the step; every other one leaves the step its word.
"""

from collections.abc import Mapping
from types import MappingProxyType

from huoji.core.milestone import Meaning, Milestone, Reason

STEPS: Mapping[str, Meaning] = MappingProxyType(
    {
        "accepting": Meaning(Milestone.INFO),  # possession or ownership changed; to whom is not said
        "arriving": Meaning(Milestone.ARRIVED),
        "assembling": Meaning(Milestone.INFO),
        "collecting": Meaning(Milestone.INFO),  # gathered for reuse or disposal
        "commissioning": Meaning(Milestone.INFO),
        "consigning": Meaning(Milestone.DEPARTED),  # staged, loaded, departed and accepted in one
        "creating_class_instance": Meaning(Milestone.INFO),
        "cycle_counting": Meaning(Milestone.INFO),
        "decommissioning": Meaning(Milestone.INFO),
        "departing": Meaning(Milestone.DEPARTED),
        "destroying": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),
        "disassembling": Meaning(Milestone.INFO),
        "dispensing": Meaning(Milestone.INFO),
        "encoding": Meaning(Milestone.INFO),
        "entering_exiting": Meaning(Milestone.INFO),
        "holding": Meaning(Milestone.EXCEPTION, Reason.HELD),
        "inspecting": Meaning(Milestone.INFO),
        "installing": Meaning(Milestone.INFO),
        "killing": Meaning(Milestone.INFO),
        "loading": Meaning(Milestone.LOADED),
        "other": Meaning(Milestone.INFO),
        "packing": Meaning(Milestone.SORTED),
        "picking": Meaning(Milestone.SORTED),
        "receiving": Meaning(Milestone.ARRIVED),
        "removing": Meaning(Milestone.INFO),
        "repackaging": Meaning(Milestone.SORTED),
        "repairing": Meaning(Milestone.INFO),
        "replacing": Meaning(Milestone.INFO),
        "reserving": Meaning(Milestone.INFO),
        "retail_selling": Meaning(Milestone.INFO),
        "sampling": Meaning(Milestone.INFO),
        "sensor_reporting": Meaning(Milestone.INFO),
        "shipping": Meaning(Milestone.DEPARTED),  # staged, loaded and departed in one
        "staging_outbound": Meaning(Milestone.SORTED),
        "stock_taking": Meaning(Milestone.INFO),
        "stocking": Meaning(Milestone.INFO),
        "storing": Meaning(Milestone.INFO),
        "transporting": Meaning(Milestone.IN_TRANSIT),
        "unloading": Meaning(Milestone.UNLOADED),
        "unpacking": Meaning(Milestone.SORTED),
        "void_shipping": Meaning(Milestone.INFO),  # an earlier shipping did not happen
    }
)

DISPOSITIONS: Mapping[str, Meaning] = MappingProxyType(
    {
        "active": Meaning(Milestone.INFO),
        "available": Meaning(Milestone.INFO),
        "completeness_inferred": Meaning(Milestone.INFO),
        "completeness_verified": Meaning(Milestone.INFO),
        "conformant": Meaning(Milestone.INFO),
        "container_closed": Meaning(Milestone.INFO),
        "container_open": Meaning(Milestone.INFO),
        "damaged": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),
        "destroyed": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),
        "dispensed": Meaning(Milestone.INFO),
        "disposed": Meaning(Milestone.INFO),
        "encoded": Meaning(Milestone.INFO),
        "expired": Meaning(Milestone.INFO),
        "in_progress": Meaning(Milestone.INFO),
        "in_transit": Meaning(Milestone.IN_TRANSIT),
        "inactive": Meaning(Milestone.INFO),
        "mismatch_class": Meaning(Milestone.EXCEPTION, Reason.MISSORTED),
        "mismatch_instance": Meaning(Milestone.EXCEPTION, Reason.MISSORTED),
        "mismatch_quantity": Meaning(Milestone.EXCEPTION, Reason.SHORTAGE),
        "needs_replacement": Meaning(Milestone.INFO),
        "no_pedigree_match": Meaning(Milestone.INFO),
        "non_conformant": Meaning(Milestone.INFO),
        "non_sellable_other": Meaning(Milestone.INFO),
        "partially_dispensed": Meaning(Milestone.INFO),
        "recalled": Meaning(Milestone.INFO),
        "reserved": Meaning(Milestone.INFO),
        "retail_sold": Meaning(Milestone.INFO),
        "returned": Meaning(Milestone.INFO),
        "sellable_accessible": Meaning(Milestone.INFO),
        "sellable_not_accessible": Meaning(Milestone.INFO),
        "stolen": Meaning(Milestone.EXCEPTION, Reason.LOST),
        "unavailable": Meaning(Milestone.INFO),
        "unknown": Meaning(Milestone.INFO),
    }
)

WAYS_BACK: Mapping[str, Meaning] = MappingProxyType(
    {
        "shipping/returned": Meaning(Milestone.RETURNING),
        "departing/returned": Meaning(Milestone.RETURNING),
        "transporting/returned": Meaning(Milestone.RETURNING),
        "receiving/returned": Meaning(Milestone.RETURNED),
        "accepting/returned": Meaning(Milestone.RETURNED),
    }
)


def _joined() -> dict[str, Meaning]:
    """Spell out every pair in which the disposition overrules the step."""
    loud = {word: meant for word, meant in DISPOSITIONS.items() if meant.milestone is Milestone.EXCEPTION}
    pairs = {f"{step}/{word}": meant for step in STEPS for word, meant in loud.items()}
    return {**STEPS, **{f"/{word}": meant for word, meant in DISPOSITIONS.items()}, **pairs, **WAYS_BACK}


MEANINGS: Mapping[str, Meaning] = MappingProxyType(_joined())

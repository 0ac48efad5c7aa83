"""DCSA Track & Trace 2.2 and 3.0: event type codes, refined by what changes their meaning.

Equipment codes are refined by the empty indicator and the movement (`GTIN/EMPTY/EXPORT`), shipment codes by the document they are about
(`CONF/BKG`), IoT codes by what was detected (`DETC/DRO`). Booking papers are CBR (request) and BKG (booking).
"""

from collections.abc import Mapping
from types import MappingProxyType

from huoji.core.milestone import Meaning, Milestone, Mode, Reason

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "ARRI": Meaning(Milestone.ARRIVED),
        "DEPA": Meaning(Milestone.DEPARTED),
        "LOAD": Meaning(Milestone.LOADED),
        "DISC": Meaning(Milestone.UNLOADED),
        "GTIN": Meaning(Milestone.GATE_IN),
        "GTIN/EMPTY": Meaning(Milestone.EMPTY_RETURNED),  # 还空箱
        "GTIN/EMPTY/EXPORT": Meaning(Milestone.GATE_IN),  # an empty box on its way to be stuffed
        "GTOT": Meaning(Milestone.GATE_OUT),
        "GTOT/EMPTY": Meaning(Milestone.EMPTY_PICKED_UP),  # 提空箱
        "GTOT/EMPTY/IMPORT": Meaning(Milestone.GATE_OUT),  # an empty box on its way home
        "PICK": Meaning(Milestone.GATE_OUT),
        "PICK/EMPTY": Meaning(Milestone.EMPTY_PICKED_UP),
        "PICK/EMPTY/IMPORT": Meaning(Milestone.GATE_OUT),
        "DROP": Meaning(Milestone.GATE_IN),
        "DROP/EMPTY": Meaning(Milestone.EMPTY_RETURNED),
        "DROP/EMPTY/EXPORT": Meaning(Milestone.GATE_IN),
        "STUF": Meaning(Milestone.STUFFED),
        "STRP": Meaning(Milestone.STRIPPED),
        "AVPU": Meaning(Milestone.AT_PICKUP_POINT),  # available for pick-up
        "AVPU/EMPTY": Meaning(Milestone.INFO),
        "AVDO": Meaning(Milestone.INFO),  # may be dropped off
        "CROS": Meaning(Milestone.IN_TRANSIT),  # crossed a border
        "CUSS": Meaning(Milestone.CUSTOMS_STARTED),  # selected for scan
        "CUSI": Meaning(Milestone.CUSTOMS_HELD, Reason.CUSTOMS),  # selected for inspection
        "CUSR": Meaning(Milestone.CUSTOMS_CLEARED),
        "INSP": Meaning(Milestone.INFO),
        "RSEA": Meaning(Milestone.INFO),  # resealed
        "RMVD": Meaning(Milestone.INFO),  # removed from the booking
        # Shipment events: papers. Only those that move the cargo's own status are more than information.
        "RECE": Meaning(Milestone.INFO),
        "RECE/CBR": Meaning(Milestone.CREATED),
        "RECE/BKG": Meaning(Milestone.CREATED),
        "SUBM": Meaning(Milestone.INFO),
        "SUBM/CBR": Meaning(Milestone.CREATED),
        "REQS": Meaning(Milestone.INFO),
        "REQS/CBR": Meaning(Milestone.CREATED),
        "DRFT": Meaning(Milestone.INFO),
        "PENA": Meaning(Milestone.INFO),
        "PENU": Meaning(Milestone.INFO),
        "PENC": Meaning(Milestone.INFO),
        "PENM": Meaning(Milestone.INFO),
        "CONF": Meaning(Milestone.INFO),
        "CONF/CBR": Meaning(Milestone.BOOKED),
        "CONF/BKG": Meaning(Milestone.BOOKED),
        "APPR": Meaning(Milestone.INFO),
        "ISSU": Meaning(Milestone.INFO),
        "ISSU/PFD": Meaning(Milestone.DELIVERED),  # proof of delivery issued
        "SURR": Meaning(Milestone.INFO),
        "CMPL": Meaning(Milestone.INFO),
        "CMPL/PFD": Meaning(Milestone.DELIVERED),
        "REJE": Meaning(Milestone.INFO),
        "REJE/CBR": Meaning(Milestone.CANCELLED),
        "REJE/BKG": Meaning(Milestone.CANCELLED),
        "DECL": Meaning(Milestone.INFO),
        "DECL/CBR": Meaning(Milestone.CANCELLED),
        "DECL/BKG": Meaning(Milestone.CANCELLED),
        "CANC": Meaning(Milestone.INFO),
        "CANC/CBR": Meaning(Milestone.CANCELLED),
        "CANC/BKG": Meaning(Milestone.CANCELLED),
        "CACF": Meaning(Milestone.INFO),
        "CACF/CBR": Meaning(Milestone.CANCELLED),
        "CACF/BKG": Meaning(Milestone.CANCELLED),
        "CADC": Meaning(Milestone.INFO),
        "CARE": Meaning(Milestone.INFO),
        "VOID": Meaning(Milestone.INFO),
        "VOID/CBR": Meaning(Milestone.CANCELLED),
        "VOID/BKG": Meaning(Milestone.CANCELLED),
        "HOLD": Meaning(Milestone.EXCEPTION, Reason.HELD),
        "HOLD/CUC": Meaning(Milestone.CUSTOMS_HELD, Reason.CUSTOMS),
        "HOLD/CUS": Meaning(Milestone.CUSTOMS_HELD, Reason.CUSTOMS),
        "RELS": Meaning(Milestone.INFO),
        "RELS/CUC": Meaning(Milestone.CUSTOMS_CLEARED),
        "RELS/CUS": Meaning(Milestone.CUSTOMS_CLEARED),
        "AMCF": Meaning(Milestone.INFO),
        "AMCN": Meaning(Milestone.INFO),
        "AMDC": Meaning(Milestone.INFO),
        "AMPR": Meaning(Milestone.INFO),
        "AMRE": Meaning(Milestone.INFO),
        "PSAM": Meaning(Milestone.INFO),
        "PSDL": Meaning(Milestone.INFO),
        "SUAM": Meaning(Milestone.INFO),
        "SUDL": Meaning(Milestone.INFO),
        "UPCF": Meaning(Milestone.INFO),
        "UPCN": Meaning(Milestone.INFO),
        "UPDC": Meaning(Milestone.INFO),
        "UPDT": Meaning(Milestone.INFO),
        "UPRE": Meaning(Milestone.INFO),
        # Things that measure and watch.
        "DETC": Meaning(Milestone.INFO),
        "DETC/DRO": Meaning(Milestone.INFO),  # door opened
        "DETC/DRC": Meaning(Milestone.INFO),  # door closed
        "DETC/LOC": Meaning(Milestone.INFO),  # position
        "MEAS": Meaning(Milestone.INFO),
        "ADJU": Meaning(Milestone.INFO),
    }
)

MODES: Mapping[str, Mode] = MappingProxyType(
    {
        "VESSEL": Mode.SEA,
        "BARGE": Mode.INLAND_WATER,
        "RAIL": Mode.RAIL,
        "TRUCK": Mode.ROAD,
        "MULTIMODAL": Mode.UNKNOWN,
    }
)

DELAY_REASONS: Mapping[str, Reason] = MappingProxyType({"WEA": Reason.WEATHER})


def delay_reason(code: str) -> Reason:
    """Say why an event is late by its SMDG code; a code we have no word for is still a delay."""
    return DELAY_REASONS.get(code, Reason.DELAYED)

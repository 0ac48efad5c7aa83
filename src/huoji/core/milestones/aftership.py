"""AfterShip: the nine tags and their sub-tags (`Tag_NNN`)."""

from collections.abc import Mapping
from types import MappingProxyType

from huoji.core.milestone import Meaning, Milestone, Reason

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "Pending": Meaning(Milestone.INFO),
        "InfoReceived": Meaning(Milestone.CREATED),
        "InTransit": Meaning(Milestone.IN_TRANSIT),
        "OutForDelivery": Meaning(Milestone.OUT_FOR_DELIVERY),
        "AttemptFail": Meaning(Milestone.ATTEMPT_FAILED),
        "Delivered": Meaning(Milestone.DELIVERED),
        "AvailableForPickup": Meaning(Milestone.AT_PICKUP_POINT),
        "Exception": Meaning(Milestone.EXCEPTION, Reason.OTHER),
        "Expired": Meaning(Milestone.EXCEPTION, Reason.STALLED),  # 30 days without information
        "Pending_001": Meaning(Milestone.INFO),
        "InfoReceived_001": Meaning(Milestone.CREATED),
        "InTransit_001": Meaning(Milestone.IN_TRANSIT),
        "InTransit_002": Meaning(Milestone.PICKED_UP),  # acceptance scan
        "InTransit_003": Meaning(Milestone.ARRIVED),
        "InTransit_004": Meaning(Milestone.ARRIVED_DEST),  # destination country
        "InTransit_005": Meaning(Milestone.CUSTOMS_CLEARED),
        "InTransit_006": Meaning(Milestone.CUSTOMS_STARTED),
        "InTransit_007": Meaning(Milestone.DEPARTED),
        "InTransit_008": Meaning(Milestone.RESOLVED),
        "InTransit_009": Meaning(Milestone.FORWARDED),
        "OutForDelivery_001": Meaning(Milestone.OUT_FOR_DELIVERY),
        "OutForDelivery_003": Meaning(Milestone.INFO),  # customer contacted
        "OutForDelivery_004": Meaning(Milestone.INFO),  # appointment made
        "AttemptFail_001": Meaning(Milestone.ATTEMPT_FAILED),
        "AttemptFail_002": Meaning(Milestone.ATTEMPT_FAILED, Reason.ABSENT),
        "AttemptFail_003": Meaning(Milestone.ATTEMPT_FAILED, Reason.CLOSED),
        "AvailableForPickup_001": Meaning(Milestone.AT_PICKUP_POINT),
        "Delivered_001": Meaning(Milestone.DELIVERED),
        "Delivered_002": Meaning(Milestone.DELIVERED, Reason.SELF),  # fetched by the customer
        "Delivered_003": Meaning(Milestone.DELIVERED, Reason.SELF),
        "Delivered_004": Meaning(Milestone.DELIVERED, Reason.PAYMENT),  # cash on delivery received
        "Delivered_005": Meaning(Milestone.DELIVERED, Reason.AGENT),  # neighbour
        "Exception_001": Meaning(Milestone.EXCEPTION, Reason.OTHER),
        "Exception_002": Meaning(Milestone.EXCEPTION, Reason.MOVED),
        "Exception_003": Meaning(Milestone.REFUSED),
        "Exception_004": Meaning(Milestone.CUSTOMS_HELD, Reason.DELAYED),
        "Exception_005": Meaning(Milestone.EXCEPTION, Reason.DELAYED),
        "Exception_006": Meaning(Milestone.EXCEPTION, Reason.PAYMENT),
        "Exception_007": Meaning(Milestone.EXCEPTION, Reason.ADDRESS),
        "Exception_008": Meaning(Milestone.PICKUP_FAILED),  # pick up missed
        "Exception_009": Meaning(Milestone.EXCEPTION, Reason.OTHER),  # rejected by the carrier
        "Exception_010": Meaning(Milestone.RETURNING),
        "Exception_011": Meaning(Milestone.RETURNED),
        "Exception_012": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),
        "Exception_013": Meaning(Milestone.EXCEPTION, Reason.LOST),
        "Expired_001": Meaning(Milestone.EXCEPTION, Reason.STALLED),
    }
)

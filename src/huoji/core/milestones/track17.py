"""17TRACK: main and sub statuses of version 2, and the bare numbers of version 1."""

from collections.abc import Mapping
from types import MappingProxyType

from huoji.core.milestone import Meaning, Milestone, Reason

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "NotFound": Meaning(Milestone.INFO),
        "InfoReceived": Meaning(Milestone.CREATED),
        "InTransit": Meaning(Milestone.IN_TRANSIT),
        "Expired": Meaning(Milestone.EXCEPTION, Reason.STALLED),
        "AvailableForPickup": Meaning(Milestone.AT_PICKUP_POINT),
        "OutForDelivery": Meaning(Milestone.OUT_FOR_DELIVERY),
        "DeliveryFailure": Meaning(Milestone.ATTEMPT_FAILED),
        "Delivered": Meaning(Milestone.DELIVERED),
        "Exception": Meaning(Milestone.EXCEPTION, Reason.OTHER),
        "NotFound_Other": Meaning(Milestone.INFO),
        "NotFound_InvalidCode": Meaning(Milestone.INFO),
        "InTransit_PickedUp": Meaning(Milestone.PICKED_UP),
        "InTransit_Other": Meaning(Milestone.IN_TRANSIT),
        "InTransit_Departure": Meaning(Milestone.DEPARTED),
        "InTransit_Arrival": Meaning(Milestone.ARRIVED),
        "InTransit_CustomsProcessing": Meaning(Milestone.CUSTOMS_STARTED),
        "InTransit_CustomsReleased": Meaning(Milestone.CUSTOMS_CLEARED),
        "InTransit_CustomsRequiringInformation": Meaning(Milestone.CUSTOMS_HELD, Reason.DOCUMENTS),
        "Expired_Other": Meaning(Milestone.EXCEPTION, Reason.STALLED),
        "AvailableForPickup_Other": Meaning(Milestone.AT_PICKUP_POINT),
        "OutForDelivery_Other": Meaning(Milestone.OUT_FOR_DELIVERY),
        "DeliveryFailure_Other": Meaning(Milestone.ATTEMPT_FAILED, Reason.OTHER),
        "DeliveryFailure_NoBody": Meaning(Milestone.ATTEMPT_FAILED, Reason.ABSENT),
        "DeliveryFailure_Security": Meaning(Milestone.ATTEMPT_FAILED, Reason.HELD),
        "DeliveryFailure_Rejected": Meaning(Milestone.REFUSED),
        "DeliveryFailure_InvalidAddress": Meaning(Milestone.ATTEMPT_FAILED, Reason.ADDRESS),
        "Delivered_Other": Meaning(Milestone.DELIVERED),
        "Exception_Other": Meaning(Milestone.EXCEPTION, Reason.OTHER),
        "Exception_Returning": Meaning(Milestone.RETURNING),
        "Exception_Returned": Meaning(Milestone.RETURNED),
        "Exception_NoBody": Meaning(Milestone.EXCEPTION, Reason.UNCONTACTABLE),
        "Exception_Security": Meaning(Milestone.EXCEPTION, Reason.HELD),
        "Exception_Damage": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),
        "Exception_Rejected": Meaning(Milestone.REFUSED),
        "Exception_Delayed": Meaning(Milestone.EXCEPTION, Reason.DELAYED),
        "Exception_Lost": Meaning(Milestone.EXCEPTION, Reason.LOST),
        "Exception_Destroyed": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),
        "Exception_Cancel": Meaning(Milestone.CANCELLED),
        "0": Meaning(Milestone.INFO),  # version 1 from here on
        "10": Meaning(Milestone.IN_TRANSIT),
        "20": Meaning(Milestone.EXCEPTION, Reason.STALLED),
        "30": Meaning(Milestone.AT_PICKUP_POINT),
        "35": Meaning(Milestone.ATTEMPT_FAILED),
        "40": Meaning(Milestone.DELIVERED),
        "50": Meaning(Milestone.EXCEPTION, Reason.OTHER),
    }
)

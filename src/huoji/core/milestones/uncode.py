"""UN/ECE Recommendation 24 transport status codes: numbers of EDIFACT 9011/4405 in the STS segment of IFTSTA.

Directories of the middle 1990s differ by one from 50 on. The numbers from 53 on are those of EANCOM (54 not collected, 71 receipt fully
acknowledged); 50 to 52, where the lists part, stay unmapped. Codes of a carrier's own (letters) have no entry either.
"""

from collections.abc import Mapping
from types import MappingProxyType

from huoji.core.milestone import Meaning, Milestone, Reason

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "1": Meaning(Milestone.ARRIVED),
        "2": Meaning(Milestone.INFO),  # authorised to load
        "3": Meaning(Milestone.ARRIVED, Reason.DAMAGED),  # arrived in defective condition
        "4": Meaning(Milestone.INFO),  # defective equipment released
        "5": Meaning(Milestone.INFO),  # begun
        "6": Meaning(Milestone.BOOKED),
        "7": Meaning(Milestone.CANCELLED),  # booking cancelled
        "8": Meaning(Milestone.CUSTOMS_CLEARED),  # import restrictions
        "9": Meaning(Milestone.CUSTOMS_CLEARED),  # export restrictions
        "10": Meaning(Milestone.CUSTOMS_CLEARED),  # agriculture, food or fisheries
        "11": Meaning(Milestone.INFO),  # cleared by the port authority
        "12": Meaning(Milestone.CUSTOMS_CLEARED),
        "13": Meaning(Milestone.PICKED_UP),  # collected
        "14": Meaning(Milestone.INFO),  # completed: of what is not said
        "15": Meaning(Milestone.SORTED),  # consolidated
        "16": Meaning(Milestone.IN_TRANSIT),  # crossed a border
        "17": Meaning(Milestone.CUSTOMS_HELD, Reason.CUSTOMS),  # customs refusal
        "18": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),
        "19": Meaning(Milestone.INFO),  # damaged equipment quoted
        "20": Meaning(Milestone.EXCEPTION, Reason.DELAYED),
        "21": Meaning(Milestone.DELIVERED),
        "22": Meaning(Milestone.DELIVERED),  # delivery completed
        "23": Meaning(Milestone.ATTEMPT_FAILED),  # delivery not completed
        "24": Meaning(Milestone.DEPARTED),
        "25": Meaning(Milestone.EXCEPTION, Reason.DELAYED),  # departure delay
        "26": Meaning(Milestone.UNLOADED),  # deramped from a rail car
        "27": Meaning(Milestone.DEPARTED),  # despatched
        "28": Meaning(Milestone.STRIPPED),
        "29": Meaning(Milestone.UNLOADED),  # discharged
        "30": Meaning(Milestone.EXCEPTION, Reason.SHORTAGE),  # empty on inspection
        "31": Meaning(Milestone.IN_TRANSIT),  # en route
        "32": Meaning(Milestone.INFO),
        "33": Meaning(Milestone.INFO),
        "34": Meaning(Milestone.INFO),
        "35": Meaning(Milestone.INFO),  # expedited
        "36": Meaning(Milestone.EXCEPTION, Reason.LOST),  # not found
        "37": Meaning(Milestone.RESOLVED),  # found
        "38": Meaning(Milestone.INFO),  # freight paid
        "39": Meaning(Milestone.CUSTOMS_CLEARED),  # from bond
        "40": Meaning(Milestone.ARRIVED),  # at port
        "41": Meaning(Milestone.INFO),  # handover
        "42": Meaning(Milestone.INFO),  # handover, delivered: between carriers
        "43": Meaning(Milestone.INFO),  # handover, received: between carriers
        "44": Meaning(Milestone.FORWARDED),  # ill-routed and sent on
        "45": Meaning(Milestone.ARRIVED_DEST),  # consignee told of arrival
        "46": Meaning(Milestone.CUSTOMS_STARTED),  # into bond
        "47": Meaning(Milestone.GATE_IN),  # into packing depot
        "48": Meaning(Milestone.LOADED),
        "49": Meaning(Milestone.EXCEPTION, Reason.LOST),
        "53": Meaning(Milestone.INFO),  # not identified
        "54": Meaning(Milestone.PICKUP_FAILED),  # not collected
        "55": Meaning(Milestone.ATTEMPT_FAILED),  # not delivered
        "56": Meaning(Milestone.EXCEPTION, Reason.DELAYED),  # not loaded
        "57": Meaning(Milestone.INFO),  # off hire
        "58": Meaning(Milestone.UNLOADED),  # off loaded
        "59": Meaning(Milestone.INFO),  # on hire
        "60": Meaning(Milestone.INFO),  # claims settled
        "61": Meaning(Milestone.INFO),  # over landed
        "62": Meaning(Milestone.PICKUP_FAILED),  # package not ready
        "63": Meaning(Milestone.AWAITING_PICKUP),
        "64": Meaning(Milestone.INFO),  # plugged in
        "65": Meaning(Milestone.EXCEPTION, Reason.LOST),  # plundered
        "66": Meaning(Milestone.INFO),  # positioned
        "67": Meaning(Milestone.INFO),  # pre-informed
        "68": Meaning(Milestone.EXCEPTION, Reason.OTHER),  # put to refuse
        "69": Meaning(Milestone.LOADED),  # ramped on a rail car
        "70": Meaning(Milestone.AWAITING_PICKUP),  # ready for transportation
        "71": Meaning(Milestone.DELIVERED),  # receipt fully acknowledged
        "72": Meaning(Milestone.EXCEPTION, Reason.SHORTAGE),  # receipt partially acknowledged
        "73": Meaning(Milestone.ARRIVED),  # received
        "74": Meaning(Milestone.FORWARDED),  # reconsigned
        "75": Meaning(Milestone.FORWARDED),  # on request
        "76": Meaning(Milestone.REFUSED),
        "77": Meaning(Milestone.RESOLVED),  # released
        "78": Meaning(Milestone.LOADED),  # reloaded
        "79": Meaning(Milestone.RETURNED),  # as instructed
        "80": Meaning(Milestone.RETURNED, Reason.DAMAGED),  # as a wreck
        "81": Meaning(Milestone.RETURNED),
        "82": Meaning(Milestone.INFO),  # sealed
        "83": Meaning(Milestone.INFO),  # service ordered
        "84": Meaning(Milestone.EXCEPTION, Reason.SHORTAGE),  # short landed
        "85": Meaning(Milestone.EXCEPTION, Reason.SHORTAGE),  # short shipped
        "86": Meaning(Milestone.EXCEPTION, Reason.MISSORTED),  # sorted to a wrong route
        "87": Meaning(Milestone.INFO),  # split
        "88": Meaning(Milestone.INFO),  # steam cleaned
        "89": Meaning(Milestone.EXCEPTION, Reason.HELD),  # stopped
        "90": Meaning(Milestone.INFO),  # stored
        "91": Meaning(Milestone.LOADED),  # stowed
        "92": Meaning(Milestone.STUFFED),
        "93": Meaning(Milestone.STUFFED),  # and sealed
        "94": Meaning(Milestone.INFO),
        "95": Meaning(Milestone.INFO),
        "96": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),  # damage surveyed
        "97": Meaning(Milestone.ARRIVED),  # transferred in
        "98": Meaning(Milestone.DEPARTED),  # transferred out
        "99": Meaning(Milestone.IN_TRANSIT),  # transhipment
        "100": Meaning(Milestone.EXCEPTION, Reason.DELAYED),  # transit delay
        "101": Meaning(Milestone.INFO),  # unknown goods
        "102": Meaning(Milestone.INFO),  # unplugged
    }
)

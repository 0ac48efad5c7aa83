"""快递100: the basic `state` and the advanced `resultv2` codes, and the five words of 10 to 14 that appear as both."""

from collections.abc import Mapping
from types import MappingProxyType

from huoji.core.milestone import Meaning, Milestone, Reason, Status

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "0": Meaning(Milestone.IN_TRANSIT),  # 在途, not "unknown"
        "1": Meaning(Milestone.PICKED_UP),  # 揽收
        "2": Meaning(Milestone.EXCEPTION, Reason.OTHER),  # 疑难
        "3": Meaning(Milestone.DELIVERED),  # 签收
        "4": Meaning(Milestone.RETURNED),  # 退签: the sender has signed for it
        "5": Meaning(Milestone.OUT_FOR_DELIVERY),  # 派件
        "6": Meaning(Milestone.RETURNING),  # 退回
        "7": Meaning(Milestone.FORWARDED),  # 转投 to another company
        "8": Meaning(Milestone.CUSTOMS_STARTED),  # 清关
        "10": Meaning(Milestone.CUSTOMS_WAITING),  # 待清关
        "11": Meaning(Milestone.CUSTOMS_STARTED),  # 清关中
        "12": Meaning(Milestone.CUSTOMS_CLEARED),  # 已清关
        "13": Meaning(Milestone.CUSTOMS_HELD, Reason.CUSTOMS),  # 清关异常
        "14": Meaning(Milestone.REFUSED),  # 拒签
        "101": Meaning(Milestone.CREATED),  # 已下单
        "102": Meaning(Milestone.AWAITING_PICKUP),  # 待揽收
        "103": Meaning(Milestone.PICKED_UP),  # 已揽收
        "1001": Meaning(Milestone.ARRIVED_DEST),  # 到达派件城市
        "1002": Meaning(Milestone.IN_TRANSIT),  # 干线
        "1003": Meaning(Milestone.FORWARDED),  # 转递 to a new address
        "501": Meaning(Milestone.AT_PICKUP_POINT, Reason.POINT),  # 投柜或驿站
        "301": Meaning(Milestone.DELIVERED, Reason.SELF),  # 本人签收
        "302": Meaning(Milestone.DELIVERED, Reason.AFTER_EXCEPTION),  # 派件异常后签收
        "303": Meaning(Milestone.DELIVERED, Reason.AGENT),  # 代签
        "304": Meaning(Milestone.DELIVERED, Reason.POINT),  # 投柜或站签收
        "401": Meaning(Milestone.CANCELLED),  # 已销单
        "201": Meaning(Milestone.EXCEPTION, Reason.OVERDUE),  # 超时未签收
        "202": Meaning(Milestone.EXCEPTION, Reason.STALLED),  # 超时未更新
        "203": Meaning(Milestone.REFUSED),  # 拒收
        "204": Meaning(Milestone.ATTEMPT_FAILED, Reason.OTHER),  # 派件异常
        "205": Meaning(Milestone.AT_PICKUP_POINT, Reason.OVERDUE),  # 柜或驿站超时未取
        "206": Meaning(Milestone.ATTEMPT_FAILED, Reason.UNCONTACTABLE),  # 无法联系
        "207": Meaning(Milestone.EXCEPTION, Reason.OUT_OF_AREA),  # 超区
        "208": Meaning(Milestone.EXCEPTION, Reason.DELAYED),  # 滞留
        "209": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),  # 破损
        "210": Meaning(Milestone.CANCELLED),  # 销单
    }
)

# What we answer as `state` when 快递100 asks us; where no basic state says it, the advanced one does.
STATES: Mapping[Status, str] = MappingProxyType(
    {
        Status.CREATED: "101",
        Status.AWAITING_PICKUP: "102",
        Status.PICKED_UP: "1",
        Status.SORTING: "0",
        Status.IN_TRANSIT: "0",
        Status.CUSTOMS: "8",
        Status.ARRIVED_DEST: "0",
        Status.OUT_FOR_DELIVERY: "5",
        Status.AT_PICKUP_POINT: "5",
        Status.ATTEMPT_FAILED: "2",
        Status.DELIVERED: "3",
        Status.REFUSED: "14",
        Status.RETURNING: "6",
        Status.RETURNED: "4",
        Status.EXCEPTION: "2",
        Status.CANCELLED: "2",
    }
)

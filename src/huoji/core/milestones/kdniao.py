"""快递鸟: State and StateEx; many numbers equal those of 快递100 and mean something else."""

from collections.abc import Mapping
from types import MappingProxyType

from huoji.core.milestone import Meaning, Milestone, Reason

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "0": Meaning(Milestone.INFO),  # 暂无轨迹信息
        "1": Meaning(Milestone.PICKED_UP),  # 已揽收
        "2": Meaning(Milestone.IN_TRANSIT),  # 在途中
        "3": Meaning(Milestone.DELIVERED),  # 签收
        "4": Meaning(Milestone.EXCEPTION, Reason.OTHER),  # 问题件
        "5": Meaning(Milestone.FORWARDED),  # 转寄
        "6": Meaning(Milestone.CUSTOMS_STARTED),  # 清关
        "10": Meaning(Milestone.AWAITING_PICKUP),  # 待揽件
        "201": Meaning(Milestone.ARRIVED_DEST),  # 到达派件城市
        "202": Meaning(Milestone.OUT_FOR_DELIVERY),  # 派件中
        "204": Meaning(Milestone.ARRIVED),  # 到达转运中心
        "205": Meaning(Milestone.ARRIVED_DEST),  # 到达派件网点
        "206": Meaning(Milestone.DEPARTED),  # 寄件网点发件
        "211": Meaning(Milestone.AT_PICKUP_POINT, Reason.POINT),  # 已放入快递柜或驿站
        "301": Meaning(Milestone.DELIVERED),  # 正常签收
        "302": Meaning(Milestone.DELIVERED, Reason.AFTER_EXCEPTION),  # 派件异常后最终签收
        "304": Meaning(Milestone.DELIVERED, Reason.AGENT),  # 代收签收
        "311": Meaning(Milestone.DELIVERED, Reason.POINT),  # 快递柜或驿站签收
        "401": Meaning(Milestone.EXCEPTION, Reason.STALLED),  # 发货无信息
        "402": Meaning(Milestone.EXCEPTION, Reason.OVERDUE),  # 超时未签收
        "403": Meaning(Milestone.EXCEPTION, Reason.STALLED),  # 超时未更新
        "404": Meaning(Milestone.REFUSED),  # 拒收(退件)
        "405": Meaning(Milestone.ATTEMPT_FAILED, Reason.OTHER),  # 派件异常
        "406": Meaning(Milestone.RETURNED),  # 退货签收
        "407": Meaning(Milestone.RETURNING),  # 退货未签收
        "412": Meaning(Milestone.AT_PICKUP_POINT, Reason.OVERDUE),  # 快递柜或驿站超时未取
        "413": Meaning(Milestone.EXCEPTION, Reason.INTERCEPTED),  # 单号已拦截
        "414": Meaning(Milestone.EXCEPTION, Reason.DAMAGED),  # 破损
        "415": Meaning(Milestone.CANCELLED),  # 客户取消发货
        "416": Meaning(Milestone.ATTEMPT_FAILED, Reason.UNCONTACTABLE),  # 无法联系
        "417": Meaning(Milestone.EXCEPTION, Reason.DELAYED),  # 配送延迟
        "418": Meaning(Milestone.EXCEPTION, Reason.OTHER),  # 快件取出: out of the locker again, by whom is not said
        "419": Meaning(Milestone.OUT_FOR_DELIVERY, Reason.REDELIVERY),  # 重新派送
        "420": Meaning(Milestone.EXCEPTION, Reason.ADDRESS),  # 收货地址不详细
        "421": Meaning(Milestone.EXCEPTION, Reason.PHONE),  # 收件人电话错误
        "422": Meaning(Milestone.EXCEPTION, Reason.MISSORTED),  # 错分件
        "423": Meaning(Milestone.EXCEPTION, Reason.OUT_OF_AREA),  # 超区件
        "601": Meaning(Milestone.CUSTOMS_WAITING),  # 待清关
        "602": Meaning(Milestone.CUSTOMS_STARTED),  # 清关中
        "603": Meaning(Milestone.CUSTOMS_CLEARED),  # 已清关
        "604": Meaning(Milestone.CUSTOMS_HELD, Reason.CUSTOMS),  # 清关异常
    }
)

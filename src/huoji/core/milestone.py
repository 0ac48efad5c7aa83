"""The words of the timeline: milestones an event can report, the status they lead to, and the reasons behind them."""

from dataclasses import dataclass
from enum import StrEnum


class Classifier(StrEnum):
    """DCSA event classifier: planned, estimated or actual."""

    PLANNED = "PLN"
    ESTIMATED = "EST"
    ACTUAL = "ACT"


class Line(StrEnum):
    """Business line of an order; picks its procedures."""

    ROAD = "road"
    EXPRESS = "express"
    OCEAN = "ocean"


class Mode(StrEnum):
    """Transport mode of a leg."""

    ROAD = "road"
    SEA = "sea"
    AIR = "air"
    RAIL = "rail"
    INLAND_WATER = "inland_water"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """Where a waybill stands; derived by the fold, never typed in."""

    CREATED = "created"
    AWAITING_PICKUP = "awaiting_pickup"
    PICKED_UP = "picked_up"
    SORTING = "sorting"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    ARRIVED_DEST = "arrived_dest"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AT_PICKUP_POINT = "at_pickup_point"
    ATTEMPT_FAILED = "attempt_failed"
    DELIVERED = "delivered"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"
    EXCEPTION = "exception"
    CANCELLED = "cancelled"


class Milestone(StrEnum):
    """What one event says has happened, is planned or is estimated."""

    CREATED = "created"  # 已下单
    BOOKED = "booked"  # 订舱确认
    AWAITING_PICKUP = "awaiting_pickup"  # 待揽收
    PICKUP_FAILED = "pickup_failed"  # 揽收失败
    PICKED_UP = "picked_up"  # 揽收
    SORTED = "sorted"  # 分拣/操作
    ARRIVED = "arrived"  # 到达
    DEPARTED = "departed"  # 离开/发出
    LOADED = "loaded"  # 装车/装船
    UNLOADED = "unloaded"  # 卸车/卸船
    IN_TRANSIT = "in_transit"  # 运输中
    FORWARDED = "forwarded"  # 转寄/转投其他承运商或新地址
    EMPTY_PICKED_UP = "empty_picked_up"  # 提空箱
    STUFFED = "stuffed"  # 装箱
    GATE_IN = "gate_in"  # 进港/进场
    GATE_OUT = "gate_out"  # 出港/提离
    STRIPPED = "stripped"  # 拆箱
    EMPTY_RETURNED = "empty_returned"  # 还空箱
    CUSTOMS_WAITING = "customs_waiting"  # 待清关
    CUSTOMS_STARTED = "customs_started"  # 清关中
    CUSTOMS_HELD = "customs_held"  # 清关异常/扣留
    CUSTOMS_CLEARED = "customs_cleared"  # 已清关/放行
    ARRIVED_DEST = "arrived_dest"  # 到达派件城市/目的站
    OUT_FOR_DELIVERY = "out_for_delivery"  # 派送中
    AT_PICKUP_POINT = "at_pickup_point"  # 投柜或驿站待取
    ATTEMPT_FAILED = "attempt_failed"  # 派送未成功
    DELIVERED = "delivered"  # 签收
    REFUSED = "refused"  # 拒收
    RETURNING = "returning"  # 退回途中
    RETURNED = "returned"  # 退回签收
    EXCEPTION = "exception"  # 异常, reason says which
    RESOLVED = "resolved"  # 异常解除
    CANCELLED = "cancelled"  # 取消/销单
    INFO = "info"  # kept and shown, moves nothing


class Reason(StrEnum):
    """Why, or how exactly: the sub-status inside one status."""

    NONE = ""
    SELF = "self"  # 本人签收
    AGENT = "agent"  # 代签
    POINT = "point"  # 柜或站签收
    AFTER_EXCEPTION = "after_exception"  # 异常后签收
    DAMAGED = "damaged"
    LOST = "lost"
    DELAYED = "delayed"
    HELD = "held"
    STALLED = "stalled"
    OVERDUE = "overdue"  # 超时未签收/超时未取
    OUT_OF_AREA = "out_of_area"
    UNCONTACTABLE = "uncontactable"
    ADDRESS = "address"
    PHONE = "phone"
    MISSORTED = "missorted"
    INTERCEPTED = "intercepted"
    ABSENT = "absent"
    CLOSED = "closed"
    MOVED = "moved"
    PAYMENT = "payment"
    CUSTOMS = "customs"
    WEATHER = "weather"
    REDELIVERY = "redelivery"
    SHORTAGE = "shortage"
    DOCUMENTS = "documents"
    OTHER = "other"


class Certainty(StrEnum):
    """How we came to a meaning: the source's code said it, we read it out of free text, or nothing told us."""

    STATED = "stated"
    INFERRED = "inferred"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a foreign code means here."""

    milestone: Milestone
    reason: Reason = Reason.NONE
    certainty: Certainty = Certainty.STATED


UNKNOWN_MEANING = Meaning(Milestone.INFO, certainty=Certainty.UNMAPPED)

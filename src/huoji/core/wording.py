"""The words people read for the words we store: one table each, Chinese and English, for pages, API and messages alike."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from enum import IntEnum, StrEnum
from typing import Any

from huoji.core import exception_words, sight_words
from huoji.core.answer import Entry, Flag, StageState
from huoji.core.exception import CauseCode, ExceptionKind, ExceptionState, Severity, Step
from huoji.core.milestone import Classifier, Line, Milestone, Mode, Reason, Status
from huoji.core.moment import Moment, Precision
from huoji.core.sight import Risk, TransportState


class Lang(IntEnum):
    """A language of the product; the value is the column of the tables below."""

    ZH = 0
    EN = 1

    @property
    def tag(self) -> str:
        """The language as the web names it: `zh` or `en`."""
        return self.name.lower()


Words = tuple[str, str]

STATUSES: Mapping[Status, Words] = {
    Status.CREATED: ("已下单", "Order placed"),
    Status.AWAITING_PICKUP: ("待揽收", "Awaiting pickup"),
    Status.PICKED_UP: ("已揽收", "Picked up"),
    Status.SORTING: ("分拣中", "Being sorted"),
    Status.IN_TRANSIT: ("运输中", "In transit"),
    Status.CUSTOMS: ("清关中", "In customs"),
    Status.ARRIVED_DEST: ("已到达目的地", "Arrived at destination"),
    Status.OUT_FOR_DELIVERY: ("派送中", "Out for delivery"),
    Status.AT_PICKUP_POINT: ("待取件", "Ready for collection"),
    Status.ATTEMPT_FAILED: ("派送未成功", "Delivery attempt failed"),
    Status.DELIVERED: ("已签收", "Delivered"),
    Status.REFUSED: ("已拒收", "Refused"),
    Status.RETURNING: ("退回中", "Being returned"),
    Status.RETURNED: ("已退回", "Returned"),
    Status.EXCEPTION: ("运输异常", "Exception"),
    Status.CANCELLED: ("已取消", "Cancelled"),
}

MILESTONES: Mapping[Milestone, Words] = {
    Milestone.CREATED: ("已下单", "Order placed"),
    Milestone.BOOKED: ("订舱已确认", "Booking confirmed"),
    Milestone.AWAITING_PICKUP: ("等待揽收", "Awaiting pickup"),
    Milestone.PICKUP_FAILED: ("揽收未成功", "Pickup failed"),
    Milestone.PICKED_UP: ("已揽收", "Picked up"),
    Milestone.SORTED: ("已分拣", "Sorted"),
    Milestone.ARRIVED: ("已到达", "Arrived"),
    Milestone.DEPARTED: ("已离开", "Departed"),
    Milestone.LOADED: ("已装车", "Loaded"),
    Milestone.UNLOADED: ("已卸车", "Unloaded"),
    Milestone.IN_TRANSIT: ("运输途中", "In transit"),
    Milestone.FORWARDED: ("已转寄", "Forwarded"),
    Milestone.EMPTY_PICKED_UP: ("已提空箱", "Empty container picked up"),
    Milestone.STUFFED: ("已装箱", "Container stuffed"),
    Milestone.GATE_IN: ("已进场", "Gated in"),
    Milestone.GATE_OUT: ("已提离", "Gated out"),
    Milestone.STRIPPED: ("已拆箱", "Container stripped"),
    Milestone.EMPTY_RETURNED: ("已还空箱", "Empty container returned"),
    Milestone.CUSTOMS_WAITING: ("等待清关", "Awaiting customs"),
    Milestone.CUSTOMS_STARTED: ("开始清关", "Customs clearance started"),
    Milestone.CUSTOMS_HELD: ("海关查验或扣留", "Held by customs"),
    Milestone.CUSTOMS_CLEARED: ("海关已放行", "Cleared by customs"),
    Milestone.ARRIVED_DEST: ("已到达目的地", "Arrived at destination"),
    Milestone.OUT_FOR_DELIVERY: ("正在派送", "Out for delivery"),
    Milestone.AT_PICKUP_POINT: ("已到取件点，等待领取", "Ready for collection"),
    Milestone.ATTEMPT_FAILED: ("派送未成功", "Delivery attempt failed"),
    Milestone.DELIVERED: ("已签收", "Delivered"),
    Milestone.REFUSED: ("收件人拒收", "Refused by the recipient"),
    Milestone.RETURNING: ("正在退回", "Being returned"),
    Milestone.RETURNED: ("退回已签收", "Returned to the sender"),
    Milestone.EXCEPTION: ("出现异常", "Exception"),
    Milestone.RESOLVED: ("异常已解除", "Exception resolved"),
    Milestone.CANCELLED: ("已取消", "Cancelled"),
    Milestone.INFO: ("物流信息更新", "Information received"),
}

# What is planned or estimated has not happened: a noun instead of a report.
AHEAD: Mapping[Milestone, Words] = {
    Milestone.PICKED_UP: ("揽收", "Pickup"),
    Milestone.SORTED: ("分拣", "Sorting"),
    Milestone.ARRIVED: ("到达", "Arrival"),
    Milestone.DEPARTED: ("离开", "Departure"),
    Milestone.LOADED: ("装车", "Loading"),
    Milestone.UNLOADED: ("卸车", "Unloading"),
    Milestone.EMPTY_PICKED_UP: ("提空箱", "Empty container pickup"),
    Milestone.STUFFED: ("装箱", "Container stuffing"),
    Milestone.GATE_IN: ("进场", "Gate in"),
    Milestone.GATE_OUT: ("提离", "Gate out"),
    Milestone.STRIPPED: ("拆箱", "Container stripping"),
    Milestone.EMPTY_RETURNED: ("还空箱", "Empty container return"),
    Milestone.CUSTOMS_CLEARED: ("海关放行", "Customs release"),
    Milestone.ARRIVED_DEST: ("到达目的地", "Arrival at destination"),
    Milestone.OUT_FOR_DELIVERY: ("派送", "Delivery run"),
    Milestone.DELIVERED: ("签收", "Delivery"),
    Milestone.RETURNED: ("退回签收", "Return to the sender"),
}

# The same step by another mode has its own word.
BY_MODE: Mapping[tuple[Milestone, Mode], Words] = {
    (Milestone.LOADED, Mode.SEA): ("已装船", "Loaded on board"),
    (Milestone.UNLOADED, Mode.SEA): ("已卸船", "Discharged"),
    (Milestone.ARRIVED, Mode.SEA): ("船舶已抵港", "Vessel arrived"),
    (Milestone.DEPARTED, Mode.SEA): ("船舶已离港", "Vessel departed"),
    (Milestone.LOADED, Mode.INLAND_WATER): ("已装船", "Loaded on the barge"),
    (Milestone.UNLOADED, Mode.INLAND_WATER): ("已卸船", "Discharged from the barge"),
    (Milestone.LOADED, Mode.AIR): ("已装机", "Loaded on the aircraft"),
    (Milestone.UNLOADED, Mode.AIR): ("已卸机", "Unloaded from the aircraft"),
    (Milestone.DEPARTED, Mode.AIR): ("航班已起飞", "Flight departed"),
    (Milestone.ARRIVED, Mode.AIR): ("航班已到达", "Flight arrived"),
    (Milestone.LOADED, Mode.RAIL): ("已装上列车", "Loaded on the train"),
    (Milestone.UNLOADED, Mode.RAIL): ("已从列车卸下", "Unloaded from the train"),
    (Milestone.LOADED, Mode.UNKNOWN): ("已装载", "Loaded"),
    (Milestone.UNLOADED, Mode.UNKNOWN): ("已卸载", "Unloaded"),
}

REASONS: Mapping[Reason, Words] = {
    Reason.NONE: ("", ""),
    Reason.SELF: ("本人签收", "received in person"),
    Reason.AGENT: ("他人代签", "signed for by another person"),
    Reason.POINT: ("取件柜或驿站签收", "collected from a pickup point"),
    Reason.AFTER_EXCEPTION: ("异常后签收", "delivered after an exception"),
    Reason.DAMAGED: ("货物破损", "damaged"),
    Reason.LOST: ("货物丢失", "lost"),
    Reason.DELAYED: ("运输延误", "delayed"),
    Reason.HELD: ("滞留", "held"),
    Reason.STALLED: ("超时未更新", "no update for too long"),
    Reason.OVERDUE: ("超时未签收或未取件", "overdue for delivery or collection"),
    Reason.OUT_OF_AREA: ("超出派送范围", "outside the delivery area"),
    Reason.UNCONTACTABLE: ("无法联系收件人", "recipient cannot be reached"),
    Reason.ADDRESS: ("地址不详或有误", "incomplete or wrong address"),
    Reason.PHONE: ("电话有误", "wrong telephone number"),
    Reason.MISSORTED: ("错分", "missorted"),
    Reason.INTERCEPTED: ("已拦截", "intercepted"),
    Reason.ABSENT: ("收件人不在", "recipient absent"),
    Reason.CLOSED: ("收件方未营业", "premises closed"),
    Reason.MOVED: ("收件人已搬迁", "recipient moved"),
    Reason.PAYMENT: ("费用待付", "payment due"),
    Reason.CUSTOMS: ("海关原因", "customs"),
    Reason.WEATHER: ("天气原因", "weather"),
    Reason.REDELIVERY: ("将再次派送", "to be delivered again"),
    Reason.SHORTAGE: ("货物短少", "goods missing"),
    Reason.DOCUMENTS: ("单证不全", "documents missing"),
    Reason.OTHER: ("其他原因", "other reason"),
}

CLASSIFIERS: Mapping[Classifier, Words] = {
    Classifier.PLANNED: ("计划", "Planned"),
    Classifier.ESTIMATED: ("预计", "Estimated"),
    Classifier.ACTUAL: ("实际", "Actual"),
}

MODES: Mapping[Mode, Words] = {
    Mode.ROAD: ("公路", "road"),
    Mode.SEA: ("海运", "sea"),
    Mode.AIR: ("航空", "air"),
    Mode.RAIL: ("铁路", "rail"),
    Mode.INLAND_WATER: ("内河", "inland water"),
    Mode.UNKNOWN: ("", ""),
}

LINES: Mapping[Line, Words] = {
    Line.ROAD: ("汽运", "Road freight"),
    Line.EXPRESS: ("快运快递", "Express"),
    Line.OCEAN: ("海运", "Ocean freight"),
}

FLAGS: Mapping[Flag, Words] = {
    Flag.FUTURE: ("时间晚于收到时刻，可能有误", "dated after we received it, may be wrong"),
    Flag.ANCIENT: ("时间明显过早，可能有误", "dated far too early, may be wrong"),
    Flag.JUMP: ("与前一步不衔接", "does not follow from the step before"),
    Flag.LATE: ("事后补报", "reported late"),
    Flag.UNMAPPED: ("来源的状态码没有对应含义", "the source's code has no meaning here"),
    Flag.INFERRED: ("由文字内容判断，来源未给状态码", "read from the text, the source gave no code"),
}

STAGES: tuple[Words, ...] = (
    ("揽收", "Pickup"),
    ("分拣", "Sorting"),
    ("运输", "Transit"),
    ("派送", "Delivery"),
    ("签收", "Signed"),
)

STAGE_STATES: Mapping[StageState, Words] = {
    StageState.DONE: ("已完成", "done"),
    StageState.CURRENT: ("进行中", "in progress"),
    StageState.AHEAD: ("未开始", "not yet"),
}

ROLES: Mapping[str, Words] = {
    "shipper": ("寄件人", "Sender"),
    "consignee": ("收件人", "Recipient"),
    "notify": ("通知方", "Notify party"),
    "booking_agent": ("订舱代理", "Booking agent"),
    "carrier_agent": ("承运代理", "Carrier's agent"),
}

RELATIONS: Mapping[str, Words] = {
    "returned_as": ("货物已退回，退回单号", "Returned under number"),
    "return_of": ("本单是退回件，原单号", "This is the return of number"),
    "forwarded_as": ("货物已转寄，新单号", "Forwarded under number"),
    "forward_of": ("本单是转寄件，原单号", "This was forwarded from number"),
    "piece": ("子件", "Piece"),
    "container": ("集装箱", "Container"),
    "bill": ("提单", "Bill of lading"),
}

# Who told us. A name that is not here is that of a key or a partner, and is none of the public's business.
SOURCES: Mapping[str, Words] = {
    "scan": ("扫描", "scan"),
    "storage": ("仓库", "warehouse"),
    "staff": ("人工录入", "entered by staff"),
    "desk": ("人工录入", "entered by staff"),
    "api": ("承运商系统", "carrier's system"),
    "order": ("下单资料", "order data"),
    "manual": ("人工录入", "entered by staff"),
    "import": ("批量导入", "import"),
    "kuaidi100": ("快递100", "Kuaidi100"),
    "kdniao": ("快递鸟", "KDNiao"),
    "dcsa": ("船公司", "ocean carrier"),
    "epcis": ("EPCIS", "EPCIS"),
    "demo": ("演示数据", "demo data"),
    "events": ("轨迹", "events"),
    "gps": ("车载定位", "vehicle GPS"),
    "ais": ("船舶 AIS", "vessel AIS"),
    "sensor": ("传感器", "sensor"),
    "outlook": ("到达预测", "arrival forecast"),
    "watchdog": ("静默监测", "silence watch"),
}
CONNECTED: Words = ("对接系统", "connected system")
# A key without a source of its own speaks as its owner: `partner:12`, `customer:7/epcis`.
OWNERS: Mapping[str, Words] = {
    "partner": ("合作方系统", "partner's system"),
    "customer": ("客户系统", "customer's system"),
}

_TWO = tuple(f"{number:02}" for number in range(60))  # a timeline has many clocks, and strftime takes ten times as long
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOUR_MIN, DAY_MIN = 60, 24 * 60
YEAR_MIN = 365 * DAY_MIN + 6 * HOUR_MIN
MONTH_MIN = YEAR_MIN // 12
HOURS_TOLD_MAX_MIN = 48 * HOUR_MIN  # "36 hours" says more than "1 day"
DAYS_TOLD_MAX_MIN = 100 * DAY_MIN
MONTHS_TOLD_MAX_MIN = 24 * MONTH_MIN

_TABLES: Mapping[type[StrEnum], Mapping[Any, Words]] = {
    Status: STATUSES,
    Milestone: MILESTONES,
    Reason: REASONS,
    Classifier: CLASSIFIERS,
    Mode: MODES,
    Line: LINES,
    Flag: FLAGS,
    StageState: STAGE_STATES,
    ExceptionKind: exception_words.KINDS,
    ExceptionState: exception_words.STATES,
    Severity: exception_words.SEVERITIES,
    CauseCode: exception_words.CAUSES,
    Step: exception_words.STEPS,
    Risk: sight_words.RISKS,
    TransportState: sight_words.STATES,
}


def label(word: StrEnum, *, lang: Lang) -> str:
    """Return what a person reads for one of our words."""
    return _TABLES[type(word)][word][lang]


def source(name: str, *, lang: Lang) -> str:
    """Return who told us, in words; "" when nobody is named."""
    if not name:
        return ""
    owner, colon, _ = name.partition(":")
    return (SOURCES.get(name) or OWNERS.get(owner if colon else "", CONNECTED))[lang]


def told_by(name: str, *, lang: Lang) -> str:
    """Return the phrase that names who told us."""
    return f"来源：{source(name, lang=lang)}" if lang is Lang.ZH else f"Source: {source(name, lang=lang)}"


def sentence(entry: Entry, *, lang: Lang) -> str:
    """Return one line of the timeline as a sentence: what, where, where to, why."""
    text = _verb(entry, lang=lang)
    if entry.place:
        text += _where(entry, lang=lang)
    if entry.next_place:
        text += f" → {entry.next_place}"
    return text + because(entry.reason, lang=lang)


def because(reason: Reason, *, lang: Lang) -> str:
    """Return the reason in brackets, to stand behind a sentence; "" without one."""
    if not reason:
        return ""
    said = REASONS[reason][lang]
    return f"（{said}）" if lang is Lang.ZH else f" ({said})"


def _verb(entry: Entry, *, lang: Lang) -> str:
    words = BY_MODE.get((entry.milestone, entry.mode))
    if entry.classifier is Classifier.ACTUAL:
        return (words or MILESTONES[entry.milestone])[lang]
    if words and lang is Lang.ZH:
        return words[lang].replace("已", "")
    return (AHEAD.get(entry.milestone) or MILESTONES[entry.milestone])[lang]


DIRECT = frozenset({Milestone.ARRIVED, Milestone.DEPARTED, Milestone.ARRIVED_DEST})


def _where(entry: Entry, *, lang: Lang) -> str:
    if lang is Lang.ZH:
        return f" {entry.place}" if entry.milestone in DIRECT else f" · {entry.place}"
    match entry.milestone:
        case Milestone.DEPARTED:
            return f" from {entry.place}"
        case Milestone.ARRIVED_DEST:
            return f": {entry.place}"
        case Milestone.ARRIVED:
            return f" at {entry.place}"
        case _:
            return f" · {entry.place}"


def span(minutes: int, *, lang: Lang) -> str:
    """Return a length of time in its one fitting unit: minutes, hours up to two days, days up to a hundred, months, years."""
    if minutes < HOUR_MIN:
        return f"{minutes} 分钟" if lang is Lang.ZH else f"{minutes} min"
    if minutes < HOURS_TOLD_MAX_MIN:
        hours = minutes // HOUR_MIN
        return f"{hours} 小时" if lang is Lang.ZH else f"{hours} h"
    if minutes < DAYS_TOLD_MAX_MIN:
        days = minutes // DAY_MIN
        return f"{days} 天" if lang is Lang.ZH else f"{days} days"
    if minutes < MONTHS_TOLD_MAX_MIN:
        months = minutes // MONTH_MIN
        return f"{months} 个月" if lang is Lang.ZH else f"{months} months"
    years = minutes // YEAR_MIN
    return f"{years} 年" if lang is Lang.ZH else f"{years} years"


def age(at: datetime, *, now: datetime, lang: Lang) -> str:
    """Return how long ago that was, or how far ahead it lies: "3 分钟前", "in 2 h"."""
    minutes = round((now - at) / timedelta(minutes=1))
    if minutes == 0:
        return "刚刚" if lang is Lang.ZH else "just now"
    length = span(abs(minutes), lang=lang)
    if minutes > 0:
        return f"{length}前" if lang is Lang.ZH else f"{length} ago"
    return f"{length}后" if lang is Lang.ZH else f"in {length}"


def clock(moment: Moment, *, now: datetime, zone: tzinfo, lang: Lang) -> str:
    """Return date and time as the reader's zone has it, the year only where it is another; a day stays the day as told."""
    year = now.astimezone(zone).year
    if moment.precision is Precision.DAY:
        return _date(moment.local, year=year, lang=lang)
    local = moment.at.astimezone(zone)
    return f"{_date(local, year=year, lang=lang)} {_TWO[local.hour]}:{_TWO[local.minute]}"


def interval(start: datetime, end: datetime, *, now: datetime, zone: tzinfo, lang: Lang) -> str:
    """Return from when to when: `26 Nov 10:00–12:00`, and the day again only where it is another."""
    first, last = (clock(Moment(at, Precision.MINUTE), now=now, zone=zone, lang=lang) for at in (start, end))
    if first == last:
        return first
    day, _, time_of_day = last.rpartition(" ")
    return f"{first}–{time_of_day}" if first.rpartition(" ")[0] == day else f"{first} – {last}"


def _date(local: datetime, *, year: int, lang: Lang) -> str:
    if lang is Lang.ZH:
        day = f"{_TWO[local.month]}-{_TWO[local.day]}"
        return day if local.year == year else f"{local.year:04}-{day}"
    short = f"{local.day} {MONTHS[local.month - 1]}"
    return short if local.year == year else f"{short} {local.year}"

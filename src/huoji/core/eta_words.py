"""The words for estimates and delay risk: why, how sure, and between when and when, Chinese and English."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from huoji.core import wording
from huoji.core.eta import Because, Confidence, ReasonCode
from huoji.core.eta_history import Interval
from huoji.core.moment import Moment, Precision
from huoji.core.risk import Level, RiskReason, RiskWhy
from huoji.core.wording import Lang, Words

# {} is the figure in its own words, where there is one.
REASONS: Mapping[ReasonCode, Words] = {
    ReasonCode.POSITION: ("按实时位置，距下一站还有 {}", "by its live position, {} from the next stop"),
    ReasonCode.SILENT: ("已 {}没有位置，范围放宽", "no position for {}, so the range is wider"),
    ReasonCode.DEPARTED_LATE: ("比计划晚发车 {}", "departed {} late"),
    ReasonCode.HALTING: ("已在站停留 {}", "at the stop for {}"),
    ReasonCode.NOT_BEGUN: ("计划出发已过 {}，尚未揽收", "not picked up {} after the planned departure"),
    ReasonCode.STANDING: ("途中已停 {}", "standing on the way for {}"),
    ReasonCode.OFF_ROUTE: ("偏离计划路线 {}", "{} off the planned route"),
    ReasonCode.OVERDUE: ("已超过计划到达时间 {}", "{} past the planned arrival"),
    ReasonCode.LANE_HISTORY: ("参考该线路最近 {}", "by the last {} on this lane"),
    ReasonCode.WIDER_HISTORY: ("线路记录太少，参考同类运输 {}", "too few on this lane, by {} like it"),
    ReasonCode.PLAN_ONLY: ("暂无历史，只按计划推算", "no history yet, by the plan alone"),
    ReasonCode.NO_PLAN: ("没有计划时间，按 {}路程推算", "no planned time, by a way of {}"),
    ReasonCode.UNKNOWN: ("没有计划、位置和历史，无法预计", "no plan, position or history to go by"),
}
CONFIDENCES: Mapping[Confidence, Words] = {
    Confidence.HIGH: ("把握高", "high confidence"),
    Confidence.MEDIUM: ("把握中等", "medium confidence"),
    Confidence.LOW: ("把握低", "low confidence"),
    Confidence.NONE: ("无法预计", "cannot be estimated"),
}
LEVELS: Mapping[Level, Words] = {
    Level.NONE: ("无延误风险", "no delay risk"),
    Level.LOW: ("可能延误", "may be late"),
    Level.HIGH: ("很可能延误", "likely late"),
}
RISKS: Mapping[RiskReason, Words] = {
    RiskReason.LIKELY_LATE: ("最可能比承诺晚 {}", "most likely {} after the promise"),
    RiskReason.MAY_BE_LATE: ("最晚可能比承诺晚 {}", "at the latest {} after the promise"),
    RiskReason.OVERDUE: ("已超过承诺时间 {}", "{} past the promise"),
    RiskReason.NOT_KNOWN: ("无法预计到达时间", "the arrival cannot be estimated"),
}
_METRES = {ReasonCode.POSITION, ReasonCode.OFF_ROUTE, ReasonCode.NO_PLAN}
_LEGS = {ReasonCode.LANE_HISTORY, ReasonCode.WIDER_HISTORY}
KM_M = 1000


def reason(because: Because, *, lang: Lang) -> str:
    """Return one reason of an estimate in words."""
    if because.code in _METRES:
        figure = way(because.value, lang=lang)
    elif because.code in _LEGS:
        figure = (
            f"{because.value} 次运行" if lang is Lang.ZH else f"{because.value} run{'s' if because.value > 1 else ''}"
        )
    else:
        figure = _span(because.value, lang=lang)
    return REASONS[because.code][lang].format(figure)


def confidence(told: Confidence, *, lang: Lang) -> str:
    return CONFIDENCES[told][lang]


def level(told: Level, *, lang: Lang) -> str:
    return LEVELS[told][lang]


def risk(why: RiskWhy, *, lang: Lang) -> str:
    """Return why there is a risk in words."""
    return RISKS[why.code][lang].format(_span(why.value, lang=lang))


def way(metres: int, *, lang: Lang) -> str:
    """Return a length: metres below one kilometre, then whole kilometres."""
    if metres < KM_M:
        return f"{metres} 米" if lang is Lang.ZH else f"{metres} m"
    return f"{round(metres / KM_M)} 公里" if lang is Lang.ZH else f"{round(metres / KM_M)} km"


def interval(told: Interval, *, now: datetime, zone: tzinfo, lang: Lang) -> str:
    """Return between when and when, and what is most likely; one time when all three are the same to the minute."""
    early, likely, late = (datetime.fromtimestamp(at, UTC) for at in (told.early, told.likely, told.late))
    best = wording.clock(Moment(likely, Precision.MINUTE), now=now, zone=zone, lang=lang)
    between = wording.interval(early, late, now=now, zone=zone, lang=lang)
    if between == best:
        return best
    most = f"，最可能 {best}" if lang is Lang.ZH else f", most likely {best}"
    return f"{between}{most}"


def _span(seconds: int, *, lang: Lang) -> str:
    return wording.span(round(seconds / 60), lang=lang)

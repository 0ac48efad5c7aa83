"""What people read of movement: near which place, when it will come, why we think so, and how that stands against the plan."""

from collections.abc import Callable, Iterable, Mapping

from huoji.core.fleet import ConveyanceKind
from huoji.core.sight import Reason, Risk, TransportState, Whereabouts
from huoji.core.vessel import KM_PER_NM

Words = tuple[str, str]

RISKS: Mapping[Risk, Words] = {
    Risk.NONE: ("无延误风险", "No risk of delay"),
    Risk.LOW: ("有延误可能", "Some risk of delay"),
    Risk.HIGH: ("延误风险高", "High risk of delay"),
}

STATES: Mapping[TransportState, Words] = {
    TransportState.NORMAL: ("运输正常", "On schedule"),
    TransportState.AT_RISK: ("可能延误", "May be late"),
    TransportState.DELAYED: ("已延误", "Delayed"),
}

CONFIDENCES: Mapping[str, Words] = {
    "high": ("把握较大", "fairly sure"),
    "medium": ("把握一般", "moderately sure"),
    "low": ("把握不大", "not very sure"),
    "none": ("无法预计", "cannot be estimated"),
}

NAV_STATUS: Mapping[int, Words] = {
    0: ("机动航行", "under way using engine"),
    1: ("锚泊", "at anchor"),
    2: ("失控", "not under command"),
    3: ("操纵受限", "restricted manoeuvrability"),
    4: ("吃水受限", "constrained by draught"),
    5: ("靠泊", "moored"),
    6: ("搁浅", "aground"),
    7: ("从事捕鱼", "engaged in fishing"),
    8: ("风帆航行", "under way sailing"),
    14: ("AIS-SART 遇险", "AIS-SART active"),
}


TENTHS_BELOW_M = 10_000
MINUTES_BELOW = 120


def _km(metres: int) -> str:
    return f"{metres / 1000:.0f}" if metres >= TENTHS_BELOW_M else f"{metres / 1000:.1f}"


def _time(seconds: int, lang: int) -> str:
    minutes = max(1, round(seconds / 60))
    if minutes < MINUTES_BELOW:
        return (f"{minutes} 分钟", f"{minutes} min")[lang]
    return (f"{minutes // 60} 小时", f"{minutes // 60} h")[lang]


_REASONS: Mapping[str, Callable[[int, int], str]] = {
    "position": lambda value, lang: (f"按最新位置，距下一站约 {_km(value)} 公里", f"by the last position, {_km(value)} km to the next stop")[lang],
    "silent": lambda value, lang: (f"已 {_time(value, lang)}没有新位置", f"no new position for {_time(value, lang)}")[lang],
    "departed_late": lambda value, lang: (f"比计划晚 {_time(value, lang)}出发", f"left {_time(value, lang)} behind the plan")[lang],
    "halting": lambda value, lang: (f"已在站停留 {_time(value, lang)}", f"at the stop for {_time(value, lang)}")[lang],
    "not_begun": lambda value, lang: (f"计划出发已过 {_time(value, lang)}，尚未揽收", f"not picked up {_time(value, lang)} after the planned departure")[lang],
    "standing": lambda value, lang: (f"途中停车 {_time(value, lang)}", f"standing for {_time(value, lang)}")[lang],
    "off_route": lambda value, lang: (f"偏离路线 {_km(value)} 公里", f"{_km(value)} km off the route")[lang],
    "overdue": lambda value, lang: (f"已过计划时间 {_time(value, lang)}", f"{_time(value, lang)} past the planned time")[lang],
    "lane_history": lambda value, lang: (f"参考本线路最近 {value} 次行程", f"from the last {value} runs on this lane")[lang],
    "wider_history": lambda value, lang: (f"参考同类 {value} 次行程", f"from {value} similar runs")[lang],
    "plan_only": lambda _value, lang: ("仅依据计划", "from the plan alone")[lang],
    "no_plan": lambda _value, lang: ("没有计划时间，按距离估计", "no planned time; estimated by distance")[lang],
    "unknown": lambda _value, lang: ("资料不足，无法预计", "too little is known for an estimate")[lang],
    "likely_late": lambda value, lang: (f"预计比计划晚 {_time(value, lang)}", f"expected {_time(value, lang)} behind the plan")[lang],
    "may_be_late": lambda value, lang: (f"最晚可能比计划晚 {_time(value, lang)}", f"may come up to {_time(value, lang)} behind the plan")[lang],
    "not_known": lambda _value, lang: ("暂无可靠预计", "no reliable estimate at present")[lang],
}  # fmt: skip


def speed(kmh: float, *, kind: ConveyanceKind, lang: int) -> str:
    """Return a speed in the unit of its trade: knots at sea, kilometres an hour on the road."""
    if kind is ConveyanceKind.VESSEL:
        return f"{kmh / KM_PER_NM:.1f} {('节', 'kn')[lang]}"
    return f"{kmh:.1f} {('公里/小时', 'km/h')[lang]}"


def reason(told: Reason, *, lang: int) -> str:
    """Return one reason as a person reads it."""
    known = _REASONS.get(told.code)
    return known(told.value, lang) if known else told.code


def reasons(told: Iterable[Reason], *, lang: int) -> str:
    """Return several reasons in one line."""
    return ("；", "; ")[lang].join(reason(each, lang=lang) for each in told)


def place(told: Whereabouts, *, lang: int) -> str:
    """Return near which place it is; at sea where no place is near."""
    name = told.near[lang]
    if name:
        return (f"{name}附近", f"near {name}")[lang]
    if told.kind is ConveyanceKind.VESSEL:
        return ("海上", "at sea")[lang]
    return ("途中", "on the road")[lang]


def nav_status(code: int | None, *, lang: int) -> str:
    """Return what a ship says it does."""
    return NAV_STATUS[code][lang] if code is not None and code in NAV_STATUS else ""

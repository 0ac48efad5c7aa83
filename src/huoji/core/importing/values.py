"""Reads single cells: dates in many shapes, decimals with either sign, words for lines, modes, states and reasons."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from huoji.core.importing.choices import DateOrder, DecimalSign
from huoji.core.milestone import UNKNOWN_MEANING, Line, Meaning, Milestone, Mode, Reason
from huoji.core.milestones import meaning, text
from huoji.core.moment import MomentError, parse
from huoji.core.numbers import half_width
from huoji.core.wording import MILESTONES, REASONS, STATUSES

T = TypeVar("T")
Cell: TypeAlias = object  # what a table holds: text, a number, a date, a time
NOTHING = frozenset(
    {"", "-", "--", "—", "/", "\\", "n/a", "na", "#n/a", "null", "none", "nil", "无", "空", "暂无", "tbd"}
)
NOTHING_BEFORE = re.compile(r"n/a\b", re.IGNORECASE)  # "N/A - From RDC"


class UnreadableError(ValueError):
    """The cell does not hold what its column should."""


def words(cell: Cell) -> str:
    """Return a cell as trimmed text; what only says that there is nothing is empty."""
    told = _text(cell).strip()
    return "" if told.lower() in NOTHING or NOTHING_BEFORE.match(told) else told


def _text(cell: Cell) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case datetime():
            return cell.isoformat(sep=" ")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: index for index, name in enumerate(MONTH_NAMES, start=1)}
CLOCK = r"(?:[T\s,]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
SLASHED = re.compile(r"(?P<a>\d{1,2})[/.\-](?P<b>\d{1,2})[/.\-](?P<y>\d{4}|\d{2})" + CLOCK)
NAMED = re.compile(r"(?P<d>\d{1,2})[\s\-./]*(?P<m>[A-Za-z]{3})[a-z]*\.?[\s\-./,]*(?P<y>\d{4}|\d{2})" + CLOCK)
NAMED_US = re.compile(r"(?P<m>[A-Za-z]{3})[a-z]*\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})" + CLOCK)
MIDNIGHT = re.compile(r"(.*\d)[T\s]+0{1,2}:00(?::00(?:\.0+)?)?", re.DOTALL)
CENTURY_TURNS = 70  # 69 is 2069, 70 is 1970
EPOCH_1900 = date(1899, 12, 30)  # day 0 of a spreadsheet
SERIAL_MIN, SERIAL_MAX = 20_000, 80_000  # 1954 to 2119
NOON = 12


def read_time(cell: Cell, *, order: DateOrder | None, whole_days: bool) -> str:
    """Return a cell as ISO 8601, a day alone when that is all it says; "" when it says nothing.

    `whole_days` tells that the column holds days although midnights are written beside them. A date that can be read
    in two orders is unreadable until somebody says which.
    """
    match cell:
        case datetime():
            at_midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
            return cell.date().isoformat() if whole_days and at_midnight else cell.isoformat(timespec="seconds")
        case date():
            return cell.isoformat()
        case bool():
            raise UnreadableError
        case int() | float() if SERIAL_MIN <= cell <= SERIAL_MAX:
            return _of_serial(float(cell))
    told = words(cell)
    if not told:
        return ""
    told = half_width(told)
    if whole_days and (found := MIDNIGHT.fullmatch(told)):
        told = found[1]
    return _of_text(told, order=order)


def _of_serial(value: float) -> str:
    day = EPOCH_1900 + timedelta(days=int(value))
    seconds = round((value - int(value)) * 86_400)
    if not seconds:
        return day.isoformat()
    return (datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)).isoformat()  # noqa: DTZ001  its zone is told beside it


def _of_text(told: str, *, order: DateOrder | None) -> str:
    try:
        parse(told, assumed_offset_min=0)
    except MomentError:
        pass
    else:
        return told
    for shape in (NAMED, NAMED_US):
        if (found := shape.fullmatch(told)) and (month := MONTHS.get(found["m"].lower())):
            return _iso(found, year=found["y"], month=month, day=int(found["d"]))
    found = SLASHED.fullmatch(told)
    if found is None:
        raise UnreadableError
    first, second = int(found["a"]), int(found["b"])
    if order is None:
        order = order_of([told])
        if order is None and first != second:
            raise UnreadableError
    day, month = (second, first) if order is DateOrder.MONTH_FIRST else (first, second)
    return _iso(found, year=found["y"], month=month, day=day)


def _iso(found: re.Match[str], *, year: str, month: int, day: int) -> str:
    full_year = int(year) if len(year) > 2 else int(year) + (1900 if int(year) >= CENTURY_TURNS else 2000)  # noqa: PLR2004
    try:
        told = date(full_year, month, day).isoformat()
    except ValueError as error:
        raise UnreadableError from error
    if found["H"] is None:
        return told
    hour = int(found["H"])
    if half := found["half"]:
        hour = hour % NOON + (NOON if half[0] in "pP" else 0)
    clock = f"{told}T{hour:02}:{found['M']}" + (f":{found['S']}" if found["S"] else "")
    try:
        parse(clock, assumed_offset_min=0)
    except MomentError as error:
        raise UnreadableError from error
    return clock


def order_of(samples: Iterable[Cell]) -> DateOrder | None:
    """Say in which order these dates are written, when a day above 12 tells it; None when nothing does or both are met."""
    day_first = month_first = False
    for cell in samples:
        if isinstance(cell, str) and (found := SLASHED.fullmatch(half_width(cell).strip())):
            day_first |= int(found["a"]) > NOON
            month_first |= int(found["b"]) > NOON
    if day_first == month_first:
        return None
    return DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST


def needs_order(samples: Iterable[Cell]) -> bool:
    """Say whether some of these dates can be read in two orders."""
    found = [
        match for cell in samples if isinstance(cell, str) and (match := SLASHED.fullmatch(half_width(cell).strip()))
    ]
    return any(match["a"] != match["b"] for match in found)


def are_days(samples: Iterable[Cell]) -> bool:
    """Say whether every time here is a midnight: then the column holds days."""
    clocked = [
        (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        if isinstance(cell, datetime)
        else MIDNIGHT.fullmatch(cell) is not None
        for cell in samples
        if isinstance(cell, datetime) or (isinstance(cell, str) and words(cell) and ":" in cell)
    ]
    return bool(clocked) and all(clocked)


UNIT_BEHIND = re.compile(
    r"\s*(?:kgs?|公斤|千克|kilograms?|吨|t|tons?|tonnes?|lbs?|磅|m3|m³|cbm|立方米?|方|件|箱|pcs?|pieces?|ctns?)\.?$",
    re.IGNORECASE,
)
SPACED = re.compile(r"(?<=\d)[\s\u00a0\u202f']+(?=\d{3})")


def read_decimal(cell: Cell, *, sign: DecimalSign) -> Decimal | None:
    """Return a number, or None when the cell is empty."""
    if isinstance(cell, bool):
        raise UnreadableError
    if isinstance(cell, int | float):
        return Decimal(str(cell))
    told = UNIT_BEHIND.sub("", half_width(words(cell))).strip()
    if not told:
        return None
    told = SPACED.sub("", told)
    told = told.replace(".", "").replace(",", ".") if sign is DecimalSign.COMMA else told.replace(",", "")
    try:
        number = Decimal(told)
    except InvalidOperation as error:
        raise UnreadableError from error
    if not number.is_finite() or number < 0:
        raise UnreadableError
    return number


def sign_of(samples: Iterable[Cell]) -> DecimalSign | None:
    """Say which sign parts the fraction; None when it could be either."""
    point = comma = doubtful = False
    for cell in samples:
        told = UNIT_BEHIND.sub("", half_width(words(cell))) if isinstance(cell, str) else ""
        if not re.fullmatch(r"[\d.,\s']+", told):
            continue
        last = max(told.rfind("."), told.rfind(","))
        if last < 0:
            continue
        mark = told[last]
        if "." in told and "," in told:  # both: the last one parts the fraction
            point, comma = point or mark == ".", comma or mark == ","
        elif told.count(mark) > 1:  # 1.234.567 groups by it
            point, comma = point or mark == ",", comma or mark == "."
        elif mark == "." or len(told) - last - 1 != 3:  # noqa: PLR2004  1.234 is a fraction to most; 1,234 may be either
            point, comma = point or mark == ".", comma or mark == ","
        else:
            doubtful = True
    if comma and not point:
        return DecimalSign.COMMA
    return None if comma or (doubtful and not point) else DecimalSign.POINT


LINES: Mapping[str, Line] = MappingProxyType(
    {word: line for line, told in (
        (Line.ROAD, "road|truck|trucking|ftl|ltl|汽运|公路|陆运|零担|整车|汽车|专线"),
        (Line.EXPRESS, "express|courier|parcel|快递|快运|速递|快件"),
        (Line.OCEAN, "ocean|sea|fcl|lcl|海运|船运|整柜|拼箱"),
    ) for word in told.split("|")}
)  # fmt: skip
MODES: Mapping[str, Mode] = MappingProxyType(
    {word: mode for mode, told in (
        (Mode.ROAD, "road|truck|trucking|lorry|ftl|ltl|van|汽运|公路|陆运|汽车|卡车|货车"),
        (Mode.SEA, "sea|ocean|vessel|ship|fcl|lcl|海运|船运|水运"),
        (Mode.AIR, "air|air charter|airfreight|air freight|flight|空运|航空|包机"),
        (Mode.RAIL, "rail|train|railway|铁路|火车|班列"),
        (Mode.INLAND_WATER, "barge|inland water|inland waterway|river|内河|驳船"),
        (Mode.UNKNOWN, "unknown|other|multimodal|不详|其他"),
    ) for word in told.split("|")}
)  # fmt: skip

_STATES_MORE = {
    Milestone.PICKED_UP: "collected|pickup|pick up|picked|received by carrier|accepted|揽收|揽件|取件|已取件|收件",
    Milestone.SORTED: "sorting|processed|分拣|操作",
    Milestone.ARRIVED: "arrival|arrived at hub|arrived at facility|到达|到件|到站|抵达|已到",
    Milestone.DEPARTED: "departure|shipped|dispatched|despatched|sent|left facility|发出|发件|发车|离开|已发货|已发出|已发车",
    Milestone.LOADED: "loading|装车|装船|已装船",
    Milestone.UNLOADED: "discharged|unloading|卸车|卸船|已卸船",
    Milestone.IN_TRANSIT: "transit|on the way|on route|en route|moving|在途|运输中|运输|途中",
    Milestone.CUSTOMS_STARTED: "customs|in customs|清关|清关中|报关",
    Milestone.CUSTOMS_CLEARED: "customs cleared|cleared|released|customs released|放行|已放行|已清关",
    Milestone.OUT_FOR_DELIVERY: "delivering|with courier|on delivery|派件|派送|派送中|派件中|配送中",
    Milestone.ATTEMPT_FAILED: "failed delivery|attempted|delivery failed|undelivered|not delivered|派送失败|投递失败",
    Milestone.DELIVERED: "signed|pod|delivered to client|completed|complete|delivery completed|签收|妥投|已妥投|已送达|完成|已完成",
    Milestone.RETURNED: "returned to sender|rts|已退回|退签",
    Milestone.RETURNING: "returning|return|退回|退件|退货",
    Milestone.CANCELLED: "canceled|void|voided|作废|取消",
    Milestone.EXCEPTION: "problem|issue|异常|问题件",
    Milestone.CREATED: "order created|label created|new|open|pending|下单|已建单|待处理",
    Milestone.BOOKED: "booked|confirmed|已订舱|订舱",
}


def _states() -> dict[str, Milestone]:
    """Return the milestone of each word; those that move a shipment win over a planned one of the same word."""
    found: dict[str, Milestone] = {}
    for milestone in Milestone:
        for word in (milestone.value, milestone.value.replace("_", " "), *MILESTONES[milestone]):
            found.setdefault(word.lower(), milestone)
        for word in _STATES_MORE.get(milestone, "").split("|"):
            found.setdefault(word, milestone)
    of_status = {status.value: status for status in STATUSES}
    for milestone in Milestone:
        if status := of_status.get(milestone.value):
            for word in STATUSES[status]:
                found.setdefault(word.lower(), milestone)
    found.pop("", None)
    return found


STATES: Mapping[str, Milestone] = MappingProxyType(_states())
REASON_WORDS: Mapping[str, Reason] = MappingProxyType(
    {
        word.lower(): reason
        for reason in Reason
        if reason
        for word in (reason.value, reason.value.replace("_", " "), *REASONS[reason])
    }
)


def read_line(cell: Cell) -> Line | None:
    """Return the business line, or None when the cell is empty."""
    return _word(cell, LINES)


def read_mode(cell: Cell) -> Mode | None:
    """Return the transport mode, or None when the cell is empty."""
    return _word(cell, MODES)


def read_reason(cell: Cell) -> Reason | None:
    """Return the reason, or None when the cell is empty."""
    return _word(cell, REASON_WORDS)


def _word(cell: Cell, vocabulary: Mapping[str, T]) -> T | None:
    told = half_width(words(cell)).lower()
    if not told:
        return None
    if told not in vocabulary:
        raise UnreadableError
    return vocabulary[told]


def read_state(cell: Cell, *, provider: str) -> Meaning | None:
    """Return what a word, a line of text or a provider's code says happened; None when the cell is empty."""
    told = words(cell)
    if not told:
        return None
    if provider and (found := meaning(provider, told)) is not UNKNOWN_MEANING:
        return found
    if milestone := STATES.get(half_width(told).lower()):
        return Meaning(milestone)
    return text.from_text(told)

"""Filters that say our words, statuses and times in the language and the zone of the reader."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from huoji.core import exception_words, sight_words, wording
from huoji.core.exception import Severity
from huoji.core.fleet import ConveyanceKind
from huoji.core.look import SEVERITY_LOOKS, look
from huoji.core.milestone import Line, Status
from huoji.core.moment import Moment
from huoji.core.sight import Reason, Risk, Whereabouts
from huoji.kit import clock
from huoji.web.who import named

register = template.Library()

# References and units are named here because no rule of core needs their words.
KINDS: dict[str, tuple[str, str]] = {
    "order": ("订单号", "Order"),
    "booking": ("订舱号", "Booking"),
    "bill": ("提单号", "Bill of lading"),
    "container": ("箱号", "Container"),
    "customer": ("客户单号", "Customer's reference"),
    "carrier": ("承运商单号", "Carrier's number"),
    "source": ("来源单号", "Source's number"),
    "waybill": ("运单", "Waybill"),
    "piece": ("子件", "Piece"),
    "bag": ("集包", "Bag"),
    "pallet": ("托盘", "Pallet"),
    "trip": ("车次", "Trip"),
    "voyage": ("航次", "Voyage"),
    "epc": ("EPC 单元", "EPC unit"),
    "container_number": ("箱号", "Container"),
}


@register.filter
def word(value: StrEnum) -> str:
    """Return what a person reads for one of our words."""
    return wording.label(value, lang=clock.language()) if value else ""


@register.filter
def kind_word(kind: str) -> str:
    """Return what a kind of reference or unit is called."""
    return KINDS[kind][clock.language()] if kind in KINDS else kind


@register.filter
def role_word(role: str) -> str:
    """Return what a party's role is called."""
    return wording.ROLES[role][clock.language()] if role in wording.ROLES else role


@register.filter
def source_word(name: str) -> str:
    """Return who told us; staff sees a partner's source by its own name."""
    if name in wording.SOURCES:
        return wording.SOURCES[name][clock.language()]
    owner, _, door = name.partition("/")
    return " · ".join(filter(None, (named(owner) if ":" in owner else owner, door)))


@register.filter
def who(principal: str) -> str:
    """Return what people call whoever did something."""
    return named(principal) if principal else ""


@register.filter
def relation_word(relation: str) -> str:
    """Return how two numbers are related."""
    return wording.RELATIONS[relation][clock.language()] if relation in wording.RELATIONS else relation


@register.filter
def aged(when: Moment | datetime | None) -> SafeString | str:
    """Return the reader's clock with the age beside it."""
    match when:
        case None:
            return ""
        case Moment():
            return clock.aged(when, reader=clock.reader())
        case _:
            return clock.aged_at(when, reader=clock.reader())


@register.filter
def clocked(when: Moment | datetime | None) -> SafeString | str:
    """Return the reader's clock alone."""
    match when:
        case None:
            return ""
        case Moment():
            return clock.clock(when, reader=clock.reader())
        case _:
            return clock.clock_at(when, reader=clock.reader())


@register.filter
def until(start: Moment | datetime | None, end: Moment | datetime | None) -> SafeString:
    """Return from when to when, the day once where it is one; what is not known is a dash."""
    first, last = (when.at if isinstance(when, Moment) and when.precision else when for when in (start, end))
    if isinstance(first, datetime) and isinstance(last, datetime):
        return clock.interval(first, last, reader=clock.reader())
    return format_html("{} – {}", clocked(start) or "—", clocked(end) or "—")


@register.filter
def until_s(start: int, end: int) -> SafeString:
    """Return from when to when of epoch times."""
    return until(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))


@register.filter
def age(when: datetime | None) -> SafeString | str:
    """Return how long ago that was."""
    return clock.age(when, reader=clock.reader()) if when else ""


@register.filter
def span(minutes: int) -> str:
    """Return a length of time in its fitting unit."""
    return wording.span(minutes, lang=clock.language())


@register.filter
def exception_fact(key: str) -> str:
    """Return what a fact of an exception is called; one of an unknown key by that."""
    return exception_words.FACTS[key][clock.language()] if key in exception_words.FACTS else key


@register.filter
def exception_value(value: object, key: str) -> object:
    """Return what a fact of an exception says: minutes in their fitting unit."""
    return wording.span(value, lang=clock.language()) if key.endswith("_min") and isinstance(value, int) else value


@register.filter
def reasons_words(reasons: Iterable[Reason]) -> str:
    """Return the reasons of an estimate in one line."""
    return sight_words.reasons(reasons, lang=clock.language())


@register.filter
def confidence_word(confidence: str) -> str:
    """Return how sure an estimate is."""
    return sight_words.CONFIDENCES[confidence][clock.language()]


@register.filter
def place_words(position: Whereabouts) -> str:
    """Return near which place it is."""
    return sight_words.place(position, lang=clock.language())


@register.filter
def speed(kmh: float | None, kind: str) -> str:
    """Return a speed in the unit of what moves: knots for a vessel."""
    return "" if kmh is None else sight_words.speed(kmh, kind=ConveyanceKind(kind), lang=clock.language())


@register.filter
def aged_s(at: int) -> SafeString:
    """Return an epoch time on the reader's clock with the age beside it."""
    return clock.aged_at(datetime.fromtimestamp(at, UTC), reader=clock.reader())


@register.filter
def clocked_s(at: int) -> SafeString | str:
    """Return an epoch time on the reader's clock."""
    return clock.clock_at(datetime.fromtimestamp(at, UTC), reader=clock.reader())


@register.filter
def risk_word(risk: str) -> str:
    """Return what a stored risk is called."""
    return wording.label(Risk(risk), lang=clock.language()) if risk else ""


@register.filter
def reason_words(stored: Mapping[str, Any]) -> str:
    """Return the reasons of a stored estimate in one line."""
    pairs = stored.get("because", ())
    return sight_words.reasons([Reason(code=code, value=value) for code, value in pairs], lang=clock.language())


@register.inclusion_tag("partials/severity.html")
def severity(value: Severity) -> dict[str, Any]:
    """Draw how grave it is: word, icon and colour."""
    tone, icon = SEVERITY_LOOKS[value]
    return {"tone": tone, "icon": icon, "text": wording.label(value, lang=clock.language())}


@register.inclusion_tag("partials/status.html")
def status(value: Status, line: Line) -> dict[str, Any]:
    """Draw a status: word, icon and colour."""
    tone, icon = look(value, line=line)
    return {"tone": tone, "icon": icon, "text": wording.label(value, lang=clock.language())}

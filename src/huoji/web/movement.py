"""Turn where the cargo is and when it will come into the strings of the public page."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoji.core import sight_words, wording
from huoji.core.answer import Answer
from huoji.core.fleet import ConveyanceKind
from huoji.core.moment import CHINA_MIN, Moment, Precision
from huoji.core.sight import Outlook, TransportState, Whereabouts
from huoji.core.wording import Lang
from huoji.kit.clock import Reader, aged, interval


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A name and its value beside the status."""

    name: str
    value: str | SafeString
    hint: str | SafeString = ""


def _moment(at: int) -> Moment:
    return Moment(datetime.fromtimestamp(at, UTC), Precision.MINUTE, CHINA_MIN)


def facts(answer: Answer, *, reader: Reader) -> Iterator[Fact]:
    """Yield when it comes, how far it has come, and where it is, as far as that is known."""
    if answer.outlook:
        yield from outlook(answer.outlook, reader=reader)
    if answer.position:
        yield position(answer.position, reader=reader)


def outlook(told: Outlook, *, reader: Reader) -> Iterator[Fact]:
    """Yield the interval in which it comes, with its reasons, and the part of the route that is done."""
    if told.early and told.late:
        first, last = (datetime.fromtimestamp(at, UTC) for at in (told.early, told.late))
        hint = sight_words.reasons(told.reasons, lang=reader.lang)
        sure = sight_words.CONFIDENCES[told.confidence][reader.lang]
        yield Fact(
            name=_("预计到达"), value=interval(first, last, reader=reader), hint=f"{hint} · {sure}" if hint else sure
        )
    else:
        yield Fact(
            name=_("预计到达"), value=sight_words.CONFIDENCES["none"][reader.lang],
            hint=sight_words.reasons(told.reasons, lang=reader.lang),
        )  # fmt: skip
    if told.percent is not None:
        yield Fact(name=_("路程进度"), value=f"{told.percent}%")


def position(told: Whereabouts, *, reader: Reader) -> Fact:
    """Return where its vehicle or vessel was last, with the age, the source, and a word when that is old."""
    lang = reader.lang
    words: list[str | SafeString] = [aged(_moment(told.at), reader=reader)]
    words.append(wording.told_by(told.source, lang=lang))
    if told.is_stale:
        words.append(_("位置较旧"))
    value = sight_words.place(told, lang=lang)
    if told.kind is ConveyanceKind.VESSEL:
        words += vessel(told, lang=lang)
        value = f"{value} {degrees(told)}"
    hint = words[0]
    for word in words[1:]:
        hint = format_html("{} · {}", hint, word)
    return Fact(name=_("船舶位置") if told.kind is ConveyanceKind.VESSEL else _("当前位置"), value=value, hint=hint)


def vessel(told: Whereabouts, *, lang: Lang) -> Iterator[str]:
    """Yield what a ship does and how fast."""
    if doing := sight_words.nav_status(told.nav, lang=lang):
        yield doing
    if told.speed_kmh is not None:
        yield sight_words.speed(told.speed_kmh, kind=told.kind, lang=lang)


def degrees(told: Whereabouts) -> str:
    north, east = "NS"[told.lat < 0], "EW"[told.lon < 0]
    return f"{abs(told.lat):.3f}°{north} {abs(told.lon):.3f}°{east}"


def warning(answer: Answer, *, reader: Reader) -> str:
    """Return the sentence that says that it may come late, and why; "" while it is on schedule."""
    if answer.outlook is None or answer.outlook.state is TransportState.NORMAL:
        return ""
    why = sight_words.reasons(answer.outlook.reasons[:1], lang=reader.lang)  # the others stand beside the time
    said = sight_words.STATES[answer.outlook.state][reader.lang]
    return _("{state}：{why}。").format(state=said, why=why) if why else said

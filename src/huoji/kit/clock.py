"""Times as people read them: the clock of the reader's zone with the age beside it, and only the day where only the day is known."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huoji.core import wording
from huoji.core.moment import Moment, Precision
from huoji.core.wording import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a page: when, where on the globe, in which language."""

    now: datetime
    zone: tzinfo
    lang: Lang


def language() -> Lang:
    """Return the language of this request."""
    return Lang.EN if (get_language() or "").startswith("en") else Lang.ZH


def reader(*, now: datetime | None = None) -> Reader:
    """Return who reads, as far as a server knows: the zone is the carrier's until JavaScript tells the browser's."""
    return Reader(now=now or datetime.now(UTC), zone=ZoneInfo(settings.TIME_ZONE), lang=language())


def clock(moment: Moment, *, reader: Reader) -> SafeString:
    """Return a <time> that says the reader's clock; page.js tells it in the zone of the browser."""
    text = wording.clock(moment, now=reader.now, zone=reader.zone, lang=reader.lang)
    if moment.precision is Precision.DAY:
        return SafeString(f'<time datetime="{moment.local.date().isoformat()}">{text}</time>')  # our own digits
    return SafeString(f'<time datetime="{stamp(moment.at)}" data-t>{text}</time>')


def interval(start: datetime, end: datetime, *, reader: Reader) -> SafeString:
    """Return from when to when, the day once where it is one day; page.js tells both in the zone of the browser."""
    text = wording.interval(start, end, now=reader.now, zone=reader.zone, lang=reader.lang)
    first, dash, last = text.partition(" – " if " – " in text else "–")
    begin = stamp(start)
    until = f'<time datetime="{stamp(end)}" data-t data-since="{begin}">{dash}{last}</time>' if dash else ""
    return SafeString(f'<time datetime="{begin}" data-t>{first}</time>{until}')


def stamp(at: datetime) -> str:
    """Return an instant in UTC as browsers read it, to the second."""
    return f"{at.astimezone(UTC).isoformat()[:19]}Z"


def aged(moment: Moment, *, reader: Reader) -> SafeString:
    """Return the clock time with its age beside it; of a day only the day is known, so its age is told in days."""
    if moment.precision is Precision.DAY:
        days = (reader.now.astimezone(reader.zone).date() - moment.local.date()).days
        return SafeString(f"{clock(moment, reader=reader)} · {day_age(days, reader=reader)}")
    at, now, lang = moment.at, reader.now, reader.lang
    text, past, exact = (
        wording.clock(moment, now=now, zone=reader.zone, lang=lang),
        wording.age(at, now=now, lang=lang),
        stamp(at),
    )
    return SafeString(f'<time datetime="{exact}" data-t>{text}</time> · <span data-age="{exact}">{past}</span>')


def age(at: datetime, *, reader: Reader) -> SafeString:
    """Return how long ago that was; page.js keeps it true."""
    text = wording.age(at, now=reader.now, lang=reader.lang)
    return SafeString(f'<span data-age="{stamp(at)}">{text}</span>')


def aged_at(at: datetime, *, reader: Reader) -> SafeString:
    """Return an exact time of ours with its age."""
    return aged(Moment(at.astimezone(UTC), Precision.MINUTE), reader=reader)


def clock_at(at: datetime, *, reader: Reader) -> SafeString:
    """Return an exact time of ours."""
    return clock(Moment(at.astimezone(UTC), Precision.MINUTE), reader=reader)


def day_age(days: int, *, reader: Reader) -> str:
    """Return how long ago a day was."""
    known = {-1: _("明天"), 0: _("今天"), 1: _("昨天")}
    if days in known:
        return known[days]
    return wording.age(reader.now - timedelta(days=days), now=reader.now, lang=reader.lang)


def utc_offset(local: datetime) -> str:
    """Return the offset as people write it: UTC+8, UTC+5:30."""
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")

"""Turn an answer into the strings of its page, so that the template only places them: a public query must stay cheap."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from html import escape

import msgspec
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoji.core import wording
from huoji.core.answer import Answer, Audience, Entry, Flag, StageState, Stop
from huoji.core.look import BAD, look
from huoji.core.milestone import Classifier, Line, Status
from huoji.core.moment import Moment, Precision
from huoji.core.wording import Lang
from huoji.kit.clock import Reader, aged, clock, utc_offset
from huoji.web import movement
from huoji.web.movement import Fact

ENDED = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED})
TELLABLE = (Flag.FUTURE, Flag.ANCIENT, Flag.LATE)  # what helps a customer; the others are for staff
LATE_TOLD_MIN = 30  # below this a difference from the plan is noise


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One stage, or one place of the route: a mark with words."""

    css: str
    label: str
    state: str
    when: str = ""


class Note(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sentence that must not be missed."""

    tone: str
    icon: str
    text: str
    ask: bool = False  # offer to contact customer service


class Brief(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One number in a list of many: what stands in its closed row."""

    number: str
    tone: str
    icon: str
    status: str
    last: str
    when: SafeString


class Story(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All strings of one answer's page."""

    number: str
    tone: str
    icon: str
    status: str
    reason: str
    updated: SafeString
    zone: str
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...]
    stages: tuple[Step, ...]
    stops: tuple[Step, ...]
    ahead: SafeString
    past: SafeString
    links: tuple[tuple[str, str], ...]
    parties: tuple[tuple[str, str], ...]
    signed_by: str
    pictures: tuple[str, ...]
    can_verify: bool
    verified: bool


def story(answer: Answer, *, reader: Reader) -> Story:
    """Return the page of one number."""
    lang = reader.lang
    tone, icon = look(answer.status, line=answer.line)
    return Story(
        number=answer.number,
        tone=tone,
        icon=icon,
        status=wording.STATUSES[answer.status][lang],
        reason=wording.REASONS[answer.reason][lang],
        updated=aged(answer.updated, reader=reader) if answer.updated else SafeString(),
        zone=utc_offset(reader.now.astimezone(reader.zone)),
        facts=tuple(facts(answer, reader=reader)),
        notes=tuple(notes(answer, reader=reader)),
        stages=stages(answer.stages, lang=lang),
        stops=tuple(stop(each, reader=reader) for each in answer.stops),
        ahead=line((entry for entry in answer.entries if entry.classifier is not Classifier.ACTUAL), reader=reader),
        past=line((entry for entry in answer.entries if entry.classifier is Classifier.ACTUAL), reader=reader),
        links=tuple((wording.RELATIONS[link.relation][lang], link.number) for link in answer.links),
        parties=tuple(
            (wording.ROLES[party.role][lang], " · ".join(filter(None, (party.name, party.phone, party.address))))
            for party in answer.parties
        ),
        signed_by=answer.proof.signed_by if answer.proof else "",
        pictures=answer.proof.blobs if answer.proof else (),
        can_verify=answer.can_verify,
        verified=answer.audience is not Audience.BARE,
    )


def brief(answer: Answer, *, reader: Reader) -> Brief:
    """Return one number's row in a list."""
    tone, icon = look(answer.status, line=answer.line)
    newest = next((entry for entry in answer.entries if entry.classifier is Classifier.ACTUAL), None)
    return Brief(
        number=answer.number,
        tone=tone,
        icon=icon,
        status=wording.STATUSES[answer.status][reader.lang],
        last=wording.sentence(newest, lang=reader.lang) if newest else "",
        when=aged(newest.when, reader=reader) if newest else SafeString(),
    )


def line(entries: Iterable[Entry], *, reader: Reader) -> SafeString:
    """Return the items of a timeline, newest first. Written here and not in a template, for this is where a public query spends its time."""
    return SafeString("".join([item(entry, reader=reader) for entry in entries]))  # each part is escaped


def item(entry: Entry, *, reader: Reader) -> str:
    """Return one item: what happened, when and how we know; a silence before it is an item of its own."""
    lang = reader.lang
    badge, css = "", "bad" if entry.milestone in BAD else ""
    if entry.classifier is not Classifier.ACTUAL:
        badge, css = f'<span class="hj-mini">{wording.CLASSIFIERS[entry.classifier][lang]}</span>', "plan"
    words: list[str] = [aged(entry.when, reader=reader)]
    if entry.via:
        words.append(escape(entry.via))
    if entry.source:
        words.append(escape(wording.told_by(entry.source, lang=lang)))
    if entry.flags:
        words += [escape(wording.FLAGS[flag][lang]) for flag in TELLABLE if flag in entry.flags]
    text = escape(wording.sentence(entry, lang=lang))
    gap = ""
    if entry.gap_min:
        said = _("期间 {span}没有更新").format(span=wording.span(entry.gap_min, lang=lang))
        gap = f'<li class="gap">{escape(said)}</li>'
    return f'<li class="{css}"><p>{badge}{text}</p><span class="hj-meta">{" · ".join(words)}</span></li>{gap}'


@lru_cache(maxsize=1_000)
def stages(states: tuple[StageState, ...], *, lang: Lang) -> tuple[Step, ...]:
    """Return the strip of stages; there are few."""
    return tuple(
        Step(css=state.value, label=words[lang], state=wording.STAGE_STATES[state][lang])
        for state, words in zip(states, wording.STAGES, strict=False)
    )


def stop(each: Stop, *, reader: Reader) -> Step:
    """Return one place of the route with its time: when it was reached, else when it is expected."""
    when = each.when or each.planned
    text = clock(when, reader=reader) if when else SafeString()
    if text and not each.when:
        text = SafeString(f"{wording.CLASSIFIERS[Classifier.ESTIMATED][reader.lang]} {text}")
    return Step(css=each.state.value, label=each.place, state=wording.STAGE_STATES[each.state][reader.lang], when=text)


def facts(answer: Answer, *, reader: Reader) -> Iterator[Fact]:
    """Yield what stands beside the status: the promise, the pieces, what carries it."""
    lang = reader.lang
    yield from movement.facts(answer, reader=reader)
    if answer.expected and answer.status not in ENDED:
        yield expected(answer, answer.expected, reader=reader)
    elif answer.status in ENDED and answer.status_since:
        yield Fact(name=wording.STATUSES[answer.status][lang], value=aged(answer.status_since, reader=reader))
    if answer.pieces_total > 1:
        value = _("共 {total} 件，已签收 {done} 件").format(total=answer.pieces_total, done=answer.pieces_delivered)
        yield Fact(name=_("件数"), value=value)
    if answer.vehicle:
        yield Fact(name=_("船名航次") if answer.line is Line.OCEAN else _("当前车次"), value=answer.vehicle)
    yield Fact(name=_("业务类型"), value=wording.LINES[answer.line][lang])


def expected(answer: Answer, moment: Moment, *, reader: Reader) -> Fact:
    """Return the expected time with what it rests on: a plan or an estimate, and how it stands to the plan."""
    told = clock(moment, reader=reader)
    precise = moment.precision is not Precision.DAY
    value = format_html(_("{} 前"), told) if precise else told
    hints = [_("按计划") if answer.expected_classifier is Classifier.PLANNED else _("最新预计")]
    if answer.late_min >= LATE_TOLD_MIN:
        hints.append(_("比计划晚 {span}").format(span=wording.span(answer.late_min, lang=reader.lang)))
    name = _("预计到达")
    if answer.outlook:  # our own forecast bears that name
        name = _("计划到达") if answer.expected_classifier is Classifier.PLANNED else _("承运方告知的到达")
    return Fact(name=name, value=value, hint=" · ".join(hints))


def notes(answer: Answer, *, reader: Reader) -> Iterator[Note]:
    """Yield what the reader must not miss, the worst first."""
    lang = reader.lang
    if answer.status is Status.EXCEPTION:
        why = wording.REASONS[answer.reason][lang] or _("原因正在核实")
        yield Note(tone="bad", icon="alert-triangle", text=_("货物出现异常：{why}。").format(why=why), ask=True)
    if answer.stale and answer.updated:
        minutes = int((reader.now - answer.updated.at).total_seconds() // 60)
        text = _("已有 {span}没有新的更新。扫描或信号可能中断，货物不一定出了问题；以下是最后已知的情况。")
        yield Note(
            tone="warn", icon="clock-exclamation", text=text.format(span=wording.span(minutes, lang=lang)), ask=True
        )
    if answer.status in ENDED:
        return
    overdue_min = _overdue_min(answer.expected, now=reader.now) if answer.expected else 0
    if overdue_min >= LATE_TOLD_MIN:
        text = _("已超过预计时间 {span}，尚未签收。").format(span=wording.span(overdue_min, lang=lang))
        yield Note(tone="warn", icon="clock-pause", text=text, ask=True)
    elif said := movement.warning(answer, reader=reader):
        yield Note(tone="warn", icon="clock-pause", text=said)
    elif answer.late_min >= LATE_TOLD_MIN:
        late = wording.span(answer.late_min, lang=lang)
        why = wording.because(answer.reason, lang=lang)
        yield Note(
            tone="warn", icon="clock-pause", text=_("可能延误：预计比计划晚 {span}{why}。").format(span=late, why=why)
        )


def _overdue_min(moment: Moment, *, now: datetime) -> int:
    end = moment.at + timedelta(days=1) if moment.precision is Precision.DAY else moment.at
    return int((now - end).total_seconds() // 60)


def reader(*, lang: Lang, zone: tzinfo, now: datetime | None = None) -> Reader:
    """Return the reader of this moment."""
    return Reader(now=now or datetime.now(UTC), zone=zone, lang=lang)

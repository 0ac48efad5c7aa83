"""快递100: what the lines of a trace say, and what we answer as a carrier when it asks."""

from collections.abc import Iterable
from datetime import timedelta, timezone

from huoji.apps.shipments.actions.foreign.telling import Telling, report
from huoji.core import wording
from huoji.core.answer import Answer
from huoji.core.milestone import UNKNOWN_MEANING, Classifier
from huoji.core.milestones import meaning
from huoji.core.milestones.kuaidi100 import STATES
from huoji.core.milestones.text import read_text
from huoji.core.moment import parse
from huoji.core.report import FREE_TEXT, Report
from huoji.core.wording import Lang
from huoji.wire.kuaidi100 import SUCCESS, CarrierAnswer, Line, Trace

Name = tuple[str, str]
CHINA = timezone(timedelta(hours=8))


def tell(trace: Trace, names: Iterable[Name], *, source: str, assumed_offset_min: int) -> Telling:
    """Say what each line means for each of the names under which the number may be known here."""
    reports = [
        _report(line, trace, name, source, assumed_offset_min) for name in names for line in dict.fromkeys(trace.lines)
    ]
    return Telling(path="$.data", reports=tuple(reports))


def _report(line: Line, trace: Trace, name: Name, source: str, assumed_offset_min: int) -> Report:
    """Report one line; it has no id and is known by its number, time, code and words."""
    read = read_text(line.context)
    stated = meaning("kuaidi100", line.code) if line.code else UNKNOWN_MEANING
    by_code = stated is not UNKNOWN_MEANING
    moment = parse(line.time, assumed_offset_min=assumed_offset_min)
    content = (trace.number, line.time, line.code, line.context)
    return report(
        name,
        identity_of=(source, "kuaidi100", *content),
        content=content,
        at=moment.at,
        offset_min=moment.offset_min,
        offset_assumed=moment.offset_assumed,
        precision=moment.precision,
        meant=stated if by_code else read.meaning,
        provider="kuaidi100" if by_code else FREE_TEXT,
        code=line.code,
        place=read.place or line.location or line.area,
        next_place=read.next_place,
        text=line.context,
    )


def answer_of(answer: Answer) -> CarrierAnswer:
    """Tell our story in the words and the shape that 快递100 expects: what happened, newest first, in China's time."""
    return CarrierAnswer(
        result=True,
        message=SUCCESS,
        state=STATES[answer.status],
        lines=tuple(
            Line(
                time=entry.when.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
                context=wording.sentence(entry, lang=Lang.ZH),
                location=entry.place,
            )
            for entry in answer.entries
            if entry.classifier is Classifier.ACTUAL
        ),
    )

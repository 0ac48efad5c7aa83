"""Every word that is stored has its words for people, in both languages."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core import wording
from huoji.core.answer import Entry, Flag, StageState
from huoji.core.milestone import Classifier, Line, Milestone, Mode, Reason, Status
from huoji.core.moment import Moment, Precision
from huoji.core.wording import Lang

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
NOW = datetime(2026, 11, 23, 6, 8, tzinfo=UTC)
WORDS = [word for kind in (Status, Milestone, Reason, Classifier, Mode, Line, Flag, StageState) for word in kind]


@pytest.mark.parametrize("word", WORDS, ids=repr)
def test_every_word_has_a_label_in_both_languages(word):
    chinese, english = (wording.label(word, lang=lang) for lang in Lang)
    silent = word in (Reason.NONE, Mode.UNKNOWN) and word in ("", "unknown")
    assert bool(chinese) is bool(english) is not silent
    assert not CJK.search(english)


def entry(**facts):
    base = {
        "when": Moment(NOW),
        "recorded": Moment(NOW),
        "classifier": Classifier.ACTUAL,
        "milestone": Milestone.ARRIVED,
    }
    return Entry(**(base | facts))


@pytest.mark.parametrize(
    ("facts", "chinese", "english"),
    [
        ({"place": "Wuhan Hub"}, "已到达 Wuhan Hub", "Arrived at Wuhan Hub"),
        (
            {"milestone": Milestone.DEPARTED, "place": "Wuhan Hub", "next_place": "Chengdu"},
            "已离开 Wuhan Hub → Chengdu",
            "Departed from Wuhan Hub → Chengdu",
        ),
        (
            {"milestone": Milestone.LOADED, "mode": Mode.SEA, "place": "CNSHA"},
            "已装船 · CNSHA",
            "Loaded on board · CNSHA",
        ),
        (
            {"milestone": Milestone.DELIVERED, "reason": Reason.AGENT},
            "已签收（他人代签）",
            "Delivered (signed for by another person)",
        ),
        ({"classifier": Classifier.ESTIMATED, "place": "Chengdu"}, "到达 Chengdu", "Arrival at Chengdu"),
        (
            {"classifier": Classifier.PLANNED, "mode": Mode.SEA, "milestone": Milestone.DEPARTED},
            "船舶离港",
            "Departure",
        ),
        ({"milestone": Milestone.INFO}, "物流信息更新", "Information received"),
    ],
)
def test_an_entry_reads_as_a_sentence(facts, chinese, english):
    assert wording.sentence(entry(**facts), lang=Lang.ZH) == chinese
    assert wording.sentence(entry(**facts), lang=Lang.EN) == english


@given(
    milestone=st.sampled_from(Milestone), reason=st.sampled_from(Reason), mode=st.sampled_from(Mode),
    classifier=st.sampled_from(Classifier), place=st.sampled_from(["", "Wuhan"]),
)  # fmt: skip
def test_no_english_sentence_says_chinese_and_none_is_empty(milestone, reason, mode, classifier, place):
    said = entry(milestone=milestone, reason=reason, mode=mode, classifier=classifier, place=place)
    assert wording.sentence(said, lang=Lang.ZH)
    assert not CJK.search(wording.sentence(said, lang=Lang.EN))


@given(milestone=st.sampled_from(Milestone), mode=st.sampled_from(Mode))
def test_what_has_not_happened_is_never_told_as_done(milestone, mode):
    ahead = entry(milestone=milestone, mode=mode, classifier=Classifier.PLANNED)
    if milestone in wording.AHEAD:
        assert "已" not in wording.sentence(ahead, lang=Lang.ZH)


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (0, "刚刚", "just now"),
        (3, "3 分钟前", "3 min ago"),
        (120, "2 小时前", "2 h ago"),
        (47 * 60, "47 小时前", "47 h ago"),
        (72 * 60, "3 天前", "3 days ago"),
        (99 * 24 * 60, "99 天前", "99 days ago"),
        (-200 * 24 * 60, "6 个月后", "in 6 months"),
        (2146 * 24 * 60, "5 年前", "5 years ago"),
        (-90, "1 小时后", "in 1 h"),
    ],
)
def test_an_age_is_told_in_its_fitting_unit(minutes, chinese, english):
    at = NOW - timedelta(minutes=minutes)
    assert wording.age(at, now=NOW, lang=Lang.ZH) == chinese
    assert wording.age(at, now=NOW, lang=Lang.EN) == english


UNITS = {"min": 1, "h": 60, "days": 24 * 60, "months": wording.MONTH_MIN, "years": wording.YEAR_MIN}


@given(minutes=st.integers(0, 200 * wording.YEAR_MIN), more=st.integers(0, 10 * wording.YEAR_MIN))
def test_a_length_is_cut_to_its_unit_in_figures_that_need_no_singular_and_never_shrinks(minutes, more):
    def read(length: int) -> int:
        figure, unit = wording.span(length, lang=Lang.EN).split()
        assert wording.span(length, lang=Lang.ZH).startswith(f"{figure} ")
        assert 0 <= length - int(figure) * UNITS[unit] < UNITS[unit]
        assert int(figure) < (200 if unit == "years" else 100) + 1
        assert int(figure) > 1 or unit in ("min", "h")
        return int(figure) * UNITS[unit]

    assert read(minutes) <= read(minutes + more)


def test_a_clock_time_is_the_readers_and_a_day_stays_the_day_that_was_told():
    told = Moment(datetime(2026, 11, 22, 17, 0, tzinfo=UTC), Precision.MINUTE, 0)
    assert wording.clock(told, now=NOW, zone=SHANGHAI, lang=Lang.ZH) == "11-23 01:00"
    assert wording.clock(told, now=NOW, zone=UTC, lang=Lang.EN) == "22 Nov 17:00"
    day = Moment(datetime(2025, 12, 31, 16, 0, tzinfo=UTC), Precision.DAY, 480)
    assert wording.clock(day, now=NOW, zone=NEW_YORK, lang=Lang.ZH) == "01-01"
    older = Moment(datetime(2025, 3, 1, tzinfo=UTC), Precision.DAY, 0)
    assert wording.clock(older, now=NOW, zone=SHANGHAI, lang=Lang.ZH) == "2025-03-01"
    assert wording.clock(older, now=NOW, zone=SHANGHAI, lang=Lang.EN) == "1 Mar 2025"


@pytest.mark.parametrize(
    ("start", "end", "zh", "en"),
    [
        ((2026, 11, 23, 10), (2026, 11, 23, 12), "11-23 10:00–12:00", "23 Nov 10:00–12:00"),
        ((2026, 11, 23, 23), (2026, 11, 24, 1), "11-23 23:00 – 11-24 01:00", "23 Nov 23:00 – 24 Nov 01:00"),
        ((2026, 11, 6, 10), (2026, 11, 26, 10), "11-06 10:00 – 11-26 10:00", "6 Nov 10:00 – 26 Nov 10:00"),
        ((2025, 11, 23, 10), (2026, 11, 23, 12), "2025-11-23 10:00 – 11-23 12:00", "23 Nov 2025 10:00 – 23 Nov 12:00"),
        ((2025, 11, 23, 10), (2025, 11, 23, 12), "2025-11-23 10:00–12:00", "23 Nov 2025 10:00–12:00"),
        ((2026, 11, 23, 10), (2026, 11, 23, 10), "11-23 10:00", "23 Nov 10:00"),
    ],
)
def test_an_interval_says_its_day_once_where_it_is_one_day_of_the_reader(start, end, zh, en):
    begin, until = (datetime(*when, tzinfo=SHANGHAI) for when in (start, end))
    assert wording.interval(begin, until, now=NOW, zone=SHANGHAI, lang=Lang.ZH) == zh
    assert wording.interval(begin, until, now=NOW, zone=SHANGHAI, lang=Lang.EN) == en


def test_a_partners_name_is_not_the_publics_business():
    assert wording.source("scan", lang=Lang.ZH) == "扫描"
    assert wording.source("partner-7", lang=Lang.EN) == "connected system"
    assert wording.source("partner:7/epcis", lang=Lang.EN) == "partner's system"
    assert wording.source("", lang=Lang.EN) == ""

"""Estimates and risks in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from huoji.core import eta_words
from huoji.core.eta import Because, Confidence, ReasonCode
from huoji.core.eta_history import Interval
from huoji.core.risk import Level, RiskReason, RiskWhy
from huoji.core.wording import Lang

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
NOON = int(NOW.timestamp())


def test_every_code_has_words_in_both_languages():
    tables = (eta_words.REASONS, eta_words.CONFIDENCES, eta_words.LEVELS, eta_words.RISKS)
    for codes, table in zip((ReasonCode, Confidence, Level, RiskReason), tables, strict=True):
        assert set(table) == set(codes)
        assert all(zh and en and zh != en and zh.count("{}") == en.count("{}") for zh, en in table.values())


@pytest.mark.parametrize(
    ("because", "zh", "en"),
    [
        (Because(code=ReasonCode.POSITION, value=320_400), "按实时位置，距下一站还有 320 公里", "by its live position, 320 km from the next stop"),
        (Because(code=ReasonCode.OFF_ROUTE, value=900), "偏离计划路线 900 米", "900 m off the planned route"),
        (Because(code=ReasonCode.SILENT, value=7_200), "已 2 小时没有位置，范围放宽", "no position for 2 h, so the range is wider"),
        (Because(code=ReasonCode.LANE_HISTORY, value=45), "参考该线路最近 45 次运行", "by the last 45 runs on this lane"),
        (Because(code=ReasonCode.PLAN_ONLY), "暂无历史，只按计划推算", "no history yet, by the plan alone"),
    ],
)  # fmt: skip
def test_a_reason_is_told_with_its_figure(because, zh, en):
    assert (eta_words.reason(because, lang=Lang.ZH), eta_words.reason(because, lang=Lang.EN)) == (zh, en)


def test_a_risk_is_told_with_its_figure():
    late = RiskWhy(code=RiskReason.LIKELY_LATE, value=5_400)
    assert eta_words.risk(late, lang=Lang.ZH) == "最可能比承诺晚 1 小时"
    assert eta_words.risk(late, lang=Lang.EN) == "most likely 1 h after the promise"
    assert eta_words.level(Level.HIGH, lang=Lang.EN) == "likely late"
    assert eta_words.confidence(Confidence.LOW, lang=Lang.ZH) == "把握低"


@pytest.mark.parametrize(
    ("early", "likely", "late", "zh", "en"),
    [
        pytest.param(60, 90, 150, "11-25 13:00–14:30，最可能 11-25 13:30", "25 Nov 13:00–14:30, most likely 25 Nov 13:30", id="one day"),
        pytest.param(60, 90, 900, "11-25 13:00 – 11-26 03:00，最可能 11-25 13:30", "25 Nov 13:00 – 26 Nov 03:00, most likely 25 Nov 13:30", id="two days"),
        pytest.param(60, 60, 60, "11-25 13:00", "25 Nov 13:00", id="one minute"),
    ],
)  # fmt: skip
def test_an_interval_is_told_without_repeating_the_day(early, likely, late, zh, en):
    told = Interval(early=NOON + early * 60, likely=NOON + likely * 60, late=NOON + late * 60)
    assert eta_words.interval(told, now=NOW, zone=SHANGHAI, lang=Lang.ZH) == zh
    assert eta_words.interval(told, now=NOW, zone=SHANGHAI, lang=Lang.EN) == en

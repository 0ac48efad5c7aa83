"""Chinese tracking lines without a code, read by rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.milestone import Certainty, Milestone, Reason
from huoji.core.milestones.text import from_text, read_text

M, R = Milestone, Reason


@pytest.mark.parametrize(
    ("context", "milestone", "reason"),
    [
        ("订单已提交,运单已生成", M.CREATED, R.NONE),
        ("等待快递员上门揽收", M.AWAITING_PICKUP, R.NONE),
        ("揽收失败,客户不在", M.ATTEMPT_FAILED, R.ABSENT),
        ("【杭州萧山】已收件", M.PICKED_UP, R.NONE),
        ("杭州转运中心 已收件", M.ARRIVED, R.NONE),
        ("取件人: *** 已收件", M.PICKED_UP, R.NONE),
        ("已打包", M.SORTED, R.NONE),
        ("杭州转运中心/装件入车扫描", M.LOADED, R.NONE),
        ("货物已卸车", M.UNLOADED, R.NONE),
        ("重庆转运中心 已发出,下一站 重庆市渝北区四部", M.DEPARTED, R.NONE),
        ("快件已到达【深圳集散中心】", M.ARRIVED, R.NONE),
        ("到达目的地网点广东深圳福田部,快件很快进行派送", M.ARRIVED_DEST, R.NONE),
        ("郭** 派件中 派件员电话1**********", M.OUT_FOR_DELIVERY, R.NONE),
        ("客户已改约,重新派送", M.OUT_FOR_DELIVERY, R.REDELIVERY),
        ("已签收,签收人: 本人", M.DELIVERED, R.SELF),
        ("已签收,签收人: 门卫", M.DELIVERED, R.AGENT),
        ("家人代签收", M.DELIVERED, R.AGENT),
        ("快件已由丰巢智能柜签收,取件人已取走", M.DELIVERED, R.POINT),
        ("快件已签收,签收前请检查是否破损,如有疑问请联系派件员", M.DELIVERED, R.NONE),
        ("已存放至菜鸟驿站,请凭取件码取件", M.AT_PICKUP_POINT, R.POINT),
        ("快件超时未签收", M.EXCEPTION, R.OVERDUE),
        ("派件不成功:电话无人接听", M.ATTEMPT_FAILED, R.UNCONTACTABLE),
        ("派送失败,收件地址不详", M.ATTEMPT_FAILED, R.ADDRESS),
        ("客户拒收", M.REFUSED, R.NONE),
        ("客户拒收,快件已退回", M.RETURNING, R.NONE),
        ("退回件,已签收", M.RETURNED, R.NONE),
        ("快件破损", M.EXCEPTION, R.DAMAGED),
        ("因台风影响,快件滞留", M.EXCEPTION, R.WEATHER),
        ("疑难件", M.EXCEPTION, R.OTHER),
        ("海关查验", M.CUSTOMS_HELD, R.CUSTOMS),
        ("清关完成", M.CUSTOMS_CLEARED, R.NONE),
        ("清关中", M.CUSTOMS_STARTED, R.NONE),
        ("快件转寄其他快递公司", M.FORWARDED, R.NONE),
    ],
)
def test_a_line_is_read_by_its_most_telling_phrase(context, milestone, reason):
    found = from_text(context)
    assert (found.milestone, found.reason, found.certainty) == (milestone, reason, Certainty.INFERRED)


@pytest.mark.parametrize("context", ["", "hello", "预计明日到达", "如有问题请联系客服,感谢使用", "请保持电话畅通"])
def test_advice_and_forecast_are_not_taken_for_what_happened(context):
    assert from_text(context).certainty is Certainty.UNMAPPED


@pytest.mark.parametrize(
    ("context", "place", "next_place"),
    [
        ("重庆转运中心 已发出,下一站 重庆市渝北区四部", "重庆转运中心", "重庆市渝北区四部"),
        ("重庆市渝北区四部公司(点击查询电话)郭** 派件中 派件员电话1**********", "重庆市渝北区四部公司", ""),
        ("快件离开【东莞大朗】已发往【深圳中心】", "东莞大朗", "深圳中心"),
        ("快件由深圳发往北京", "深圳", "北京"),
        ("在上海虹桥分拨中心进行装车扫描,即将发往:北京通州分拨中心", "上海虹桥分拨中心", "北京通州分拨中心"),
        ("到达目的地网点广东深圳福田部,快件很快进行派送", "广东深圳福田部", ""),
        ("快件正在派送中,请保持电话畅通", "", ""),
        ("快件已签收,签收人:张三", "", ""),
        ("由13800000000派送", "", ""),
    ],
)
def test_the_place_and_the_next_place_are_read_off_a_line(context, place, next_place):
    found = read_text(context)
    assert (found.place, found.next_place) == (place, next_place)


PIECES = [
    "【",
    "】",
    "下一站",
    "签收",
    "退回",
    "派件",
    "到达",
    "发往",
    ",",
    " ",
    "(",
    "驿站",
    "已",
    "张三",
    "13800000000",
    "重庆转运中心",
]


@given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_read_without_fail_and_no_phone_becomes_a_place(context):
    found = read_text(context)
    assert isinstance(found.meaning.milestone, Milestone)
    assert "13800000000" not in found.place + found.next_place


def test_a_very_long_line_is_read_quickly():
    assert from_text("到达" * 500_000).milestone is Milestone.ARRIVED
    assert from_text("退" * 1_000_000).certainty is Certainty.UNMAPPED

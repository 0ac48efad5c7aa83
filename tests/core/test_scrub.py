"""Free text of providers reaches us without phones and names, and with everything else."""

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.scrub import scrub

PHONES = [
    "13800138000",
    "138 0013 8000",
    "+86 138-0013-8000",
    "１３８００１３８０００",
    "021-62345678-8012",
    "0571-87654321",
    "400-820-8388",
    "1**********",
]
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
TEMPLATES = [
    "重庆市渝北区四部公司(点击查询电话){name} 派件中 派件员电话{phone}",
    "【上海浦东】的{name}({phone})正在第1次派件,请保持电话畅通",
    "【上海浦东】的{name}（{phone}）正在第1次派件，请保持电话畅通",
    "【上海市浦东新区公司】派件人: {name} 派件中 派件员电话{phone}",
    "上海浦东分部派件员：{name} 电话：{phone} 当前正在为您派件",
    "【上海公司】的派件员【{name}】正在为您派件,如有疑问请联系派件员,联系电话【{phone}】",
    "正在派送途中,请您准备签收(派件人:{name},电话:{phone})",
    "快递员{name}正在为您派送,电话:{phone}",
    "快件已发车,司机:{name} 手机 {phone}",
    "联系人 {name} {phone}",
]
names = st.builds(
    lambda surname, given: surname + given,
    st.sampled_from(SURNAMES),
    st.text(st.sampled_from("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂"), min_size=1, max_size=2),
)


@given(st.sampled_from(TEMPLATES), names, st.sampled_from(PHONES))
def test_neither_name_nor_phone_survives_in_any_usual_sentence(template, name, phone):
    cleaned = scrub(template.format(name=name, phone=phone))
    assert name not in cleaned
    assert phone not in cleaned
    assert sum(char.isdigit() for char in cleaned) <= 1
    assert scrub(cleaned) == cleaned


@pytest.mark.parametrize(
    ("line", "cleaned"),
    [
        (
            "重庆市渝北区四部公司(点击查询电话)郭** 派件中 派件员电话1**********",
            "重庆市渝北区四部公司(点击查询电话)** 派件中 派件员电话***",
        ),
        ("取件人: 张三", "取件人: **"),
        ("签收人:李四", "签收人:**"),
        ("签收人：李四", "签收人：**"),
        ("已签收,签收人是李小四先生,感谢使用", "已签收,签收人是**,感谢使用"),
        ("Signed by: JOHN SMITH at front desk", "Signed by: ** at front desk"),
        ("Delivered, received by Mary-Ann O'Brien", "Delivered, received by **"),
    ],
)
def test_lines_as_providers_write_them(line, cleaned):
    assert scrub(line) == cleaned


@pytest.mark.parametrize(
    "line",
    [
        "您的快件已签收,签收人:本人签收",
        "快件已签收,签收人凭取货码签收",
        "已离开 武汉分拨中心，发往 成都转运中心，运单号 444003077898",
        "[杭州转运中心] 已收入 YT5555508965056",
        "提单号COSU6123456780 箱号CSQU3054383 已装船 EVER TRACE 012E",
        "Shipment departed from facility Shanghai 2026-11-23 14:05, flight CA1234567",
        "司机已到达",
        "顺丰速运 已收取快件",
        "已放入丰巢柜，取件码8-2-3012",
        "",
    ],
)
def test_a_line_without_personal_data_is_untouched(line):
    assert scrub(line) == line


@given(st.text(max_size=200))
def test_any_text_is_survived_and_never_longer_than_it_can_be(text):
    assert len(scrub(text)) <= len(text) + 3 * (text.count("1") + 60)


def test_a_line_costs_microseconds():
    """The aim is 10 µs; the bound leaves room for a busy machine."""
    lines = [template.format(name="张三丰", phone="13800138000") for template in TEMPLATES]
    cost = min(timeit.repeat(lambda: [scrub(line) for line in lines], number=20, repeat=5)) / 20 / len(lines)
    assert cost < 60e-6


def test_a_hostile_line_takes_no_longer_than_its_length_deserves():
    hostile = [
        "电话" + " " * 4000,
        "派件员 " * 1000,
        "1" * 4000,
        "张" * 4000,
        "signed by A " * 400,
        "+1" * 2000,
        "13800138" * 500,
    ]
    assert max(min(timeit.repeat(lambda line=line: scrub(line), number=1, repeat=2)) for line in hostile) < 0.2

"""Masked data never shows more than its audience may see, and masking twice changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.answer import Audience
from huoji.core.masking import COMPANY, COMPOUND_SURNAMES, mask_address, mask_name, mask_phone

MASKS = pytest.mark.parametrize("mask", [mask_name, mask_phone, mask_address])
levels = st.sampled_from(list(Audience))
han = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
chinese_names = st.text(han, min_size=1, max_size=5).filter(lambda name: not COMPANY.search(name))
digits = st.text(st.sampled_from("0123456789"), min_size=1, max_size=16)
messy = st.text(
    st.sampled_from("0123456789*+-()（）/;转ext.#x 张三丰路街道号弄村镇市区县楼室单元栋公司Aa,，·"), max_size=40
)


@MASKS
@given(text=messy | st.text(max_size=60), level=levels)
def test_masking_twice_changes_nothing(mask, text, level):
    once = mask(text, level=level)
    assert mask(once, level=level) == once


@MASKS
@given(text=messy | st.text(max_size=60))
def test_what_was_masked_for_staff_and_then_for_a_bare_number_is_as_closed_as_for_a_bare_number_alone(mask, text):
    closed = mask(mask(text, level=Audience.STAFF), level=Audience.BARE)
    assert sum(char.isdigit() for char in closed) <= sum(char.isdigit() for char in mask(text, level=Audience.BARE)) + 2


@given(chinese_names, levels)
def test_a_name_keeps_its_surname_at_most(name, level):
    masked = mask_name(name, level=level)
    kept = masked.rstrip("*")
    assert name.startswith(kept)
    assert len(kept) <= (2 if name[:2] in COMPOUND_SURNAMES else 1)
    assert len(masked) == len(name)
    assert "*" in masked


@given(st.lists(st.text(st.sampled_from("abcdefgh"), min_size=2, max_size=8), min_size=1, max_size=4), levels)
def test_a_foreign_name_keeps_its_first_letter_at_most(words, level):
    name = " ".join(words).title()
    assert mask_name(name, level=level).replace("*", "").strip() == name[0]


@given(digits, levels)
def test_at_least_six_digits_of_a_phone_are_hidden(phone, level):
    masked = mask_phone(phone, level=level)
    assert sum(char == "*" for char in masked) >= min(6, len(phone))
    assert all(shown in ("*", true) for shown, true in zip(masked, phone, strict=True))


@given(messy, levels)
def test_a_phone_field_never_shows_more_than_five_digits_a_number(text, level):
    for part in (
        mask_phone(text.replace("+", "").replace("00", "0"), level=level)
        .replace("；", ";")
        .replace("，", ",")
        .replace(",", ";")
        .replace("/", ";")
        .split(";")
    ):
        assert sum(char.isdigit() for char in part) <= 5


@given(messy, levels)
def test_a_phone_field_never_shows_a_letter_that_is_no_usual_writing(text, level):
    assert not set(mask_phone(text, level=level)) & set("张三丰路街号村市区楼室单元公司Aa")


ROADS = st.sampled_from(
    ["中山路500号", "世纪大道1号", "漕溪路500弄", "文一西路969号", "正定镇三里屯村", "阳光花园", "创意产业园"]
)
AREAS = st.sampled_from(
    [
        "上海市浦东新区",
        "江苏省苏州市工业园区",
        "哈尔滨市道里区",
        "内蒙古自治区呼和浩特市新城区",
        "河北省石家庄市正定县",
        "",
    ]
)
UNITS = st.sampled_from(["3号楼2单元1201室", "A座1201", "12栋", "二单元三楼", "1201", "东单元601", "5幢甲室", "快递柜"])


@given(AREAS, ROADS, UNITS, levels)
def test_an_address_loses_everything_that_names_one_home(area, road, unit, level):
    masked = mask_address(area + road + unit, level=level)
    assert masked.endswith("***")
    assert (area + road).startswith(masked.removesuffix("***"))


@given(AREAS, ROADS, UNITS)
def test_a_bare_number_shows_no_road(area, road, unit):
    shown = mask_address(area + road + unit, level=Audience.BARE).removesuffix("***")
    assert area.startswith(shown) or shown == "正定镇"[: len(shown)]


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳", "欧*"),
        ("John Smith", "J*** ***"),
        ("", ""),
    ],
)
def test_names_as_the_domain_page_lists_them(name, masked):
    assert mask_name(name, level=Audience.VERIFIED) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800138078", "138******78"),
        ("+86 138-0013-8078", "+86 138-****-**78"),
        ("１３８００１３８０７８", "138******78"),
        ("138-0013-8078", "138-****-**78"),
        ("021-62345678", "021-******78"),
        ("021-62345678-8012", "021-******78-****"),
        ("13800138078-1234", "138******78-****"),
        ("0571-87654321转801", "057*-******21转***"),
        ("400-820-8388", "40*-***-**88"),
        ("+44 20 7946 0958", "+44 ** **** **58"),
        ("13800138078/021-62345678", "138******78/021-******78"),
        ("张三 13800138078", "138******78"),
        ("95338", "*****"),
        ("", ""),
    ],
)
def test_phones_of_every_kind(phone, masked):
    assert mask_phone(phone, level=Audience.STAFF) == masked


@pytest.mark.parametrize(
    ("address", "bare", "verified"),
    [
        ("上海市浦东新区XX路500号3号楼2单元1201室", "上海市浦东新区***", "上海市浦东新区XX路500号***"),
        ("广东省深圳市南山区阳光花园5栋2201", "广东省深圳市南山区***", "广东省深圳市南山区阳光花园***"),
        (
            "浙江省杭州市余杭区仓前街道文一西路969号2号楼",
            "浙江省杭州市余杭区***",
            "浙江省杭州市余杭区仓前街道文一西路969号***",
        ),
        ("1201室3号楼XX路500号", "***", "***"),
        ("河南省三门峡市湖滨区黄河路5号", "河南省三门峡市湖滨区***", "河南省三门峡市湖滨区黄河路5号***"),
        ("Room 1201, No. 500 XX Road, Pudong, Shanghai, China", "***, China", "***, Pudong, Shanghai, China"),
        ("12 High Street", "***", "***"),
        ("", "", ""),
    ],
)
def test_addresses_to_the_road_or_community(address, bare, verified):
    assert mask_address(address, level=Audience.BARE) == bare
    assert mask_address(address, level=Audience.VERIFIED) == verified


def test_a_company_is_no_person_but_a_bare_number_does_not_show_it():
    assert mask_name("上海华强贸易有限公司 张三", level=Audience.STAFF) == "上海华强贸易有限公司 张*"
    assert mask_name("Acme Trading Co., Ltd.", level=Audience.STAFF) == "Acme Trading Co., Ltd."
    assert mask_name("上海华强贸易有限公司", level=Audience.BARE) == "上***"

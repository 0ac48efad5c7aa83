"""A number is recognised as a ranked list, and found in whatever text it was pasted with."""

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.numbers import waybill_number
from huoji.core.recognise import NUMBER_CHARS_MAX, TEXT_CHARS_MAX, Kind, find, recognise, shunfeng_check_ok

KEY = b"a key of thirty-two bytes length"


def extract(text, *, limit):
    return list(find(text, limit=limit).numbers)


def first(number):
    guess = recognise(number)[0]
    return guess.kind, guess.issuer, guess.check_ok


CONTAINERS = [
    "CSQU3054383",
    "TASU1170000",
    "COSU6100250",
    "CBHU8318427",
    "CCLU7301939",
    "OOLU8642909",
    "MSKU9070323",
    "MAEU6211409",
    "CMAU1234564",
    "EGHU9055814",
    "MSCU6659012",
    "TGHU1234567",
    "SEGU4816202",
    "CXDU1900008",
    "TCNU7465290",
    "HLXU8071050",
    "ZCSU7238990",
    "ONEU0123450",
    "CSNU1000140",
]


@pytest.mark.parametrize("number", CONTAINERS)
def test_a_right_container_number_is_first_of_all_a_container(number):
    assert first(number) == (Kind.CONTAINER, number[:4], True)


@pytest.mark.parametrize("number", ["CSQU3054384", "CSQU3045383"])
def test_a_mistyped_container_number_is_still_recognised_but_doubted(number):
    assert first(number) == (Kind.CONTAINER, "CSQU", False)
    assert recognise(number)[0].confidence < 0.5


@pytest.mark.parametrize("number", ["CSQX3054383", "CSQU305438"])
def test_another_category_or_length_is_no_container(number):
    assert Kind.CONTAINER not in {guess.kind for guess in recognise(number)}


@pytest.mark.parametrize(
    "number", ["9074729", "9319466", "8814275", "9776171", "9795610", "9839430", "9863297", "9321483"]
)
def test_a_right_imo_number_is_a_vessel(number):
    assert first(number) == (Kind.VESSEL, "", True)
    assert recognise(f"IMO {number}")[0].confidence > 0.9


@pytest.mark.parametrize("number", ["9811001", "9074728", "8814274"])
def test_a_wrong_imo_number_is_doubted_and_not_refused(number):
    assert first(number) == (Kind.VESSEL, "", False)


@pytest.mark.parametrize(
    "number",
    [
        "RB123456785GB",
        "RR473124829CN",
        "EA263999513CN",
        "CP999999995CN",
        "EE123456785CN",
        "EA100000140CN",
        "EA100000025CN",
    ],
)
def test_s10_numbers_with_a_right_check_digit(number):
    assert first(number) == (Kind.PARCEL, f"post-{number[-2:].lower()}", True)


@pytest.mark.parametrize(
    ("number", "service"),
    [("RR473124829CN", "registered"), ("EA263999513CN", "ems"), ("CP999999995CN", "parcel"), ("ZZ123456785CN", "")],
)
def test_s10_tells_the_service(number, service):
    assert recognise(number)[0].service == service


@pytest.mark.parametrize("number", ["RB123456786US", "RB123456785XX"])
def test_s10_with_a_wrong_digit_or_country_is_worth_little(number):
    assert recognise(number)[0].confidence <= 0.3


@pytest.mark.parametrize(
    ("number", "issuer"),
    [
        ("SF7444400554417", "shunfeng"),
        ("73190553102532", "zhongtong"),
        ("YT5555508965056", "yuantong"),
        ("77316523125896", "shentong"),
        ("462598779470531", "yunda"),
        ("JT0006968326954", "jtexpress"),
        ("JDVA11408814483", "jd"),
        ("DPK364112047425", "debangwuliu"),
        ("1240921381750", "ems"),
        ("621123456789012", "cainiao"),
    ],
)
def test_numbers_of_other_carriers(number, issuer):
    assert recognise(number)[0].issuer == issuer


@pytest.mark.parametrize("number", ["444003077898", "300527476792", "106027097895"])
def test_twelve_bare_digits_are_a_list_and_never_one_carrier(number):
    assert {guess.issuer for guess in recognise(number)} == {"shunfeng", "annengwuliu", "yimidida", "zhongtongkuaiyun"}
    assert max(guess.confidence for guess in recognise(number)) < 0.5


@pytest.mark.parametrize(
    "number", ["444003077898", "SF7444400554417", "SF7444400554375", "SF7444400619915", "SF7444400596655"]
)
def test_the_check_digit_of_shunfeng_as_one_source_tells_it(number):
    assert shunfeng_check_ok(number)


def test_a_bill_of_lading_starts_with_its_scac_and_a_container_of_the_same_letters_comes_first():
    assert first("COSU6123456780") == (Kind.BILL, "COSU", None)
    assert [guess.kind for guess in recognise("COSU6100250")] == [Kind.CONTAINER, Kind.BILL]
    assert recognise("XQZK6123456780") == []


def test_a_ships_radio_number_needs_a_flag_we_know_or_its_label():
    assert first("412345678")[0] is Kind.STATION
    assert recognise("MMSI 212345678")[0].confidence > 0.9


@given(st.integers(0, 10**12 - 1))
def test_our_own_number_is_certain_and_a_mistyped_one_is_still_ours_first(sequence):
    number = waybill_number(sequence, key=KEY, prefix="HJ")
    assert first(number) == (Kind.WAYBILL, "", True)
    assert recognise(number)[0].confidence == 1
    assert first(number[:-1] + str((int(number[-1]) + 1) % 10)) == (Kind.WAYBILL, "", False)


@given(st.text(max_size=60))
def test_any_text_gives_a_ranked_list(text):
    ranks = [guess.confidence for guess in recognise(text)]
    assert ranks == sorted(ranks, reverse=True)


GOOD = [
    *CONTAINERS[:5], "RB123456785GB", "SF7444400554417", "YT5555508965056", "DPK364112047425", "COSU6123456780",
    "444003077898", "300527476792", "73190553102532", "1240921381750", "9074729",
    *(waybill_number(sequence, key=KEY, prefix="HJ") for sequence in range(5)),
]  # fmt: skip
SEPARATORS = [",", "、", "\n", "; ", " 和 ", "，", " / ", "。单号:", " and ", "\r\n", "|", "\t"]


@given(st.lists(st.tuples(st.sampled_from(GOOD), st.sampled_from(SEPARATORS)), min_size=1, max_size=20))
def test_pasted_numbers_come_back_in_order_and_once(pairs):
    text = "".join(number + separator for number, separator in pairs)
    assert extract(text, limit=50) == list(dict.fromkeys(number for number, _ in pairs))


@given(
    st.sampled_from(
        [number for number in GOOD if number[:2] not in ("30", "12", "44", "73", "90") and number != "COSU6123456780"]
    ),
    st.data(),
)
def test_a_number_with_letters_is_found_however_it_is_grouped(number, data):
    cut = sorted(data.draw(st.sets(st.integers(2, len(number) - 1), max_size=4)))
    groups = [number[start:end] for start, end in zip([0, *cut], [*cut, len(number)], strict=True)]
    assert extract("请查 " + data.draw(st.sampled_from([" ", "-", "－"])).join(groups) + " 谢谢", limit=50) == [number]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("您好,查一下 HJ 1234 5678 9012 3,电话13800138000,2026-11-23 14:05 发的", ["HJ1234567890123"]),
        (
            "CSQU 305438 3 TASU1170000\nRB 123 456 785 GB; IMO 9074729",
            ["CSQU3054383", "TASU1170000", "RB123456785GB", "9074729"],
        ),
        ("COSU 6123456780 提单", ["COSU6123456780"]),
        ("请查 DPK36411-2047425 谢谢", ["DPK364112047425"]),
        ("HJ 35 02876030307", ["HJ3502876030307"]),
        ("单号:7319 0553 1025 32", ["73190553102532"]),
        ("ＹＴ５５５５５０８９６５０５６", ["YT5555508965056"]),
        ("yt5555508965056 sf 7444400554417 444003077898", ["YT5555508965056", "SF7444400554417", "444003077898"]),
        ("https://huoji.example/track/HJ1234567890123?x=1", ["HJ1234567890123"]),
        ("B/L COSU6123456780 vessel EVER TRACE voyage 012E", ["COSU6123456780"]),
        ("ref SCMS-199920 and PO-2026-00123", ["SCMS199920", "PO202600123"]),
        ("SF7444400554417 SF7444400554417 sf-7444400554417", ["SF7444400554417"]),
        ("收件人张三 138-0013-8000 上海市中山路500号3号楼1201 转 YT5555508965056", ["YT5555508965056"]),
        ("金额¥12345678.90 邮箱 a12345678@qq.com 日期20261123", []),
        ("11010519491231002X 91110000600037341L", []),
        ("电话 021-62345678-8012,400-820-8388,+86 138 0013 8000", []),
        ("在吗", []),
        ("", []),
    ],
)
def test_numbers_in_sentences(text, numbers):
    assert extract(text, limit=50) == numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [("13800138000", "13800138000"), ("a-12", "A12"), ("20261123", "20261123"), ("\n 138 \n", "138")],
)
def test_a_word_alone_is_taken_as_it_is_when_nothing_else_fits(text, number):
    assert extract(text, limit=50) == [number]


def test_what_exceeds_the_limits_is_said():
    numbers = [waybill_number(sequence, key=KEY, prefix="HJ") for sequence in range(60)]
    found = find("\n".join(numbers), limit=50)
    assert found.numbers == tuple(numbers[:50])
    assert found.left_out == tuple(numbers[50:])
    assert find("x" * (TEXT_CHARS_MAX + 7), limit=50).chars_left_out == 7


@given(st.text(max_size=300) | st.text(st.sampled_from("HJ0123456789 -.\n年:+@¥"), max_size=300))
def test_any_text_gives_short_distinct_numbers(text):
    numbers = extract(text, limit=50)
    assert len(numbers) == len(set(numbers)) <= 50
    assert all(len(number) <= NUMBER_CHARS_MAX and number.isalnum() for number in numbers)


def test_a_hostile_text_of_full_length_is_read_quickly():
    hostile = [
        "1 " * 10_000,
        "9" * 10_000,
        "A1-" * 6_666,
        "1,234" * 4_000,
        "a." * 10_000,
        "+86 " * 5_000,
        "¥1" * 10_000,
        "2026-" * 4_000,
        "12 AB " * 3_000,
    ]
    slowest = max(min(timeit.repeat(lambda text=text: find(text, limit=50), number=1, repeat=2)) for text in hostile)
    assert slowest < 2

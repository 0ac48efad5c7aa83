"""How tables of others are read: headers, dates, decimals, states, and rows of one number."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.importing import values
from huoji.core.importing.build import Builder, Line
from huoji.core.importing.choices import DateOrder, DecimalSign, Makes
from huoji.core.importing.faults import FAILURES, WORDS, explain
from huoji.core.importing.fields import FIELDS, NAMES, plain
from huoji.core.importing.reading import Question, Reading, guess, questions, suited
from huoji.core.importing.values import UnreadableError
from huoji.core.milestone import Milestone
from huoji.core.wording import Lang

CELLS = st.one_of(
    st.text(max_size=20), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.just(""),
    st.sampled_from(["2026-11-20", "03/04/2026", "12.5", "1,234", "已签收", "N/A - x", "SH001", "上海", "Air"]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("运单号", "number"), ("快递单号", "number"), ("Tracking Number", "number"), ("AWB No.", "number"), ("trackingNumber", "number"),
        ("ASN/DN #", "number"), ("PO / SO #", "order"), ("订单编号", "order"), ("毛重(KG)", "weight_kg"), ("毛重(吨)", "weight_t"),
        ("Gross Weight (lbs)", "weight_lb"), ("货物实际重量(吨)", "weight_t"), ("实际重量 KG", "weight_kg"), ("件数", "pieces"), ("发件人", "shipper.name"), ("收件人手机", "consignee.phone"),
        ("收货地址", "consignee.address"), ("目的港", "destination"), ("POL", "origin"), ("B/L No.", "ref.bill"), ("柜号", "ref.container"),
        ("实际签收时间", "at.delivered"), ("签收日期", "at.delivered"), ("ATD", "at.departed"), ("ETA", "eta"), ("Delivered to Client Date", "at.delivered"),
        ("Scheduled Delivery Date", "promised_at"), ("要求到货日期", "promised_at"), ("操作时间", "event.at"), ("扫描类型", "event.status"),
    ],
)  # fmt: skip
def test_a_header_is_understood(header, key):
    assert guess([header, "x"], [["", ""]]).reading.columns == {header: key}


@pytest.mark.parametrize(
    "header",
    [
        "ID",
        "Vendor INCO Term",
        "Line Item Quantity",
        "Freight Cost (USD)",
        "Delivery Recorded Date",
        "备用1",
        "实际重量(克)",
        "总重量(斤)",
    ],
)
def test_a_header_that_says_nothing_certain_is_left_out(header):
    assert guess([header], [[""]]).reading.columns == {}


def test_every_name_means_one_field_and_no_two_fields_claim_it():
    claimed: dict[str, set[str]] = {}
    for field in FIELDS.values():
        for name in field.names:
            claimed.setdefault(plain(name), set()).add(field.key)
    assert {name: keys for name, keys in claimed.items() if len(keys) > 1} == {}
    assert set(NAMES.values()) == set(FIELDS)


def test_a_name_that_its_cells_belie_is_not_believed():
    rows = [["SH1", "见备注"], ["SH2", "无法提供"], ["SH3", "2026-11-20"]]
    assert "签收时间" not in guess(["运单号", "签收时间"], rows).reading.columns


@pytest.mark.parametrize(
    ("cell", "order", "told"),
    [
        ("2026-11-20", None, "2026-11-20"), ("2026/11/20 14:05", None, "2026/11/20 14:05"), ("2026年11月20日", None, "2026年11月20日"),
        ("13/04/2026", None, "2026-04-13"), ("04/13/2026", None, "2026-04-13"), ("03/04/2026", DateOrder.DAY_FIRST, "2026-04-03"),
        ("03/04/2026", DateOrder.MONTH_FIRST, "2026-03-04"), ("3.4.26 9:05", DateOrder.DAY_FIRST, "2026-04-03T09:05"), ("05/05/2026", None, "2026-05-05"),
        ("2-Jun-06", None, "2006-06-02"), ("Jun 2, 2006 3:04 PM", None, "2006-06-02T15:04"), ("02-JUN-1998", None, "1998-06-02"),
        (date(2026, 11, 20), None, "2026-11-20"), (datetime.fromisoformat("2026-11-20T09:30"), None, "2026-11-20T09:30:00"), (45000, None, "2023-03-15"),
        (45000.5, None, "2023-03-15T12:00:00"), ("N/A - From RDC", None, ""), ("-", None, ""), ("", None, ""),
    ],
)  # fmt: skip
def test_a_time_is_read(cell, order, told):
    assert values.read_time(cell, order=order, whole_days=False) == told


@pytest.mark.parametrize("cell", ["Date Not Captured", "03/04/2026", "31/31/2026", "2026-13-01", True, "32-Jun-06", 12])
def test_a_time_that_is_none_or_can_be_two_is_not_read(cell):
    with pytest.raises(UnreadableError):
        values.read_time(cell, order=None, whole_days=False)


def test_a_column_of_midnights_holds_days():
    cells = ["2026-11-20 00:00:00", datetime.fromisoformat("2026-11-21T00:00"), ""]
    assert values.are_days(cells)
    assert [values.read_time(cell, order=None, whole_days=True) for cell in cells] == ["2026-11-20", "2026-11-21", ""]
    assert not values.are_days([*cells, "2026-11-20 08:00"])
    assert not values.are_days(["2026-11-20"])


@given(
    st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31)),
    st.sampled_from(DateOrder),
    st.sampled_from("/.-"),
    st.booleans(),
)
def test_a_written_date_is_read_back_in_its_order(day, order, sign, short):
    year = f"{day:%y}" if short else str(day.year)
    parts = [f"{day.day:02}", f"{day.month:02}"]
    told = sign.join([*(parts if order is DateOrder.DAY_FIRST else reversed(parts)), year])
    assert values.read_time(told, order=order, whole_days=False) == day.isoformat()


@given(st.decimals(min_value=0, max_value=10**6, places=2), st.sampled_from(DecimalSign), st.booleans())
def test_a_written_amount_is_read_back_with_its_sign(amount, sign, grouped):
    told = f"{amount:,.2f}" if grouped else f"{amount:.2f}"
    if sign is DecimalSign.COMMA:
        told = told.translate(str.maketrans(",.", ".,"))
    assert values.read_decimal(told, sign=sign) == amount
    assert values.sign_of([told]) is sign


@pytest.mark.parametrize(
    ("cells", "sign"),
    [(["1.5"], "."), (["1,5"], ","), (["1,234"], None), (["1,234", "2.5"], "."), (["1.234,5"], ","), (["12", "Weight Captured Separately"], "."), (["1,5", "2.5"], None)],
)  # fmt: skip
def test_the_decimal_sign_is_told_by_the_cells_or_asked(cells, sign):
    assert values.sign_of(cells) == sign


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("12.5 kg", "12.5"), ("12.5公斤", "12.5"), ("1 234.5", "1234.5"), (3, "3"), (2.25, "2.25"), ("12.5", "12.5")],
)  # fmt: skip
def test_units_and_spaces_beside_an_amount_are_passed_over(cell, amount):
    assert values.read_decimal(cell, sign=DecimalSign.POINT) == Decimal(amount)


@pytest.mark.parametrize(
    ("word", "provider", "milestone"),
    [
        ("已签收", "", Milestone.DELIVERED), ("Delivered", "", Milestone.DELIVERED), ("out for delivery", "", Milestone.OUT_FOR_DELIVERY),
        ("快件已由本人签收", "", Milestone.DELIVERED), ("picked_up", "", Milestone.PICKED_UP), ("In Transit", "", Milestone.IN_TRANSIT),
        ("3", "kuaidi100", Milestone.DELIVERED), ("什么也不是", "", Milestone.INFO),
    ],
)  # fmt: skip
def test_a_state_is_understood_in_both_languages_and_by_code(word, provider, milestone):
    means = values.read_state(word, provider=provider)
    assert means is not None
    assert means.milestone is milestone


HEADER = ["number", "goods", "weight", "due date", "delivered date", "container no"]


def built(rows, **changes):
    reading = guess(HEADER, rows).reading
    builder = Builder(
        Reading(**{name: getattr(reading, name) for name in reading.__struct_fields__} | changes),
        header=HEADER,
        source="t",
    )
    return builder.build("N1", [Line(row=index, cells=row) for index, row in enumerate(rows, start=2)])


@given(st.permutations(range(4)))
def test_the_order_of_rows_changes_no_sum_no_date_and_no_reference(order):
    rows = [
        ["N1", "A", "1.5", "2026-11-20", "2026-11-19", "MSCU6639870"],
        ["N1", "B", "2.5", "2026-11-21", "2026-11-19", ""],
        ["N1", "A", "", "2026-11-20", "2026-11-22", "TCNU1234565, MSCU6639870"],
        ["N1", "C", "见附件", "", "", ""],
    ]
    one = built([rows[index] for index in order])
    assert one.shipment is not None
    assert (str(one.shipment.weight_kg), one.shipment.promised.local.date()) == ("4.000", date(2026, 11, 21))
    assert {value for _, value in one.shipment.references} == {"MSCU6639870", "TCNU1234565"}
    assert set(one.shipment.goods.split("; ")) == {"A", "B", "C"}
    assert len(one.events) == 2
    assert {fault.code for fault in one.faults} == {"two_values", "unread_decimal"}


def test_the_same_row_twice_counts_once():
    row = ["N1", "A", "1.5", "", "", ""]
    one = built([row, row])
    assert str(one.shipment.weight_kg) == "1.500"
    assert [fault.code for fault in one.faults] == ["duplicate_row"]


@given(st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=6), st.data())
def test_whatever_stands_in_the_cells_and_however_columns_are_chosen_nothing_breaks(rows, data):
    keys = data.draw(st.lists(st.sampled_from(["", *FIELDS]), min_size=6, max_size=6))
    reading = suited(
        Reading(
            columns={name: key for name, key in zip(HEADER, keys, strict=True) if key},
            makes=data.draw(st.sampled_from(Makes)), offset_min=data.draw(st.integers(-1000, 1000)),
            date_order=data.draw(st.sampled_from([None, *DateOrder])), decimal_sign=data.draw(st.sampled_from([None, *DecimalSign])),
        ),
        header=HEADER, samples=rows,
    )  # fmt: skip
    questions(reading, header=HEADER, samples=rows)
    guess(HEADER, rows)
    builder = Builder(reading, header=HEADER, source="t")
    lines = [Line(row=index, cells=row) for index, row in enumerate(rows, start=2)]
    for line in lines:
        try:
            builder.number_of(line)
        except UnreadableError:
            continue
    one = builder.build("N1", lines)
    for fault in one.faults:
        assert explain(fault.code, lang=Lang.ZH) != ""
    assert {row for row, _ in one.events} <= set(one.rows)


def test_what_is_missing_is_asked_for():
    assert Question.NUMBER in questions(Reading(columns={}), header=[], samples=[])
    assert Question.LINE in questions(Reading(columns={}, line=None), header=[], samples=[])
    twice = Reading(columns={"a": "number", "b": "number"})
    assert Question.TWICE in questions(twice, header=["a", "b"], samples=[["1", "2"]])


def test_every_fault_and_failure_is_told_in_both_languages():
    for table in (WORDS, FAILURES):
        for chinese, english in table.values():
            assert any("\u4e00" <= char <= "\u9fff" for char in chinese)
            assert english.isascii() or "’" in english

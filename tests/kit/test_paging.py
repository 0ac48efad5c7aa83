"""Pages by cursor: every row once, whatever the order and the ties; a cursor says nothing and fits one list."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.kit import paging
from huoji.kit.models import Mark
from huoji.kit.problem import Problem

START = datetime(2026, 11, 23, tzinfo=UTC)


def walk(order, *, limit):
    seen, cursor = [], ""
    while True:
        page = paging.page(Mark.objects.all(), of="marks", order=order, cursor=cursor, limit=limit)
        seen += page.rows
        assert len(page.rows) <= limit
        if not page.next:
            return seen
        cursor = page.next


@pytest.mark.django_db
@pytest.mark.parametrize("order", [("name",), ("-at", "name"), ("at", "-name"), ("ok", "-at", "name")])
@pytest.mark.parametrize("limit", [1, 3, 7, 50])
def test_walking_the_pages_shows_every_row_once_and_in_order(order, limit):
    Mark.objects.bulk_create(
        Mark(name=f"m{number:02}", at=START + timedelta(hours=number % 4), ok=number % 3 == 0) for number in range(20)
    )
    assert walk(order, limit=limit) == list(Mark.objects.order_by(*order))


@pytest.mark.django_db
def test_rows_that_come_while_we_turn_pages_are_neither_doubled_nor_shift_the_rest():
    Mark.objects.bulk_create(Mark(name=f"m{number}", at=START, ok=True) for number in range(6))
    first = paging.page(Mark.objects.all(), of="marks", order=("name",), cursor="", limit=3)
    Mark.objects.create(name="a-new-one", at=START, ok=True)
    second = paging.page(Mark.objects.all(), of="marks", order=("name",), cursor=first.next, limit=3)
    assert [row.name for row in first.rows + second.rows] == [f"m{number}" for number in range(6)]


def test_a_cursor_tells_nothing_and_fits_only_its_list():
    cursor = paging.encode([9_007_199_254_740_993, "x"], of="shipments")
    assert "9007199254740993" not in cursor
    assert paging.decode(cursor, of="shipments", width=2) == [9_007_199_254_740_993, "x"]
    for other in ({"of": "events", "width": 2}, {"of": "shipments", "width": 1}):
        with pytest.raises(Problem, match="invalid_cursor"):
            paging.decode(cursor, **other)


@given(st.text(max_size=200))
def test_no_text_of_a_stranger_is_a_cursor(text):
    with pytest.raises(Problem, match="invalid_cursor"):
        paging.decode(text, of="marks", width=1)

"""Plates, IMO numbers and MMSI: one form for many ways of writing, and doubts that refuse nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core import conveyance
from huoji.core.conveyance import Doubt
from huoji.core.fleet import ConveyanceKind
from huoji.core.freshness import Freshness, freshness

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("沪A·12345", "沪A12345", id="with the dot of the plate"),
        pytest.param(" 沪a 12345 ", "沪A12345", id="small letters and blanks"),
        pytest.param("粤Ａ１２３４５", "粤A12345", id="full-width letters"),
    ],
)
def test_a_plate_has_one_form(typed, kept):
    assert conveyance.plate(typed) == kept


@given(st.text(max_size=30))
def test_bringing_a_plate_into_its_form_twice_is_doing_it_once(text):
    assert conveyance.plate(conveyance.plate(text)) == conveyance.plate(text)


@pytest.mark.parametrize(
    ("plate", "is_usual"),
    [
        pytest.param("沪A12345", True, id="blue or yellow"),
        pytest.param("鄂A1B2C3", True, id="letters in between"),
        pytest.param("粤BD12345", True, id="new energy, small"),
        pytest.param("粤B12345D", True, id="new energy, large"),
        pytest.param("苏E1234挂", True, id="trailer"),
        pytest.param("京A1234警", True, id="police"),
        pytest.param("粤Z1234港", True, id="to Hong Kong"),
        pytest.param("沪AI2345", False, id="no letter I"),
        pytest.param("沪A1234", False, id="too short"),
        pytest.param("HH-AB 123", False, id="from abroad"),
    ],
)
def test_a_plate_of_unusual_shape_is_doubted(plate, is_usual):
    assert (Doubt.PLATE_SHAPE in conveyance.doubts(plate=conveyance.plate(plate))) is not is_usual


@pytest.mark.parametrize(
    ("imo", "found"),
    [
        pytest.param("9074729", [], id="the check digit holds"),
        pytest.param("9074728", [Doubt.IMO_CHECK], id="it does not"),
        pytest.param("907472", [Doubt.IMO_SHAPE], id="a digit is missing"),
    ],
)
def test_an_imo_number_is_checked_by_its_last_digit(imo, found):
    assert conveyance.doubts(imo=imo) == found


@given(st.integers(100_000, 999_999))
def test_exactly_one_last_digit_makes_an_imo_number(six):
    assert sum(conveyance.is_imo(f"{six}{last}") for last in range(10)) == 1


@pytest.mark.parametrize(
    ("mmsi", "found"),
    [("413000001", []), ("41300000", [Doubt.MMSI_SHAPE]), ("004131234", [Doubt.MMSI_SHIP])],
    ids=["a ship", "a digit is missing", "a coast station"],
)
def test_an_mmsi_is_checked_by_its_shape(mmsi, found):
    assert conveyance.doubts(mmsi=conveyance.digits(mmsi)) == found


@pytest.mark.parametrize(
    ("kind", "minutes", "found"),
    [
        (ConveyanceKind.VEHICLE, 1, Freshness.LIVE),
        (ConveyanceKind.VEHICLE, 6, Freshness.STALE),
        (ConveyanceKind.VEHICLE, 25 * 60, Freshness.LOST),
        (ConveyanceKind.VESSEL, 25, Freshness.LIVE),
        (ConveyanceKind.VESSEL, 25 * 60, Freshness.STALE),
    ],
)
def test_a_position_ages_by_what_carries_it(kind, minutes, found):
    assert freshness(NOW - timedelta(minutes=minutes), now=NOW, kind=kind) is found
    assert freshness(None, now=NOW, kind=kind) is Freshness.NEVER

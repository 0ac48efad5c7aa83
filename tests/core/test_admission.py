"""Only a terminal that says again what it said before gets its code again."""

from hypothesis import given
from hypothesis import strategies as st

from huoji.core.admission import NO_PLATE, Said, contradicts, is_the_same, plate_key

TEXT = st.sampled_from(["", "A", "B"])
SAID = st.builds(Said, TEXT, TEXT, TEXT, TEXT, st.sampled_from([NO_PLATE, 2]))


@given(SAID, SAID, TEXT)
def test_what_differs_in_maker_model_or_id_is_another_and_what_tells_nothing_apart_is_nobody(said, before, fitted):
    same = is_the_same(said, before, fitted=fitted)
    if same:
        assert said[:3] == before[:3]
        assert said.device_id or said.plate
    if said == before and (said.device_id or said.plate):
        assert same


@given(SAID, TEXT)
def test_who_says_nothing_never_is_the_same(before, fitted):
    assert not is_the_same(Said(), before, fitted=fitted)


def test_a_plate_follows_the_vehicle_and_a_vin_contradicts_no_plate():
    before = Said("M", "T", "1", "粤A1", 2)
    assert is_the_same(before._replace(plate="粤B2"), before, fitted="粤B2")
    assert not is_the_same(before._replace(plate="粤B2"), before, fitted="粤A1")
    assert not is_the_same(before._replace(plate=""), before, fitted="粤A1")
    assert not contradicts(Said(plate="LSVAA4182E2123456"), fitted="粤A1")
    assert contradicts(Said(plate="粤B2", colour=2), fitted="粤A1")
    assert plate_key(" 粤a·１２３ ") == "粤A123"

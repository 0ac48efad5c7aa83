"""What foreign codes mean in our words."""

import pytest

from huoji.core.milestone import Certainty, Meaning, Milestone, Mode, Reason, Status
from huoji.core.milestones import PROVIDERS, dcsa, kuaidi100, meaning


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_an_unknown_code_moves_nothing_and_is_marked_as_unmapped(provider):
    found = meaning(provider, "no such code")
    assert found.milestone is Milestone.INFO
    assert found.certainty is Certainty.UNMAPPED


def test_an_unknown_provider_or_an_empty_code_is_unmapped():
    assert meaning("nobody", "1").certainty is Certainty.UNMAPPED
    assert meaning("dcsa", "").certainty is Certainty.UNMAPPED
    assert meaning("dcsa", "/////").certainty is Certainty.UNMAPPED


def test_equal_numbers_mean_different_things_by_provider():
    assert meaning("kuaidi100", "201") == Meaning(Milestone.EXCEPTION, Reason.OVERDUE)
    assert meaning("kdniao", "201") == Meaning(Milestone.ARRIVED_DEST)
    assert meaning("kuaidi100", "0").milestone is Milestone.IN_TRANSIT
    assert meaning("kdniao", "0").milestone is Milestone.INFO


@pytest.mark.parametrize(
    ("provider", "code", "expected"),
    [
        ("dcsa", "GTIN/EMPTY", Milestone.EMPTY_RETURNED),
        ("dcsa", "GTIN/EMPTY/IMPORT", Milestone.EMPTY_RETURNED),
        ("dcsa", "GTIN/EMPTY/EXPORT", Milestone.GATE_IN),
        ("dcsa", "GTIN/LADEN/EXPORT", Milestone.GATE_IN),
        ("dcsa", "CONF/BKG", Milestone.BOOKED),
        ("dcsa", "CONF/TRD", Milestone.INFO),
        ("epcis", "shipping/in_transit", Milestone.DEPARTED),
        ("epcis", "receiving/damaged", Milestone.EXCEPTION),
        ("epcis", "receiving/returned", Milestone.RETURNED),
        ("epcis", "/in_transit", Milestone.IN_TRANSIT),
        ("uncode", "21", Milestone.DELIVERED),
    ],
)
def test_a_refinement_says_more_and_an_unknown_one_falls_back(provider, code, expected):
    found = meaning(provider, code)
    assert found.milestone is expected
    assert found.certainty is Certainty.STATED


def test_a_disposition_alone_without_an_entry_is_unmapped_rather_than_guessed():
    assert meaning("epcis", "/no_such_word").certainty is Certainty.UNMAPPED


def test_a_delay_of_unknown_reason_is_still_a_delay():
    assert dcsa.delay_reason("WEA") is Reason.WEATHER
    assert dcsa.delay_reason("QQQ") is Reason.DELAYED


def test_every_mode_of_dcsa_has_one_of_ours():
    assert set(dcsa.MODES) == {"VESSEL", "BARGE", "RAIL", "TRUCK", "MULTIMODAL"}
    assert dcsa.MODES["BARGE"] is Mode.INLAND_WATER


def test_every_status_has_a_state_that_we_can_answer_and_read_back():
    assert set(kuaidi100.STATES) == set(Status)
    assert all(state in PROVIDERS["kuaidi100"] for state in kuaidi100.STATES.values())

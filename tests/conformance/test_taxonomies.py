"""Every code of every published status list has a meaning here."""

import json

import pytest

from huoji.core.milestone import Certainty
from huoji.core.milestones import meaning


@pytest.mark.parametrize(
    ("provider", "family", "lists", "prefix"),
    [
        ("kuaidi100", "kuaidi100", ["state", "advanced"], ""),
        ("kdniao", "kdniao", ["State", "StateEx"], ""),
        ("aftership", "AfterShip", ["tags", "subtags"], ""),
        ("track17", "17TRACK_v2", ["main", "sub", "v1_states"], ""),
        ("dcsa", "DCSA_TNT", ["transport", "equipment", "shipment_v3", "iot", "reefer"], ""),
        ("dcsa", "DCSA_TNT", ["iot_codes"], "DETC/"),
        ("epcis", "GS1_CBV_2.0", ["bizStep"], ""),
        ("epcis", "GS1_CBV_2.0", ["disposition"], "/"),
    ],
)
def test_every_published_code_is_mapped(foreign, provider, family, lists, prefix):
    published = json.loads((foreign / "statuses" / "status_taxonomies.json").read_text())[family]
    codes = [prefix + code for name in lists for code in published[name]]
    assert codes
    assert [code for code in codes if meaning(provider, code).certainty is Certainty.UNMAPPED] == []
